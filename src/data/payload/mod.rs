//! The application's data as bytes and back. The only file that names `postcard`; `serde` is named here and in
//! `schema`.

use postcard::Deserializer;
use postcard::de_flavors::Slice;
use postcard::ser_flavors::Flavor;
use serde::de::{self, DeserializeOwned, DeserializeSeed, SeqAccess, Visitor};
use serde::{Deserialize, Serialize, forward_to_deserialize_any};

use self::bounded::Bounds;
use self::checked::Checks;
use crate::crypto::secret::SecretBuffer;

mod bounded;
mod checked;

pub(crate) use self::checked::{MAX_DEPTH, Tuple, Tuples};

/// What a session can hold: any type of the application's own with serde's derives and `Default`.
///
/// There is nothing to implement. `T::default()` is what every stranger gets, so it must grant nothing.
pub trait SessionData: Serialize + DeserializeOwned + Default + Send + Sync + 'static {}

impl<T: Serialize + DeserializeOwned + Default + Send + Sync + 'static> SessionData for T {}

/// What an older version of a session's type must have, to be [accepted](crate::Builder::accept): serde's derives.
pub trait OlderData: Serialize + DeserializeOwned + 'static {}

impl<T: Serialize + DeserializeOwned + 'static> OlderData for T {}

/// The data does not serialize, or the bytes are not its serialization.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PayloadError;

/// Why the data was not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It does not serialize.
    Serialize,
    /// It has other parts than its type, or than it says.
    Parts,
    /// It nests more than [`MAX_DEPTH`] levels deep.
    TooDeep,
}

/// Appends the postcard form of `data`, unless it could not be read back.
pub(crate) fn encode<T: Serialize>(
    data: &T,
    tuples: &Tuples,
    buffer: &mut SecretBuffer,
) -> Result<(), Refusal> {
    let checks = Checks::new(tuples);
    let encoded = postcard::serialize_with_flavor(&checks.checked(data), Into(&mut *buffer));
    match (checks.refusal(), encoded) {
        (Some(refusal), _) => Err(refusal),
        (None, Err(_)) => Err(Refusal::Serialize),
        // Elements without bytes. Others would not fit.
        (None, Ok(())) if checks.has_too_many_elements() && buffer.is_whole() => Err(Refusal::Parts),
        (None, Ok(())) => Ok(()),
    }
}

/// The postcard form of a value that holds nothing secret: the walk's, when sessions are built.
pub(crate) fn to_vec<T: Serialize + ?Sized>(data: &T) -> Result<Vec<u8>, PayloadError> {
    let checks = Checks::new(Tuples::UNKNOWN);
    let encoded = postcard::to_allocvec(&checks.checked(data)).map_err(|_| PayloadError)?;
    if checks.refusal().is_none() { Ok(encoded) } else { Err(PayloadError) }
}

/// Reads a `T` from the front of the bytes, and hands back what is left.
pub(crate) fn take<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<(T, &'a [u8]), PayloadError> {
    postcard::take_from_bytes(bytes).map_err(|_| PayloadError)
}

/// Reads a `T` from exactly these bytes: what is left over is an error too.
pub(crate) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, PayloadError> {
    match take(bytes)? {
        (data, []) => Ok(data),
        _ => Err(PayloadError),
    }
}

/// As [`decode`], for a type that can nest without an end or hold elements without bytes: refuses what
/// [`encode`] does not write.
pub(crate) fn decode_bounded<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, PayloadError> {
    let (mut inner, bounds) = (Deserializer::from_bytes(bytes), Bounds::new());
    let data = T::deserialize(bounds.bound(&mut inner)).map_err(|_| PayloadError)?;
    match inner.finalize() {
        Ok([]) => Ok(data),
        _ => Err(PayloadError),
    }
}

/// Reads a struct from exactly the bytes of its first `fields` fields. serde fills the rest, where it has a default.
pub(crate) fn decode_first_fields<T: DeserializeOwned>(
    bytes: &[u8],
    fields: usize,
) -> Result<T, PayloadError> {
    match take_first_fields(bytes, fields)? {
        (data, []) => Ok(data),
        _ => Err(PayloadError),
    }
}

/// As [`decode_first_fields`], but hands back what is left.
pub(crate) fn take_first_fields<'a, T: Deserialize<'a>>(
    bytes: &'a [u8],
    fields: usize,
) -> Result<(T, &'a [u8]), PayloadError> {
    let (mut inner, bounds) = (Deserializer::from_bytes(bytes), Bounds::new());
    let truncated = Truncated { inner: &mut inner, bounds: &bounds, fields };
    let data = T::deserialize(truncated).map_err(|_| PayloadError)?;
    let rest = inner.finalize().map_err(|_| PayloadError)?;
    Ok((data, rest))
}

/// A deserializer for one struct whose sequence of fields ends early.
struct Truncated<'p, 'de> {
    inner: &'p mut Deserializer<'de, Slice<'de>>,
    bounds: &'p Bounds,
    fields: usize,
}

impl<'de> de::Deserializer<'de> for Truncated<'_, 'de> {
    type Error = postcard::Error;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> postcard::Result<V::Value> {
        visitor.visit_seq(self)
    }

    // A newtype is written as what it holds, so the struct may stand inside of one.
    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> postcard::Result<V::Value> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> postcard::Result<V::Value> {
        Err(postcard::Error::WontImplement)
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        seq tuple tuple_struct map enum identifier ignored_any
    }
}

impl<'de> SeqAccess<'de> for Truncated<'_, 'de> {
    type Error = postcard::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> postcard::Result<Option<S::Value>> {
        let Some(fields) = self.fields.checked_sub(1) else { return Ok(None) };
        self.fields = fields;
        seed.deserialize(self.bounds.bound(&mut *self.inner)).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.fields)
    }
}

struct Into<'a>(&'a mut SecretBuffer);

impl Flavor for Into<'_> {
    type Output = ();

    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.0.push(bytes);
        Ok(())
    }

    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0.push(&[byte]);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::Serializer;

    use super::*;

    /// A value of every form that serde knows.
    #[derive(Serialize)]
    struct Everything<'a> {
        numbers: (i8, i16, i32, i64, i128, u8, u16, u32, u64, u128, f32, f64),
        texts: (char, &'a str, Bytes<'a>, Displayed),
        units: (bool, (), Nothing),
        options: [Option<u8>; 2],
        lists: (Vec<u16>, Pair, Newtype),
        map: BTreeMap<u8, &'a str>,
        variants: [Variant; 4],
    }
    #[derive(Serialize)]
    struct Nothing;
    #[derive(Serialize)]
    struct Pair(u8, u8);
    #[derive(Serialize)]
    struct Newtype(u64);
    #[derive(Serialize)]
    enum Variant {
        Unit,
        Newtype(u64),
        Tuple(u8, u8),
        Struct { field: u8 },
    }
    struct Bytes<'a>(&'a [u8]);
    impl Serialize for Bytes<'_> {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_bytes(self.0)
        }
    }
    struct Displayed;
    impl Serialize for Displayed {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            if serializer.is_human_readable() {
                return serializer.serialize_unit();
            }
            serializer.collect_str(&"shown")
        }
    }

    #[test]
    fn what_the_checks_let_pass_it_does_not_change() {
        let everything = Everything {
            numbers: (-1, -2, -3, -4, -5, 6, 700, 80_000, 1 << 40, 1 << 100, 1.5, -2.5),
            texts: ('\u{e4}', "text", Bytes(&[1, 2, 3]), Displayed),
            units: (true, (), Nothing),
            options: [None, Some(1)],
            lists: (vec![1, 2, 300], Pair(1, 2), Newtype(1 << 20)),
            map: BTreeMap::from([(1, "one"), (2, "two")]),
            variants: [
                Variant::Unit,
                Variant::Newtype(1),
                Variant::Tuple(2, 3),
                Variant::Struct { field: 4 },
            ],
        };
        let mut bytes = SecretBuffer::expecting(0, 4096);
        encode(&everything, &Tuples::new(), &mut bytes).unwrap();
        assert_eq!(bytes.as_slice(), postcard::to_allocvec(&everything).unwrap());
    }

    #[test]
    fn every_byte_must_be_consumed() {
        assert_eq!(decode::<(u8, bool)>(&[7, 1]), Ok((7, true)));
        for wrong in [&[][..], &[7], &[7, 1, 0], &[7, 2]] {
            assert_eq!(decode::<(u8, bool)>(wrong), Err(PayloadError), "{wrong:?}");
        }
    }
}
