//! The frame of every page, and what keeps a page's content in its place: escaping, and headers.

use std::fmt::{self, Display, Write};

use axum::http::{HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};

use crate::visitor::AnyVisitor;

/// A whole page. The title, of the page at `place`, and the body are HTML. No end tags: the log comes behind it.
pub(crate) fn page(place: &str, title: &str, visitor: &impl AnyVisitor, body: &str) -> Response {
    let login = if visitor.user().is_some() { ("/logout", "Log out") } else { ("/login", "Log in") };
    let brand =
        format!("<svg viewBox=\"0 0 24 24\" aria-hidden=\"true\">{COOKIE}</svg><span>sealed-session</span>");
    let places = [("/", brand.as_str()), ("/admin/", "Admin"), ("/session", "Your cookie"), login];
    let links = places.map(|(href, text)| {
        let current = if href == place { " aria-current=\"page\"" } else { "" };
        format!("<a href=\"{href}\"{current}>{text}</a>\n")
    });
    let theme = visitor.theme().unwrap_or_default().name();
    Html(format!(
        "<!doctype html>\n\
         <html lang=\"en\" data-theme=\"{theme}\">\n\
         <meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title} · sealed-session</title>\n\
         <link rel=\"icon\" href=\"{}\">\n\
         <style>\n{STYLE}</style>\n\
         <header><nav aria-label=\"Pages\">\n{}</nav></header>\n\
         <main>\n<h1>{title}</h1>\n{body}\n</main>\n",
        icon(),
        links.concat()
    ))
    .into_response()
}

/// Without one, browsers ask for `/favicon.ico`, and the log would be full of it.
fn icon() -> String {
    let picture =
        format!("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='#2f6fd6'>{COOKIE}</svg>");
    let picture = picture.replace('<', "%3C").replace('>', "%3E").replace('#', "%23");
    format!("data:image/svg+xml,{picture}")
}

/// A form that posts, with the token that it is checked by. The rest is HTML.
pub(crate) fn form(action: &str, token: &str, content: &str) -> String {
    format!(
        "<form method=\"post\" action=\"{action}\">\n<input type=\"hidden\" name=\"csrf\" value=\"{token}\">\n\
         {content}\n</form>"
    )
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

const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'self'; \
                      frame-ancestors 'none'; base-uri 'none'";
const STYLE: &str = include_str!("style.css");
/// With a keyhole in it.
const COOKIE: &str = "<path fill-rule='evenodd' d='M12 1a11 11 0 1 0 11 11 4 4 0 0 1-5-5 5 5 0 0 1-6-6z\
    M11 9a2.6 2.6 0 0 1 1.4 4.8l.9 4.2H8.7l.9-4.2A2.6 2.6 0 0 1 11 9z'/>";
