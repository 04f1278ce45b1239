//! What stands between the data and the codec when a session is saved: it refuses what could not be read back.
//!
//! Two things depend on the value, so the walk over the type cannot exclude them when the sessions are built:
//!
//! - **A field that is left out** (`skip_serializing_if`). What follows would be read in its place.
//! - **Data that nests deep**, as a type that holds itself can, filled with what a client sent. serde recurses as deep when
//!   it is read, and a stack that is exhausted ends the process of whoever loads the cookie.
//!
//! Whatever is sealed has been through here, so the way back needs no guard.

use std::cell::Cell;
use std::fmt;

use serde::ser::{
    Error, Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant, Serializer,
};

use crate::error::SaveError;

/// How deep a type and its values may nest, newtypes not counted.
pub(crate) const MAX_DEPTH: usize = 128;

/// What the guard of one value knows.
pub(super) struct Guard {
    /// How many values the one at hand is in.
    depth: Cell<usize>,
    /// What was refused: the error of a codec has no room for it.
    refusal: Cell<Option<SaveError>>,
}

impl Guard {
    pub(super) const fn new() -> Self {
        Self { depth: Cell::new(0), refusal: Cell::new(None) }
    }

    /// The value, to be serialized under this guard.
    pub(super) const fn watch<'a, T: ?Sized>(&'a self, value: &'a T) -> Guarded<'a, &'a T> {
        Guarded { inner: value, guard: self }
    }

    pub(super) fn refusal(&self) -> Option<SaveError> {
        self.refusal.get()
    }

    fn enter<E: Error>(&self) -> Result<(), E> {
        let depth = self.depth.get();
        if depth == MAX_DEPTH {
            return Err(self.refuse(SaveError::TooDeep));
        }
        self.depth.set(depth + 1);
        Ok(())
    }

    fn leave(&self) {
        self.depth.set(self.depth.get() - 1);
    }

    fn refuse<E: Error>(&self, why: SaveError) -> E {
        self.refusal.set(Some(why));
        E::custom(why)
    }
}

/// A value, its serializer, or what follows of it, under guard.
pub(super) struct Guarded<'a, I> {
    inner: I,
    guard: &'a Guard,
}

impl<T: Serialize + ?Sized> Serialize for Guarded<'_, &T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.inner.serialize(Guarded { inner: serializer, guard: self.guard })
    }
}

macro_rules! leaves {
    ($($method:ident($($argument:ident: $type:ty),*);)*) => {$(
        fn $method(self, $($argument: $type),*) -> Result<S::Ok, S::Error> {
            self.inner.$method($($argument),*)
        }
    )*};
}

/// Methods that begin a value of several parts, which stand one deeper.
macro_rules! parts {
    ($($method:ident($($argument:ident: $type:ty),*) -> $parts:ident;)*) => {$(
        fn $method(self, $($argument: $type),*) -> Result<Self::$parts, S::Error> {
            self.guard.enter()?;
            Ok(Guarded { inner: self.inner.$method($($argument),*)?, guard: self.guard })
        }
    )*};
}

impl<'a, S: Serializer> Serializer for Guarded<'a, S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type SerializeSeq = Guarded<'a, S::SerializeSeq>;
    type SerializeTuple = Guarded<'a, S::SerializeTuple>;
    type SerializeTupleStruct = Guarded<'a, S::SerializeTupleStruct>;
    type SerializeTupleVariant = Guarded<'a, S::SerializeTupleVariant>;
    type SerializeMap = Guarded<'a, S::SerializeMap>;
    type SerializeStruct = Guarded<'a, S::SerializeStruct>;
    type SerializeStructVariant = Guarded<'a, S::SerializeStructVariant>;

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
        serialize_seq(len: Option<usize>) -> SerializeSeq;
        serialize_tuple(len: usize) -> SerializeTuple;
        serialize_tuple_struct(name: &'static str, len: usize) -> SerializeTupleStruct;
        serialize_tuple_variant(name: &'static str, index: u32, variant: &'static str, len: usize) -> SerializeTupleVariant;
        serialize_map(len: Option<usize>) -> SerializeMap;
        serialize_struct(name: &'static str, len: usize) -> SerializeStruct;
        serialize_struct_variant(name: &'static str, index: u32, variant: &'static str, len: usize) -> SerializeStructVariant;
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<S::Ok, S::Error> {
        self.guard.enter()?;
        let done = self.inner.serialize_some(&self.guard.watch(value))?;
        self.guard.leave();
        Ok(done)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        self.inner.serialize_newtype_struct(name, &self.guard.watch(value))
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<S::Ok, S::Error> {
        self.guard.enter()?;
        let done = self.inner.serialize_newtype_variant(name, index, variant, &self.guard.watch(value))?;
        self.guard.leave();
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
    ($($trait:ident: $($method:ident),*;)*) => {$(
        impl<S: $trait> $trait for Guarded<'_, S> {
            type Ok = S::Ok;
            type Error = S::Error;

            $(fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), S::Error> {
                self.inner.$method(&self.guard.watch(value))
            })*

            fn end(self) -> Result<S::Ok, S::Error> {
                self.guard.leave();
                self.inner.end()
            }
        }
    )*};
}

elements! {
    SerializeSeq: serialize_element;
    SerializeTuple: serialize_element;
    SerializeTupleStruct: serialize_field;
    SerializeTupleVariant: serialize_field;
    SerializeMap: serialize_key, serialize_value;
}

macro_rules! fields {
    ($($trait:ident)*) => {$(
        impl<S: $trait> $trait for Guarded<'_, S> {
            type Ok = S::Ok;
            type Error = S::Error;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), S::Error> {
                self.inner.serialize_field(name, &self.guard.watch(value))
            }

            fn skip_field(&mut self, _: &'static str) -> Result<(), S::Error> {
                Err(self.guard.refuse(SaveError::SkipsField))
            }

            fn end(self) -> Result<S::Ok, S::Error> {
                self.guard.leave();
                self.inner.end()
            }
        }
    )*};
}

fields! { SerializeStruct SerializeStructVariant }
