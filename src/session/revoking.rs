//! What `load` and `save` ask about revocations. Without the feature `revocation` the answer is: nothing is revoked.

use crate::record::header::RecordHeader;
use crate::time::Seconds;

#[cfg(feature = "revocation")]
use {
    super::revocation::Revocations, crate::error::SaveError, crate::record::entry::SubjectId, std::sync::Arc,
};

/// The revocations of a `Sessions`, and who a person is.
pub(crate) struct Revoking<T> {
    #[cfg(feature = "revocation")]
    pub(super) revocations: Option<Revocations>,
    #[cfg(feature = "revocation")]
    pub(super) subject: Option<Arc<SubjectOf<T>>>,
    #[cfg(not(feature = "revocation"))]
    _data: std::marker::PhantomData<fn(&T)>,
}

#[cfg(feature = "revocation")]
pub(super) type SubjectOf<T> = dyn Fn(&T) -> Option<SubjectId> + Send + Sync;

impl<T> Default for Revoking<T> {
    fn default() -> Self {
        #[cfg(feature = "revocation")]
        return Self { revocations: None, subject: None };
        #[cfg(not(feature = "revocation"))]
        return Self { _data: std::marker::PhantomData };
    }
}

#[cfg(feature = "revocation")]
impl<T> Revoking<T> {
    fn subject(&self, data: &T) -> Option<SubjectId> {
        self.subject.as_ref().and_then(|subject| subject(data))
    }

    /// Whether the session was revoked.
    pub(super) fn ends(&self, data: &T, header: &RecordHeader, now: Seconds) -> bool {
        let Some(revocations) = &self.revocations else { return false };
        revocations.ends(header, || self.subject(data), now)
    }

    /// The newest entry that is known of this person: a session that begins seals it, and so outlives it.
    pub(super) fn newest(&self, data: &T, now: Seconds) -> Option<u32> {
        let before = self.revocations.as_ref()?.newest_of(self.subject(data)?, now)?;
        u32::try_from(before.get()).ok()
    }

    /// Whether a record may get an entry that it does not have.
    pub(super) fn may_add_entry(&self) -> bool {
        self.revocations.is_some() && self.subject.is_some()
    }

    /// Whether the channel has been silent for too long.
    #[cfg(feature = "handle")]
    pub(super) fn is_silent(&self) -> bool {
        self.revocations.as_ref().is_some_and(Revocations::is_silent)
    }

    /// Ends the sessions of this person. Returns the entry that the one which goes on seals.
    pub(super) fn end_others(&self, data: &T, now: Seconds) -> Result<u32, SaveError> {
        let revocations = self.revocations.as_ref().ok_or(SaveError::NoSubject)?;
        let subject = self.subject(data).ok_or(SaveError::NoSubject)?;
        let before = revocations.end_others(subject, now).map_err(|_| SaveError::Clock)?;
        u32::try_from(before.get()).map_err(|_| SaveError::Clock)
    }
}

#[cfg(not(feature = "revocation"))]
#[expect(clippy::unused_self, reason = "as with the feature")]
impl<T> Revoking<T> {
    pub(super) fn ends(&self, _: &T, _: &RecordHeader, _: Seconds) -> bool {
        false
    }

    pub(super) fn newest(&self, _: &T, _: Seconds) -> Option<u32> {
        None
    }

    pub(super) fn may_add_entry(&self) -> bool {
        false
    }

    #[cfg(feature = "handle")]
    pub(super) fn is_silent(&self) -> bool {
        false
    }
}
