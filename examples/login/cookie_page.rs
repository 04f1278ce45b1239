//! The page about the cookie: what is in it, how long it lasts, and the buttons that do something to it.

use std::time::{Duration, SystemTime};

use axum::response::Response;
use sealed_session::{KeyRing, Session};

use crate::deployment::Running;
use crate::inside::{Cookie, seconds_left, time_left};
use crate::keys::KeysIn;
use crate::page::{Escaped, form, page};
use crate::visitor::{AnyVisitor, Theme, Visitor};

/// Tells everything about the cookie but the cookie: it is `HttpOnly` to be out of the reach of whatever runs in a
/// page, so it must not stand in one.
pub(crate) fn session<V: AnyVisitor>(
    session: &Session<V>,
    cookie: &Cookie<'_>,
    running: &Running,
    token: &str,
) -> Response {
    let body = format!(
        "<p class=\"lead\">All that this server knows about you is in your cookie. Your browser keeps it, and can neither \
         read nor change it.</p>\n{}{}{}{}",
        clocks(session),
        fields(session.data(), token),
        keys(session, cookie, running, token),
        envelope(cookie, token)
    );
    page("/session", "Your cookie", session.data(), &body)
}

fn clocks<V: AnyVisitor>(session: &Session<V>) -> String {
    let about = session.about();
    let idle = about.idle_expires_at().map_or_else(String::new, |until| {
        clock("Idle timeout", until, DAY, "Begins again when you come back, at most once in a tenth of it.")
    });
    let absolute =
        clock("Absolute timeout", about.expires_at(), 7 * DAY, "Began with the login. Then it is over.");
    format!("<section>\n<h2>Time left</h2>\n<div class=\"clocks\">\n{idle}{absolute}</div>\n</section>\n")
}

/// The time as text, and its seconds as a number, from which the style sheet counts down.
fn clock(name: &str, until: SystemTime, of: Duration, what: &str) -> String {
    let seconds = seconds_left(until);
    let days = if seconds < DAY.as_secs() { "" } else { " days" };
    format!(
        "<div><h3>{name}</h3>\n<p class=\"clock{days}\" style=\"--from: {seconds}; --of: {}\"><span>{}</span></p>\n\
         <p class=\"note\">{what}</p></div>\n",
        of.as_secs(),
        time_left(until)
    )
}

fn fields(visitor: &impl AnyVisitor, token: &str) -> String {
    let mut rows = vec![
        ("user", "Option&lt;String&gt;", format!("{:?}", visitor.user())),
        ("logins", "u32", visitor.logins().to_string()),
    ];
    let below = match visitor.theme() {
        None => {
            let button = "<p class=\"actions\"><button name=\"version\" value=\"second\">Add a field to the struct\
                          </button></p>";
            format!(
                "{}\n<p class=\"note\">Deploys a version of the application with one more field, <code>theme</code>, \
                 marked <code>#[serde(default)]</code>. Your cookie stays what it is.</p>",
                form("/deploy", token, button)
            )
        }
        Some(theme) => {
            rows.push(("theme", "Theme", format!("{theme:?}")));
            themed(theme, token)
        }
    };
    let rows: String = rows
        .iter()
        .map(|(name, kind, value)| {
            format!(
                "<tr><th scope=\"row\"><code>{name}</code><td><code>{kind}</code><td>{}\n",
                Escaped(value)
            )
        })
        .collect();
    format!(
        "<section id=\"fields\">\n<h2>Your fields</h2>\n<table>\n<thead><tr><th scope=\"col\">Field\
         <th scope=\"col\">Type<th scope=\"col\">Value</thead>\n<tbody>\n{rows}</tbody>\n</table>\n{below}\n</section>\n"
    )
}

fn themed(now: Theme, token: &str) -> String {
    let choices = Theme::ALL.map(|theme| {
        let pressed = theme == now;
        format!(
            "<button class=\"second\" name=\"theme\" value=\"{0}\" aria-pressed=\"{pressed}\">{0}</button>\n",
            theme.name()
        )
    });
    let choices =
        format!("<p class=\"choice\" role=\"group\" aria-label=\"Theme\">\n{}</p>", choices.concat());
    let button = "<p class=\"actions\"><button class=\"second\" name=\"version\" value=\"first\">Take the field away \
                  again</button></p>";
    format!(
        "{}\n<p class=\"note\">The new field is at its default until you choose. The choice writes the cookie, with the \
         new schema.</p>\n{}\n<p class=\"note\">Rolls back. The version before does not read a cookie of the new schema, \
         and never misreads it: you are a stranger to it, and your cookie stays.</p>",
        form("/theme", token, &choices),
        form("/deploy", token, button)
    )
}

fn keys<V: AnyVisitor>(session: &Session<V>, cookie: &Cookie<'_>, running: &Running, token: &str) -> String {
    let ids: Vec<_> = running.ring.key_ids().collect();
    let rows: String = (0..)
        .zip(&ids)
        .map(|(place, id)| {
            let role = if place == 0 { "<span class=\"tag good\">seals</span> and opens" } else { "opens" };
            let yours = if session.about().key_id() == Some(*id) { "sealed your cookie" } else { "" };
            format!("<tr><th scope=\"row\"><code>{id}</code><td>{role}<td>{yours}\n")
        })
        .collect();
    let below = if running.keys_are_in == KeysIn::WatchedFile {
        "<p class=\"note\">Several servers may share this ring, so none of them rotates it. It is rotated in its file, \
         which <code>SESSION_KEYS_FILE</code> names: <code>sealed-session rotate</code> announces a key there, and it \
         seals when every server has had time to read it. Nothing is restarted.</p>"
            .into()
    } else if ids.len() < KeyRing::MAX_KEYS {
        let place = if running.keys_are_in == KeysIn::OwnFile {
            "It stands first in <code>login.keys</code>, so a restart opens both."
        } else {
            "It is in this process alone: put it into <code>SESSION_KEYS</code>, or a restart forgets it."
        };
        format!(
            "{}\n<p class=\"note\">Makes a new key, which seals from now on. {place} Your cookie keeps its key until it is \
             written again: log in again{}.</p>",
            form("/rotate", token, "<p class=\"actions\"><button>Rotate the keys</button></p>"),
            if session.theme().is_some() { ", or choose a theme" } else { "" }
        )
    } else {
        "<p class=\"note\">The ring is full. Take out the oldest, whose last cookie has expired.</p>".into()
    };
    format!(
        "<section id=\"keys\">\n<h2>The key ring</h2>\n<table>\n<thead><tr><th scope=\"col\">Key id\
         <th scope=\"col\">What it does<th scope=\"col\">Yours</thead>\n<tbody>\n{rows}</tbody>\n</table>\n\
         <p class=\"note\">The algorithm of yours is {}.</p>\n{below}\n</section>\n",
        cookie.algorithm()
    )
}

/// The parts of the envelope, drawn as wide as they are long, and the cookie beside what browsers keep.
fn envelope(cookie: &Cookie<'_>, token: &str) -> String {
    let parts = cookie.parts();
    let bar = parts.map(|(_, bytes)| format!("<i style=\"flex-grow: {bytes}\"></i>"));
    let legend = parts.map(|(name, bytes)| format!("<li><i></i>{name} <b>{bytes}</b>\n"));
    format!(
        "<section id=\"envelope\">\n<h2>The envelope</h2>\n\
         <p><b>{bytes}</b> of the 4093 bytes that browsers keep of a cookie.</p>\n\
         <div class=\"size\" aria-hidden=\"true\"><i style=\"flex-grow: {bytes}\"></i>\
         <i style=\"flex-grow: {rest}\"></i></div>\n\
         <p>Inside, in bytes:</p>\n\
         <div class=\"bar\" aria-hidden=\"true\">{}</div>\n<ul class=\"legend\">\n{}</ul>\n\
         <p class=\"note\">The record holds your fields, the id and the times. It is encrypted, and all five parts are \
         authenticated. In the cookie they are {} characters of base64url.</p>\n{}\n\
         <p class=\"note\">Changes one character of it, as you could do in your browser’s developer tools. The seal \
         breaks, and you are a stranger.</p>\n</section>\n",
        bar.concat(),
        legend.concat(),
        cookie.characters(),
        form(
            "/tamper",
            token,
            "<p class=\"actions\"><button class=\"danger\">Tamper with the cookie</button></p>"
        ),
        bytes = cookie.bytes(),
        rest = 4093_usize.saturating_sub(cookie.bytes())
    )
}

pub(crate) fn no_session() -> Response {
    let body = "<section class=\"narrow\">\n<p class=\"state no\">There is no session.</p>\n\
                <p>Your browser carries no cookie that this server takes, and looking at this page makes none.</p>\n\
                <p class=\"actions\"><a class=\"button\" href=\"/login\">Log in</a></p>\n</section>";
    page("/session", "Your cookie", &Visitor::default(), body)
}

/// Its form has no token: see `forms::check`.
pub(crate) fn schema_mismatch() -> Response {
    let button =
        "<p class=\"actions\"><button name=\"version\" value=\"second\">Add the field again</button></p>";
    let body = format!(
        "<section class=\"narrow\">\n<p class=\"state no\">There is no session that this version can read.</p>\n\
         <p>Your cookie was written by the version with the field <code>theme</code>. It has another schema, so it is \
         not decoded. It is not removed either: that version finds it again.</p>\n{}\n\
         <p class=\"note\">If you <a href=\"/login\">log in</a> here instead, a session of this version takes its \
         place.</p>\n</section>",
        form("/deploy", "", button)
    );
    page("/session", "Your cookie", &Visitor::default(), &body)
}

const DAY: Duration = Duration::from_secs(86_400);
