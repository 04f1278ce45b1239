//! The side of the reader that serde sees: a value.

use serde::de::{Deserializer, Visitor};

use super::form::{Form, Side, Stop};
use super::graph::Place;
use super::plausible;
use super::read::Reader;
use super::read_parts::{Entries, Slots, Variant};
use crate::error::SchemaError;

/// A deserializer for the value at one place.
pub(super) struct ReadAt<'r, 'a> {
    pub(super) reader: &'r mut Reader<'a>,
    pub(super) place: Place,
}

impl ReadAt<'_, '_> {
    fn any<T>(self, place: Place) -> Result<T, Stop> {
        let path = self.reader.graph.path(place);
        Err(self.reader.graph.fail(SchemaError::DecodesAny { path }))
    }

    /// Reads a tuple or struct. It is the visitor that decides how many slots it has.
    pub(super) fn product<'de, V: Visitor<'de>>(
        self,
        form: Form,
        len: usize,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        let Self { reader, place } = self;
        reader.settle(place, form)?;
        let mut next = 0;
        let value =
            visitor.visit_seq(Slots { reader, place, names, next: &mut next, len, repeats: false })?;
        reader.graph.close(place, next, Side::Reads)?;
        Ok(value)
    }
}

macro_rules! leaves {
    ($($method:ident $visit:ident $name:literal $plausible:ident;)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
            let value = self.reader.leaf(self.place, $name, plausible::$plausible)?;
            visitor.$visit(value)
        }
    )*};
}

impl<'de> Deserializer<'de> for ReadAt<'_, '_> {
    type Error = Stop;

    leaves! {
        deserialize_bool visit_bool "bool" BOOL;
        deserialize_i8 visit_i8 "i8" I8;
        deserialize_i16 visit_i16 "i16" I16;
        deserialize_i32 visit_i32 "i32" I32;
        deserialize_i64 visit_i64 "i64" I64;
        deserialize_i128 visit_i128 "i128" I128;
        deserialize_u8 visit_u8 "u8" U8;
        deserialize_u16 visit_u16 "u16" U16;
        deserialize_u32 visit_u32 "u32" U32;
        deserialize_u64 visit_u64 "u64" U64;
        deserialize_u128 visit_u128 "u128" U128;
        deserialize_f32 visit_f32 "f32" F32;
        deserialize_f64 visit_f64 "f64" F64;
        deserialize_char visit_char "char" CHAR;
        deserialize_str visit_str "str" STR;
        deserialize_string visit_str "str" STR;
        deserialize_bytes visit_bytes "bytes" BYTES;
        deserialize_byte_buf visit_bytes "bytes" BYTES;
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        let Self { reader, place: at } = self;
        let place = reader.enter::<V>(at, Some(Form::Option), &[])?;
        let tag = reader.tag(at)?;
        let value = match tag.value {
            0 => visitor.visit_none(),
            1 => {
                let inside = reader.graph.slot(place, 0);
                let some = visitor.visit_some(ReadAt { reader: &mut *reader, place: inside });
                some.map_err(|_| reader.refuse(inside))
            }
            _ => Err(reader.refuse(place)),
        }?;
        reader.finish(&tag);
        Ok(value)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        self.reader.settle(self.place, Form::Tuple)?;
        self.reader.graph.close(self.place, 0, Side::Reads)?;
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Stop> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Stop> {
        let Self { reader, place } = self;
        let known = reader.enter::<V>(place, None, &[])?;
        reader.newtype(known, |reader| visitor.visit_newtype_struct(ReadAt { reader, place }))
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        let Self { reader, place: at } = self;
        let place = reader.enter::<V>(at, Some(Form::Seq), &[])?;
        let tag = reader.tag(at)?;
        let (mut next, len) = (0, tag.len());
        let value = visitor.visit_seq(Slots {
            reader: &mut *reader,
            place,
            names: &[],
            next: &mut next,
            len,
            repeats: true,
        })?;
        // Who leaves elements unread has the next field read them.
        if next < len {
            return Err(reader.refuse(place));
        }
        reader.finish(&tag);
        Ok(value)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Stop> {
        let Self { reader, place } = self;
        let place = reader.enter::<V>(place, Some(Form::Tuple), &[])?;
        let value = ReadAt { reader: &mut *reader, place }.product(Form::Tuple, len, &[], visitor)?;
        reader.pop();
        Ok(value)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, Stop> {
        self.deserialize_tuple(len, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Stop> {
        let Self { reader, place: at } = self;
        let place = reader.enter::<V>(at, Some(Form::Map), &[])?;
        let tag = reader.tag(at)?;
        let mut left = tag.len();
        let value = visitor.visit_map(Entries { reader: &mut *reader, place, left: &mut left })?;
        if left > 0 {
            return Err(reader.refuse(place));
        }
        reader.finish(&tag);
        Ok(value)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        let Self { reader, place } = self;
        let place = reader.enter::<V>(place, Some(Form::Struct), fields)?;
        let value =
            ReadAt { reader: &mut *reader, place }.product(Form::Struct, fields.len(), fields, visitor)?;
        reader.pop();
        Ok(value)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        let Self { reader, place: at } = self;
        let place = reader.enter::<V>(at, Some(Form::Enum), variants)?;
        reader.graph.set_variants(place, variants);
        let tag = reader.tag(at)?;
        let value = visitor.visit_enum(Variant { reader: &mut *reader, place, variants, tag: &tag })?;
        reader.graph.node_mut(place).finite.get_or_insert(tag.value);
        reader.finish(&tag);
        Ok(value)
    }

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Stop> {
        let place = self.place;
        self.any(place)
    }

    // The name of a field or variant, where the type around it expects one among the data.
    fn deserialize_identifier<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Stop> {
        let around = self.reader.graph.around(self.place);
        self.any(around)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Stop> {
        let place = self.place;
        self.any(place)
    }

    fn is_human_readable(&self) -> bool {
        false
    }
}
