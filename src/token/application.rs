//! Tokens of the application's own: bytes, sealed for a while, outside any cookie (FORMAT §11).

use std::sync::Arc;
use std::time::SystemTime;

use crate::error::{ConfigError, Rule, TokenOpenError, TokenSealError};
use crate::keys::{KeyRing, RingEvent};
use crate::time::{Clock, Seconds};
use crate::token::{self, Context, Kind, Plaintext};

/// Seals and opens short messages of the application: the state of an OAuth flow, a magic link, an unsubscribe link.
///
/// They are bound to a purpose and a label and are of a kind of their own: none can be taken for a session, nor for a
/// token of another label. **A token can be used again until it expires.** What must happen once (a magic link that
/// logs in) needs a mark in a store when it has happened.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use sealed_session::error::TokenOpenError;
/// use sealed_session::token::Expires;
/// use sealed_session::{Algorithm, Key, KeyRing, Tokens};
///
/// let ring = KeyRing::new(Key::generate(Algorithm::Xaes256Gcm)?);
/// let links = Tokens::new(ring, "shop.example", "magic-link")?;
///
/// let now = SystemTime::now();
/// let in_an_hour = now + Duration::from_secs(3600);
/// let token = links.seal(b"ada@example.org", Expires::At(in_an_hour))?;
///
/// assert_eq!(links.open(&token, now)?, b"ada@example.org");
/// assert_eq!(links.open(&token, in_an_hour), Err(TokenOpenError::Expired));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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

    /// Where [`seal`](Self::seal) takes the time from, which decides about the key of a dated ring. Default the
    /// system's clock.
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
        plaintext.buffer().push(&expires.to_wire().to_be_bytes());
        plaintext.buffer().push(message);
        token::seal_text(self.ring.keys().sealing(self.clock.now()), &self.context, plaintext)
    }

    /// Opens a token that [`seal`](Self::seal) made, if it has not expired at `now`.
    ///
    /// # Errors
    /// Which of the checks failed, for the log; tell the client only that the token is not valid.
    pub fn open(&self, token: &str, now: SystemTime) -> Result<Vec<u8>, TokenOpenError> {
        let now = Seconds::from(now);
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
    /// Until before this moment, to the second.
    At(SystemTime),
    /// For as long as its key does: in a ring that is rotated, until the key stops opening.
    Never,
}

impl Expires {
    /// The first second at which it is refused. What is too late to be said becomes the last that can be: sooner, not
    /// never.
    fn to_wire(self) -> u32 {
        match self {
            Self::At(time) => u32::try_from(Seconds::from(time).get()).unwrap_or(NEVER).min(NEVER - 1),
            Self::Never => NEVER,
        }
    }
}

const EXPIRY: usize = size_of::<u32>();
const NEVER: u32 = u32::MAX;
