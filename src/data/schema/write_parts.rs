//! The parts of a value, as the writer sees them.

use std::any::type_name;

use serde::ser::{
    Serialize, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleStruct, SerializeTupleVariant,
};

use super::form::{Side, Stop};
use super::graph::{Graph, Place};
use super::write::{WriteAt, code};
use crate::error::SchemaError;

/// The parts of one value, as they are written.
pub(super) struct WrittenParts<'g> {
    pub(super) graph: &'g mut Graph,
    pub(super) place: Place,
    pub(super) next: usize,
}

impl WrittenParts<'_> {
    pub(super) fn part<T: Serialize + ?Sized>(&mut self, slot: usize, value: &T) -> Result<(), Stop> {
        let place = self.graph.slot(self.place, slot);
        let written = value.serialize(WriteAt { graph: &mut *self.graph, place, of: type_name::<T>() });
        if written.is_ok() {
            self.graph.join(place, code::<T>());
        }
        // The innermost place that fails is the first to say so.
        written.map_err(|stop| self.graph.fail(self.graph.not_written(place, &stop)))
    }

    fn next<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
        let slot = self.next;
        self.next += 1;
        self.part(slot, value)
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Stop> {
        let place = self.graph.slot(self.place, self.next);
        self.graph.set_name(place, name)?;
        self.next(value)
    }

    fn skip(&mut self, name: &'static str) -> Result<(), Stop> {
        let place = self.graph.slot(self.place, self.next);
        self.graph.set_hint(place, name);
        let path = self.graph.path(place);
        Err(self.graph.fail(SchemaError::SkipsField { path }))
    }

    pub(super) fn close(self) -> Result<(), Stop> {
        self.graph.close(self.place, self.next, Side::Writes)
    }
}

impl SerializeSeq for WrittenParts<'_> {
    type Ok = ();
    type Error = Stop;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
        self.part(0, value)
    }

    fn end(self) -> Result<(), Stop> {
        Ok(())
    }
}

impl SerializeMap for WrittenParts<'_> {
    type Ok = ();
    type Error = Stop;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Stop> {
        self.part(0, key)
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
        self.part(1, value)
    }

    fn end(self) -> Result<(), Stop> {
        Ok(())
    }
}

macro_rules! tuples {
    ($($trait:ident $method:ident;)*) => {$(
        impl $trait for WrittenParts<'_> {
            type Ok = ();
            type Error = Stop;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Stop> {
                self.next(value)
            }

            fn end(self) -> Result<(), Stop> {
                self.close()
            }
        }
    )*};
}

tuples! {
    SerializeTuple serialize_element;
    SerializeTupleStruct serialize_field;
    SerializeTupleVariant serialize_field;
}

macro_rules! structs {
    ($($trait:ident)*) => {$(
        impl $trait for WrittenParts<'_> {
            type Ok = ();
            type Error = Stop;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, name: &'static str, value: &T) -> Result<(), Stop> {
                self.field(name, value)
            }

            fn skip_field(&mut self, name: &'static str) -> Result<(), Stop> {
                self.skip(name)
            }

            fn end(self) -> Result<(), Stop> {
                self.close()
            }
        }
    )*};
}

structs! { SerializeStruct SerializeStructVariant }
