//! [`sealed_session`] for actix-web 4: a middleware, extractors, and a guard for pages that only some may see.
//!
//! ```
//! use actix_web::{App, web};
//! use sealed_session_actix::{SessionHandle, SessionMiddleware, ResponseGoneError};
//! # use sealed_session::{Sessions, testing};
//!
//! #[derive(Default, serde::Serialize, serde::Deserialize)]
//! struct Visitor {
//!     clicks: u32,
//! }
//!
//! async fn click(session: SessionHandle<Visitor>) -> Result<String, ResponseGoneError> {
//!     let clicks = session.update(|session| {
//!         session.clicks += 1;
//!         session.clicks
//!     })?;
//!     Ok(format!("{clicks} clicks"))
//! }
//!
//! # actix_web::rt::System::new().block_on(async {
//! # let sessions: Sessions<Visitor> = Sessions::new(testing::key_ring()).unwrap();
//! let app = App::new().route("/", web::get().to(click)).wrap(SessionMiddleware::new(sessions));
//! # use actix_web::test;
//! # let app = test::init_service(app).await;
//! # let first = test::call_service(&app, test::TestRequest::default().to_request()).await;
//! # let line = first.headers().get("set-cookie").unwrap().to_str().unwrap();
//! # let cookie = line.split(';').next().unwrap().to_owned();
//! # assert_eq!(test::read_body(first).await, "1 clicks");
//! # let again = test::TestRequest::default().insert_header(("cookie", cookie)).to_request();
//! # assert_eq!(test::call_and_read_body(&app, again).await, "2 clicks");
//! # });
//! ```
//!
//! It behaves as the library's layer for tower does, and one test suite runs over both: a request whose session nobody
//! asks for costs next to nothing and is told to no cache; reading writes nothing; what is due is written once, when
//! the answer's headers are ready; what cannot be checked does not pass.
//!
//! actix-web stands on `http` 0.2, the library on `http` 1. So `&request.headers()` cannot be given to
//! [`Sessions::load`](sealed_session::Sessions::load); the middleware carries the three headers over.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod extract;
mod guard;
mod headers;
mod middleware;

/// The code of the README, compiled. Run it would serve for ever.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

pub use extract::{ResponseGoneError, SessionHandle, SessionRejection, Snapshot, request_origin};
pub use guard::{Guard, GuardService};
pub use middleware::{SessionMiddleware, SessionService};
