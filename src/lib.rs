//! Whole web sessions in one sealed cookie: no store, typed, with keys that rotate.
//!
//! The server remembers nothing. The whole session, a type of the application's own, travels in the cookie: serialized,
//! encrypted and authenticated. Every process that holds the keys can read it, so there is nothing to look up, nothing
//! to share, and nothing to lose in a restart.
//!
//! ```
//! use sealed_session::{Algorithm, Key, KeyRing, SaveError, Sessions};
//!
//! #[derive(Default, serde::Serialize, serde::Deserialize)]
//! struct Visitor {
//!     user: Option<u64>,
//! }
//!
//! fn log_in(sessions: &Sessions<Visitor>, request: &http::HeaderMap) -> Result<http::HeaderMap, SaveError> {
//!     let mut response = http::HeaderMap::new();
//!     let mut session = sessions.load(request);  // never fails: no valid cookie is a fresh session
//!     session.log_in(Visitor { user: Some(7) }); // a person has proved who they are: new ID, clocks begin
//!     sessions.save(session, &mut response)?;    // Set-Cookie, and only because something changed
//!     Ok(response)
//! }
//!
//! // In an application: KeyRing::from_env("SESSION_KEYS")?, so that a restart logs nobody out.
//! let ring = KeyRing::new(Key::generate(Algorithm::Xaes256Gcm)?);
//! let sessions: Sessions<Visitor> = Sessions::new(ring)?;
//! let response = log_in(&sessions, &http::HeaderMap::new())?;
//!
//! // After a restart, in another process, with the cookie that the browser sends back:
//! # let request = sealed_session::testing::next_request(&response);
//! let session = sessions.load(&request);
//! assert_eq!(session.user, Some(7));
//! sessions.save(session, &mut http::HeaderMap::new())?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # How to use it
//!
//! [`Sessions`] is made once, from a [`KeyRing`], with a [`Builder`] where the defaults are not right.
//! [`load`](Sessions::load) makes a [`Session`] of every request's headers, and [`save`](Sessions::save) is called for
//! every response, also after a mere read: it writes only what is due, and tells caches what they must know. Both are
//! plain functions over the types of the `http` crate (version 1), so they fit every framework that uses those.
//!
//! The [`guide`] has pages about the start, changes of the type, lifetimes, proxies and caches, and tests.
//!
//! # What always holds
//!
//! - Reading never writes: a response carries the cookie only if the handler changed the session.
//! - Timeouts are inside the seal and enforced here; the attributes of the cookie are a courtesy to the browser.
//! - No cookie on earth makes the library panic or answer with an error. The client learns one thing, that there is no
//!   session; the operator learns which [`Rejection`] it was.
//! - A change of names, order or types in the session's struct is never misread: see
//!   [`schema_fingerprint`](Sessions::schema_fingerprint) and [`guide::upgrades`]. A field appended with
//!   `#[serde(default)]` needs nothing.
//! - A slow response cannot undo a logout: an ID that ends leaves a tombstone in the browser. It protects against
//!   responses of up to an hour, and the last eight IDs that ended.
//! - Nothing is sent that a browser would drop: size, prefix and attributes are checked first.
//! - Others' headers stay. Keys and plaintext are wiped, and no `Debug` or error shows them.
//!
//! # What a stateless session cannot do
//!
//! An old cookie stays valid until it expires: a client can bring back an earlier state, and a stolen copy works until
//! the absolute timeout. Never keep a balance, a counter of attempts or a one-time token in a session. Of concurrent
//! writers the last response to arrive wins. SECURITY.md in the repository says the rest.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod crypto;
pub mod data;
pub mod error;
mod events;
mod frameworks;
#[cfg(any(doc, doctest))] // pages of text, which no build of an application needs
pub mod guide;
#[cfg(feature = "inspect")]
#[cfg_attr(docsrs, doc(cfg(feature = "inspect")))]
pub mod inspect;
pub mod keys;
mod record;
mod session;
#[cfg(feature = "testing")]
#[cfg_attr(docsrs, doc(cfg(feature = "testing")))]
pub mod testing;
mod time;
pub mod token;
pub mod web;

/// The code of the README, compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

#[cfg(feature = "axum")]
pub use frameworks::axum;
#[cfg(feature = "handle")]
pub use frameworks::handle;
#[cfg(feature = "tower")]
pub use frameworks::tower;

#[doc(inline)]
pub use data::SessionData;
#[doc(inline)]
pub use error::{ConfigError, Rejection, SaveError};
#[cfg(feature = "handle")]
#[doc(inline)]
pub use frameworks::handle::SessionHandle;
#[cfg(feature = "tower")]
#[doc(inline)]
pub use frameworks::tower::{Guard, SessionLayer};
#[doc(inline)]
pub use keys::{Algorithm, Key, KeyRing};
pub use record::id::{FamilyId, SessionId};
#[cfg(feature = "revocation")]
#[cfg_attr(docsrs, doc(cfg(feature = "revocation")))]
pub use session::revocation;
pub use session::{About, Builder, Lifetimes, Saved, Session, Sessions};
#[doc(inline)]
pub use token::Tokens;
#[doc(inline)]
pub use web::{Caching, CookieConfig, RequestInfo, ReturnTo, SameSite};
