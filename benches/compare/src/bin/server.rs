//! "Hello, world" with sessions kept in several ways: `server WAY PORT` serves, `server WAY memory` makes 1 000 000
//! sessions without a network and prints what resides in memory. benches/compare/serve runs all of it.
//!
//! `GET /` reads a middling session, `GET /write` changes it, `GET /new` begins one that differs from every other. Ours
//! are three hours old when they are first read, so every request carries a last-seen cookie as well. Redis is at the
//! port that the environment names, `REDIS_PORT`, on loopback.

use std::convert::Infallible;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::SystemTime;

use axum::body::Body;
use axum::extract::{FromRef, Request, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Router, serve};
use axum_extra::extract::PrivateCookieJar;
use axum_extra::extract::cookie::{Cookie, Key, SameSite};
use sealed_session::{Algorithm, KeyRing, SessionHandle, SessionLayer, Sessions};
use time::Duration;
use tower::Service;

#[path = "../data.rs"]
#[allow(dead_code, reason = "the middling one alone is wanted")]
mod data;

use data::{Data as _, Middling};

const NAME: &str = "__Host-session";
const DAYS: Duration = Duration::days(7);

/// A session that differs from every other.
fn another() -> Middling {
    static NUMBER: AtomicU64 = AtomicU64::new(1_000_000);
    data::middling().of_user(NUMBER.fetch_add(1, Ordering::Relaxed))
}

fn none() -> Router {
    let hello = || async { "Hello, world!" };
    Router::new().route("/", get(hello)).route("/write", get(hello)).route("/new", get(hello))
}

static RING: LazyLock<KeyRing> = LazyLock::new(|| {
    KeyRing::new(sealed_session::Key::generate(Algorithm::Xaes256Gcm).expect("random bytes"))
});

fn sessions() -> Sessions<Middling> {
    Sessions::new(RING.clone()).expect("the defaults")
}

/// `/old`: a session that was sealed three hours ago.
async fn old() -> Response {
    let earlier = || SystemTime::now() - std::time::Duration::from_secs(3 * 3600);
    let past = Sessions::builder(RING.clone()).clock(earlier).build().expect("the defaults");
    let mut session: sealed_session::Session<Middling> = past.load(&HeaderMap::new());
    *session = another();
    let mut response = "a session of three hours ago".into_response();
    past.save(session, response.headers_mut()).expect("it fits");
    response
}

fn functions() -> Router {
    fn hello(
        sessions: &Sessions<Middling>,
        request: &Request,
        write: impl FnOnce(&mut Middling),
    ) -> Response {
        let mut session = sessions.load(request.headers());
        write(&mut session);
        let mut response = greeting(&session).into_response();
        sessions.save(session, response.headers_mut()).expect("it fits");
        response
    }
    let read = async |State(sessions): State<Sessions<Middling>>, request: Request| {
        let session = sessions.load(request.headers());
        let mut response = greeting(&session).into_response();
        sessions.save(session, response.headers_mut()).expect("it fits");
        response
    };
    let write = async |State(sessions): State<Sessions<Middling>>, request: Request| {
        hello(&sessions, &request, Middling::change)
    };
    let new = async |State(sessions): State<Sessions<Middling>>, request: Request| {
        hello(&sessions, &request, |session| *session = another())
    };
    Router::new()
        .route("/", get(read))
        .route("/write", get(write))
        .route("/new", get(new))
        .route("/old", get(old))
        .with_state(sessions())
}

fn layer() -> Router {
    type Handle = SessionHandle<Middling>;
    let read = async |session: Handle| session.read(|session| greeting(session));
    let write = async |session: Handle| {
        session.update(|session| {
            session.change();
            greeting(session)
        })
    };
    let new = async |session: Handle| {
        session.update(|session| {
            **session = another();
            greeting(session)
        })
    };
    Router::new()
        .route("/", get(read))
        .route("/write", get(write))
        .route("/new", get(new))
        .layer(SessionLayer::new(sessions()))
        .route("/old", get(old))
}

#[derive(Clone)]
struct Keys(Arc<Key>);

impl FromRef<Keys> for Key {
    fn from_ref(keys: &Keys) -> Self {
        (*keys.0).clone()
    }
}

fn jar() -> Router {
    fn read(jar: &PrivateCookieJar) -> Middling {
        jar.get(NAME).map(|cookie| serde_json::from_str(cookie.value()).expect("JSON")).unwrap_or_default()
    }
    fn with(jar: PrivateCookieJar, session: &Middling) -> PrivateCookieJar {
        let json = serde_json::to_string(session).expect("it serializes");
        let cookie = Cookie::build((NAME, json)).path("/").secure(true).http_only(true);
        jar.add(cookie.same_site(SameSite::Lax).max_age(DAYS))
    }
    let hello = async |jar: PrivateCookieJar| greeting(&read(&jar));
    let write = async |jar: PrivateCookieJar| {
        let mut session = read(&jar);
        session.change();
        (with(jar, &session), greeting(&session))
    };
    let new = async |jar: PrivateCookieJar| {
        let session = another();
        (with(jar, &session), greeting(&session))
    };
    Router::new()
        .route("/", get(hello))
        .route("/write", get(write))
        .route("/new", get(new))
        .with_state(Keys(Arc::new(Key::generate())))
}

/// The routes over a store of tower-sessions. Two versions of it have the same names for other types.
macro_rules! with_store {
    ($store:expr) => {{
        let read = async |session: Session| {
            let data: Middling = session.get("data").await.expect("JSON").unwrap_or_default();
            greeting(&data)
        };
        let write = async |session: Session| {
            let mut data: Middling = session.get("data").await.expect("JSON").unwrap_or_default();
            data.change();
            let greeting = greeting(&data);
            session.insert("data", data).await.expect("it serializes");
            greeting
        };
        let new = async |session: Session| {
            let data = another();
            let greeting = greeting(&data);
            session.insert("data", data).await.expect("it serializes");
            greeting
        };
        let layer = SessionManagerLayer::new($store).with_name(NAME).with_expiry(Expiry::OnInactivity(DAYS));
        Router::new().route("/", get(read)).route("/write", get(write)).route("/new", get(new)).layer(layer)
    }};
}

fn store() -> Router {
    use tower_sessions::{Expiry, MemoryStore, Session, SessionManagerLayer};

    with_store!(MemoryStore::default())
}

async fn redis() -> Router {
    use tower_sessions_of_redis::{Expiry, Session, SessionManagerLayer};
    use tower_sessions_redis_store::RedisStore;
    use tower_sessions_redis_store::fred::prelude::{ClientLike, Config, Pool};

    let port: u16 = std::env::var("REDIS_PORT").expect("REDIS_PORT").parse().expect("a port");
    let config = Config::from_url(&format!("redis://127.0.0.1:{port}")).expect("an address");
    let pool = Pool::new(config, None, None, None, 6).expect("a pool");
    pool.connect();
    pool.wait_for_connect().await.expect("Redis");
    with_store!(RedisStore::new(pool))
}

/// actix-web, with its session of a cookie or with none.
async fn actix(port: u16, with_sessions: bool) {
    use actix_session::config::PersistentSession;
    use actix_session::storage::CookieSessionStore;
    use actix_session::{Session, SessionMiddleware};
    use actix_web::middleware::Condition;
    use actix_web::{App, HttpServer, cookie, web};

    fn get(session: &Session) -> Middling {
        session.get("data").expect("JSON").unwrap_or_default()
    }
    async fn hello() -> &'static str {
        "Hello, world!"
    }
    async fn read(session: Session) -> String {
        greeting(&get(&session))
    }
    async fn write(session: Session) -> String {
        let mut data = get(&session);
        data.change();
        session.insert("data", &data).expect("it serializes");
        greeting(&data)
    }
    async fn new(session: Session) -> String {
        session.insert("data", another()).expect("it serializes");
        "new".into()
    }
    let key = cookie::Key::generate();
    let server = HttpServer::new(move || {
        let days = DAYS;
        let layer = SessionMiddleware::builder(CookieSessionStore::default(), key.clone())
            .cookie_name(NAME.into())
            .session_lifecycle(PersistentSession::default().session_ttl(days))
            .build();
        let app = App::new().wrap(Condition::new(with_sessions, layer));
        if with_sessions {
            app.route("/", web::get().to(read))
                .route("/write", web::get().to(write))
                .route("/new", web::get().to(new))
        } else {
            app.route("/{any:.*}", web::get().to(hello))
        }
    });
    let server = server.workers(1).bind(("127.0.0.1", port)).expect("a free port");
    println!("{}", server.addrs().first().expect("bound").port());
    server.run().await.expect("it runs");
}

fn greeting(session: &Middling) -> String {
    format!("Hello, {}!", session.user())
}

/// What resides in memory, in KiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("a line");
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).expect("a number")
}

async fn memory(mut app: Router) {
    let mut new = async |count: usize| {
        for _ in 0..count {
            let request = Request::get("/new").body(Body::empty()).expect("a request");
            let Ok::<_, Infallible>(response) = app.call(request).await;
            assert!(response.status().is_success());
        }
    };
    new(1_000).await; // what is made once
    let before = resident();
    new(1_000_000).await;
    println!("{} {}", before / 1024, resident() / 1024);
}

fn main() {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let [way, what] = &arguments[..] else { panic!("a way, and a port or `memory`") };
    let port = || what.parse().expect("a port");
    if let "actix" | "actix-none" = way.as_str() {
        return actix_web::rt::System::new().block_on(actix(port(), way == "actix"));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let app = match way.as_str() {
            "none" => none(),
            "functions" => functions(),
            "layer" => layer(),
            "jar" => jar(),
            "store" => store(),
            "redis" => redis().await,
            _ => panic!("none, functions, layer, jar, store, redis, actix-none or actix"),
        };
        if what == "memory" {
            return memory(app).await;
        }
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", port())).await.expect("a free port");
        println!("{}", listener.local_addr().expect("bound").port());
        serve(listener, app).await.expect("it runs");
    });
}
