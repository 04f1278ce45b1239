//! What a line of a channel of revocations says.

use std::fmt;
use std::time::SystemTime;

use super::Inspection;
use crate::error::Rejection;
use crate::keys::KeyId;
use crate::record::entry::{Entry, SubjectId, Target};
use crate::record::id::FamilyId;
use crate::token::{self, Context, Kind};

/// A revocation entry that was opened (FORMAT §12).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct InspectedRevocation {
    /// Whose sessions it ends.
    pub revoked: Revoked,
    /// From when on it ends nothing, because the sessions have ended in any case.
    pub until: SystemTime,
    /// The key that sealed it.
    pub key_id: KeyId,
}

/// Whose sessions a revocation ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Revoked {
    /// The session of this family, and all copies of its cookie.
    Family(FamilyId),
    /// The sessions of a person.
    Subject {
        /// The first half of the SHA-256 of what the application calls them.
        digest: SubjectDigest,
        /// Up to when they began.
        before: SystemTime,
    },
}

/// How a revocation names a person. `Display` writes it in hexadecimal.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SubjectDigest(SubjectId);

impl SubjectDigest {
    /// That of this person.
    #[must_use]
    pub fn of(subject: &[u8]) -> Self {
        Self(SubjectId::of(subject))
    }
}

impl fmt::Display for SubjectDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::crypto::hex::write(self.0.as_bytes(), f)
    }
}

impl fmt::Debug for SubjectDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SubjectDigest({self})")
    }
}

impl Inspection<'_> {
    /// Opens one line of a channel of revocations.
    ///
    /// ```
    /// use std::time::SystemTime;
    /// use sealed_session::inspect::{Inspection, Revoked, SubjectDigest};
    /// use sealed_session::revocation::{Mark, Revocations};
    /// # use sealed_session::{Rejection, Sessions};
    ///
    /// # let ring = sealed_session::testing::key_ring();
    /// # let revocations = Revocations::new();
    /// # Sessions::<u64>::builder(ring.clone()).revocations(&revocations).build()?;
    /// revocations.revoke_subject("ada")?;
    /// let line = revocations.changes(&mut Mark::default())?.remove(0);
    ///
    /// let (name, purpose, now) = ("__Host-session", "", SystemTime::now());
    /// let inspection = Inspection { ring, name, purpose, idle_timeout: None, now };
    /// let Revoked::Subject { digest, .. } = inspection.revocation(&line).unwrap().revoked else {
    ///     panic!("a family")
    /// };
    /// assert_eq!(digest, SubjectDigest::of(b"ada"));
    /// assert_eq!(inspection.revocation("junk"), Err(Rejection::Malformed));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Why it is no revocation for this name and purpose: the rejections of FORMAT §6.2.
    pub fn revocation(&self, line: &str) -> Result<InspectedRevocation, Rejection> {
        // Nothing is sealed for a name or a purpose that is too long.
        let context = Context::new(Kind::Revocation, self.name, self.purpose).ok_or(Rejection::Forged)?;
        let opened = token::open(&self.ring, &context, line.as_bytes(), self.now.into())?;
        let entry = Entry::parse(opened.plaintext()).ok_or(Rejection::Malformed)?;
        let revoked = match entry.target {
            Target::Family(family) => Revoked::Family(family),
            Target::Subject { subject, before } => {
                Revoked::Subject { digest: SubjectDigest(subject), before: before.to_system() }
            }
        };
        Ok(InspectedRevocation { revoked, until: entry.until.to_system(), key_id: opened.key_id })
    }
}
