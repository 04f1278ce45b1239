//! The plaintext of a session: a header that never depends on the application's type, the payload, padding (FORMAT §7).

use super::id::SessionId;
use crate::crypto::secret::SecretBuffer;
use crate::data::SchemaFingerprint;
use crate::time::Seconds;

/// The header of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RecordHeader {
    pub(crate) schema: SchemaFingerprint,
    pub(crate) id: SessionId,
    /// When the absolute clock began.
    pub(crate) started: Seconds,
    /// When this record was sealed.
    pub(crate) written: Seconds,
    /// When the idle clock began.
    pub(crate) idle_start: Seconds,
    /// When the absolute clock runs out, as it was configured when the session began.
    pub(crate) deadline: Seconds,
    /// When the person last proved who they are, if anybody did.
    pub(crate) authenticated_at: Option<Seconds>,
    /// Whether its deadline may be later than the absolute timeout.
    pub(crate) remembered: bool,
    /// The newest revocation entry that the writer knew.
    pub(crate) entry: Option<u32>,
    /// The public key of the device that the session is bound to.
    pub(crate) device_key: Option<[u8; DEVICE_KEY]>,
}

impl RecordHeader {
    /// Appends the header; `None` if the format cannot express one of the times. What was appended is then of no use.
    pub(crate) fn put(&self, buffer: &mut SecretBuffer) -> Option<()> {
        let started = u32::try_from(self.started.get()).ok()?;
        let w = Varint::new(self.written.since(self.started))?;
        let d = Varint::new(self.deadline.since(self.started))?;
        let i = Varint::new(self.written.since(self.idle_start))?;
        let proved = self.authenticated_at.map_or(self.started, |moment| moment.min(self.written));
        let a = Varint::new(proved.since(self.started))?;
        let (has_i, has_a) = (!i.is_zero(), !a.is_zero());
        let flags = flag(AUTHENTICATED, self.authenticated_at.is_some())
            | flag(REMEMBERED, self.remembered)
            | flag(IDLE, has_i)
            | flag(AUTH_TIME, has_a)
            | flag(ENTRY, self.entry.is_some())
            | flag(BOUND, self.device_key.is_some());

        buffer.push(self.schema.as_bytes());
        buffer.push(self.id.as_bytes());
        buffer.push(&started.to_be_bytes());
        buffer.push(&[flags]);
        buffer.push(w.bytes());
        buffer.push(d.bytes());
        if has_i {
            buffer.push(i.bytes());
        }
        if has_a {
            buffer.push(a.bytes());
        }
        if let Some(entry) = self.entry {
            buffer.push(&entry.to_be_bytes());
        }
        if let Some(key) = &self.device_key {
            buffer.push(key);
        }
        Some(())
    }

    /// How many bytes the header may take, whatever is added to it later, in a session that lives for so many seconds
    /// at the most and may get an entry. So what fits once always fits.
    pub(crate) fn longest(&self, max_lifetime: u64, may_get_entry: bool) -> usize {
        let varint = Varint::new(max_lifetime).map_or(MAX_VARINT, |varint| varint.length);
        let entry = if may_get_entry || self.entry.is_some() { size_of::<u32>() } else { 0 };
        let device_key = self.device_key.map_or(0, |_| DEVICE_KEY);
        SchemaFingerprint::LEN + SessionId::LEN + STARTED + 1 + 4 * varint + entry + device_key
    }

    /// The header and where the payload begins; `None` if the record has no header.
    pub(crate) fn parse(record: &[u8]) -> Option<(Self, usize)> {
        if record.len() % BLOCK != 0 {
            return None;
        }
        let (schema, rest) = record.split_first_chunk()?;
        let (id, rest) = rest.split_first_chunk()?;
        let (started, rest) = rest.split_first_chunk()?;
        let (&flags, rest) = rest.split_first()?;
        let has = |flag| flags & flag != 0;
        let (w, rest) = Varint::parse(rest)?;
        let (d, rest) = Varint::parse(rest)?;
        let (i, rest) = if has(IDLE) { Varint::parse(rest)? } else { (0, rest) };
        let (a, rest) = if has(AUTH_TIME) { Varint::parse(rest)? } else { (0, rest) };
        let (entry, rest) = if has(ENTRY) { taken(rest)? } else { (None, rest) };
        let (device_key, rest) = if has(BOUND) { taken(rest)? } else { (None, rest) };
        let is_valid = flags & !KNOWN == 0 && i <= w && a <= w && (has(AUTHENTICATED) || !has(AUTH_TIME));
        let started = Seconds::new(u32::from_be_bytes(*started).into());
        let header = Self {
            schema: SchemaFingerprint::from_bytes(*schema),
            id: SessionId::from_bytes(*id),
            started,
            written: started.plus(w),
            idle_start: started.plus(w.saturating_sub(i)),
            deadline: started.plus(d),
            authenticated_at: has(AUTHENTICATED).then(|| started.plus(a)),
            remembered: has(REMEMBERED),
            entry: entry.map(u32::from_be_bytes),
            device_key,
        };
        is_valid.then_some((header, record.len().saturating_sub(rest.len())))
    }

    /// The fingerprint of a record, of which nothing else may be known; `None` if the record is too short to be one.
    pub(crate) fn schema_of(record: &[u8]) -> Option<SchemaFingerprint> {
        let (schema, rest) = record.split_first_chunk()?;
        (rest.len() >= SessionId::LEN + STARTED).then(|| SchemaFingerprint::from_bytes(*schema))
    }

    /// Puts an ID in the place of the one that a record was put together with.
    pub(crate) fn set_id(record: &mut [u8], id: SessionId) {
        let place = record.get_mut(SchemaFingerprint::LEN..SchemaFingerprint::LEN + SessionId::LEN);
        place.unwrap_or_default().copy_from_slice(id.as_bytes());
    }

    /// Puts an entry in the place of the one that a record was put together with. `length` is that of its header.
    #[cfg(feature = "revocation")]
    pub(crate) fn set_entry(&self, record: &mut [u8], length: usize, entry: u32) {
        let end = length.saturating_sub(self.device_key.map_or(0, |key| key.len()));
        let place = record.get_mut(..end).and_then(|parts| parts.last_chunk_mut());
        if let (Some(place), Some(_)) = (place, self.entry) {
            *place = entry.to_be_bytes();
        }
    }
}

/// Ends a record with its padding. The length of a cookie then tells less about what is in it.
pub(crate) fn pad(length: usize, buffer: &mut SecretBuffer) {
    let zeros = [0; BLOCK];
    let count = padded(length).saturating_sub(length).saturating_sub(1);
    buffer.push(&[PADDING_MARK]);
    buffer.push(zeros.get(..count).unwrap_or_default());
}

/// How long a record of `length` bytes becomes with its padding.
pub(crate) const fn padded(length: usize) -> usize {
    (length / BLOCK).saturating_add(1).saturating_mul(BLOCK)
}

/// How many bytes a record may have before its padding, if it may have `room` bytes with it.
pub(crate) const fn unpadded(room: usize) -> usize {
    (room / BLOCK).saturating_mul(BLOCK).saturating_sub(1)
}

/// The payload without the padding that follows it; `None` if none does.
pub(crate) fn without_padding(payload: &[u8]) -> Option<&[u8]> {
    let end = payload.iter().rposition(|byte| *byte != 0)?;
    match payload.split_at_checked(end)? {
        (payload, [PADDING_MARK, ..]) => Some(payload),
        _ => None,
    }
}

const fn flag(flag: u8, is_set: bool) -> u8 {
    if is_set { flag } else { 0 }
}

/// An optional part that is there, and what follows it.
fn taken<const N: usize>(rest: &[u8]) -> Option<(Option<[u8; N]>, &[u8])> {
    let (part, rest) = rest.split_first_chunk()?;
    Some((Some(*part), rest))
}

const AUTHENTICATED: u8 = 0x01;
const REMEMBERED: u8 = 0x02;
const IDLE: u8 = 0x04;
const AUTH_TIME: u8 = 0x08;
const ENTRY: u8 = 0x10;
const BOUND: u8 = 0x20;
const KNOWN: u8 = AUTHENTICATED | REMEMBERED | IDLE | AUTH_TIME | ENTRY | BOUND;

/// The bytes of `started`.
const STARTED: usize = 4;
/// The bytes of a compressed point of P-256.
pub(crate) const DEVICE_KEY: usize = 33;

/// A record is as long as a multiple of this many bytes.
pub(crate) const BLOCK: usize = 16;
const PADDING_MARK: u8 = 0x80;

/// An unsigned LEB128 integer of at most five bytes (FORMAT §1).
struct Varint {
    bytes: [u8; MAX_VARINT],
    length: usize,
}

const MAX_VARINT: usize = 5;

impl Varint {
    fn new(value: u64) -> Option<Self> {
        let mut bytes = [0; MAX_VARINT];
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

    fn is_zero(&self) -> bool {
        self.bytes() == [0]
    }

    /// The value and what follows it; `None` for a form that is cut off, too long, or not the shortest.
    fn parse(bytes: &[u8]) -> Option<(u64, &[u8])> {
        let mut value = 0;
        for (at, byte) in bytes.iter().take(MAX_VARINT).enumerate() {
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
        idle_start: Seconds::new(1_800_000_000),
        deadline: Seconds::new(1_800_000_000 + 7 * 86_400),
        authenticated_at: Some(Seconds::new(1_800_000_000)),
        remembered: false,
        entry: None,
        device_key: None,
    };

    fn put(header: &RecordHeader) -> Option<Vec<u8>> {
        let mut buffer = SecretBuffer::with_limit(200);
        header.put(&mut buffer)?;
        Some(buffer.as_slice().to_vec())
    }

    /// A whole record with this payload.
    fn record(header: &RecordHeader, payload: &[u8]) -> Vec<u8> {
        let mut buffer = SecretBuffer::with_limit(1000);
        header.put(&mut buffer).unwrap();
        buffer.push(payload);
        pad(buffer.length(), &mut buffer);
        buffer.as_slice().to_vec()
    }

    #[test]
    fn the_usual_header_takes_25_bytes() {
        assert_eq!(put(&USUAL).unwrap().len(), 25);
    }

    #[test]
    fn what_was_put_is_parsed() {
        let day = 86_400;
        let moments = [0, 31, day, 400 * day];
        for (at, written) in moments.into_iter().enumerate() {
            for idle in moments.into_iter().take(at + 1) {
                for proved in [None, Some(0), Some(written / 2), Some(written)] {
                    let header = RecordHeader {
                        written: USUAL.started.plus(written),
                        idle_start: USUAL.started.plus(written - idle),
                        deadline: USUAL.started.plus(written * 2 + 1),
                        authenticated_at: proved.map(|proved| USUAL.started.plus(proved)),
                        remembered: idle == 0,
                        entry: (idle == written).then_some(u32::MAX - 7),
                        device_key: (proved == Some(0)).then_some([0x80; DEVICE_KEY]),
                        ..USUAL
                    };
                    let bytes = record(&header, b"payload");
                    let (parsed, start) = RecordHeader::parse(&bytes).unwrap();
                    assert_eq!(parsed, header);
                    assert_eq!(without_padding(&bytes[start..]), Some(&b"payload"[..]));
                    let length = put(&header).unwrap().len();
                    assert!(length <= header.longest(written * 2 + 1, false), "{header:?}");
                }
            }
        }
    }

    #[test]
    fn padding_fills_the_block_and_comes_off_again() {
        for length in 0..70 {
            let mut buffer = SecretBuffer::with_limit(1000);
            buffer.push(&vec![0; length]);
            pad(length, &mut buffer);
            assert_eq!(buffer.length(), padded(length));
            assert!(buffer.length() % 16 == 0 && (1..=16).contains(&(buffer.length() - length)), "{length}");
            assert_eq!(without_padding(buffer.as_slice()), Some(&vec![0; length][..]));
            assert!(padded(unpadded(length)) <= length.max(16) && padded(unpadded(length) + 1) > length);
        }
        for wrong in [&[][..], &[0], &[0, 0, 0], &[1], &[0x80, 1, 0], &[0x81, 0]] {
            assert_eq!(without_padding(wrong), None, "{wrong:?}");
        }
        assert_eq!(without_padding(&[7, 0x80, 0, 0x80, 0, 0]), Some(&[7, 0x80, 0][..]), "one mark comes off");
        let many = [&[7, 0x80][..], &[0; 40]].concat();
        assert_eq!(without_padding(&many), Some(&[7][..]), "a later writer may add more");
    }

    #[test]
    fn what_is_cut_off_or_no_multiple_of_a_block_is_no_header() {
        let header = RecordHeader { entry: Some(7), device_key: Some([2; DEVICE_KEY]), ..USUAL };
        let bytes = put(&header).unwrap();
        for length in 0..bytes.len() {
            assert_eq!(RecordHeader::parse(&bytes[..length]), None, "{length}");
        }
        let whole = record(&USUAL, &[0; 40]);
        for length in 0..whole.len() {
            let is_block = length % 16 == 0 && length >= 25;
            assert_eq!(RecordHeader::parse(&whole[..length]).is_some(), is_block, "{length}");
        }
    }

    #[test]
    fn flags_that_do_not_go_together_are_no_header() {
        let whole = |flags: u8, varints: &[u8]| {
            let mut bytes = [&[7; 20][..], &[flags], varints].concat();
            bytes.resize(96, 0);
            RecordHeader::parse(&bytes).is_some()
        };
        // w, d, i, a
        assert!(whole(0, &[5, 9]) && whole(0x0f, &[5, 9, 5, 5]) && whole(0x3f, &[5, 9, 0, 0]));
        assert!(!whole(0x40, &[5, 9]) && !whole(0x80, &[5, 9]));
        assert!(!whole(0x04, &[5, 9, 6]), "the idle clock began before the session");
        assert!(!whole(0x09, &[5, 9, 6]), "the person proved it after the record was sealed");
        assert!(!whole(0x08, &[5, 9, 5]), "when it was proved, and not that it was");
        assert!(!whole(0, &[0x85, 0, 9]), "not the shortest form");
    }

    #[test]
    fn times_that_the_format_cannot_express_are_not_put() {
        let late = Seconds::new(1 << 32);
        let all_late =
            RecordHeader { started: late, written: late, idle_start: late, deadline: late, ..USUAL };
        assert_eq!(put(&all_late), None);
        assert_eq!(put(&RecordHeader { deadline: Seconds::new(u64::MAX), ..USUAL }), None);
        assert_eq!(put(&RecordHeader { written: USUAL.started.plus(1 << 35), ..USUAL }), None);
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
