//! Between a `T` and its bytes: how it is written, and from which schemas it is read. Those are its own, those of older
//! types, and those of its first fields.

use std::sync::Arc;

use crate::crypto::secret::{SecretBuffer, Zeroizing};
use crate::data::payload::{self, OlderData, PayloadError, Refusal, SessionData, Tuples};
use crate::data::schema::{self, Description, SchemaFingerprint};
use crate::error::{ConfigError, Rejection, Rule, SaveError, SchemaError};

/// How records of each known schema become a `T`.
pub(crate) struct Decoders<T> {
    /// The schema that is written.
    pub(crate) own: SchemaFingerprint,
    /// What the walk found; `None` if the schema is pinned.
    description: Option<Arc<Description>>,
    /// Whether what is written is read again and compared.
    verifies: bool,
    // Accepted types first: they come before first fields of `T`.
    others: Vec<Decoder<T>>,
}

/// How records of one schema become a `T`.
pub(crate) struct Decoder<T> {
    schema: SchemaFingerprint,
    decode: Box<Decode<T>>,
}

type Decode<T> = dyn Fn(&[u8]) -> Result<T, Rejection> + Send + Sync;

impl<T: SessionData> Decoders<T> {
    /// `pinned` takes the place of the walk over `T`, which begins with its default and `samples`.
    pub(crate) fn new(
        samples: &[T],
        pinned: Option<&str>,
        accepted: Vec<Decoder<T>>,
    ) -> Result<Self, ConfigError> {
        let description = match pinned {
            Some(_) => None,
            None => Some(Description::of::<T>(samples).map_err(Rule::Schema)?),
        };
        let own = match (pinned, &description) {
            (_, Some(description)) => description.schema,
            (text, None) => SchemaFingerprint::pinned(text.unwrap_or_default()),
        };
        let mut others: Vec<Decoder<T>> = Vec::new();
        for decoder in accepted {
            let mut known = others.iter().map(|other| other.schema).chain([own]);
            if known.any(|schema| schema == decoder.schema) {
                return Err(Rule::AcceptedTwice.into());
            }
            others.push(decoder);
        }
        for first in description.iter().flat_map(|description| &description.first_fields) {
            if others.iter().all(|other| other.schema != first.schema) {
                let fields = first.count;
                let decode = move |bytes: &[u8]| {
                    payload::decode_first_fields(bytes, fields).map_err(|_| Rejection::Payload)
                };
                others.push(Decoder { schema: first.schema, decode: Box::new(decode) });
            }
        }
        Ok(Self { own, description, verifies: false, others })
    }

    /// Whether what is written is read again and compared.
    pub(crate) fn verifying(self, verifies: bool) -> Self {
        Self { verifies, ..self }
    }

    /// Appends the payload, its unordered collections sorted.
    pub(crate) fn encode(&self, data: &T, buffer: &mut SecretBuffer) -> Result<(), SaveError> {
        let start = buffer.as_slice().len();
        let tuples = self.description.as_ref().map_or(Tuples::UNKNOWN, |description| &description.tuples);
        payload::encode(data, tuples, buffer).map_err(|refusal| self.explained(refusal, data))?;
        let Some(payload) = buffer.as_mut_slice().get_mut(start..) else { return Ok(()) };
        if let Some(sorted) = self.in_one_order(payload).filter(|sorted| sorted.len() == payload.len()) {
            payload.copy_from_slice(&sorted);
        }
        Ok(())
    }

    /// Whether a payload of an earlier moment and one that [`encode`](Self::encode) has written are the same.
    pub(crate) fn is_same(&self, before: &[u8], now: &[u8]) -> bool {
        before == now || self.in_one_order(before).is_some_and(|before| *before == now)
    }

    /// Reads a payload that [`encode`](Self::encode) has written and compares, if that is wanted.
    pub(crate) fn verify_if_asked(&self, payload: &[u8]) -> Result<(), SaveError> {
        if self.verifies { self.verify(payload) } else { Ok(()) }
    }

    /// Reads a payload that [`encode`](Self::encode) has written and compares.
    pub(crate) fn verify(&self, payload: &[u8]) -> Result<(), SaveError> {
        let mut again = SecretBuffer::expecting(payload.len(), payload.len().saturating_mul(2));
        let back = self.decode_own(payload);
        if let Ok(back) = &back {
            self.encode(back, &mut again)?;
            if again.as_slice() == payload {
                return Ok(());
            }
        }
        let known = self.description.as_ref().map(|description| &description.graph);
        let again = back.is_ok().then_some(again.as_slice());
        let path = schema::difference::<T>(known, payload, again);
        path.map_or(Ok(()), |path| Err(SaveError::RoundTrip { path: path.into() }))
    }

    fn in_one_order(&self, payload: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let description = self.description.as_ref().filter(|description| description.is_unordered)?;
        description.in_one_order(payload)
    }

    /// Who refuses a value is asked again, for the place.
    fn explained(&self, refusal: Refusal, data: &T) -> SaveError {
        let known = self.description.as_ref().map(|description| &description.graph);
        let why = match refusal {
            Refusal::TooDeep => return SaveError::TooDeep,
            Refusal::Serialize | Refusal::Parts => schema::refusal(known, data),
        };
        match (refusal, why) {
            (_, Some(SchemaError::SkippedVariant { path })) => {
                SaveError::SkippedVariant { path: path.into() }
            }
            (Refusal::Serialize, _) => SaveError::Serialize,
            (_, why) => {
                let path = why.as_ref().and_then(SchemaError::path).unwrap_or("(payload)");
                SaveError::RoundTrip { path: path.into() }
            }
        }
    }

    fn decode_own(&self, payload: &[u8]) -> Result<T, PayloadError> {
        match &self.description {
            Some(description) if !description.needs_bounds => payload::decode(payload),
            _ => payload::decode_bounded(payload),
        }
    }

    /// Steps 15 and 16 of FORMAT §6.3, for a payload of the schema that was found to be `which`.
    pub(crate) fn decode(&self, which: Which, payload: &[u8]) -> Result<T, Rejection> {
        match which {
            Which::Own => self.decode_own(payload).map_err(|_| Rejection::Payload),
            Which::Other(at) => {
                let other = self.others.get(at).ok_or(Rejection::SchemaMismatch)?;
                (other.decode)(payload)
            }
        }
    }
}

/// Which of the known schemas a record has: no byte of a payload is decoded before that has been found.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Which {
    Own,
    Other(usize),
}

impl<T> Decoders<T> {
    /// Step 8 of FORMAT §6.3.
    pub(crate) fn find(&self, schema: SchemaFingerprint) -> Option<Which> {
        if schema == self.own {
            return Some(Which::Own);
        }
        self.others.iter().position(|other| other.schema == schema).map(Which::Other)
    }

    /// The text that the schema is the hash of; `None` if it is pinned.
    pub(crate) fn description(&self) -> Option<&str> {
        self.description.as_ref().map(|description| description.text.as_str())
    }
}

impl<T: SessionData> Decoder<T> {
    /// Decodes an older type and converts it.
    pub(crate) fn of<Old: OlderData>() -> Result<Self, ConfigError>
    where
        T: TryFrom<Old>,
    {
        let description = Description::of_older::<Old>().map_err(Rule::AcceptedSchema)?;
        let (schema, needs_bounds) = (description.schema, description.needs_bounds);
        let decode = move |bytes: &[u8]| {
            let old: Result<Old, _> =
                if needs_bounds { payload::decode_bounded(bytes) } else { payload::decode(bytes) };
            let old = old.map_err(|_| Rejection::Payload)?;
            T::try_from(old).map_err(|_| Rejection::Refused)
        };
        Ok(Self { schema, decode: Box::new(decode) })
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    use super::*;

    #[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Deep(Option<Box<Deep>>);

    #[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Old(Box<Deep>);

    #[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Now {
        deep: Deep,
        #[serde(default)]
        more: Vec<()>,
    }

    impl From<Old> for Now {
        fn from(old: Old) -> Self {
            Self { deep: *old.0, more: Vec::new() }
        }
    }

    /// However a schema became known, its payloads are held to the bounds.
    #[test]
    fn payloads_of_every_schema_are_bounded() {
        let decoders = Decoders::<Now>::new(&[], None, vec![Decoder::of::<Old>().unwrap()]).unwrap();
        let deep = |levels, rest: &[u8]| [vec![1; levels], vec![0], rest.to_vec()].concat();
        let schemas: Vec<_> = decoders.others.iter().map(|other| other.schema).collect();
        assert_eq!(schemas.len(), 2, "an older type and the first field");
        // The struct itself is one of the levels.
        for (schema, most, rest) in
            [(decoders.own, 127, &[0][..]), (schemas[0], 128, &[]), (schemas[1], 128, &[])]
        {
            let which = decoders.find(schema).unwrap();
            let decode = |levels| decoders.decode(which, &deep(levels, rest));
            assert!(decode(most - 1).is_ok(), "{schema}");
            assert_eq!(decode(most + 1).unwrap_err(), Rejection::Payload, "{schema}");
            assert_eq!(decode(3000).unwrap_err(), Rejection::Payload, "{schema}");
        }
        let many: &[u8] = &[0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x20];
        assert_eq!(decoders.decode(Which::Own, many).unwrap_err(), Rejection::Payload);
    }

    #[test]
    fn only_types_without_bounds_of_their_own_need_checks() {
        fn needs_bounds<T: SessionData>() -> bool {
            Description::of::<T>(&[]).unwrap().needs_bounds
        }
        assert!(needs_bounds::<Deep>());
        assert!(needs_bounds::<Vec<()>>());
        assert!(needs_bounds::<(u8, Option<Vec<(u64, Vec<[(); 2]>)>>)>());
        assert!(!needs_bounds::<Vec<(u8, ())>>());
        assert!(!needs_bounds::<(Vec<Option<()>>, Option<String>, [u8; 4], ())>());
    }
}
