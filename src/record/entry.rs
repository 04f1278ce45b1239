//! The plaintext of a revocation entry: whose sessions end, and until when anybody needs to know (FORMAT §12).

use crate::crypto::secret::SecretBuffer;
use crate::crypto::sha256;
use crate::record::id::FamilyId;
use crate::time::Seconds;

/// One revocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) target: Target,
    /// The first second at which no session can be left that it ends.
    pub(crate) until: Seconds,
}

/// What an entry ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    Family(FamilyId),
    /// The sessions of a person that began up to this moment, apart from those that seal an entry at least as new.
    Subject {
        subject: SubjectId,
        before: Seconds,
    },
}

/// A person, as entries name them: the first half of SHA-256 of what the application calls them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct SubjectId([u8; Self::LEN]);

impl SubjectId {
    pub(crate) const LEN: usize = 16;

    pub(crate) fn of(subject: &[u8]) -> Self {
        Self(sha256::hash(&[subject]).first_chunk().copied().unwrap_or_default())
    }

    pub(crate) const fn as_bytes(&self) -> &[u8; Self::LEN] {
        &self.0
    }
}

impl Entry {
    /// Appends the plaintext; `None` if the format cannot express one of the times.
    pub(crate) fn put(&self, buffer: &mut SecretBuffer) -> Option<()> {
        let until = u32::try_from(self.until.get()).ok()?.to_be_bytes();
        match &self.target {
            Target::Family(family) => {
                buffer.push(&[FAMILY]);
                buffer.push(&until);
                buffer.push(family.as_bytes());
            }
            Target::Subject { subject, before } => {
                let before = u32::try_from(before.get()).ok()?.to_be_bytes();
                buffer.push(&[SUBJECT]);
                buffer.push(&until);
                buffer.push(&before);
                buffer.push(subject.as_bytes());
            }
        }
        Some(())
    }

    /// `None` for what is not an entry of this version.
    pub(crate) fn parse(plaintext: &[u8]) -> Option<Self> {
        let (&kind, rest) = plaintext.split_first()?;
        let (until, rest) = rest.split_first_chunk()?;
        let target = match kind {
            FAMILY => Target::Family(FamilyId::from_bytes(rest.try_into().ok()?)),
            SUBJECT => {
                let (before, subject) = rest.split_first_chunk()?;
                let subject = SubjectId(subject.try_into().ok()?);
                Target::Subject { subject, before: seconds(*before) }
            }
            _ => return None,
        };
        Some(Self { target, until: seconds(*until) })
    }
}

const fn seconds(bytes: [u8; 4]) -> Seconds {
    Seconds::new(u32::from_be_bytes(bytes) as u64)
}

const FAMILY: u8 = 1;
const SUBJECT: u8 = 2;

#[cfg(test)]
mod tests {
    use super::*;

    fn put(entry: &Entry) -> Option<Vec<u8>> {
        let mut buffer = SecretBuffer::with_limit(100);
        entry.put(&mut buffer)?;
        Some(buffer.as_slice().to_vec())
    }

    #[test]
    fn what_was_put_is_parsed_and_nothing_else() {
        let until = Seconds::new(1_800_000_000);
        let family = Target::Family(FamilyId::from_bytes([7; 8]));
        let subject = Target::Subject { subject: SubjectId::of(b"ada"), before: Seconds::new(1_700_000_000) };
        for (target, length) in [(family, 13), (subject, 25)] {
            let entry = Entry { target, until };
            let bytes = put(&entry).unwrap();
            assert_eq!((bytes.len(), Entry::parse(&bytes)), (length, Some(entry)));
            for cut in 0..length {
                assert_eq!(Entry::parse(&bytes[..cut]), None, "{cut}");
            }
            assert_eq!(Entry::parse(&[&bytes[..], &[0]].concat()), None);
            for kind in [0, 3, 0xff] {
                assert_eq!(Entry::parse(&[&[kind], &bytes[1..]].concat()), None, "{kind}");
            }
        }
    }

    #[test]
    fn times_that_the_format_cannot_express_are_not_put() {
        let late = Seconds::new(1 << 32);
        let target = Target::Family(FamilyId::from_bytes([7; 8]));
        assert_eq!(put(&Entry { target, until: late }), None);
        let target = Target::Subject { subject: SubjectId::of(b""), before: late };
        assert_eq!(put(&Entry { target, until: Seconds::new(0) }), None);
    }
}
