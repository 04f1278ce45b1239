//! What each page says, but for the one about the cookie.

use axum::response::Response;

use crate::page::{Escaped, form, page};
use crate::visitor::{AnyVisitor, Visitor};

pub(crate) const DEMO_USER: &str = "demo";
pub(crate) const DEMO_PASSWORD: &str = "sesame";

pub(crate) fn home(visitor: &impl AnyVisitor) -> Response {
    let state = match visitor.user() {
        Some(user) => format!(
            "<p class=\"state yes\">You are logged in as <b>{}</b>.</p>\n\
             <p class=\"actions\"><a class=\"button\" href=\"/session\">Look into your cookie</a> \
             <a class=\"second button\" href=\"/admin/\">Go to the admin page</a></p>",
            Escaped(user)
        ),
        None => "<p class=\"state no\">You are not logged in.</p>\n\
                 <p class=\"actions\"><a class=\"button\" href=\"/login\">Log in</a> \
                 <a class=\"second button\" href=\"/admin/\">Try the admin page</a></p>"
            .into(),
    };
    let body = format!(
        "<p class=\"lead\">Who you are is sealed into one cookie. Your browser keeps it, and can neither read nor \
         change it.</p>\n<section>\n{state}\n</section>\n\
         <section>\n<h2>Try to get logged out</h2>\n<ol class=\"steps\">\n\
         <li><b>Restart the server.</b> Press Ctrl-C, start it again, load this page. You are still in.\n\
         <li><b>Rotate the keys.</b> A new one seals, the old one still opens. You are still in.\n\
         <li><b>Add a field to the struct.</b> The next version of the application reads the cookie of the one before. \
         You are still in.\n\
         <li><b>Tamper with the cookie.</b> One character is changed. You are out.\n\
         <li><b>Log out and press Back.</b> There is no admin page to see.\n\
         </ol>\n<p class=\"note\">The buttons are on the page <a href=\"/session\">Your cookie</a>. The table \
         below or beside says what each response did.</p>\n</section>"
    );
    page("/", "This server remembers nobody", visitor, &body)
}

pub(crate) fn login(visitor: &impl AnyVisitor, token: &str, next: &str) -> Response {
    login_form(visitor, token, next, "", "")
}

/// Says the same whichever of the two was wrong, so that nobody learns which users there are.
pub(crate) fn login_failed(visitor: &impl AnyVisitor, token: &str, next: &str, username: &str) -> Response {
    let error = "<p class=\"error\" role=\"alert\">Wrong username or password.</p>\n";
    login_form(visitor, token, next, username, error)
}

fn login_form(visitor: &impl AnyVisitor, token: &str, next: &str, username: &str, error: &str) -> Response {
    let again = visitor.user().map_or_else(String::new, |user| {
        format!("<p>You are logged in as <b>{}</b>. You can log in again.</p>\n", Escaped(user))
    });
    let fields = format!(
        "<input type=\"hidden\" name=\"next\" value=\"{}\">\n\
         <label>Username <input name=\"username\" value=\"{}\" autocomplete=\"username\" autocapitalize=\"none\" \
         spellcheck=\"false\" maxlength=\"64\" required autofocus></label>\n\
         <label>Password <input name=\"password\" type=\"password\" autocomplete=\"current-password\" \
         maxlength=\"64\" required></label>\n\
         <button>Log in</button>",
        Escaped(next),
        Escaped(username)
    );
    let body = format!(
        "<section class=\"narrow\">\n{again}{error}{}\n\
         <p class=\"note\">The demo’s user is <code>{DEMO_USER}</code>, the password <code>{DEMO_PASSWORD}</code>.</p>\n\
         </section>",
        form("/login", token, &fields)
    );
    page("/login", "Log in", visitor, &body)
}

pub(crate) fn admin(visitor: &impl AnyVisitor) -> Response {
    let times = if visitor.logins() == 1 { "once".into() } else { format!("{} times", visitor.logins()) };
    let body = format!(
        "<p class=\"lead\">Hello, <b>{}</b>. Only those who are logged in see this page, and no cache keeps it.</p>\n\
         <section>\n<p>This browser has logged in <b>{times}</b>.</p>\n\
         <p class=\"note\">The count is in the cookie and nowhere else. It grows when you log in again, and goes with \
         the cookie when you log out.</p>\n\
         <p class=\"actions\"><a class=\"button\" href=\"/session\">Look into your cookie</a> \
         <a class=\"second button\" href=\"/login\">Log in again</a> \
         <a class=\"second button\" href=\"/logout\">Log out</a></p>\n</section>",
        Escaped(visitor.user().unwrap_or_default())
    );
    page("/admin/", "Admin", visitor, &body)
}

pub(crate) fn logout(visitor: &impl AnyVisitor, token: &str) -> Response {
    let question = match visitor.user() {
        Some(user) => format!("<p>You are logged in as <b>{}</b>. Log out?</p>", Escaped(user)),
        None => "<p>You are not logged in. Logging out removes the cookie all the same.</p>".into(),
    };
    let buttons = match visitor.user() {
        Some(_) => {
            "<p class=\"actions\"><button>Log out</button> <a class=\"second button\" href=\"/\">No</a></p>\n\
             <p class=\"note\">If you are logged in elsewhere too, or somebody has a copy of your cookie:</p>\n\
             <p class=\"actions\"><button class=\"second\" name=\"which\" value=\"others\">Log out my other \
             devices</button> <button class=\"second\" name=\"which\" value=\"everywhere\">Log out \
             everywhere</button></p>"
        }
        None => {
            "<p class=\"actions\"><button>Log out</button> <a class=\"second button\" href=\"/\">No</a></p>"
        }
    };
    let body =
        format!("<section class=\"narrow\">\n{question}\n{}\n</section>", form("/logout", token, buttons));
    page("/logout", "Log out", visitor, &body)
}

pub(crate) fn not_logged_in() -> Response {
    let body = "<section class=\"narrow\">\n<p class=\"state no\">You are not logged in.</p>\n\
                <p class=\"actions\"><a class=\"button\" href=\"/login\">Log in</a></p>\n</section>";
    page("/logout", "Log out", &Visitor::default(), body)
}

pub(crate) fn nothing_here(visitor: &impl AnyVisitor) -> Response {
    page("", "Nothing here", visitor, "<p>There is no such page. <a href=\"/\">Go home.</a></p>")
}

pub(crate) fn other_origin() -> Response {
    refused("This was sent by another site’s page.")
}

/// Says nothing of why: a stale tab and a forger read the same.
pub(crate) fn not_your_form() -> Response {
    refused(
        "The form does not belong to your session of now. You may have logged in or out since it was shown.",
    )
}

fn refused(why: &str) -> Response {
    let body = format!(
        "<section class=\"narrow\">\n<p class=\"error\" role=\"alert\">{why}</p>\n<p>Nothing was changed.</p>\n\
         <p class=\"actions\"><a class=\"button\" href=\"/\">Go home</a></p>\n</section>"
    );
    page("", "Refused", &Visitor::default(), &body)
}

pub(crate) fn failure() -> Response {
    let body = "<p>Nothing was changed. <a href=\"/\">Go home.</a></p>";
    page("", "Something went wrong", &Visitor::default(), body)
}
