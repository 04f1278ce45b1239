//! What clients sent and were sent, as the server saw it.

use std::sync::Arc;

use axum::extract::{Request, State as Given};
use axum::http::{HeaderMap, HeaderName, header};
use axum::middleware::Next;
use axum::response::Response;

use super::State;

/// One request and its response.
#[derive(Clone, Debug)]
pub struct Exchange {
    pub path: String,
    pub version: String,
    /// The lines of its `Cookie` headers. HTTP/2 may have one for each cookie.
    pub cookie: Vec<String>,
    pub set_cookie: Vec<String>,
    pub cache_control: String,
    pub origin: String,
    pub site: String,
    /// What `save` did.
    pub saved: String,
}

impl Exchange {
    /// The cookies that the client sent, in its order.
    pub fn cookies(&self) -> Vec<(String, String)> {
        let pairs = self.cookie.iter().flat_map(|line| line.split("; "));
        pairs
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (name.into(), value.into()))
            .collect()
    }

    /// The value that the client sent of a cookie.
    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies().into_iter().find(|(found, _)| found == name).map(|(_, value)| value)
    }
}

/// Keeps every exchange.
pub(super) async fn keep(Given(state): Given<Arc<State>>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let version = format!("{:?}", request.version());
    let cookie = lines(request.headers(), &header::COOKIE);
    let origin = lines(request.headers(), &header::ORIGIN).join("|");
    let site = lines(request.headers(), &HeaderName::from_static("sec-fetch-site")).join("|");
    let response = next.run(request).await;
    let headers = response.headers();
    let first = |name| lines(headers, &name).into_iter().next().unwrap_or_default();
    let exchange = Exchange {
        path,
        version,
        cookie,
        origin,
        site,
        set_cookie: lines(headers, &header::SET_COOKIE),
        cache_control: first(header::CACHE_CONTROL),
        saved: first(SAVED),
    };
    state.exchanges.lock().unwrap().push(exchange);
    response
}

fn lines(headers: &HeaderMap, name: &HeaderName) -> Vec<String> {
    headers.get_all(name).iter().map(|line| String::from_utf8_lossy(line.as_bytes()).into_owned()).collect()
}

/// Carries what `save` did.
pub(super) const SAVED: HeaderName = HeaderName::from_static("x-saved");
