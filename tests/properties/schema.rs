//! Two generated types: their schemas are equal if and only if their wire formats are.
//!
//! A schema made of bytes says what a `Node` tells serde of itself. So one Rust type stands for any type that could be
//! derived, and its number keeps the places of a schema apart, as their names would.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use http::HeaderMap;
use sealed_session::{Sessions, testing};
use serde::de::{self, EnumAccess, MapAccess, SeqAccess, VariantAccess};
use serde::ser::{
    SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple,
    SerializeTupleVariant,
};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::input::Input;

/// What stands at a place. Parts are other places; a place before it is reached again through an option or a list only,
/// or no value would have an end.
#[derive(Clone, Debug)]
enum Form {
    Leaf(u8),
    Option(usize),
    List(usize),
    Map(usize, usize),
    Tuple(Vec<usize>),
    Newtype(usize),
    Struct(Vec<(&'static str, usize)>),
    Enum(Vec<(&'static str, Variant)>),
}

#[derive(Clone, Debug)]
enum Variant {
    Unit,
    Newtype(usize),
    Tuple(Vec<usize>),
    Struct(Vec<(&'static str, usize)>),
}

type Schema = Vec<Form>;

const PLACES: usize = 6;
const LEAVES: u8 = 9;
const NAMES: [&str; 5] = ["a", "b", "id", "", "é:"];

thread_local! {
    static SCHEMA: RefCell<Schema> = const { RefCell::new(Vec::new()) };
}

fn with(schema: &Schema) {
    SCHEMA.with(|current| current.borrow_mut().clone_from(schema));
}

fn form(place: usize) -> Form {
    SCHEMA.with(|current| current.borrow().get(place).cloned()).unwrap_or(Form::Leaf(0))
}

/// A schema whose places all have a form.
fn generate(input: &mut Input<'_>) -> Schema {
    (0..PLACES)
        .map(|place| {
            let later = |input: &mut Input<'_>| (place + 1 + input.below(2)).min(PLACES - 1);
            if place == PLACES - 1 {
                return Form::Leaf(input.byte() % LEAVES);
            }
            let fields = |input: &mut Input<'_>| {
                let mut names: Vec<_> = (0..input.below(4)).map(|_| input.one_of(&NAMES)).collect();
                let mut seen = BTreeSet::new();
                names.retain(|name| seen.insert(*name));
                names.into_iter().map(|name| (name, later(input))).collect::<Vec<_>>()
            };
            match input.below(12) {
                0 | 1 => Form::Leaf(input.byte() % LEAVES),
                2 => Form::Option(input.below(PLACES)),
                3 => Form::List(input.below(PLACES)),
                4 => Form::Map(later(input), input.below(PLACES)),
                5 => Form::Tuple((0..input.below(4)).map(|_| later(input)).collect()),
                6 => Form::Newtype(later(input)),
                7..=9 => Form::Struct(fields(input)),
                _ => {
                    let mut variants: Vec<_> = Vec::new();
                    for name in NAMES.iter().skip(input.below(3)).take(1 + input.below(3)) {
                        let variant = match input.below(4) {
                            0 => Variant::Unit,
                            1 => Variant::Newtype(later(input)),
                            2 => Variant::Tuple(vec![later(input), later(input)]),
                            _ => Variant::Struct(fields(input)),
                        };
                        variants.push((*name, variant));
                    }
                    Form::Enum(variants)
                }
            }
        })
        .collect()
}

/// Whether two places have one wire format and one set of names: where no path leads to a difference.
struct Equality<'s> {
    left: &'s Schema,
    right: &'s Schema,
    assumed: BTreeSet<(usize, usize)>,
}

impl Equality<'_> {
    fn places(&mut self, left: usize, right: usize) -> bool {
        if !self.assumed.insert((left, right)) {
            return true;
        }
        match (&self.left[left], &self.right[right]) {
            // A newtype leaves nothing on the wire.
            (Form::Newtype(within), _) => self.places(*within, right),
            (_, Form::Newtype(within)) => self.places(left, *within),
            (Form::Leaf(left), Form::Leaf(right)) => left == right,
            // So does a tuple of nothing, which is a unit.
            (Form::Leaf(UNIT), Form::Tuple(parts)) | (Form::Tuple(parts), Form::Leaf(UNIT)) => {
                parts.is_empty()
            }
            (Form::Option(left), Form::Option(right)) | (Form::List(left), Form::List(right)) => {
                self.places(*left, *right)
            }
            (Form::Map(key, value), Form::Map(other, others)) => {
                self.places(*key, *other) && self.places(*value, *others)
            }
            (Form::Tuple(left), Form::Tuple(right)) => self.all(left, right),
            (Form::Struct(left), Form::Struct(right)) => self.fields(left, right),
            (Form::Enum(left), Form::Enum(right)) => {
                left.len() == right.len()
                    && left
                        .iter()
                        .zip(right)
                        .all(|(left, right)| left.0 == right.0 && self.variants(&left.1, &right.1))
            }
            _ => false,
        }
    }

    fn all(&mut self, left: &[usize], right: &[usize]) -> bool {
        left.len() == right.len() && left.iter().zip(right).all(|(left, right)| self.places(*left, *right))
    }

    fn fields(&mut self, left: &[(&str, usize)], right: &[(&str, usize)]) -> bool {
        left.len() == right.len()
            && left.iter().zip(right).all(|(left, right)| left.0 == right.0 && self.places(left.1, right.1))
    }

    /// A variant is as what it holds, and one that holds nothing is as one that holds a unit.
    fn variants(&mut self, left: &Variant, right: &Variant) -> bool {
        match (left, right) {
            (Variant::Newtype(place), other) => self.content(*place, other, false),
            (other, Variant::Newtype(place)) => self.content(*place, other, true),
            (Variant::Unit, Variant::Unit) => true,
            (Variant::Tuple(left), Variant::Tuple(right)) => self.all(left, right),
            (Variant::Struct(left), Variant::Struct(right)) => self.fields(left, right),
            _ => false,
        }
    }

    /// What a variant with one part holds, beside a variant of the other side.
    fn content(&mut self, place: usize, other: &Variant, is_right: bool) -> bool {
        let schema = if is_right { self.right } else { self.left };
        let mut place = place;
        if let Variant::Newtype(other) = other {
            return if is_right { self.places(*other, place) } else { self.places(place, *other) };
        }
        while let Form::Newtype(within) = &schema[place] {
            place = *within;
        }
        match (&schema[place], other) {
            (Form::Leaf(UNIT), Variant::Unit) => true,
            (Form::Tuple(parts), Variant::Unit) => parts.is_empty(),
            (Form::Tuple(parts), Variant::Tuple(others)) if is_right => self.all(others, parts),
            (Form::Tuple(parts), Variant::Tuple(others)) => self.all(parts, others),
            (Form::Struct(fields), Variant::Struct(others)) if is_right => self.fields(others, fields),
            (Form::Struct(fields), Variant::Struct(others)) => self.fields(fields, others),
            _ => false,
        }
    }
}

const UNIT: u8 = 8;

#[derive(Clone, Debug, PartialEq)]
enum Value {
    Number(u64),
    Text(String),
    Bytes(Vec<u8>),
    Many(Vec<Value>),
    Pairs(Vec<(Value, Value)>),
    Variant(usize, Vec<Value>),
}

/// A value of a place. Without input it is the smallest.
fn value(schema: &Schema, place: usize, input: &mut Input<'_>, depth: usize) -> Value {
    let all = |places: &mut dyn Iterator<Item = usize>, input: &mut Input<'_>| {
        places.map(|place| value(schema, place, input, depth + 1)).collect::<Vec<_>>()
    };
    let more = |input: &mut Input<'_>| if depth < 6 { input.below(3) } else { 0 };
    match &schema[place] {
        Form::Leaf(5) => Value::Text(input.text()),
        Form::Leaf(6) => Value::Bytes(input.text().into_bytes()),
        Form::Leaf(7) => Value::Number(u64::from(b'a') + u64::from(input.byte() % 26)),
        Form::Leaf(0) => Value::Number(u64::from(input.flag())),
        Form::Leaf(UNIT) => Value::Number(0),
        Form::Leaf(1) => Value::Number(u64::from(input.byte())),
        Form::Leaf(2 | 3) => Value::Number(input.number() & 0x7fff_ffff),
        Form::Leaf(_) => Value::Number(input.number()),
        Form::Option(of) => {
            let is_some = more(input) > 0;
            Value::Many(all(&mut is_some.then_some(*of).into_iter(), input))
        }
        Form::List(of) => Value::Many(all(&mut std::iter::repeat_n(*of, more(input)), input)),
        Form::Map(key, of) => {
            let mut pairs = Vec::new();
            for _ in 0..more(input).min(1) {
                pairs.push((value(schema, *key, input, depth + 1), value(schema, *of, input, depth + 1)));
            }
            Value::Pairs(pairs)
        }
        Form::Tuple(parts) => Value::Many(all(&mut parts.iter().copied(), input)),
        Form::Newtype(of) => value(schema, *of, input, depth + 1),
        Form::Struct(fields) => Value::Many(all(&mut fields.iter().map(|field| field.1), input)),
        Form::Enum(variants) => {
            let at = input.below(variants.len());
            let parts: Vec<usize> = match &variants[at].1 {
                Variant::Unit => Vec::new(),
                Variant::Newtype(of) => vec![*of],
                Variant::Tuple(parts) => parts.clone(),
                Variant::Struct(fields) => fields.iter().map(|field| field.1).collect(),
            };
            Value::Variant(at, all(&mut parts.into_iter(), input))
        }
    }
}

/// The type of a place.
#[derive(Clone, Debug, PartialEq)]
struct Node<const N: usize>(Value);

impl Default for Node<0> {
    fn default() -> Self {
        let schema = SCHEMA.with(|current| current.borrow().clone());
        Self(value(&schema, 0, &mut Input(&[]), 0))
    }
}

impl<const N: usize> Serialize for Node<N> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        At(N, &self.0).serialize(serializer)
    }
}

/// A value as the type of its place writes it.
struct At<'v>(usize, &'v Value);

impl Serialize for At<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self(place, value) = *self;
        let parts = match value {
            Value::Many(parts) | Value::Variant(_, parts) => parts.as_slice(),
            _ => &[],
        };
        let pairs = |places: &[usize]| {
            places.iter().copied().zip(parts).map(|(place, part)| At(place, part)).collect::<Vec<_>>()
        };
        match (form(place), value) {
            (Form::Leaf(kind), Value::Number(number)) => match kind {
                0 => serializer.serialize_bool(*number != 0),
                1 => serializer.serialize_u8(*number as u8),
                2 => serializer.serialize_u32(*number as u32),
                3 => serializer.serialize_i32(*number as i32),
                4 => serializer.serialize_u64(*number),
                7 => serializer.serialize_char(char::from(*number as u8)),
                _ => serializer.serialize_unit(),
            },
            (Form::Leaf(_), Value::Text(text)) => serializer.serialize_str(text),
            (Form::Leaf(_), Value::Bytes(bytes)) => serializer.serialize_bytes(bytes),
            (Form::Option(of), _) => match parts {
                [part] => serializer.serialize_some(&At(of, part)),
                _ => serializer.serialize_none(),
            },
            (Form::List(of), _) => {
                let mut list = serializer.serialize_seq(Some(parts.len()))?;
                parts.iter().try_for_each(|part| list.serialize_element(&At(of, part)))?;
                list.end()
            }
            (Form::Map(key, of), Value::Pairs(entries)) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                entries
                    .iter()
                    .try_for_each(|entry| map.serialize_entry(&At(key, &entry.0), &At(of, &entry.1)))?;
                map.end()
            }
            (Form::Tuple(places), _) => {
                let mut tuple = serializer.serialize_tuple(places.len())?;
                pairs(&places).iter().try_for_each(|part| tuple.serialize_element(part))?;
                tuple.end()
            }
            (Form::Newtype(of), _) => serializer.serialize_newtype_struct("Newtype", &At(of, value)),
            (Form::Struct(fields), _) => {
                let mut within = serializer.serialize_struct("Struct", fields.len())?;
                for ((name, place), part) in fields.iter().zip(parts) {
                    within.serialize_field(name, &At(*place, part))?;
                }
                within.end()
            }
            (Form::Enum(variants), Value::Variant(at, _)) => {
                let (name, variant) = &variants[*at];
                let index = *at as u32;
                match variant {
                    Variant::Unit => serializer.serialize_unit_variant("Enum", index, name),
                    Variant::Newtype(of) => {
                        serializer.serialize_newtype_variant("Enum", index, name, &At(*of, &parts[0]))
                    }
                    Variant::Tuple(places) => {
                        let mut tuple =
                            serializer.serialize_tuple_variant("Enum", index, name, places.len())?;
                        pairs(places).iter().try_for_each(|part| tuple.serialize_field(part))?;
                        tuple.end()
                    }
                    Variant::Struct(fields) => {
                        let mut within =
                            serializer.serialize_struct_variant("Enum", index, name, fields.len())?;
                        for ((name, place), part) in fields.iter().zip(parts) {
                            within.serialize_field(name, &At(*place, part))?;
                        }
                        within.end()
                    }
                }
            }
            (form, value) => panic!("{value:?} is not of {form:?}"),
        }
    }
}

impl<'de, const N: usize> Deserialize<'de> for Node<N> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let visitor = Visitor::<N>;
        match form(N) {
            Form::Leaf(0) => deserializer.deserialize_bool(visitor),
            Form::Leaf(1) => deserializer.deserialize_u8(visitor),
            Form::Leaf(2) => deserializer.deserialize_u32(visitor),
            Form::Leaf(3) => deserializer.deserialize_i32(visitor),
            Form::Leaf(4) => deserializer.deserialize_u64(visitor),
            Form::Leaf(5) => deserializer.deserialize_string(visitor),
            Form::Leaf(6) => deserializer.deserialize_byte_buf(visitor),
            Form::Leaf(7) => deserializer.deserialize_char(visitor),
            Form::Leaf(_) => deserializer.deserialize_unit(visitor),
            Form::Option(_) => deserializer.deserialize_option(visitor),
            Form::List(_) => deserializer.deserialize_seq(visitor),
            Form::Map(..) => deserializer.deserialize_map(visitor),
            Form::Tuple(parts) => deserializer.deserialize_tuple(parts.len(), visitor),
            Form::Newtype(_) => deserializer.deserialize_newtype_struct("Newtype", visitor),
            Form::Struct(fields) => {
                deserializer.deserialize_struct("Struct", names(fields.iter().map(|field| field.0)), visitor)
            }
            Form::Enum(variants) => deserializer.deserialize_enum(
                "Enum",
                names(variants.iter().map(|variant| variant.0)),
                visitor,
            ),
        }
    }
}

/// serde wants names for ever; there are few lists of them.
fn names(list: impl Iterator<Item = &'static str>) -> Names {
    static LISTS: Mutex<BTreeMap<Vec<&'static str>, Names>> = Mutex::new(BTreeMap::new());
    let list: Vec<_> = list.collect();
    LISTS.lock().unwrap().entry(list.clone()).or_insert_with(|| list.leak())
}

type Names = &'static [&'static str];

/// Calls with the type of a place.
macro_rules! at {
    ($place:expr, $call:ident :: < $($generic:tt),* > ( $($argument:expr),* )) => {
        match $place {
            0 => $call::<0, $($generic),*>($($argument),*),
            1 => $call::<1, $($generic),*>($($argument),*),
            2 => $call::<2, $($generic),*>($($argument),*),
            3 => $call::<3, $($generic),*>($($argument),*),
            4 => $call::<4, $($generic),*>($($argument),*),
            _ => $call::<5, $($generic),*>($($argument),*),
        }
    };
}

fn element<'de, const N: usize, A: SeqAccess<'de>>(list: &mut A) -> Result<Option<Value>, A::Error> {
    Ok(list.next_element::<Node<N>>()?.map(|node| node.0))
}

fn key<'de, const N: usize, A: MapAccess<'de>>(map: &mut A) -> Result<Option<Value>, A::Error> {
    Ok(map.next_key::<Node<N>>()?.map(|node| node.0))
}

fn entry<'de, const N: usize, A: MapAccess<'de>>(map: &mut A) -> Result<Value, A::Error> {
    Ok(map.next_value::<Node<N>>()?.0)
}

fn whole<'de, const N: usize, D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
    Ok(Node::<N>::deserialize(deserializer)?.0)
}

fn newtype_variant<'de, const N: usize, A: VariantAccess<'de>>(variant: A) -> Result<Value, A::Error> {
    Ok(variant.newtype_variant::<Node<N>>()?.0)
}

fn parts<'de, A: SeqAccess<'de>>(places: &[usize], mut list: A) -> Result<Vec<Value>, A::Error> {
    let mut parts = Vec::new();
    for place in places {
        let part = at!(place, element::<A>(&mut list))?;
        parts.push(part.ok_or_else(|| de::Error::invalid_length(parts.len(), &"more"))?);
    }
    Ok(parts)
}

fn places(fields: &[(&str, usize)]) -> Vec<usize> {
    fields.iter().map(|field| field.1).collect()
}

struct Visitor<const N: usize>;

impl<'de, const N: usize> de::Visitor<'de> for Visitor<N> {
    type Value = Node<N>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", form(N))
    }

    fn visit_bool<E>(self, value: bool) -> Result<Self::Value, E> {
        Ok(Node(Value::Number(value.into())))
    }

    fn visit_u8<E>(self, value: u8) -> Result<Self::Value, E> {
        Ok(Node(Value::Number(value.into())))
    }

    fn visit_u32<E>(self, value: u32) -> Result<Self::Value, E> {
        Ok(Node(Value::Number(value.into())))
    }

    fn visit_i32<E>(self, value: i32) -> Result<Self::Value, E> {
        Ok(Node(Value::Number(value as u32 as u64)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Self::Value, E> {
        Ok(Node(Value::Number(value)))
    }

    fn visit_char<E>(self, value: char) -> Result<Self::Value, E> {
        Ok(Node(Value::Number(u32::from(value).into())))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Node(Value::Text(value.to_owned())))
    }

    fn visit_bytes<E>(self, value: &[u8]) -> Result<Self::Value, E> {
        Ok(Node(Value::Bytes(value.to_vec())))
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Node(Value::Number(0)))
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(Node(Value::Many(Vec::new())))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        let Form::Option(of) = form(N) else { return Err(de::Error::custom("no option")) };
        Ok(Node(Value::Many(vec![at!(of, whole::<D>(deserializer))?])))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        let Form::Newtype(of) = form(N) else { return Err(de::Error::custom("no newtype")) };
        Ok(Node(at!(of, whole::<D>(deserializer))?))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let all = match form(N) {
            Form::List(of) => {
                let mut all = Vec::new();
                while let Some(part) = at!(of, element::<A>(&mut list))? {
                    all.push(part);
                }
                all
            }
            Form::Tuple(places) => parts(&places, list)?,
            Form::Struct(fields) => parts(&places(&fields), list)?,
            _ => return Err(de::Error::custom("no sequence")),
        };
        Ok(Node(Value::Many(all)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let Form::Map(of, to) = form(N) else { return Err(de::Error::custom("no map")) };
        let mut entries = Vec::new();
        while let Some(key) = at!(of, key::<A>(&mut map))? {
            entries.push((key, at!(to, entry::<A>(&mut map))?));
        }
        Ok(Node(Value::Pairs(entries)))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<Self::Value, A::Error> {
        let Form::Enum(variants) = form(N) else { return Err(de::Error::custom("no enum")) };
        let (Index(at), content) = data.variant::<Index>()?;
        let unknown =
            || de::Error::invalid_value(de::Unexpected::Unsigned(at as u64), &"an index of a variant");
        let parts = match &variants.get(at).ok_or_else(unknown)?.1 {
            Variant::Unit => {
                content.unit_variant()?;
                Vec::new()
            }
            Variant::Newtype(of) => {
                vec![newtype(*of, content)?]
            }
            Variant::Tuple(places) => content.tuple_variant(places.len(), Parts(places.clone()))?,
            Variant::Struct(fields) => {
                content.struct_variant(names(fields.iter().map(|field| field.0)), Parts(places(fields)))?
            }
        };
        Ok(Node(Value::Variant(at, parts)))
    }
}

fn newtype<'de, A: VariantAccess<'de>>(of: usize, content: A) -> Result<Value, A::Error> {
    at!(of, newtype_variant::<A>(content))
}

/// The index of a variant, as serde's derives read it.
struct Index(usize);

impl<'de> Deserialize<'de> for Index {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Of;
        impl de::Visitor<'_> for Of {
            type Value = Index;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a variant")
            }

            fn visit_u64<E>(self, value: u64) -> Result<Index, E> {
                Ok(Index(value as usize))
            }
        }
        deserializer.deserialize_identifier(Of)
    }
}

struct Parts(Vec<usize>);

impl<'de> de::Visitor<'de> for Parts {
    type Value = Vec<Value>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the parts of a variant")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
        parts(&self.0, list)
    }
}

static BUILT: AtomicU64 = AtomicU64::new(0);

pub(crate) fn check(data: &[u8]) {
    let mut input = Input(data);
    let left = generate(&mut input);
    // The other one is the same but for one place, or another.
    let right = if input.flag() {
        let mut right = left.clone();
        let place = input.below(PLACES);
        right[place] = generate(&mut input)[place].clone();
        right
    } else {
        generate(&mut input)
    };
    let sessions = |schema: &Schema| {
        with(schema);
        // A type is walked once. This one is another each time, which its sample tells.
        let sample = (Node::default(), BUILT.fetch_add(1, Ordering::Relaxed));
        Sessions::<(Node<0>, u64)>::builder(testing::key_ring()).sample(sample).build()
    };
    let (ours, theirs) = match (sessions(&left), sessions(&right)) {
        (Ok(ours), Ok(theirs)) => (ours, theirs),
        (Err(error), _) | (_, Err(error)) => panic!("{error}: {left:?} {right:?}"),
    };
    let are_equal = Equality { left: &left, right: &right, assumed: BTreeSet::new() }.places(0, 0);
    assert_eq!(
        ours.schema_fingerprint() == theirs.schema_fingerprint(),
        are_equal,
        "{:?} {:?}: {left:?} {right:?}",
        ours.schema_description(),
        theirs.schema_description()
    );
    let sealed = (Node(value(&left, 0, &mut input, 0)), 7);
    with(&left);
    let mut session = ours.load(&HeaderMap::new());
    session.replace(sealed.clone());
    session.mark_changed();
    let mut response = HeaderMap::new();
    if ours.save(session, &mut response).is_err() {
        return; // too large
    }
    assert_eq!(testing::read_back(&ours, &response).into_data(), sealed);
    with(&right);
    let theirs = testing::read_back(&theirs, &response);
    let label = theirs.about().rejection().map(|rejection| rejection.as_str());
    assert_eq!(label, (!are_equal).then_some("schema_mismatch"), "{left:?} {right:?}");
}
