//! What each page says.

use axum::response::Response;
use sealed_session::Session;

use crate::Visitor;
use crate::inside::{Cookie, time_left};
use crate::page::{Escaped, page};

pub(crate) const DEMO_USER: &str = "demo";
pub(crate) const DEMO_PASSWORD: &str = "sesame";

pub(crate) fn home(user: Option<&str>) -> Response {
    let state = match user {
        Some(user) => format!(
            "<p class=\"state yes\">You are logged in as <b>{}</b>.</p>\n\
             <p class=\"actions\"><a class=\"button\" href=\"/admin/\">Go to the admin page</a> \
             <a href=\"/session\">Look into your cookie</a></p>",
            Escaped(user)
        ),
        None => "<p class=\"state no\">You are not logged in.</p>\n\
                 <p class=\"actions\"><a class=\"button\" href=\"/login\">Log in</a></p>"
            .into(),
    };
    let body = format!(
        "{state}\n<p class=\"aside\">This page read your session and wrote nothing: its answer sets no cookie. The \
         server keeps nothing either. Restart it, and you are still who you were.</p>"
    );
    page("Home", user, &body)
}

pub(crate) fn login(user: Option<&str>) -> Response {
    login_form(user, "", "")
}

/// Says the same whichever of the two was wrong, so that nobody learns which users there are.
pub(crate) fn login_failed(user: Option<&str>, username: &str) -> Response {
    login_form(user, username, "<p class=\"error\" role=\"alert\">Wrong username or password.</p>\n")
}

fn login_form(user: Option<&str>, username: &str, error: &str) -> Response {
    let again = user.map_or_else(String::new, |user| {
        format!("<p>You are logged in as <b>{}</b>. You can log in again.</p>\n", Escaped(user))
    });
    let body = format!(
        "{again}{error}<form method=\"post\" action=\"/login\">\n\
         <label>Username <input name=\"username\" value=\"{}\" autocomplete=\"username\" autocapitalize=\"none\" \
         spellcheck=\"false\" maxlength=\"64\" required autofocus></label>\n\
         <label>Password <input name=\"password\" type=\"password\" autocomplete=\"current-password\" \
         maxlength=\"64\" required></label>\n\
         <button>Log in</button>\n</form>\n\
         <p class=\"aside\">The demo's user is <code>{DEMO_USER}</code>, the password \
         <code>{DEMO_PASSWORD}</code>.</p>",
        Escaped(username)
    );
    page("Log in", user, &body)
}

pub(crate) fn admin(user: &str, logins: u32) -> Response {
    let times = if logins == 1 { "once".into() } else { format!("{logins} times") };
    let body = format!(
        "<p>Hello, <b>{}</b>. Only those who are logged in see this page, and no cache keeps it.</p>\n\
         <p>This browser has logged in <b>{times}</b>.</p>\n\
         <p class=\"actions\"><a class=\"button\" href=\"/session\">Look into your cookie</a> \
         <a href=\"/login\">Log in again</a> <a href=\"/logout\">Log out</a></p>\n\
         <p class=\"aside\">The count is in the cookie and nowhere else. It grows when you log in again, and goes with \
         the cookie when you log out.</p>",
        Escaped(user)
    );
    page("Admin", Some(user), &body)
}

pub(crate) fn logout(user: Option<&str>) -> Response {
    let question = match user {
        Some(user) => format!("<p>You are logged in as <b>{}</b>. Log out?</p>", Escaped(user)),
        None => "<p>You are not logged in. Logging out removes whatever session cookie is left.</p>".into(),
    };
    let body = format!(
        "{question}\n<form method=\"post\" action=\"/logout\">\n<p class=\"actions\"><button>Log out</button> \
         <a href=\"/\">No</a></p>\n</form>"
    );
    page("Log out", user, &body)
}

pub(crate) fn no_session() -> Response {
    let body = "<p class=\"state no\">There is no session.</p>\n\
                <p>Your browser carries no cookie that this server takes, and looking at pages makes none.</p>\n\
                <p class=\"actions\"><a class=\"button\" href=\"/login\">Log in</a></p>";
    page("Your cookie", None, body)
}

/// Tells everything about the cookie but the cookie: it is `HttpOnly` to be out of the reach of whatever runs in a
/// page, so it must not stand in one.
pub(crate) fn session(session: &Session<Visitor>, cookie: &Cookie<'_>) -> Response {
    let Visitor { user, logins } = session.data();
    let fields = [("user", format!("{user:?}")), ("logins", format!("{logins:?}"))];
    let about = session.about();
    let text = |value: Option<String>| value.unwrap_or_else(|| "none".into());
    let facts = [
        ("Sealed", format!("{} octets of the 4093 that browsers keep", cookie.octets())),
        ("Unsealed", format!("{} octets: the fields, the id and the times", cookie.unsealed())),
        ("Id", text(about.id().map(|id| id.to_string()))),
        ("Key id", text(about.key_id().map(|id| id.to_string()))),
        ("Algorithm", cookie.algorithm().into()),
        ("Idle timeout", text(about.idle_expires_at().map(|at| format!("{} left", time_left(at))))),
        ("Absolute timeout", format!("{} left", time_left(about.expires_at()))),
    ];
    let body = format!(
        "<p>All that this server knows about you is in your cookie. Your browser keeps it, and can neither read nor \
         change it.</p>\n\
         <h2>Your fields</h2>\n{}\n<h2>The session</h2>\n{}\n<h2>The envelope</h2>\n{}",
        list(&fields),
        list(&facts),
        envelope(cookie)
    );
    page("Your cookie", user.as_deref(), &body)
}

fn list(rows: &[(&str, String)]) -> String {
    let rows: String =
        rows.iter().map(|(name, value)| format!("<dt>{name}<dd>{}\n", Escaped(value))).collect();
    format!("<dl>\n{rows}</dl>")
}

/// The parts of the envelope, drawn as wide as they are long.
fn envelope(cookie: &Cookie<'_>) -> String {
    let parts = cookie.parts();
    let bar = parts.map(|(_, octets)| format!("<i style=\"flex-grow: {octets}\"></i>"));
    let legend = parts.map(|(name, octets)| format!("<li><i></i>{name} <b>{octets}</b>\n"));
    format!(
        "<div class=\"bar\" aria-hidden=\"true\">{}</div>\n<ul class=\"legend\">\n{}</ul>\n\
         <p class=\"aside\">In octets. The record is encrypted, and all five are authenticated. In the cookie they are {} \
         characters of base64url.</p>",
        bar.concat(),
        legend.concat(),
        cookie.characters()
    )
}

pub(crate) fn nothing_here(user: Option<&str>) -> Response {
    page("Nothing here", user, "<p>There is no such page. <a href=\"/\">Go home.</a></p>")
}

pub(crate) fn other_origin() -> Response {
    page("Refused", None, "<p>This was sent by another site's page. <a href=\"/\">Go home.</a></p>")
}

pub(crate) fn failure() -> Response {
    page("Something went wrong", None, "<p>Nothing was changed. <a href=\"/\">Go home.</a></p>")
}
