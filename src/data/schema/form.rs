//! The words in which reader, writer and graph speak of what they meet.

use std::fmt;

/// What serde asks for at a place, and what of it matters on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    /// A value without parts, such as `u32` or `str`.
    Leaf(&'static str),
    Option,
    Seq,
    Map,
    /// Also arrays, tuple structs and, with no slots, everything that takes no bytes.
    Tuple,
    Struct,
    Enum,
}

/// Tells types apart, within one process. Only equality counts, so nothing of it gets into a schema.
///
/// Of the visitor rather than of its value: one type may be read in several ways, by serde's `with`. A type name need
/// not be unique, therefore the names of fields or variants as well.
#[derive(Clone, Debug, Eq)]
pub(super) struct TypeKey {
    /// `None` for a newtype, which is written as what it holds.
    pub(super) form: Option<Form>,
    pub(super) visitor: &'static str,
    pub(super) value: &'static str,
    pub(super) names: &'static [&'static str],
}

// As the derive does it. Most are the same in memory, which is quickly seen.
impl PartialEq for TypeKey {
    fn eq(&self, other: &Self) -> bool {
        let same = |one: &'static str, other: &'static str| std::ptr::eq(one, other) || one == other;
        self.form == other.form
            && same(self.visitor, other.visitor)
            && same(self.value, other.value)
            && (std::ptr::eq(self.names, other.names) || self.names == other.names)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Reads,
    Writes,
}

/// The walk stops: a refused probe or, if the graph holds a failure, a type that cannot be used.
///
/// The failure itself is kept in the graph, because a type may swallow the errors that serde hands it.
#[derive(Debug)]
pub(super) struct Stop {
    /// The enum variant that serde refuses to write, because of its attribute `skip`.
    pub(super) skipped: Option<Box<str>>,
}

impl Stop {
    pub(super) const HERE: Self = Self { skipped: None };
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Leaf(name) => name,
            Self::Option => "an option",
            Self::Seq => "a list",
            Self::Map => "a map",
            Self::Tuple => "a tuple",
            Self::Struct => "a struct",
            Self::Enum => "an enum",
        })
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the walk stops here")
    }
}

impl std::error::Error for Stop {}

impl serde::de::Error for Stop {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::HERE
    }
}

impl serde::ser::Error for Stop {
    fn custom<T: fmt::Display>(message: T) -> Self {
        let message = message.to_string();
        // The words of serde's derive, which has no other way to say it.
        let variant = message.strip_prefix("the enum variant ");
        let variant = variant.and_then(|variant| variant.strip_suffix(" cannot be serialized"));
        Self { skipped: variant.and_then(|variant| variant.rsplit("::").next()).map(Box::from) }
    }
}
