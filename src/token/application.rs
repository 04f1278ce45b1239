//! Tokens of the application's own: bytes, sealed for a while, outside any cookie (FORMAT §11).

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::error::{ConfigError, Rule, TokenOpenError, TokenSealError};
use crate::keys::{KeyRing, RingEvent};
use crate::time::{Clock, Seconds, whole_seconds};
use crate::token::{self, Context, Kind, Plaintext};

/// Seals and opens short messages of the application for links in mails: an address to confirm, a list to unsubscribe
/// from, a file to download.
///
/// Tokens are bound to a purpose and a label, and are of a kind of their own: none is taken for a session, nor for a
/// token of another label.
///
/// ```
/// use std::time::Duration;
/// use sealed_session::token::Expires;
/// use sealed_session::{Algorithm, Key, KeyRing, Tokens};
///
/// let ring = KeyRing::new(Key::generate(Algorithm::Xaes256Gcm)?);
/// let links = Tokens::new(ring, "shop.example", "confirm-address")?;
///
/// let in_a_day = Expires::after(Duration::from_secs(86_400));
/// let token = links.seal(b"ada@example.org", in_a_day)?; // into the link
/// assert_eq!(links.open(&token)?, b"ada@example.org"); // by the same clock
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # What they are not for
///
/// - **What must happen once.** A token can be used again until it expires. A password reset, or a link that logs in,
///   also needs a mark in your database once it was used.
/// - **What must stay in one browser.** A token opens wherever it is brought. The state, nonce and PKCE verifier of an
///   OAuth flow belong in the session: keep them there and compare what comes back. A sealed `state` without the
///   session lets an attacker finish their own login in somebody else's browser (login CSRF).
/// - **Forms.** Use [`Sessions::csrf_token`](crate::Sessions::csrf_token), which is bound to the session.
#[derive(Clone, Debug)]
pub struct Tokens {
    ring: KeyRing,
    context: Context,
    clock: Clock,
}

impl Tokens {
    /// The longest message, in bytes.
    pub const MAX_MESSAGE: usize = token::MAX_ENVELOPE - token::OVERHEAD - EXPIRY;

    /// Tokens of one label. `purpose` tells this application from others that hold the same keys; `label` tells its
    /// tokens from one another.
    ///
    /// # Errors
    /// If the label is empty, or either is longer than 255 bytes.
    pub fn new(ring: KeyRing, purpose: &str, label: &str) -> Result<Self, ConfigError> {
        if purpose.len() > 255 {
            return Err(Rule::Purpose.into());
        }
        let context = Context::new(Kind::Application, label, purpose).filter(|_| !label.is_empty());
        ring.published().iter().for_each(RingEvent::report);
        Ok(Self { ring, context: context.ok_or(Rule::Label)?, clock: Clock::System })
    }

    /// Where [`seal`](Self::seal) and [`open`](Self::open) take the time from. It decides whether a token has expired and
    /// which key of a dated ring seals. Default the system's clock.
    #[must_use]
    pub fn clock(mut self, clock: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Clock::Given(Arc::new(clock));
        self
    }

    /// Seals a message. The token is text that is safe in a URL.
    ///
    /// # Errors
    /// If the message is longer than [`MAX_MESSAGE`](Self::MAX_MESSAGE), or the system's random generator fails.
    pub fn seal(&self, message: &[u8], expires: Expires) -> Result<String, TokenSealError> {
        let mut plaintext = Plaintext::new();
        let now = self.clock.now();
        plaintext.buffer().push(&expires.to_wire(now).to_be_bytes());
        plaintext.buffer().push(message);
        token::seal_text(self.ring.keys().sealing(now), &self.context, plaintext)
    }

    /// Opens a token that [`seal`](Self::seal) made, if it has not expired by the same clock.
    ///
    /// # Errors
    /// Which of the checks failed, for the log; tell the client only that the token is not valid.
    pub fn open(&self, token: &str) -> Result<Vec<u8>, TokenOpenError> {
        self.open_by(token, self.clock.now())
    }

    /// As [`open`](Self::open), at a time of yours.
    ///
    /// # Errors
    /// The same.
    pub fn open_at(&self, token: &str, now: SystemTime) -> Result<Vec<u8>, TokenOpenError> {
        self.open_by(token, now.into())
    }

    fn open_by(&self, token: &str, now: Seconds) -> Result<Vec<u8>, TokenOpenError> {
        let opened =
            token::open(&self.ring, &self.context, token.as_bytes(), now).map_err(TokenOpenError::of)?;
        let (expiry, message) = opened.plaintext().split_first_chunk().ok_or(TokenOpenError::Malformed)?;
        let expiry = u32::from_be_bytes(*expiry);
        if expiry != NEVER && now >= Seconds::new(expiry.into()) {
            return Err(TokenOpenError::Expired);
        }
        Ok(message.to_vec())
    }
}

/// Until when a token opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expires {
    /// For so long, from the moment at which it is sealed by the clock of the [`Tokens`]. Fractions of a second count
    /// as a whole one.
    After(Duration),
    /// Until before this moment, to the second.
    At(SystemTime),
    /// For as long as its key does: in a ring that is rotated, until the key stops opening.
    Never,
}

impl Expires {
    /// So long after it is sealed.
    #[must_use]
    pub const fn after(duration: Duration) -> Self {
        Self::After(duration)
    }

    /// The first second at which it is refused, if it is sealed now. What is too late to be said becomes the last that
    /// can be: sooner, not never.
    fn to_wire(self, now: Seconds) -> u32 {
        let last = match self {
            Self::After(duration) => now.plus(whole_seconds(duration)),
            Self::At(time) => Seconds::from(time),
            Self::Never => return NEVER,
        };
        u32::try_from(last.get()).unwrap_or(NEVER).min(NEVER - 1)
    }
}

const EXPIRY: usize = size_of::<u32>();
const NEVER: u32 = u32::MAX;
