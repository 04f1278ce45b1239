//! The application: its routes, and how little its handlers have to do with sessions.
//!
//! The layer loads the session when a handler asks for it and saves it with the response, whatever the handler did.

use axum::Extension;
use axum::extract::{Form, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{Router, get, post};
use sealed_session::axum::Snapshot;
use sealed_session::revocation::Revocations;
use sealed_session::{
    ConfigError, Guard, KeyRing, Rejection, ReturnTo, Session, SessionHandle, SessionLayer, Sessions,
};
use serde::Deserialize;

use crate::cookie_page;
use crate::deployment::{Running, Version};
use crate::failure::Failure;
use crate::forms::{self, OwnForm};
use crate::inside::Cookie;
use crate::visitor::{AnyVisitor, Theme, ThemedVisitor};
use crate::{log, pages, same_origin, tamper};

pub(crate) fn sessions<V: AnyVisitor>(
    ring: KeyRing,
    revocations: &Revocations,
) -> Result<Sessions<V>, ConfigError> {
    Sessions::builder(ring)
        .name("__Host-login-demo") // browsers keep one set of cookies for all ports of this machine
        // The demo speaks plain http on 127.0.0.1, where a Secure cookie would be dropped. Leave this line out
        // wherever there are users.
        .insecure_for_localhost()
        // Sessions that the server ends, and whose they are: "log out my other devices".
        .revocations(revocations)
        .subject(|visitor: &V| visitor.user().map(str::to_owned))
        // For the time of a deploy, which here is always: who carries a session of the other version is a stranger to
        // this one, and nothing but a login replaces it.
        .keep_unreadable()
        .build()
}

/// What both versions of the application have.
pub(crate) fn routes<V: AnyVisitor>() -> Router<Sessions<V>> {
    let guard = Guard::new("/login", |session: &Session<V>| session.user().is_some());
    Router::new()
        .route("/admin/", get(admin::<V>))
        .route_layer(guard)
        .route("/", get(home::<V>))
        .route("/login", get(ask_to_log_in::<V>).post(log_in::<V>))
        .route("/logout", get(ask_to_log_out::<V>).post(log_out::<V>))
        .route("/session", get(show_session::<V>))
        .route("/rotate", post(rotate::<V>))
        .route("/tamper", post(tamper_with_cookie::<V>))
        .route("/deploy", post(deploy))
        .fallback(nothing_here::<V>)
}

/// What the second one has besides.
pub(crate) fn routes_with_theme() -> Router<Sessions<ThemedVisitor>> {
    routes().route("/theme", post(choose_theme))
}

pub(crate) fn service<V: AnyVisitor>(routes: Router<Sessions<V>>, sessions: Sessions<V>) -> Router {
    routes
        .layer(middleware::from_fn(log::tell_rejection::<V>))
        .layer(SessionLayer::new(sessions.clone()))
        .layer(middleware::from_fn(same_origin::check))
        .with_state(sessions)
}

async fn home<V: AnyVisitor>(Snapshot(visitor): Snapshot<V>) -> Response {
    pages::home(&visitor)
}

async fn admin<V: AnyVisitor>(Snapshot(visitor): Snapshot<V>) -> Response {
    pages::admin(&visitor)
}

/// The guard has told where to go on to, in the query. Whoever asks for the form gets a session to bind it to.
async fn ask_to_log_in<V: AnyVisitor>(
    State(sessions): State<Sessions<V>>,
    session: SessionHandle<V>,
    Form(query): Form<Next>,
) -> Result<Response, Failure> {
    let token = forms::token(&sessions, &session)?;
    let visitor = session.read(|session| session.data().clone());
    Ok(pages::login(&visitor, &token, &query.next))
}

async fn log_in<V: AnyVisitor>(
    State(sessions): State<Sessions<V>>,
    session: SessionHandle<V>,
    OwnForm(form): OwnForm<Credentials>,
) -> Result<Response, Failure> {
    if !form.are_right() {
        let token = forms::token(&sessions, &session)?;
        let visitor = session.read(|session| session.data().clone());
        let page = pages::login_failed(&visitor, &token, &form.next, &form.username);
        return Ok((StatusCode::UNAUTHORIZED, page).into_response());
    }
    session.update(|session| {
        let visitor = session.after_login(form.username);
        session.log_in(visitor); // in place of whoever was there; a new ID, and both clocks begin
    })?;
    // A page to go on to comes from the request: unchecked it would send people anywhere.
    Ok(Redirect::to(ReturnTo::from_text(&form.next).as_str()).into_response())
}

async fn ask_to_log_out<V: AnyVisitor>(
    State(sessions): State<Sessions<V>>,
    session: SessionHandle<V>,
) -> Result<Response, Failure> {
    if session.read(|session| session.about().is_new()) {
        return Ok(pages::not_logged_in());
    }
    let token = forms::token(&sessions, &session)?;
    Ok(session.read(|session| pages::logout(session.data(), &token)))
}

async fn log_out<V: AnyVisitor>(
    Extension(running): Extension<Running>,
    session: SessionHandle<V>,
    OwnForm(form): OwnForm<Logout>,
) -> Result<Redirect, Failure> {
    let revocations = running.deployment.revocations();
    match form.which {
        Which::Here => {
            session.read(|session| revocations.revoke(session))?; // a copy of the cookie ends too
            session.update(Session::destroy)?;
        }
        Which::Others => session.update(Session::log_out_others)?,
        Which::Everywhere => {
            let user = session.read(|session| session.user().map(str::to_owned));
            user.map(|user| revocations.revoke_subject(user)).transpose()?;
            session.update(Session::destroy)?;
        }
    }
    Ok(Redirect::to("/"))
}

async fn show_session<V: AnyVisitor>(
    State(sessions): State<Sessions<V>>,
    Extension(running): Extension<Running>,
    session: SessionHandle<V>,
    headers: HeaderMap,
) -> Result<Response, Failure> {
    let rejection = session.read(|session| session.about().rejection());
    let page = match (rejection, Cookie::find(&headers, sessions.name())) {
        (None, Some(cookie)) => {
            let token = forms::token(&sessions, &session)?;
            session.read(|session| cookie_page::session(session, &cookie, &running, &token))
        }
        (Some(Rejection::SchemaMismatch), _) => cookie_page::schema_mismatch(),
        _ => cookie_page::no_session(),
    };
    Ok(never_cached(page))
}

/// Exists in the second version alone, with the field that it changes.
async fn choose_theme(
    session: SessionHandle<ThemedVisitor>,
    OwnForm(form): OwnForm<Choice>,
) -> Result<Redirect, Failure> {
    session.update(|session| session.theme = form.theme)?;
    Ok(Redirect::to("/session"))
}

async fn rotate<V: AnyVisitor>(
    Extension(running): Extension<Running>,
    _: OwnForm,
) -> Result<Redirect, Failure> {
    running.deployment.rotate()?;
    Ok(Redirect::to("/session#keys"))
}

async fn tamper_with_cookie<V: AnyVisitor>(
    State(sessions): State<Sessions<V>>,
    session: SessionHandle<V>,
    headers: HeaderMap,
    _: OwnForm,
) -> Response {
    let expires = session.read(|session| session.about().expires_at());
    let damaged =
        Cookie::find(&headers, sessions.name()).and_then(|cookie| tamper::set_cookie(&cookie, expires));
    let mut response = never_cached(Redirect::to("/session").into_response());
    if let Some(damaged) = damaged {
        response.headers_mut().append(header::SET_COOKIE, damaged);
    }
    response
}

async fn deploy(
    Extension(running): Extension<Running>,
    OwnForm(form): OwnForm<Deploy>,
) -> Result<Redirect, Failure> {
    running.deployment.deploy(form.version)?;
    Ok(Redirect::to("/session"))
}

async fn nothing_here<V: AnyVisitor>(Snapshot(visitor): Snapshot<V>) -> Response {
    (StatusCode::NOT_FOUND, pages::nothing_here(&visitor)).into_response()
}

/// Keeps a page out of the browser's cache as well: after logout, its Back button must not show it. The guard does so
/// for the pages behind it.
fn never_cached(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[derive(Deserialize)]
struct Next {
    #[serde(default = "after_login")]
    next: String,
}

fn after_login() -> String {
    "/admin/".into()
}

/// A field that is missing is a wrong one.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Credentials {
    username: String,
    password: String,
    next: String,
}

impl Credentials {
    /// Compares, because these two stand on the page for everyone to read. A real application verifies a hash of the
    /// password (Argon2id), also for users that do not exist, so that the time it takes tells nothing, and counts the
    /// attempts on the server: a counter in the session is in the hands of whoever attacks.
    fn are_right(&self) -> bool {
        self.username == pages::DEMO_USER && self.password == pages::DEMO_PASSWORD
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Logout {
    which: Which,
}

/// What a logout ends.
#[derive(Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Which {
    #[default]
    Here,
    Others,
    Everywhere,
}

#[derive(Deserialize)]
struct Choice {
    theme: Theme,
}

#[derive(Deserialize)]
struct Deploy {
    version: Version,
}
