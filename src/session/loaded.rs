//! What a load learned from its request. `About` answers from it, and `save` decides by it.

use crate::error::Rejection;
use crate::keys::KeyId;
use crate::record::header::RecordHeader;
use crate::record::lifetime::Limits;
use crate::record::tombstone::{EndedId, Tombstones};
use crate::time::Seconds;
use crate::token::TAG;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Loaded {
    /// Which `Sessions` loaded it.
    pub(crate) sessions_id: u64,
    pub(crate) now: Seconds,
    pub(crate) limits: Limits,
    pub(crate) is_plain_http: bool,
    pub(crate) carried: Carried,
    /// The cookie that became the session, or why none did.
    pub(crate) cookie: Result<OpenedCookie, Rejection>,
}

/// Which cookies of ours the request carried.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Carried {
    /// Any cookie of our name, readable or not.
    pub(crate) session: bool,
    /// One of an unknown key or another schema, which another process may be able to read.
    pub(crate) unreadable: bool,
    pub(crate) last_seen: bool,
    pub(crate) leftovers: [bool; MAX_LEFTOVERS],
    pub(crate) tombstones: Tombstones,
    /// The IDs of the cookies that could be opened, whatever their schema.
    pub(crate) ids: [Option<EndedId>; MAX_CANDIDATES],
}

/// The cookie that became the session.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OpenedCookie {
    pub(crate) header: RecordHeader,
    pub(crate) key_id: KeyId,
    pub(crate) tag: [u8; TAG],
    /// The length of its record, by which that of the next one is guessed.
    pub(crate) record_length: usize,
    /// When the idle clock last began.
    pub(crate) idle_since: Seconds,
}

impl Loaded {
    /// What became of the cookie, for the log.
    pub(crate) fn outcome(&self) -> Result<KeyId, Rejection> {
        self.cookie.map(|cookie| cookie.key_id)
    }

    /// The length that the next record may have; 0 if nothing is known.
    pub(crate) fn expected_length(&self) -> usize {
        self.cookie.map_or(0, |cookie| cookie.record_length)
    }
}

/// How many leftovers there may be.
pub(crate) const MAX_LEFTOVERS: usize = 4;

/// How many cookies of our name are tried (FORMAT §13).
pub(crate) const MAX_CANDIDATES: usize = 4;
