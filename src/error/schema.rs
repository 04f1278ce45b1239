//! Why a type has no schema.

use std::error::Error;
use std::fmt;

use super::fmt_debug;

/// Why the schema of a session type could not be told. Each says where, and what to do.
///
/// A path names a place by fields (`home.url`), places in a tuple (`.0`), elements (`[]`), keys and values of a map
/// (`{key}`, `{value}`) and variants (`::Member`); the type itself is `(payload)`.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SchemaError {
    /// These places hold types with rules of their own, which no made-up value satisfied.
    Refused {
        /// All of them, in the order in which they were met.
        paths: Vec<String>,
    },
    /// The type asks the data what it is, and the bytes of a session do not say.
    DecodesAny {
        /// Where.
        path: String,
    },
    /// The length of a map or list is not known when it is written.
    UnknownLength {
        /// Where.
        path: String,
    },
    /// A field that is sometimes left out.
    SkipsField {
        /// Where.
        path: String,
    },
    /// The type is written in one form and read in another, or changes its form from value to value.
    Unlike {
        /// Where.
        path: String,
        /// What it is written as.
        written: String,
        /// What it is read as.
        read: String,
    },
    /// An enum variant that serde skips (`#[serde(skip)]`, `skip_serializing` or `skip_deserializing`).
    SkippedVariant {
        /// Where. The variant is the skipped one, or the first one after it.
        path: String,
    },
    /// A value does not come back as it was.
    RoundTrip {
        /// Where, as far as it can be told.
        path: String,
    },
    /// The type nests too deep, or takes too much work to walk.
    TooComplex {
        /// Where the walk was given up.
        path: String,
    },
}

impl SchemaError {
    /// The stable label, such as `decodes_any`.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Refused { .. } => "refused",
            Self::DecodesAny { .. } => "decodes_any",
            Self::UnknownLength { .. } => "unknown_length",
            Self::SkipsField { .. } => "skips_field",
            Self::SkippedVariant { .. } => "skipped_variant",
            Self::Unlike { .. } => "unlike",
            Self::RoundTrip { .. } => "round_trip",
            Self::TooComplex { .. } => "too_complex",
        }
    }

    /// The first path that it names.
    pub(crate) fn path(&self) -> Option<&str> {
        match self {
            Self::Refused { paths } => paths.first().map(String::as_str),
            Self::DecodesAny { path }
            | Self::UnknownLength { path }
            | Self::SkipsField { path }
            | Self::Unlike { path, .. }
            | Self::SkippedVariant { path }
            | Self::RoundTrip { path }
            | Self::TooComplex { path } => Some(path),
        }
    }
}

impl fmt::Debug for SchemaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt_debug(self, self.as_str(), f)
    }
}

impl fmt::Display for SchemaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused { paths } => write!(
                f,
                "{}: refused every probe: give a value that has it with .sample(value), or {PIN}",
                paths.join(", ")
            ),
            Self::DecodesAny { path } => write!(
                f,
                "{path}: asks the data for its type (serde's untagged, tag or flatten, or a type such as \
                 serde_json::Value), which postcard does not store: name the variants, or keep it as text"
            ),
            Self::UnknownLength { path } => write!(
                f,
                "{path}: is written without its length, as serde's flatten does: make it a field of its own"
            ),
            Self::SkipsField { path } => write!(
                f,
                "{path}: is left out of some values, and what follows would be misread: take skip_serializing_if out"
            ),
            Self::Unlike { path, written, read } => write!(
                f,
                "{path}: is written as {written} but read as {read}: make Serialize and Deserialize agree, for \
                 every value"
            ),
            Self::SkippedVariant { path } => write!(
                f,
                "{path}: the variant, or one before it, has serde's attribute skip, so that it is written under \
                 another number than it is read: take #[serde(skip)] out, or move skipped variants to the end"
            ),
            Self::RoundTrip { path } => {
                write!(
                    f,
                    "{path}: does not come back as it was written: make Serialize and Deserialize agree"
                )
            }
            Self::TooComplex { path } => write!(f, "{path}: nests too deep or takes too long to walk: {PIN}"),
        }
    }
}

impl Error for SchemaError {}

const PIN: &str = "pin the schema by hand with .schema(\"name-1\")";
