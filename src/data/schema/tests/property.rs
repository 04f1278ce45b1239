//! Schemas drawn at random: what the walk finds is what a naive writer says, so that schemas that differ differ in
//! their texts, and schemas that are alike do not.
#![allow(clippy::cast_possible_truncation, clippy::indexing_slicing, clippy::panic, clippy::unwrap_used)]

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::marker::PhantomData;

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor,
};
use serde::ser::{
    SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleVariant,
};
use serde::{Deserialize, Serialize, Serializer};

use crate::data::schema::{Description, SchemaFingerprint};

/// A type, as data. What it names is leaked, for serde wants names that live for ever.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Type {
    Bool,
    U8,
    U32,
    U64,
    I64,
    F64,
    Char,
    Str,
    Bytes,
    Option(Box<Type>),
    Seq(Box<Type>),
    Map(Box<Type>, Box<Type>),
    Tuple(Vec<Type>),
    Struct(Vec<&'static str>, Vec<Type>),
    Enum(Vec<&'static str>, Vec<Type>),
}

/// A value of any of them.
#[derive(Clone, Debug)]
enum Value {
    Number(u64),
    Real(f64),
    Text(String),
    Bytes(Vec<u8>),
    Absent,
    Parts(Vec<Value>),
    Entries(Vec<(Value, Value)>),
    Variant(u32, Box<Value>),
}

thread_local!(static TYPE: Cell<&'static Type> = const { Cell::new(&Type::Bool) });

/// A value of the type that this thread is about.
struct Any(Value);

impl Serialize for Any {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Of(TYPE.get(), &self.0).serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Any {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        As(TYPE.get(), PhantomData::<L0>).deserialize(deserializer).map(Self)
    }
}

struct Of<'v>(&'static Type, &'v Value);

impl Serialize for Of<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match (self.0, self.1) {
            (Type::Bool, Value::Number(value)) => serializer.serialize_bool(*value == 1),
            (Type::U8, Value::Number(value)) => serializer.serialize_u8(*value as u8),
            (Type::U32, Value::Number(value)) => serializer.serialize_u32(*value as u32),
            (Type::U64, Value::Number(value)) => serializer.serialize_u64(*value),
            (Type::I64, Value::Number(value)) => serializer.serialize_i64(*value as i64),
            (Type::F64, Value::Real(value)) => serializer.serialize_f64(*value),
            (Type::Char, Value::Number(value)) => {
                serializer.serialize_char(char::from_u32(*value as u32).unwrap())
            }
            (Type::Str, Value::Text(value)) => serializer.serialize_str(value),
            (Type::Bytes, Value::Bytes(value)) => serializer.serialize_bytes(value),
            (Type::Option(_), Value::Absent) => serializer.serialize_none(),
            (Type::Option(of), value) => serializer.serialize_some(&Of(of, value.first())),
            (Type::Seq(of), Value::Parts(parts)) => {
                let mut seq = serializer.serialize_seq(Some(parts.len()))?;
                parts.iter().try_for_each(|part| seq.serialize_element(&Of(of, part)))?;
                seq.end()
            }
            (Type::Map(key, of), Value::Entries(entries)) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                entries.iter().try_for_each(|(k, v)| map.serialize_entry(&Of(key, k), &Of(of, v)))?;
                map.end()
            }
            (Type::Tuple(of), Value::Parts(parts)) => {
                let mut tuple = serializer.serialize_tuple(of.len())?;
                of.iter().zip(parts).try_for_each(|(of, part)| tuple.serialize_element(&Of(of, part)))?;
                tuple.end()
            }
            (Type::Struct(names, of), Value::Parts(parts)) => {
                let mut fields = serializer.serialize_struct("", of.len())?;
                for ((name, of), part) in names.iter().zip(of).zip(parts) {
                    fields.serialize_field(name, &Of(of, part))?;
                }
                fields.end()
            }
            (Type::Enum(names, of), Value::Variant(index, value)) => {
                let (name, of) = (names[*index as usize], &of[*index as usize]);
                match (of, &**value) {
                    (Type::Tuple(of), _) if of.is_empty() => {
                        serializer.serialize_unit_variant("", *index, name)
                    }
                    (Type::Tuple(of), Value::Parts(parts)) => {
                        let mut tuple = serializer.serialize_tuple_variant("", *index, name, of.len())?;
                        of.iter()
                            .zip(parts)
                            .try_for_each(|(of, part)| tuple.serialize_field(&Of(of, part)))?;
                        tuple.end()
                    }
                    (Type::Struct(names, of), Value::Parts(parts)) => {
                        let mut fields = serializer.serialize_struct_variant("", *index, name, of.len())?;
                        for ((name, of), part) in names.iter().zip(of).zip(parts) {
                            fields.serialize_field(name, &Of(of, part))?;
                        }
                        fields.end()
                    }
                    (of, value) => serializer.serialize_newtype_variant("", *index, name, &Of(of, value)),
                }
            }
            (of, value) => panic!("{value:?} is no {of:?}"),
        }
    }
}

impl Value {
    fn first(&self) -> &Self {
        match self {
            Self::Parts(parts) => &parts[0],
            other => panic!("{other:?}"),
        }
    }
}

/// Levels of nesting. Each has visitors of its own, as every real type has: visitors of one type mean recursion.
trait Level {
    type Next: Level;
}

macro_rules! levels {
    ($($level:ident $next:ident)*) => {$(
        struct $level;
        impl Level for $level {
            type Next = $next;
        }
    )*};
}

levels! { L0 L1 L1 L2 L2 L3 L3 L4 L4 L5 L5 L6 L6 L7 L7 L7 }

struct As<L>(&'static Type, PhantomData<L>);

impl<L> As<L> {
    fn within(of: &'static Type) -> As<L::Next>
    where
        L: Level,
    {
        As(of, PhantomData)
    }
}

impl<'de, L: Level> DeserializeSeed<'de> for As<L> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        match self.0 {
            Type::Bool => deserializer.deserialize_bool(self),
            Type::U8 => deserializer.deserialize_u8(self),
            Type::U32 => deserializer.deserialize_u32(self),
            Type::U64 => deserializer.deserialize_u64(self),
            Type::I64 => deserializer.deserialize_i64(self),
            Type::F64 => deserializer.deserialize_f64(self),
            Type::Char => deserializer.deserialize_char(self),
            Type::Str => deserializer.deserialize_str(self),
            Type::Bytes => deserializer.deserialize_byte_buf(self),
            Type::Option(_) => deserializer.deserialize_option(self),
            Type::Seq(_) => deserializer.deserialize_seq(self),
            Type::Map(..) => deserializer.deserialize_map(self),
            Type::Tuple(of) => deserializer.deserialize_tuple(of.len(), self),
            Type::Struct(names, _) => deserializer.deserialize_struct("", names, self),
            Type::Enum(names, _) => deserializer.deserialize_enum("", names, self),
        }
    }
}

impl<'de, L: Level> Visitor<'de> for As<L> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value as u64))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Real(value))
    }

    fn visit_char<E>(self, value: char) -> Result<Value, E> {
        Ok(Value::Number(u32::from(value).into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_bytes<E>(self, value: &[u8]) -> Result<Value, E> {
        Ok(Value::Bytes(value.to_vec()))
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Absent)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        let Type::Option(of) = self.0 else { return Err(D::Error::custom("no option")) };
        Ok(Value::Parts(vec![Self::within(of).deserialize(deserializer)?]))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut parts = Vec::new();
        match self.0 {
            Type::Seq(of) => {
                while let Some(part) = seq.next_element_seed(Self::within(of))? {
                    parts.push(part);
                }
            }
            Type::Tuple(of) | Type::Struct(_, of) => {
                for of in of {
                    let part = seq.next_element_seed(Self::within(of))?;
                    parts.push(part.ok_or_else(|| A::Error::custom("too short"))?);
                }
            }
            _ => return Err(A::Error::custom("no sequence")),
        }
        Ok(Value::Parts(parts))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let Type::Map(key, of) = self.0 else { return Err(A::Error::custom("no map")) };
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry_seed(Self::within(key), Self::within(of))? {
            entries.push(entry);
        }
        Ok(Value::Entries(entries))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, access: A) -> Result<Value, A::Error> {
        let Type::Enum(_, of) = self.0 else { return Err(A::Error::custom("no enum")) };
        let (index, variant) = access.variant::<u32>()?;
        let of = of.get(index as usize).ok_or_else(|| A::Error::custom("no such variant"))?;
        let inside = match of {
            Type::Tuple(parts) if parts.is_empty() => {
                variant.unit_variant().map(|()| Value::Parts(Vec::new()))?
            }
            Type::Tuple(parts) => variant.tuple_variant(parts.len(), Self::within(of))?,
            Type::Struct(names, _) => variant.struct_variant(names, Self::within(of))?,
            of => variant.newtype_variant_seed(Self::within(of))?,
        };
        Ok(Value::Variant(index, Box::new(inside)))
    }
}

/// The text, written by who knows nothing of graphs and classes: there is no recursion here.
#[derive(Default)]
struct Naive {
    text: String,
    opened: usize,
    said: BTreeMap<Type, usize>,
}

impl Naive {
    fn text(of: &Type) -> String {
        let mut naive = Self::default();
        naive.say(of);
        naive.text
    }

    fn say(&mut self, of: &Type) {
        if let Some(number) = self.said.get(of) {
            self.text += &format!("#{number}");
            return;
        }
        if let Type::Struct(..) | Type::Enum(..) = of {
            self.said.insert(of.clone(), self.opened);
        }
        let opened = usize::from(!format!("{of:?}").chars().all(char::is_alphanumeric));
        self.opened += opened;
        match of {
            Type::Option(of) => self.around("?", &[of], "", ""),
            Type::Seq(of) => self.around("[", &[of], "", "]"),
            Type::Map(key, of) => self.around("[", &[key, of], ":", "]"),
            Type::Tuple(of) if of.len() > 1 && of.iter().all(|part| *part == of[0]) => {
                self.around("(", &[&of[0]], "", &format!(";{})", of.len()));
            }
            Type::Tuple(of) => self.around("(", &of.iter().collect::<Vec<_>>(), ",", ")"),
            Type::Struct(names, of) => self.named('{', names, of, ',', '}'),
            Type::Enum(names, of) => self.named('<', names, of, '|', '>'),
            leaf => self.text += &format!("{leaf:?}").to_lowercase(),
        }
    }

    fn around(&mut self, open: &str, parts: &[&Type], separator: &str, close: &str) {
        self.text += open;
        for (number, part) in parts.iter().enumerate() {
            self.text += if number > 0 { separator } else { "" };
            self.say(part);
        }
        self.text += close;
    }

    fn named(&mut self, open: char, names: &[&str], of: &[Type], separator: char, close: char) {
        self.text.push(open);
        for (number, (name, of)) in names.iter().zip(of).enumerate() {
            if number > 0 {
                self.text.push(separator);
            }
            self.text += name;
            if separator == ',' || *of != Type::Tuple(Vec::new()) {
                self.text.push(':');
                self.say(of);
            }
        }
        self.text.push(close);
    }
}

/// xorshift64*, so that every run draws the same.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % bound
    }

    fn name(&mut self) -> &'static str {
        ["a", "b", "user", "tenant", "A", "x1", "_"][self.below(7)]
    }

    fn leaf(&mut self) -> Type {
        use Type::{Bool, Bytes, Char, F64, I64, Str, U8, U32, U64};
        [Bool, U8, U32, U64, I64, F64, Char, Str, Bytes][self.below(9)].clone()
    }

    fn many(&mut self, depth: usize, most: usize) -> Vec<Type> {
        (0..self.below(most + 1)).map(|_| self.draw(depth)).collect()
    }

    fn names(&mut self, count: usize) -> Vec<&'static str> {
        (0..count).map(|_| self.name()).collect()
    }

    fn draw(&mut self, depth: usize) -> Type {
        if depth == 0 {
            return self.leaf();
        }
        match self.below(10) {
            0 => Type::Option(Box::new(self.draw(depth - 1))),
            1 => Type::Seq(Box::new(self.draw(depth - 1))),
            2 => Type::Map(Box::new(self.draw(depth - 1)), Box::new(self.draw(depth - 1))),
            3 => Type::Tuple(self.many(depth - 1, 3)),
            4 | 5 => {
                let of = self.many(depth - 1, 5);
                Type::Struct(self.names(of.len()), of)
            }
            6 | 7 => {
                let mut of = self.many(depth - 1, 4);
                of.push(Type::Tuple(Vec::new()));
                Type::Enum(self.names(of.len()), of)
            }
            _ => self.leaf(),
        }
    }

    /// Changes one thing somewhere.
    fn change(&mut self, of: &mut Type) {
        match of {
            Type::Option(of) | Type::Seq(of) if self.below(4) > 0 => self.change(of),
            Type::Map(one, other) if self.below(4) > 0 => {
                if self.below(2) == 0 {
                    self.change(one)
                } else {
                    self.change(other)
                }
            }
            Type::Tuple(parts) | Type::Struct(_, parts) | Type::Enum(_, parts)
                if !parts.is_empty() && self.below(4) > 0 =>
            {
                let at = self.below(parts.len());
                self.change(&mut parts[at]);
            }
            Type::Struct(names, parts) | Type::Enum(names, parts) if !parts.is_empty() => {
                let (one, other) = (self.below(names.len()), self.below(names.len()));
                match self.below(4) {
                    0 => names[one] = self.name(),
                    1 => {
                        names.swap(one, other);
                        parts.swap(one, other);
                    }
                    2 if names.len() > 1 => {
                        names.remove(one);
                        parts.remove(one);
                    }
                    _ => {
                        names.insert(one, self.name());
                        parts.insert(one, Type::U8);
                    }
                }
            }
            of => *of = self.draw(1),
        }
    }
}

#[track_caller]
fn describe(of: &Type) -> Description {
    TYPE.set(Box::leak(Box::new(of.clone())));
    Description::walk::<Any>(&[]).unwrap_or_else(|error| panic!("{error}: {of:?}"))
}

#[test]
fn the_walk_says_what_a_naive_writer_says() {
    let mut random = Random(0x5EA1_ED05);
    let mut texts = BTreeSet::new();
    for _ in 0..1500 {
        let of = random.draw(4);
        let found = describe(&of);
        assert_eq!(found.text, Naive::text(&of));
        texts.insert(found.text);
    }
    assert!(texts.len() > 900, "only {} schemas were drawn", texts.len());
}

#[test]
fn what_differs_is_told_apart_and_what_does_not_is_not() {
    let mut random = Random(0xC0_0C1E);
    let mut schemas: BTreeMap<SchemaFingerprint, Type> = BTreeMap::new();
    let mut changed = 0;
    for _ in 0..1500 {
        let of = random.draw(4);
        let mut other = of.clone();
        random.change(&mut other);
        let (one, two) = (describe(&of), describe(&other));
        assert_eq!(of == other, one.text == two.text, "{of:?} {other:?}");
        assert_eq!(of == other, one.schema == two.schema, "{of:?} {other:?}");
        changed += usize::from(of != other);
        for (of, schema) in [(of, one.schema), (other, two.schema)] {
            assert_eq!(*schemas.entry(schema).or_insert_with(|| of.clone()), of);
        }
    }
    assert!(changed > 1000, "only {changed} were changed");
}
