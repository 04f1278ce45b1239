//! The side of the reader that serde sees: the parts of a value.

use serde::de::value::U32Deserializer;
use serde::de::{
    DeserializeSeed, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor,
};

use super::form::{Form, Side, Stop};
use super::graph::{MAX_VARIANTS, Place};
use super::read::{Reader, Tag};
use super::read_value::ReadAt;

/// The elements of a list, or the slots of a tuple or struct.
pub(super) struct Slots<'r, 'a> {
    pub(super) reader: &'r mut Reader<'a>,
    pub(super) place: Place,
    pub(super) names: &'static [&'static str],
    pub(super) next: &'r mut usize,
    pub(super) len: usize,
    pub(super) repeats: bool,
}

impl<'de> SeqAccess<'de> for Slots<'_, '_> {
    type Error = Stop;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Stop> {
        if *self.next == self.len {
            return Ok(None);
        }
        if !self.repeats {
            self.reader.graph.expect_slot(self.place, *self.next, self.len)?;
        }
        let place = self.reader.graph.slot(self.place, if self.repeats { 0 } else { *self.next });
        if let Some(hint) = self.names.get(*self.next) {
            self.reader.graph.set_hint(place, hint);
        }
        *self.next += 1;
        self.reader.seed(place, seed).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        self.len.checked_sub(*self.next)
    }
}

pub(super) struct Entries<'r, 'a> {
    pub(super) reader: &'r mut Reader<'a>,
    pub(super) place: Place,
    pub(super) left: &'r mut usize,
}

impl<'de> MapAccess<'de> for Entries<'_, '_> {
    type Error = Stop;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Stop> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        *self.left = left;
        let place = self.reader.graph.slot(self.place, 0);
        self.reader.seed(place, seed).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Stop> {
        let place = self.reader.graph.slot(self.place, 1);
        self.reader.seed(place, seed)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(*self.left)
    }
}

/// An enum, and after the index is read its variant.
pub(super) struct Variant<'r, 'a> {
    pub(super) reader: &'r mut Reader<'a>,
    pub(super) place: Place,
    pub(super) variants: &'static [&'static str],
    pub(super) tag: &'r Tag,
}

impl<'de> EnumAccess<'de> for Variant<'_, '_> {
    type Error = Stop;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Stop> {
        let index: U32Deserializer<Stop> = self.tag.value.into_deserializer();
        let Ok(variant) = seed.deserialize(index) else {
            self.reader.findings.no_such_variant.get_or_insert(self.tag.value);
            return Err(self.reader.refuse(self.place));
        };
        let index = self.tag.len();
        if index > MAX_VARIANTS {
            return Err(self.reader.graph.too_complex(self.place));
        }
        let place = self.reader.graph.slot(self.place, index);
        if let Some(hint) = self.variants.get(index) {
            self.reader.graph.set_hint(place, hint);
        }
        Ok((variant, Self { place, ..self }))
    }
}

// The parts of a variant belong to their enum alone, so they are not looked up by type. All visitors of an enum's
// variants have one name.
impl<'de> VariantAccess<'de> for Variant<'_, '_> {
    type Error = Stop;

    fn unit_variant(self) -> Result<(), Stop> {
        self.reader.settle(self.place, Form::Tuple)?;
        self.reader.graph.close(self.place, 0, Side::Reads)
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Stop> {
        self.reader.seed(self.place, seed)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, Stop> {
        self.parts(Form::Tuple, len, &[], visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        self.parts(Form::Struct, fields.len(), fields, visitor)
    }
}

impl Variant<'_, '_> {
    fn parts<'de, V: Visitor<'de>>(
        self,
        form: Form,
        len: usize,
        names: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Stop> {
        let Self { reader, place, .. } = self;
        reader.push(place)?;
        let value = ReadAt { reader: &mut *reader, place }.product(form, len, names, visitor);
        reader.pop();
        value.map_err(|_| reader.refuse(place))
    }
}
