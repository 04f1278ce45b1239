//! The schemas that sessions are read from: the type's own, those of older types, and those of its first fields.

use crate::data::payload::{self, OlderData, SessionData, Tuples};
use crate::data::schema::{Description, SchemaFingerprint};
use crate::error::{ConfigError, Rejection};

/// How records of each known schema become a `T`.
pub(crate) struct Readers<T> {
    /// The schema that is written.
    pub(crate) own: SchemaFingerprint,
    /// What that is the hash of; `None` if it is pinned.
    pub(crate) description: Option<String>,
    /// How many fields its tuple structs and variants have; nothing is known if it is pinned.
    pub(crate) tuples: Tuples,
    // Accepted types first: they come before first fields of `T`.
    others: Vec<Reader<T>>,
}

/// How records of one schema become a `T`.
pub(crate) struct Reader<T> {
    schema: SchemaFingerprint,
    read: Box<Read<T>>,
}

type Read<T> = dyn Fn(&[u8]) -> Result<T, Rejection> + Send + Sync;

impl<T: SessionData> Readers<T> {
    /// `pinned` takes the place of the walk over `T`, which begins with its default and `samples`.
    pub(crate) fn new(
        samples: &[T],
        pinned: Option<&str>,
        accepted: Vec<Reader<T>>,
    ) -> Result<Self, ConfigError> {
        let mut readers = Self {
            own: SchemaFingerprint::pinned(""),
            description: None,
            tuples: Tuples::new(),
            others: accepted,
        };
        let mut prefixes = Vec::new();
        if let Some(text) = pinned {
            readers.own = SchemaFingerprint::pinned(text);
        } else {
            let walked = Description::of::<T>(samples).map_err(ConfigError::Schema)?;
            (readers.own, readers.tuples, prefixes) = (walked.schema, walked.tuples, walked.prefixes);
            readers.description = Some(walked.text);
        }
        for (at, reader) in readers.others.iter().enumerate() {
            let others = readers.others.iter().take(at).map(|earlier| earlier.schema);
            if others.chain([readers.own]).any(|schema| schema == reader.schema) {
                return Err(ConfigError::AcceptedTwice);
            }
        }
        for prefix in prefixes {
            if readers.others.iter().all(|reader| reader.schema != prefix.schema) {
                let read = move |bytes: &[u8]| {
                    payload::decode_prefix(bytes, prefix.fields).map_err(|_| Rejection::Payload)
                };
                readers.others.push(Reader { schema: prefix.schema, read: Box::new(read) });
            }
        }
        Ok(readers)
    }

    /// Steps 12 to 14 of FORMAT §6.3: no byte of the payload is decoded before its schema is known.
    pub(crate) fn read<'a>(
        &self,
        schema: SchemaFingerprint,
        payload: impl FnOnce() -> Option<&'a [u8]>,
    ) -> Result<T, Rejection> {
        let other =
            || self.others.iter().find(|reader| reader.schema == schema).ok_or(Rejection::SchemaMismatch);
        let reader = if schema == self.own { None } else { Some(other()?) };
        let payload = payload().ok_or(Rejection::Payload)?;
        match reader {
            None => payload::decode(payload).map_err(|_| Rejection::Payload),
            Some(reader) => (reader.read)(payload),
        }
    }
}

impl<T: SessionData> Reader<T> {
    /// Reads an older type and converts it. Its schema is found by a walk, unless it is pinned.
    pub(crate) fn of<Old: OlderData>(pinned: Option<&str>) -> Result<Self, ConfigError>
    where
        T: TryFrom<Old>,
    {
        let schema = match pinned {
            Some(text) => SchemaFingerprint::pinned(text),
            None => Description::of_values::<Old>(&[]).map_err(ConfigError::AcceptedSchema)?.schema,
        };
        let read = |bytes: &[u8]| {
            let old: Old = payload::decode(bytes).map_err(|_| Rejection::Payload)?;
            T::try_from(old).map_err(|_| Rejection::Refused)
        };
        Ok(Self { schema, read: Box::new(read) })
    }
}
