//! The writer: serializes a value and checks that serde writes what it reads. It also learns the names.
//!
//! The names that matter are the written ones, in their order: the list that a reader is given holds aliases as well.

use std::any::type_name;

use serde::ser::{Serialize, Serializer};

use super::form::{Form, Side, Stop};
use super::graph::{Graph, MAX_VARIANTS, Place};
use super::payload::Tuple;
use super::write_parts::WrittenParts;
use crate::error::SchemaError;

/// A serializer for the value at one place.
pub(super) struct WriteAt<'g> {
    pub(super) graph: &'g mut Graph,
    pub(super) place: Place,
    /// The type of the value, as the compiler calls it.
    pub(super) of: &'static str,
}

impl<'g> WriteAt<'g> {
    fn leaf(self, name: &'static str) -> Result<(), Stop> {
        self.graph.settle(self.place, Form::Leaf(name), Side::Writes)
    }

    fn parts(self, form: Form) -> Result<WrittenParts<'g>, Stop> {
        self.graph.settle(self.place, form, Side::Writes)?;
        Ok(WrittenParts { graph: self.graph, place: self.place, next: 0 })
    }

    fn many(self, form: Form, len: Option<usize>) -> Result<WrittenParts<'g>, Stop> {
        if len.is_none() {
            let path = self.graph.path(self.place);
            return Err(self.graph.fail(SchemaError::UnknownLength { path }));
        }
        self.parts(form)
    }

    fn variant(self, index: u32, name: &'static str) -> Result<Self, Stop> {
        self.graph.settle(self.place, Form::Enum, Side::Writes)?;
        let Some(index) = usize::try_from(index).ok().filter(|&index| index <= MAX_VARIANTS) else {
            return Err(self.graph.too_complex(self.place));
        };
        let place = self.graph.slot(self.place, index);
        self.graph.set_name(place, name)?;
        Ok(Self { graph: self.graph, place, of: self.of })
    }
}

macro_rules! leaves {
    ($($method:ident $type:ty, $name:literal;)*) => {$(
        fn $method(self, _: $type) -> Result<(), Stop> {
            self.leaf($name)
        }
    )*};
}

impl<'g> Serializer for WriteAt<'g> {
    type Ok = ();
    type Error = Stop;
    type SerializeSeq = WrittenParts<'g>;
    type SerializeTuple = WrittenParts<'g>;
    type SerializeTupleStruct = WrittenParts<'g>;
    type SerializeTupleVariant = WrittenParts<'g>;
    type SerializeMap = WrittenParts<'g>;
    type SerializeStruct = WrittenParts<'g>;
    type SerializeStructVariant = WrittenParts<'g>;

    leaves! {
        serialize_bool bool, "bool";
        serialize_i8 i8, "i8";
        serialize_i16 i16, "i16";
        serialize_i32 i32, "i32";
        serialize_i64 i64, "i64";
        serialize_i128 i128, "i128";
        serialize_u8 u8, "u8";
        serialize_u16 u16, "u16";
        serialize_u32 u32, "u32";
        serialize_u64 u64, "u64";
        serialize_u128 u128, "u128";
        serialize_f32 f32, "f32";
        serialize_f64 f64, "f64";
        serialize_char char, "char";
        serialize_str &str, "str";
        serialize_bytes &[u8], "bytes";
    }

    fn serialize_none(self) -> Result<(), Stop> {
        self.graph.settle(self.place, Form::Option, Side::Writes)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Stop> {
        self.parts(Form::Option)?.part(0, value)
    }

    fn serialize_unit(self) -> Result<(), Stop> {
        self.parts(Form::Tuple)?.close()
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Stop> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, index: u32, name: &'static str) -> Result<(), Stop> {
        self.variant(index, name)?.serialize_unit()
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Stop> {
        value.serialize(Self { of: type_name::<T>(), ..self })
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        index: u32,
        name: &'static str,
        value: &T,
    ) -> Result<(), Stop> {
        let Self { graph, place, .. } = self.variant(index, name)?;
        value.serialize(WriteAt { graph: &mut *graph, place, of: type_name::<T>() })?;
        graph.join(place, code::<T>());
        Ok(())
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<WrittenParts<'g>, Stop> {
        self.many(Form::Seq, len)
    }

    fn serialize_tuple(self, _: usize) -> Result<WrittenParts<'g>, Stop> {
        self.parts(Form::Tuple)
    }

    fn serialize_tuple_struct(self, name: &'static str, len: usize) -> Result<WrittenParts<'g>, Stop> {
        self.graph.tuples.insert(Tuple { of: self.of, name, variant: "" }, len);
        self.parts(Form::Tuple)
    }

    fn serialize_tuple_variant(
        self,
        name: &'static str,
        index: u32,
        variant: &'static str,
        len: usize,
    ) -> Result<WrittenParts<'g>, Stop> {
        self.graph.tuples.insert(Tuple { of: self.of, name, variant }, len);
        self.variant(index, variant)?.parts(Form::Tuple)
    }

    fn serialize_map(self, len: Option<usize>) -> Result<WrittenParts<'g>, Stop> {
        self.many(Form::Map, len)
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<WrittenParts<'g>, Stop> {
        self.parts(Form::Struct)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        index: u32,
        name: &'static str,
        _: usize,
    ) -> Result<WrittenParts<'g>, Stop> {
        self.variant(index, name)?.parts(Form::Struct)
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}

/// The address of the code that writes a value: where it is the same, values are written alike.
#[inline(never)]
pub(super) fn code<T: Serialize + ?Sized>() -> usize {
    let code: fn(&T, WriteAt<'static>) -> Result<(), Stop> = T::serialize;
    code as usize
}
