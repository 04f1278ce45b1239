//! What is in a session's cookie, but for the meaning of its payload.

use std::fmt;
use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderValue, header};

use crate::crypto::secret::Zeroizing;
use crate::data::SchemaFingerprint;
use crate::error::{ConfigError, Rejection};
use crate::keys::{KeyId, KeyRing};
use crate::record::header::without_padding;
use crate::record::id::SessionId;
use crate::record::lifetime::MAX_AGE_LIMIT;
use crate::record::tombstone::Scope;
use crate::session::load::{Candidate, Few};
use crate::session::{Inner, Lifetimes, Sessions};
use crate::time::Seconds;

/// What is needed to open a session's cookie beside the cookie.
#[derive(Clone, Debug)]
pub struct Inspection<'a> {
    /// The keys.
    pub ring: KeyRing,
    /// The name of the session's cookie.
    pub name: &'a str,
    /// The application's purpose; empty if it has none.
    pub purpose: &'a str,
    /// The idle timeout, which is not sealed in; `None` if it is switched off. Of the absolute one what counts is what
    /// is sealed in.
    pub idle_timeout: Option<Duration>,
    /// The time.
    pub now: SystemTime,
}

impl Inspection<'_> {
    /// Opens the sessions in the content of a `Cookie` header, last-seen cookies and tombstones included, in their
    /// order: steps 1 to 14 of FORMAT §6, without the fingerprint. Nothing is decoded, so it needs no type.
    ///
    /// An application may refuse what is good here: one whose absolute timeout, or maximal lifetime, is shorter today
    /// than when the session was sealed, whose renewal interval is another than a tenth of the idle timeout, or that
    /// has set `not_before`.
    ///
    /// # Errors
    /// If the name, the purpose or the idle timeout is none that sessions can have.
    pub fn open(&self, cookies: &str) -> Result<Vec<Inspected>, ConfigError> {
        let now = self.now;
        let longest = Duration::from_secs(MAX_AGE_LIMIT);
        let lifetimes = Lifetimes::default().absolute_timeout(longest).idle_timeout(self.idle_timeout);
        let builder = Sessions::<()>::builder(self.ring.clone()).name(self.name).purpose(self.purpose);
        let sessions = builder.lifetimes(lifetimes).clock(move || now).put_together()?;
        let inner = &*sessions.inner;
        let Ok(cookies) = HeaderValue::from_bytes(cookies.as_bytes()) else { return Ok(Vec::new()) };
        let (headers, now) = (HeaderMap::from_iter([(header::COOKIE, cookies)]), Seconds::from(now));
        let cookies = inner.cookies(&headers);
        let open = |value| {
            let opened = inner.open(value, now)?;
            let candidate = Inner::<()>::with_header(opened).ok_or(Rejection::Payload)?;
            let ended = cookies.ended(candidate.header.id);
            Ok(inner.inspect(candidate, &cookies.last_seen, ended, now))
        };
        let refused = |rejection| Inspected { rejection: Some(rejection), record: None };
        Ok(cookies.sessions.iter().map(|value| open(value).unwrap_or_else(refused)).collect())
    }
}

impl Inner<()> {
    fn inspect(
        &self,
        mut candidate: Candidate,
        last_seen: &Few<'_>,
        ended: Option<Scope>,
        now: Seconds,
    ) -> Inspected {
        let Candidate { header, opened, .. } = &candidate;
        let padded = candidate.payload().len();
        let payload = without_padding(candidate.payload());
        let renewed = self.renewed(last_seen, opened, now);
        let idle = self.limits.idle.filter(|_| !header.remembered);
        let since = renewed.map_or(header.idle_start, |renewed| renewed.max(header.idle_start));
        let record = Record {
            key_id: opened.key_id,
            id: header.id,
            started: header.started.to_system(),
            written: header.written.to_system(),
            renewed: renewed.map(Seconds::to_system),
            expires_at: header.deadline.to_system(),
            idle_expires_at: idle.map(|idle| since.plus(idle).min(header.deadline).to_system()),
            authenticated_at: header.authenticated_at.map(Seconds::to_system),
            remembered: header.remembered,
            bound: header.device_key.is_some(),
            schema: header.schema,
            padding: padded.saturating_sub(payload.map_or(0, <[u8]>::len)),
            payload: Zeroizing::new(payload.unwrap_or_default().to_vec()),
        };
        let broken = payload.is_none().then_some(Rejection::Payload);
        let rejection = self.check(&mut candidate, last_seen, ended, now).err().or(broken);
        Inspected { rejection, record: Some(record) }
    }
}

/// A cookie, opened or not.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Inspected {
    /// Why it would not become a session, as far as that can be said without the session's type.
    pub rejection: Option<Rejection>,
    /// What is in it, if its seal holds.
    pub record: Option<Record>,
}

/// What is in a session's cookie, but for the meaning of its payload.
#[derive(Clone)]
#[non_exhaustive]
pub struct Record {
    /// The key that sealed it.
    pub key_id: KeyId,
    /// The session's id.
    pub id: SessionId,
    /// When the absolute clock began.
    pub started: SystemTime,
    /// When it was sealed.
    pub written: SystemTime,
    /// When a last-seen cookie last renewed it.
    pub renewed: Option<SystemTime>,
    /// When it ends at the latest, as sealed in; the sessions may be configured more strictly.
    pub expires_at: SystemTime,
    /// When it ends if nobody uses it any more.
    pub idle_expires_at: Option<SystemTime>,
    /// When a person last proved who they are, if anybody did.
    pub authenticated_at: Option<SystemTime>,
    /// Whether its deadline may be later than the absolute timeout.
    pub remembered: bool,
    /// Whether it is bound to a device.
    pub bound: bool,
    /// The schema of its payload.
    pub schema: SchemaFingerprint,
    /// How many bytes of padding follow the payload.
    pub padding: usize,
    payload: Zeroizing<Vec<u8>>,
}

impl Record {
    /// The application's data, in postcard: it is what the session keeps secret.
    #[must_use]
    pub fn expose_payload(&self) -> &[u8] {
        &self.payload
    }
}

impl fmt::Debug for Record {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Record").field("key_id", &self.key_id).field("id", &self.id).finish_non_exhaustive()
    }
}
