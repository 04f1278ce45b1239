//! The plaintext of a session: a head that never depends on the application's type, then the payload (FORMAT §7).

use crate::crypto::secret::SecretBuffer;
use crate::data::SchemaFingerprint;
use crate::error::{ConfigError, Rule};
use crate::record::id::SessionId;
use crate::time::Seconds;

/// The head of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RecordHeader {
    pub(crate) schema: SchemaFingerprint,
    pub(crate) id: SessionId,
    /// When the absolute clock began.
    pub(crate) started: Seconds,
    /// When this record was sealed; the idle clock begins here.
    pub(crate) written: Seconds,
    /// Whether the session began with a person proving who they are.
    pub(crate) authenticated: bool,
    /// Whether padding follows the payload.
    pub(crate) padded: bool,
    /// When the absolute clock runs out, as it was configured when the session began.
    pub(crate) deadline: Seconds,
    /// Whether it has a lifetime of its own beyond the absolute timeout.
    pub(crate) remembered: bool,
}

impl RecordHeader {
    /// Appends the head; `None`, with nothing appended, if a time is one that the format cannot say.
    pub(crate) fn put(&self, buffer: &mut SecretBuffer) -> Option<()> {
        let started = u32::try_from(self.started.get()).ok()?;
        let flags = u64::from(self.authenticated) | if self.padded { PADDED } else { 0 };
        let w = self.written.since(self.started).checked_mul(4)? | flags;
        let d = self.deadline.since(self.started).checked_mul(2)? | u64::from(self.remembered);
        let (w, d) = (Varint::new(w)?, Varint::new(d)?);
        buffer.push(self.schema.as_bytes());
        buffer.push(self.id.as_bytes());
        buffer.push(&started.to_be_bytes());
        buffer.push(w.bytes());
        buffer.push(d.bytes());
        Some(())
    }

    /// How many bytes longer the head can become while the session goes on: `w` grows with its age.
    pub(crate) fn growth(&self) -> usize {
        let length =
            |until: Seconds| Varint::new(until.since(self.started).saturating_mul(4)).map_or(5, |w| w.length);
        length(self.deadline).saturating_sub(length(self.written))
    }

    /// Puts an id in the place of the one that a record was put together with.
    pub(crate) fn set_id(record: &mut [u8], id: SessionId) {
        let place = record.get_mut(SchemaFingerprint::LEN..SchemaFingerprint::LEN + SessionId::LEN);
        place.unwrap_or_default().copy_from_slice(id.as_bytes());
    }

    /// The payload, without the padding that may follow it; `None` if it should and does not.
    pub(crate) fn unpad<'a>(&self, payload: &'a [u8]) -> Option<&'a [u8]> {
        if !self.padded {
            return Some(payload);
        }
        let end = payload.iter().rposition(|byte| *byte != 0)?;
        match payload.split_at_checked(end)? {
            (payload, [PADDING_MARK, ..]) => Some(payload),
            _ => None,
        }
    }

    /// The head and the payload behind it; `None` if the record does not begin with a head.
    pub(crate) fn parse(record: &[u8]) -> Option<(Self, &[u8])> {
        let (schema, rest) = record.split_first_chunk()?;
        let (id, rest) = rest.split_first_chunk()?;
        let (started, rest) = rest.split_first_chunk()?;
        let (w, rest) = Varint::parse(rest)?;
        let (d, payload) = Varint::parse(rest)?;
        let started = Seconds::new(u32::from_be_bytes(*started).into());
        let head = Self {
            schema: SchemaFingerprint::from_bytes(*schema),
            id: SessionId::from_bytes(*id),
            started,
            written: started.plus(w >> 2),
            authenticated: w & 1 != 0,
            padded: w & PADDED != 0,
            deadline: started.plus(d >> 1),
            remembered: d & 1 != 0,
        };
        Some((head, payload))
    }
}

/// How much longer than needed a record is made, so that the length of the cookie tells less about its content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Padding {
    /// Not at all.
    #[default]
    None,
    /// To the next multiple of this many bytes, 2 to 1024. It costs half of that on average, and at least one byte.
    Block(usize),
}

impl Padding {
    /// Checks the size of a block.
    pub(crate) fn check(self) -> Result<(), ConfigError> {
        match self {
            Self::Block(block) if !(2..=MAX_BLOCK).contains(&block) => Err(Rule::Padding.into()),
            _ => Ok(()),
        }
    }

    pub(crate) fn is_some(self) -> bool {
        self != Self::None
    }

    /// How long a record may be that still fits `room` bytes when it is padded.
    pub(crate) fn most_of(self, room: usize) -> usize {
        match self {
            Self::None => room,
            Self::Block(block) => (room / block.max(1) * block).saturating_sub(1),
        }
    }

    /// How long a record of `length` bytes becomes.
    pub(crate) fn padded(self, length: usize) -> usize {
        match self {
            Self::None => length,
            Self::Block(block) => {
                let marked = length.saturating_add(1);
                marked.checked_next_multiple_of(block).unwrap_or(marked)
            }
        }
    }

    /// Appends the padding to a record that is `length` bytes long.
    pub(crate) fn put(self, length: usize, buffer: &mut SecretBuffer) {
        let padded = self.padded(length);
        if padded > length {
            buffer.push(&[PADDING_MARK]);
        }
        for _ in length.saturating_add(1)..padded {
            buffer.push(&[0]);
        }
    }
}

const MAX_BLOCK: usize = 1024;
const PADDED: u64 = 2;
const PADDING_MARK: u8 = 0x80;

/// An unsigned LEB128 integer of at most five bytes (FORMAT §1).
struct Varint {
    bytes: [u8; 5],
    length: usize,
}

impl Varint {
    fn new(value: u64) -> Option<Self> {
        let mut bytes = [0; 5];
        let mut rest = value;
        for (at, byte) in bytes.iter_mut().enumerate() {
            let group = rest.to_le_bytes()[0] & 0x7f;
            rest >>= 7;
            if rest == 0 {
                *byte = group;
                return Some(Self { bytes, length: at + 1 });
            }
            *byte = group | 0x80;
        }
        None
    }

    fn bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }

    /// The value and what follows it; `None` for a form that is cut off, too long, or not the shortest.
    fn parse(bytes: &[u8]) -> Option<(u64, &[u8])> {
        let mut value = 0;
        for (at, byte) in bytes.iter().take(5).enumerate() {
            value |= u64::from(byte & 0x7f) << (7 * at);
            if byte & 0x80 == 0 {
                let is_shortest = at == 0 || *byte != 0;
                return is_shortest.then_some((value, bytes.get(at + 1..)?));
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: RecordHeader = RecordHeader {
        schema: SchemaFingerprint::from_bytes([1, 2, 3, 4, 5]),
        id: SessionId::from_bytes([7; 11]),
        started: Seconds::new(1_800_000_000),
        written: Seconds::new(1_800_000_000),
        authenticated: true,
        padded: false,
        deadline: Seconds::new(1_800_000_000 + 7 * 86_400),
        remembered: false,
    };

    fn put(head: &RecordHeader) -> Option<Vec<u8>> {
        let mut buffer = SecretBuffer::with_limit(100);
        head.put(&mut buffer)?;
        Some(buffer.as_slice().to_vec())
    }

    #[test]
    fn the_usual_head_takes_24_bytes() {
        assert_eq!(put(&USUAL).unwrap().len(), 24);
    }

    #[test]
    fn what_was_put_is_parsed() {
        let day = 86_400;
        for (written, deadline, authenticated, remembered) in
            [(0, 1, false, false), (31, day, true, false), (day, 400 * day, false, true), (9, 9, true, true)]
        {
            let head = RecordHeader {
                written: USUAL.started.plus(written),
                deadline: USUAL.started.plus(deadline),
                authenticated,
                remembered,
                ..USUAL
            };
            let mut bytes = put(&head).unwrap();
            bytes.extend(b"payload");
            assert_eq!(RecordHeader::parse(&bytes), Some((head, &b"payload"[..])));
        }
    }

    #[test]
    fn padding_fills_the_block_and_comes_off_again() {
        let padded = RecordHeader { padded: true, ..USUAL };
        for length in 0..70 {
            let mut buffer = SecretBuffer::with_limit(1000);
            buffer.push(&vec![0; length]);
            Padding::Block(32).put(length, &mut buffer);
            assert!(buffer.length() % 32 == 0 && buffer.length() > length && buffer.length() <= length + 32);
            assert_eq!(padded.unpad(buffer.as_slice()), Some(&vec![0; length][..]));
        }
        for wrong in [&[][..], &[0], &[0, 0, 0], &[1], &[0x80, 1, 0], &[0x81, 0]] {
            assert_eq!(padded.unpad(wrong), None, "{wrong:?}");
        }
        assert_eq!(USUAL.unpad(&[7, 0x80, 0]), Some(&[7, 0x80, 0][..]));
    }

    #[test]
    fn a_head_that_is_cut_off_is_none() {
        let bytes = put(&USUAL).unwrap();
        for length in 0..bytes.len() {
            assert_eq!(RecordHeader::parse(&bytes[..length]), None, "{length}");
        }
    }

    #[test]
    fn times_that_the_format_cannot_say_are_not_put() {
        let late = Seconds::new(1 << 32);
        assert_eq!(put(&RecordHeader { started: late, written: late, deadline: late, ..USUAL }), None);
        assert_eq!(put(&RecordHeader { deadline: Seconds::new(u64::MAX), ..USUAL }), None);
        assert_eq!(put(&RecordHeader { written: USUAL.started.plus(1 << 33), ..USUAL }), None);
    }

    #[test]
    fn varints_have_one_form() {
        for value in [0, 1, 127, 128, 16_383, 16_384, (1 << 21) - 1, 1 << 21, (1 << 28) - 1, (1 << 35) - 1] {
            let varint = Varint::new(value).unwrap();
            assert_eq!(Varint::parse(varint.bytes()), Some((value, &[][..])));
        }
        assert!(Varint::new(1 << 35).is_none());
        for wrong in
            [&[][..], &[0x80], &[0x80, 0], &[0xff, 0x80, 0], &[0xff; 5], &[0x80, 0x80, 0x80, 0x80, 0x80, 1]]
        {
            assert_eq!(Varint::parse(wrong), None, "{wrong:?}");
        }
    }
}
