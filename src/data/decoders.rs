//! Which schemas a session is read from: the type's own, those of older types, and those of its first fields.

use std::sync::Arc;

use crate::data::payload::{self, OlderData, SessionData, Tuples};
use crate::data::schema::{Description, SchemaFingerprint};
use crate::error::{ConfigError, Rejection, Rule};

/// How records of each known schema become a `T`.
pub(crate) struct Decoders<T> {
    /// The schema that is written.
    pub(crate) own: SchemaFingerprint,
    /// What the walk found; `None` if the schema is pinned.
    description: Option<Arc<Description>>,
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
        Ok(Self { own, description, others })
    }

    /// Steps 15 and 16 of FORMAT §6.3, for a payload of the schema that was found to be `which`.
    pub(crate) fn decode(&self, which: Which, payload: &[u8]) -> Result<T, Rejection> {
        match which {
            Which::Own => payload::decode(payload).map_err(|_| Rejection::Payload),
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

    /// How many fields its tuple structs and variants have; nothing is known if the schema is pinned.
    pub(crate) fn tuples(&self) -> &Tuples {
        self.description.as_ref().map_or(Tuples::UNKNOWN, |description| &description.tuples)
    }
}

impl<T: SessionData> Decoder<T> {
    /// Decodes an older type and converts it.
    pub(crate) fn of<Old: OlderData>() -> Result<Self, ConfigError>
    where
        T: TryFrom<Old>,
    {
        let schema = Description::of_older::<Old>().map_err(Rule::AcceptedSchema)?.schema;
        let decode = |bytes: &[u8]| {
            let old: Old = payload::decode(bytes).map_err(|_| Rejection::Payload)?;
            T::try_from(old).map_err(|_| Rejection::Refused)
        };
        Ok(Self { schema, decode: Box::new(decode) })
    }
}
