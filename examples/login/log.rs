//! What the last responses did to the cookies, for everyone to see: a table at the end of every page.
//!
//! It is one list for the whole process, which suits a demo with one visitor and nothing else.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{self, Body};
use axum::extract::{Request, State};
use axum::http::header;
use axum::middleware::Next;
use axum::response::Response;
use sealed_session::{Rejection, Saved, SessionHandle};

use crate::page::Escaped;
use crate::report;
use crate::visitor::AnyVisitor;

#[derive(Clone, Default)]
pub(crate) struct Log(Arc<Mutex<VecDeque<Line>>>);

struct Line {
    request: String,
    status: u16,
    /// `None` if a session was loaded from the cookie, or nobody asked for one.
    rejection: Option<Rejection>,
    /// `None` if the request did not get as far as the layer.
    saved: Option<Saved>,
    set: Vec<String>,
}

/// Inside the session's layer, where the session is: tells the outside why a cookie did not become one. The client
/// learns that there is no session, the operator learns why.
pub(crate) async fn tell_rejection<V: AnyVisitor>(
    session: SessionHandle<V>,
    request: Request,
    next: Next,
) -> Response {
    let rejection = session.read(|session| session.about().rejection());
    let mut response = next.run(request).await;
    if let Some(rejection) = rejection {
        if rejection != Rejection::Absent {
            report(format_args!("a session cookie was not accepted: {rejection}"));
        }
        response.extensions_mut().insert(rejection);
    }
    response
}

/// Outside of the layer, which has put into the response's extensions what it did: writes a line, and the last ones
/// below the page.
pub(crate) async fn record(State(log): State<Log>, request: Request, next: Next) -> Response {
    let request_line = format!("{} {}", request.method(), request.uri().path());
    let response = next.run(request).await;
    let table = log.with(Line::of(request_line, &response));
    let is_page =
        response.headers().get(header::CONTENT_TYPE).is_some_and(|kind| kind == "text/html; charset=utf-8");
    if is_page { append(response, &table).await } else { response }
}

impl Log {
    /// The table, with this line on top.
    fn with(&self, line: Line) -> String {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push_front(line);
        lines.truncate(LINES);
        let rows: String = lines.iter().map(Line::row).collect();
        format!(
            "<section class=\"log\" aria-labelledby=\"log\">\n<h2 id=\"log\">What the last responses did</h2>\n\
             <p>For the operator’s eyes: a visitor never learns why there is no session. \
             It is one list for everybody; the first line is this page’s.</p>\n\
             <table>\n<thead><tr><th scope=\"col\">Request<th scope=\"col\">Status<th scope=\"col\">Cookie\
             <th scope=\"col\">Saved<th scope=\"col\">Set-Cookie</thead>\n<tbody>\n{rows}</tbody>\n</table>\n</section>\n"
        )
    }
}

impl Line {
    fn of(request: String, response: &Response) -> Self {
        let set = response.headers().get_all(header::SET_COOKIE).iter();
        Self {
            request: request.chars().take(LONGEST).collect(),
            status: response.status().as_u16(),
            rejection: response.extensions().get().copied(),
            saved: response.extensions().get().copied(),
            set: set.filter_map(|line| line.to_str().ok()).map(what_is_set).collect(),
        }
    }

    fn row(&self) -> String {
        let (cookie, kind) = match (self.saved, self.rejection) {
            (None, _) => ("not read", "none"),
            (_, None) => ("opened", "good"),
            (_, Some(Rejection::Absent)) => ("absent", "none"),
            (_, Some(rejection)) => (rejection.as_str(), "bad"),
        };
        let (did, saved) = match self.saved {
            None => ("nothing", "nothing".into()),
            Some(Saved::Written { bytes, .. }) => ("written", format!("written, {bytes} bytes")),
            Some(saved) => (saved.as_str(), saved.as_str().into()),
        };
        let (set, is_set) =
            if self.set.is_empty() { ("none".into(), "none") } else { (self.set.join(", "), "set") };
        format!(
            "<tr><th scope=\"row\">{}<td>{}<td><span class=\"tag {kind}\">{cookie}</span>\
             <td><span class=\"tag {did}\">{saved}</span><td class=\"{is_set}\">{}\n",
            Escaped(&self.request),
            self.status,
            Escaped(&set)
        )
    }
}

/// Such as "session removed": the session's cookie, the last-seen cookie that carries its idle clock, or the tombstone
/// of an id that has ended.
fn what_is_set(line: &str) -> String {
    let name = line.split('=').next().unwrap_or_default();
    let which = match name {
        _ if name.contains(".out.") => "tombstone",
        _ if name.ends_with(".seen") => "last-seen cookie",
        _ => "session",
    };
    let removed = if line.contains("Max-Age=0") { " removed" } else { "" };
    format!("{which}{removed}")
}

async fn append(response: Response, text: &str) -> Response {
    let (mut parts, body) = response.into_parts();
    let mut page = body::to_bytes(body, usize::MAX).await.unwrap_or_default().to_vec();
    page.extend_from_slice(text.as_bytes());
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(page))
}

const LINES: usize = 6;
/// Of a request, in characters.
const LONGEST: usize = 40;
