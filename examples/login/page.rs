//! The frame of every page, and what keeps a page's content in its place: escaping, and headers.

use std::fmt::{self, Display, Write};

use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};

/// A whole page. The title and the body are HTML; `user` is who is logged in.
pub(crate) fn page(title: &str, user: Option<&str>, body: &str) -> Response {
    let login = if user.is_some() { ("/logout", "Log out") } else { ("/login", "Log in") };
    let places = [("/", "Home"), ("/admin/", "Admin"), ("/session", "Your cookie"), login];
    let links = places.map(|(href, text)| {
        let current = if text == title { " aria-current=\"page\"" } else { "" };
        format!("<a href=\"{href}\"{current}>{text}</a>\n")
    });
    Html(format!(
        "<!doctype html>\n\
         <html lang=\"en\">\n\
         <meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title} · sealed-session</title>\n\
         <style>\n{STYLE}</style>\n\
         <header><nav>\n{}</nav></header>\n\
         <main>\n<h1>{title}</h1>\n{body}\n</main>\n",
        links.concat()
    ))
    .into_response()
}

/// Text as it may stand anywhere in HTML, in quotes too.
pub(crate) struct Escaped<T>(pub(crate) T);

impl<T: AsRef<str>> Display for Escaped<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.as_ref().chars().try_for_each(|character| match character {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            '\'' => f.write_str("&#39;"),
            other => f.write_char(other),
        })
    }
}

/// Should escaping ever fail, these keep a page from loading, running or sending anything.
pub(crate) async fn confine(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; \
                      base-uri 'none'";
const STYLE: &str = include_str!("style.css");
