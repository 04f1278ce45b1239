//! What stands between the data and the codec when a session is saved: it refuses what could not be read back.
//!
//! Four things depend on the value, so the walk over the type cannot exclude them when the sessions are built:
//!
//! - **A field that is left out** (`skip_serializing_if`). What follows would be read in its place. serde tells of it
//!   where fields have names, and where they have none it says how many there are, which the walk knows ([`Tuples`]).
//! - **Parts that are not as many as was said**, which only a `Serialize` by hand can do.
//! - **Data that nests deep**, as a type that holds itself can, filled with what a client sent. serde recurses as deep
//!   when it is read, and a stack that is exhausted ends the process of whoever loads the cookie.
//!
//! - **More elements than a record has bytes**, which elements without bytes make possible.
//!
//! Readers hold the last two against other writers as well, see `bounded`.

use std::any::type_name;
use std::cell::Cell;
use std::collections::BTreeSet;
use std::fmt;
use std::marker::PhantomData;

use serde::ser::{
    Error, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use super::Refusal;

/// How deep a type and its values may nest, newtypes not counted.
pub(crate) const MAX_DEPTH: usize = 128;

/// How many elements the lists and maps of a value may have, all together. No record has as many bytes.
pub(super) const MAX_ELEMENTS: usize = 4096;

/// How many fields the tuple structs and tuple variants of a type have, as the walk has met them. Of one that it has
/// not met nothing is known: everything may pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tuples(BTreeSet<(Tuple, usize)>);

/// A tuple struct, or a tuple variant of an enum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Tuple {
    /// The type that it is met in, as the compiler calls it: two types of one name differ.
    pub(crate) of: &'static str,
    pub(crate) name: &'static str,
    /// Empty for a struct.
    pub(crate) variant: &'static str,
}

impl Tuples {
    /// Of no type: everything may pass.
    pub(crate) const UNKNOWN: &'static Self = &Self::new();

    pub(crate) const fn new() -> Self {
        Self(BTreeSet::new())
    }

    /// Remembers that one has so many fields.
    pub(crate) fn insert(&mut self, tuple: Tuple, len: usize) {
        self.0.insert((tuple, len));
    }

    fn allow(&self, tuple: Tuple, len: usize) -> bool {
        self.0.contains(&(tuple, len)) || self.0.range((tuple, 0)..=(tuple, usize::MAX)).next().is_none()
    }
}

/// What the checks of one value know.
pub(super) struct Checks<'a> {
    tuples: &'a Tuples,
    /// How many values the one at hand is in.
    depth: Cell<usize>,
    /// What was refused: the error of a codec has no room for it, and a type may swallow it.
    refusal: Cell<Option<Refusal>>,
    /// How many elements all lists and maps have.
    elements: Cell<usize>,
}

impl<'a> Checks<'a> {
    pub(super) const fn new(tuples: &'a Tuples) -> Self {
        Self { tuples, depth: Cell::new(0), refusal: Cell::new(None), elements: Cell::new(0) }
    }

    /// The value, to be serialized under these checks.
    pub(super) const fn checked<'g, T: ?Sized>(&'g self, value: &'g T) -> Checked<'g, T> {
        Checked { value, checks: self }
    }

    pub(super) fn refusal(&self) -> Option<Refusal> {
        self.refusal.get()
    }

    /// Whether there are more elements than can be read back, if they fit a record at all.
    pub(super) fn has_too_many_elements(&self) -> bool {
        self.elements.get() > MAX_ELEMENTS
    }

    fn count(&self, elements: Option<usize>) {
        self.elements.set(self.elements.get().saturating_add(elements.unwrap_or(0)));
    }

    fn check<E: Error>(&self, tuple: Tuple, len: usize) -> Result<(), E> {
        if self.tuples.allow(tuple, len) { Ok(()) } else { Err(self.refuse(Refusal::Parts)) }
    }

    fn enter<E: Error>(&self) -> Result<(), E> {
        let depth = self.depth.get();
        if depth == MAX_DEPTH {
            return Err(self.refuse(Refusal::TooDeep));
        }
        self.depth.set(depth + 1);
        Ok(())
    }

    fn leave(&self) {
        self.depth.set(self.depth.get() - 1);
    }

    fn refuse<E: Error>(&self, why: Refusal) -> E {
        self.refusal.set(Some(why));
        E::custom("refused")
    }
}

/// A value under checks.
pub(super) struct Checked<'g, T: ?Sized> {
    value: &'g T,
    checks: &'g Checks<'g>,
}

impl<T: Serialize + ?Sized> Serialize for Checked<'_, T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.value.serialize(CheckedSerializer {
            inner: serializer,
            checks: self.checks,
            of: PhantomData::<fn(&T)>,
        })
    }
}

/// The serializer of a value under checks, which is a `V`.
struct CheckedSerializer<'g, S, V: ?Sized> {
    inner: S,
    checks: &'g Checks<'g>,
    of: PhantomData<fn(&V)>,
}

/// The parts of a value that are still to come, under checks.
pub(super) struct CheckedParts<'g, I> {
    inner: I,
    checks: &'g Checks<'g>,
    /// How many were announced and have not been written; beyond that it wraps.
    left: usize,
}

impl<I> CheckedParts<'_, I> {
    fn count(&mut self) {
        self.left = self.left.wrapping_sub(1);
    }

    fn end<E: Error>(self) -> Result<I, E> {
        if self.left != 0 {
            return Err(self.checks.refuse(Refusal::Parts));
        }
        self.checks.leave();
        Ok(self.inner)
    }
}

macro_rules! leaves {
    ($($method:ident($($argument:ident: $type:ty),*);)*) => {$(
        fn $method(self, $($argument: $type),*) -> Result<S::Ok, S::Error> {
            self.inner.$method($($argument),*)
        }
    )*};
}

/// Methods that begin a value of several parts, which stand one deeper. The last argument says how many.
macro_rules! parts {
    ($($method:ident($($argument:ident: $type:ty),*; $len:ident) -> $parts:ident;)*) => {$(
        fn $method(self, $($argument: $type,)* $len: usize) -> Result<Self::$parts, S::Error> {
            self.checks.enter()?;
            Ok(CheckedParts { inner: self.inner.$method($($argument,)* $len)?, checks: self.checks, left: $len })
        }
    )*};
}

impl<'g, S: Serializer, V: ?Sized> Serializer for CheckedSerializer<'g, S, V> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = CheckedParts<'g, S::SerializeSeq>;
    type SerializeTuple = CheckedParts<'g, S::SerializeTuple>;
    type SerializeTupleStruct = CheckedParts<'g, S::SerializeTupleStruct>;
    type SerializeTupleVariant = CheckedParts<'g, S::SerializeTupleVariant>;
    type SerializeMap = CheckedParts<'g, S::SerializeMap>;
    type SerializeStruct = CheckedParts<'g, S::SerializeStruct>;
    type SerializeStructVariant = CheckedParts<'g, S::SerializeStructVariant>;

    leaves! {
        serialize_bool(value: bool);
        serialize_i8(value: i8);
        serialize_i16(value: i16);
        serialize_i32(value: i32);
        serialize_i64(value: i64);
        serialize_i128(value: i128);
        serialize_u8(value: u8);
        serialize_u16(value: u16);
        serialize_u32(value: u32);
        serialize_u64(value: u64);
        serialize_u128(value: u128);
        serialize_f32(value: f32);
        serialize_f64(value: f64);
        serialize_char(value: char);
        serialize_str(value: &str);
        serialize_bytes(value: &[u8]);
        serialize_none();
        serialize_unit();
        serialize_unit_struct(name: &'static str);
        serialize_unit_variant(name: &'static str, index: u32, variant: &'static str);
    }

    parts! {
        serialize_tuple(; len) -> SerializeTuple;
        serialize_struct(name: &'static str; len) -> SerializeStruct;
        serialize_struct_variant(name: &'static str, index: u32, variant: &'static str; len) -> SerializeStructVariant;
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Self::SerializeSeq, S::Error> {
        self.checks.count(len);
        self.checks.enter()?;
        let left = len.unwrap_or(0); // the codec refuses one that is unknown
        Ok(CheckedParts { inner: self.inner.serialize_seq(len)?, checks: self.checks, left })
    }

    fn serialize_tuple_struct(
        self,
        name: &'static str,
        len: usize,
    ) -> Result<Self::SerializeTupleStruct, S::Error> {
        self.checks.check(Tuple { of: type_name::<V>(), name, variant: "" }, len)?;
        self.checks.enter()?;
        Ok(CheckedParts {
            inner: self.inner.serialize_tuple_struct(name, len)?,
            checks: self.checks,
            left: len,
        })
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<Self::SerializeTupleVariant, S::Error> {
        self.checks.check(Tuple { of: type_name::<V>(), name, variant }, len)?;
        self.checks.enter()?;
        Ok(CheckedParts {
            inner: self.inner.serialize_tuple_variant(name, index, variant, len)?,
            checks: self.checks,
            left: len,
        })
    }

    fn serialize_map(self, len: Option<usize>) -> Result<Self::SerializeMap, S::Error> {
        self.checks.enter()?;
        self.checks.count(len);
        let left = len.unwrap_or(0).wrapping_mul(2); // keys and values
        Ok(CheckedParts { inner: self.inner.serialize_map(len)?, checks: self.checks, left })
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        self.checks.enter()?;
        let done = self.inner.serialize_some(&self.checks.checked(value))?;
        self.checks.leave();
        Ok(done)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        self.inner.serialize_newtype_struct(name, &self.checks.checked(value))
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        self.checks.enter()?;
        let done = self.inner.serialize_newtype_variant(name, index, variant, &self.checks.checked(value))?;
        self.checks.leave();
        Ok(done)
    }

    fn collect_str<T: fmt::Display + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        self.inner.collect_str(value)
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

macro_rules! elements {
    ($($trait:ident $method:ident;)*) => {$(
        impl<S: $trait> $trait for CheckedParts<'_, S> {
            type Ok = S::Ok;
            type Error = S::Error;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), S::Error> {
                self.count();
                self.inner.$method(&self.checks.checked(value))
            }

            fn end(self) -> Result<S::Ok, S::Error> {
                Self::end(self)?.end()
            }
        }
    )*};
}

elements! {
    SerializeSeq serialize_element;
    SerializeTuple serialize_element;
    SerializeTupleStruct serialize_field;
    SerializeTupleVariant serialize_field;
}

impl<S: SerializeMap> SerializeMap for CheckedParts<'_, S> {
    type Ok = S::Ok;
    type Error = S::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), S::Error> {
        self.count();
        self.inner.serialize_key(&self.checks.checked(key))
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), S::Error> {
        self.count();
        self.inner.serialize_value(&self.checks.checked(value))
    }

    fn end(self) -> Result<S::Ok, S::Error> {
        Self::end(self)?.end()
    }
}

macro_rules! fields {
    ($($trait:ident)*) => {$(
        impl<S: $trait> $trait for CheckedParts<'_, S> {
            type Ok = S::Ok;
            type Error = S::Error;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), S::Error> {
                self.count();
                self.inner.serialize_field(name, &self.checks.checked(value))
            }

            fn skip_field(&mut self, _: &'static str) -> Result<(), S::Error> {
                Err(self.checks.refuse(Refusal::Parts))
            }

            fn end(self) -> Result<S::Ok, S::Error> {
                Self::end(self)?.end()
            }
        }
    )*};
}

fields! { SerializeStruct SerializeStructVariant }
