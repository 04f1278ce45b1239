//! For the tests of applications: keys that need no secret, a clock that stands still, cookies out of thin air.
//!
//! Switch the feature `testing` on in the dev-dependencies alone. A release build whose `Sessions` or `Tokens` have a
//! key of this module reports it ([`RingEvent::PublishedKey`](crate::keys::RingEvent::PublishedKey)).
//!
//! ```
//! use std::time::Duration;
//! use sealed_session::{Rejection, Sessions, testing};
//!
//! #[derive(Default, serde::Serialize, serde::Deserialize)]
//! struct Visitor {
//!     user: Option<u64>,
//! }
//!
//! let clock = testing::Clock::at(1_800_000_000);
//! let sessions: Sessions<Visitor> = Sessions::builder(testing::key_ring()).clock(clock.reader()).build()?;
//!
//! // A request of somebody who is logged in, for the handler under test.
//! let request = testing::request(&sessions, |session| session.log_in(Visitor { user: Some(7) }));
//! assert_eq!(testing::load(&sessions, &request).user, Some(7));
//!
//! clock.advance(Duration::from_secs(24 * 3600));
//! assert_eq!(testing::load(&sessions, &request).about().rejection(), Some(Rejection::Idle));
//! # Ok::<(), sealed_session::ConfigError>(())
//! ```

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{HeaderMap, HeaderValue, header};

use crate::crypto::secret::{SecretBuffer, Zeroizing};
use crate::data::SessionData;
use crate::error::{KeyError, KeyRingError, SaveError};
use crate::keys::Algorithm;
use crate::keys::Key;
use crate::keys::KeyRing;
use crate::session::Session;
use crate::session::Sessions;
use crate::token::MAX_ENVELOPE;

/// A key ring for tests. Its key is published, so whoever reads this page can forge its cookies.
#[must_use]
pub fn key_ring() -> KeyRing {
    KeyRing::new(key(7))
}

/// A published key for tests: 32 times this byte, for XAES-256-GCM.
#[must_use]
pub fn key(byte: u8) -> Key {
    Key::from_bytes(Algorithm::Xaes256Gcm, Zeroizing::new([byte; 32]))
}

/// Reads a key like [`Key::from_text`], but takes published and trivial ones too, such as those of the test vectors.
///
/// # Errors
/// If the text is not a key.
pub fn key_from_text(text: &str) -> Result<Key, KeyError> {
    Key::parse(text.trim_ascii())
}

/// Reads a ring like [`KeyRing::from_text`], but takes published and trivial keys too.
///
/// # Errors
/// If the text is not a ring.
pub fn key_ring_from_text(text: &str) -> Result<KeyRing, KeyRingError> {
    key_ring_from_text_at(text, SystemTime::now())
}

/// Reads a ring like [`KeyRing::from_text_at`], but takes published and trivial keys too.
///
/// # Errors
/// If the text is not a ring.
pub fn key_ring_from_text_at(text: &str, now: SystemTime) -> Result<KeyRing, KeyRingError> {
    KeyRing::read(text, now.into(), key_from_text)
}

/// A clock that stands still until it is told to move. Clones show the same time.
#[derive(Clone, Debug)]
pub struct Clock(Arc<AtomicU64>);

impl Clock {
    /// A clock that shows this many seconds since 1970.
    #[must_use]
    pub fn at(since_1970: u64) -> Self {
        Self(Arc::new(AtomicU64::new(since_1970)))
    }

    /// Sets the clock, forward or back.
    pub fn set(&self, since_1970: u64) {
        self.0.store(since_1970, Ordering::SeqCst);
    }

    /// Moves the clock forward by whole seconds.
    pub fn advance(&self, by: Duration) {
        self.0.fetch_add(by.as_secs(), Ordering::SeqCst);
    }

    /// The time it shows.
    #[must_use]
    pub fn now(&self) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(self.0.load(Ordering::SeqCst))
    }

    /// The clock as [`Builder::clock`](crate::Builder::clock) takes it.
    pub fn reader(&self) -> impl Fn() -> SystemTime + Send + Sync + 'static + use<> {
        let clock = self.clone();
        move || clock.now()
    }
}

/// The headers of a request that carries the session which `make` makes of a fresh one. It is
/// [verified](crate::Builder::verify_writes).
///
/// # Panics
/// If the session cannot be saved.
#[must_use]
pub fn request<T: SessionData>(sessions: &Sessions<T>, make: impl FnOnce(&mut Session<T>)) -> HeaderMap {
    let mut session = sessions.load(&HeaderMap::new());
    session.mark_changed();
    make(&mut session);
    let mut response = HeaderMap::new();
    let verified = verify(sessions, &session);
    #[expect(clippy::expect_used, reason = "a test that cannot be set up must fail")]
    verified.and_then(|()| sessions.save(session, &mut response)).expect("the session is saved");
    next_request(&response)
}

/// The `Cookie` header for this data; what [`request`] does where no more is wanted.
///
/// # Panics
/// If the session cannot be saved.
#[must_use]
pub fn cookie<T: SessionData>(sessions: &Sessions<T>, data: T) -> HeaderValue {
    let mut headers = request(sessions, |session| {
        session.replace(data);
    });
    headers.remove(header::COOKIE).unwrap_or_else(|| HeaderValue::from_static(""))
}

/// The headers of the request that a browser without any other cookies would send after this response.
///
/// # Panics
/// Never: what a Set-Cookie line holds can stand in a Cookie line.
#[must_use]
pub fn next_request(response: &HeaderMap) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in response.get_all(header::SET_COOKIE) {
        let is_removal = line.as_bytes().windows(REMOVAL.len()).any(|part| part == REMOVAL);
        let pair = line.as_bytes().split(|byte| *byte == b';').next().unwrap_or_default();
        if let (false, Ok(pair)) = (is_removal, HeaderValue::from_bytes(pair)) {
            headers.append(header::COOKIE, pair);
        }
    }
    headers
}

/// The session that a response wrote, read back; a fresh one if it wrote none.
pub fn read_back<T: SessionData>(sessions: &Sessions<T>, response: &HeaderMap) -> Session<T> {
    load(sessions, &next_request(response))
}

/// The session of a request, to be looked at and not to be saved.
pub fn load<T: SessionData>(sessions: &Sessions<T>, request: &HeaderMap) -> Session<T> {
    let mut session = sessions.load(request);
    session.finish();
    session
}

/// Fails a test if a session of this data, the largest that the application makes, would not fit a cookie.
///
/// ```
/// # use sealed_session::{Sessions, testing};
/// let sessions: Sessions<Vec<String>> = Sessions::new(testing::key_ring()).unwrap();
/// testing::assert_fits(&sessions, vec!["a permission".to_owned(); 100]);
/// ```
///
/// # Panics
/// If it does not fit, with the numbers.
#[track_caller]
pub fn assert_fits<T: SessionData>(sessions: &Sessions<T>, largest: T) {
    let mut session = load(sessions, &HeaderMap::new());
    session.replace(largest);
    session.mark_changed();
    let verified = verify(sessions, &session);
    let saved = verified.and_then(|()| sessions.save(session, &mut HeaderMap::new()));
    assert!(
        saved.is_ok(),
        "the largest session is not saved: {}",
        saved.map_or_else(|why| why.to_string(), |_| String::new())
    );
}

/// Whether the data comes back as it is.
fn verify<T: SessionData>(sessions: &Sessions<T>, session: &Session<T>) -> Result<(), SaveError> {
    let decoders = &sessions.inner.decoders;
    let mut payload = SecretBuffer::expecting(0, MAX_ENVELOPE);
    decoders.encode(session.data(), &mut payload)?;
    // What is cut off is too large in any case.
    if payload.is_whole() { decoders.verify(payload.as_slice()) } else { Ok(()) }
}

const REMOVAL: &[u8] = b"; Max-Age=0";
