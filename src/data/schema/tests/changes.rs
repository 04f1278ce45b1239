//! What is seen of a change, and what is not.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, unreachable_pub)]

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::marker::PhantomData;
use std::net::{IpAddr, SocketAddr};
use std::num::{NonZeroI8, NonZeroU32, NonZeroU128, Wrapping};
use std::ops::{Bound, Range};
use std::path::PathBuf;
use std::rc::Rc;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::walked;
use crate::data::schema::{Description, SchemaFingerprint};

#[track_caller]
fn text<T: Serialize + DeserializeOwned + Default>() -> String {
    walked::<T>(&[]).unwrap_or_else(|error| panic!("{error}")).text
}

#[track_caller]
fn schema<T: Serialize + DeserializeOwned + Default>() -> SchemaFingerprint {
    walked::<T>(&[]).unwrap_or_else(|error| panic!("{error}")).schema
}

#[track_caller]
fn differ<One, Other>()
where
    One: Serialize + DeserializeOwned + Default,
    Other: Serialize + DeserializeOwned + Default,
{
    assert_ne!(text::<One>(), text::<Other>());
    assert_ne!(schema::<One>(), schema::<Other>());
}

#[track_caller]
fn same<One, Other>()
where
    One: Serialize + DeserializeOwned + Default,
    Other: Serialize + DeserializeOwned + Default,
{
    assert_eq!(text::<One>(), text::<Other>());
    assert_eq!(schema::<One>(), schema::<Other>());
}

/// Types of their own, each in a module with this name.
macro_rules! versions {
    ($($module:ident { $($item:item)* })*) => {$(
        mod $module {
            #![allow(unused_imports, dead_code)]
            use super::*;
            $(#[derive(Serialize, Deserialize, Default, Debug, Clone, PartialEq)] $item)*
        }
    )*};
}

mod of_a_struct {
    use super::*;

    versions! {
        old { pub struct Visitor { pub user: u64, pub tenant: u64, pub name: String } }
        again { pub struct Visitor { pub user: u64, pub tenant: u64, pub name: String } }
        renamed_type { pub struct Person { pub user: u64, pub tenant: u64, pub name: String } }
        swapped { pub struct Visitor { pub tenant: u64, pub user: u64, pub name: String } }
        added { pub struct Visitor { pub user: u64, pub age: u8, pub tenant: u64, pub name: String } }
        appended { pub struct Visitor { pub user: u64, pub tenant: u64, pub name: String, pub age: u8 } }
        removed { pub struct Visitor { pub user: u64, pub name: String } }
        renamed { pub struct Visitor { pub user: u64, pub tenant_id: u64, pub name: String } }
        to_u32 { pub struct Visitor { pub user: u64, pub tenant: u32, pub name: String } }
        to_i64 { pub struct Visitor { pub user: u64, pub tenant: i64, pub name: String } }
        to_bytes { pub struct Visitor { pub user: u64, pub tenant: u64, pub name: Vec<u8> } }
        to_option { pub struct Visitor { pub user: Option<u64>, pub tenant: u64, pub name: String } }
        to_list { pub struct Visitor { pub user: Vec<u64>, pub tenant: u64, pub name: String } }
        to_tuple { pub struct Visitor { pub user: (u64, u64), pub name: String } }
        as_tuple { pub struct Visitor(pub u64, pub u64, pub String); }
        boxed { pub struct Visitor { pub user: Box<u64>, pub tenant: Rc<u64>, pub name: Box<str> } }
        borrowed { pub struct Visitor { pub user: u64, pub tenant: u64, pub name: Cow<'static, str> } }
        wrapped { pub struct Name(String); pub struct Visitor { pub user: Wrapping<u64>, pub tenant: u64, pub name: Name } }
        with_rest { pub struct Visitor { pub user: u64, #[serde(skip)] pub cache: u8, pub tenant: u64, pub name: String } }
    }

    #[test]
    fn changed_fields_are_seen() {
        differ::<old::Visitor, swapped::Visitor>();
        differ::<old::Visitor, added::Visitor>();
        differ::<old::Visitor, appended::Visitor>();
        differ::<old::Visitor, removed::Visitor>();
        differ::<old::Visitor, renamed::Visitor>();
        differ::<old::Visitor, to_u32::Visitor>();
        differ::<old::Visitor, to_i64::Visitor>();
        differ::<old::Visitor, to_bytes::Visitor>();
        differ::<old::Visitor, to_option::Visitor>();
        differ::<old::Visitor, to_list::Visitor>();
        differ::<old::Visitor, to_tuple::Visitor>();
        differ::<old::Visitor, as_tuple::Visitor>();
    }

    #[test]
    fn what_changes_nothing_on_the_wire_is_not() {
        same::<old::Visitor, again::Visitor>();
        same::<old::Visitor, renamed_type::Person>();
        same::<old::Visitor, boxed::Visitor>();
        same::<old::Visitor, borrowed::Visitor>();
        same::<old::Visitor, wrapped::Visitor>();
        same::<old::Visitor, with_rest::Visitor>();
    }

    #[test]
    fn nor_is_an_alias() {
        #[derive(Serialize, Deserialize, Default)]
        struct Visitor {
            user: u64,
            #[serde(alias = "customer", alias = "a")]
            tenant: u64,
            name: String,
        }
        same::<old::Visitor, Visitor>();
    }

    #[test]
    fn the_written_name_counts() {
        #[derive(Serialize, Deserialize, Default)]
        struct Visitor {
            #[serde(rename = "user")]
            u: u64,
            #[serde(rename(serialize = "tenant", deserialize = "t"))]
            t: u64,
            name: String,
        }
        same::<old::Visitor, Visitor>();
    }
}

mod of_an_enum {
    use super::*;

    versions! {
        old { pub enum Role { #[default] Guest, Member(u64), Staff { team: String, level: u8 }, Root(u8, u8) } }
        renamed_type { pub enum Rank { #[default] Guest, Member(u64), Staff { team: String, level: u8 }, Root(u8, u8) } }
        reordered { pub enum Role { Member(u64), #[default] Guest, Staff { team: String, level: u8 }, Root(u8, u8) } }
        renamed { pub enum Role { #[default] Guest, User(u64), Staff { team: String, level: u8 }, Root(u8, u8) } }
        added { pub enum Role { #[default] Guest, Trial, Member(u64), Staff { team: String, level: u8 }, Root(u8, u8) } }
        appended { pub enum Role { #[default] Guest, Member(u64), Staff { team: String, level: u8 }, Root(u8, u8), Trial } }
        retyped { pub enum Role { #[default] Guest, Member(u32), Staff { team: String, level: u8 }, Root(u8, u8) } }
        emptied { pub enum Role { #[default] Guest, Member, Staff { team: String, level: u8 }, Root(u8, u8) } }
        filled { pub enum Role { #[default] Guest, Member(u64), Staff { team: String, level: u8, x: u8 }, Root(u8, u8) } }
        swapped { pub enum Role { #[default] Guest, Member(u64), Staff { level: u8, team: String }, Root(u8, u8) } }
        field_renamed { pub enum Role { #[default] Guest, Member(u64), Staff { group: String, level: u8 }, Root(u8, u8) } }
        shortened { pub enum Role { #[default] Guest, Member(u64), Staff { team: String, level: u8 }, Root(u8) } }
        untupled { pub enum Role { #[default] Guest, Member(u64), Staff(String, u8), Root(u8, u8) } }
        aliased { pub enum Role { #[default] #[serde(alias = "Nobody", alias = "Zed")] Guest, #[serde(alias = "A")] Member(u64),
            Staff { team: String, level: u8 }, Root(u8, u8) } }
    }

    #[derive(Serialize, Deserialize, Default)]
    struct At<T> {
        roles: BTreeMap<String, Option<Vec<Place<T>>>>,
    }

    #[derive(Serialize, Deserialize)]
    struct Place<T> {
        role: (u8, [Option<T>; 2]),
    }

    #[test]
    fn changed_variants_are_seen() {
        differ::<old::Role, reordered::Role>();
        differ::<old::Role, renamed::Role>();
        differ::<old::Role, added::Role>();
        differ::<old::Role, appended::Role>();
        differ::<old::Role, retyped::Role>();
        differ::<old::Role, emptied::Role>();
        differ::<old::Role, filled::Role>();
        differ::<old::Role, swapped::Role>();
        differ::<old::Role, field_renamed::Role>();
        differ::<old::Role, shortened::Role>();
        differ::<old::Role, untupled::Role>();
        same::<old::Role, renamed_type::Rank>();
        same::<old::Role, aliased::Role>();
    }

    #[test]
    fn and_behind_all_that_is_empty_by_default() {
        differ::<At<old::Role>, At<reordered::Role>>();
        differ::<At<old::Role>, At<renamed::Role>>();
        differ::<At<old::Role>, At<added::Role>>();
        differ::<At<old::Role>, At<retyped::Role>>();
        differ::<At<old::Role>, At<swapped::Role>>();
        differ::<At<old::Role>, At<field_renamed::Role>>();
        same::<At<old::Role>, At<renamed_type::Rank>>();
        same::<At<old::Role>, At<aliased::Role>>();
    }
}

mod hidden {
    use super::*;

    // A field whose type accepts sixteen bytes alone, as a uuid does.
    #[derive(Clone, Copy, Debug, Default, PartialEq)]
    pub struct Sixteen([u8; 16]);

    impl Serialize for Sixteen {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_bytes(&self.0)
        }
    }

    impl<'de> Deserialize<'de> for Sixteen {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Bytes;
            impl serde::de::Visitor<'_> for Bytes {
                type Value = Sixteen;
                fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str("sixteen bytes")
                }
                fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Sixteen, E> {
                    bytes.try_into().map(Sixteen).map_err(|_| E::invalid_length(bytes.len(), &self))
                }
            }
            deserializer.deserialize_bytes(Bytes)
        }
    }

    versions! {
        one {
            pub struct Tree { pub children: Vec<Tree>, pub leaf: Option<Leaf> }
            pub struct Leaf { pub id: Sixteen, pub user: u64, pub tenant: u64 }
            pub struct Deep { pub a: Option<Vec<Middle>> }
            pub struct Middle { pub id: Sixteen, pub b: HashMap<String, Inner> }
            pub struct Inner { pub c: Option<Leaf> }
        }
        two {
            pub struct Tree { pub children: Vec<Tree>, pub leaf: Option<Leaf> }
            pub struct Leaf { pub id: Sixteen, pub tenant: u64, pub user: u64 }
            pub struct Deep { pub a: Option<Vec<Middle>> }
            pub struct Middle { pub id: Sixteen, pub b: HashMap<String, Inner> }
            pub struct Inner { pub c: Option<Leaf> }
        }
    }

    #[test]
    fn a_change_is_seen_after_a_uuid_and_three_levels_deep() {
        differ::<Option<one::Leaf>, Option<two::Leaf>>();
        differ::<Option<Vec<one::Leaf>>, Option<Vec<two::Leaf>>>();
        differ::<BTreeMap<String, one::Leaf>, BTreeMap<String, two::Leaf>>();
        differ::<one::Deep, two::Deep>();
        differ::<one::Tree, two::Tree>();
        assert_eq!(text::<one::Deep>(), "{a:?[{id:bytes,b:[str:{c:?{id:bytes,user:u64,tenant:u64}}]}]}",);
    }
}

mod recursion {
    use super::*;

    versions! {
        trees {
            pub struct Tree { pub children: Vec<Tree> }
            pub struct Named { pub name: String, pub children: Vec<Named> }
            pub struct List { pub value: u8, pub next: Option<Box<List>> }
            pub struct Menu { pub items: BTreeMap<String, Menu> }
            pub struct Nest(Vec<Nest>);
            pub struct Maps(BTreeMap<String, Maps>);
            pub struct Pair<T> { pub one: T, pub other: T }
            pub struct Either<T> { pub it: Option<T>, pub more: Vec<Either<T>> }
            pub enum Term { #[default] Nil, Not(Box<Term>), And(Box<Term>, Box<Term>), All { of: Vec<Term> } }
            pub struct Holder { pub tree: Tree, pub trees: Vec<Tree> }
            pub struct Here { pub there: Option<Box<There>>, pub id: u8 }
            pub struct There { pub here: Vec<Here>, pub id: u16 }
        }
        others {
            pub struct Tree { pub children: VecDeque<Box<Tree>> }
            pub struct List { pub value: u8, pub next: Option<Box<More>> }
            pub struct More { pub value: u8, pub next: Option<Box<More>> }
            pub struct Here { pub there: Option<Box<There>>, pub id: u8 }
            pub struct There { pub here: Vec<Here>, pub id: u32 }
        }
    }

    #[derive(Serialize, Deserialize, Default)]
    #[serde(transparent)]
    struct Bare {
        inside: Vec<Bare>,
    }

    #[test]
    fn ends() {
        assert_eq!(text::<trees::Tree>(), "{children:[#0]}");
        assert_eq!(text::<trees::Named>(), "{name:str,children:[#0]}");
        assert_eq!(text::<trees::List>(), "{value:u8,next:?#0}");
        assert_eq!(text::<trees::Menu>(), "{items:[str:#0]}");
        assert_eq!(text::<trees::Nest>(), "[#0]");
        assert_eq!(text::<Bare>(), "[#0]");
        assert_eq!(text::<trees::Maps>(), "[str:#0]");
        assert_eq!(text::<trees::Term>(), "<Nil|Not:#0|And:(#0;2)|All:{of:[#0]}>");
        assert_eq!(text::<trees::Holder>(), "{tree:{children:[#1]},trees:[#1]}");
        assert_eq!(text::<trees::Here>(), "{there:?{here:[#0],id:u16},id:u8}");
        assert_eq!(text::<Option<trees::There>>(), "?{here:[{there:#0,id:u8}],id:u16}");
        assert_eq!(text::<trees::Either<u64>>(), "{it:?u64,more:[#0]}");
        assert_eq!(text::<trees::Either<trees::Either<u8>>>(), "{it:?{it:?u8,more:[#2]},more:[#0]}");
    }

    #[test]
    fn is_told_apart_by_what_is_in_it() {
        use trees::Pair;
        differ::<Pair<Pair<u64>>, Pair<Pair<String>>>();
        differ::<Pair<Pair<u64>>, Pair<u64>>();
        differ::<trees::Tree, trees::Named>();
        differ::<trees::Tree, Vec<trees::Tree>>();
        differ::<trees::Here, others::Here>();
        differ::<trees::Either<u64>, trees::Either<u32>>();
        assert_eq!(text::<Pair<Pair<u64>>>(), "{one:{one:u64,other:u64},other:#1}");
    }

    #[test]
    fn may_be_unrolled() {
        same::<trees::Tree, others::Tree>();
        same::<trees::List, others::List>();
    }

    #[test]
    fn is_walked_from_samples_too() {
        use trees::Term;
        let deep =
            Term::Not(Box::new(Term::And(Box::default(), Box::new(Term::All { of: vec![Term::Nil; 3] }))));
        let with = walked(&[deep]).unwrap();
        assert_eq!(with.text, text::<Term>());
    }
}

/// The texts of everything that serde's own types come to. A change here logs out every user of the type.
#[test]
fn golden() {
    #[derive(Serialize, Deserialize, Default)]
    struct Unit;
    #[derive(Serialize, Deserialize, Default)]
    struct Nothing {}
    #[derive(Serialize, Deserialize, Default)]
    struct One(u16);
    #[derive(Serialize, Deserialize, Default)]
    struct Odd {
        #[serde(rename = "")]
        a: u8,
        #[serde(rename = "first name")]
        b: u8,
        #[serde(rename = "a:u8,b")]
        c: u8,
        #[serde(rename = "größe")]
        d: u8,
        r#type: u8,
    }
    #[derive(Serialize, Deserialize, Default)]
    enum OddVariants {
        #[default]
        #[serde(rename = "A|B:u8")]
        A,
        #[serde(rename = ">")]
        B((u8, u8)),
        C(u8, u8),
        D {},
        E(()),
    }
    type Primitives =
        (bool, char, (i8, i16, i32, i64, i128, isize), (u8, u16, u32, u64, u128, usize), f32, f64);
    assert_eq!(
        text::<Primitives>(),
        "(bool,char,(i8,i16,i32,i64,i128,i64),(u8,u16,u32,u64,u128,u64),f32,f64)"
    );
    for (found, expected) in [
        (text::<()>(), "()"),
        (text::<Unit>(), "()"),
        (text::<PhantomData<u8>>(), "()"),
        (text::<[u8; 0]>(), "()"),
        (text::<Nothing>(), "{}"),
        (text::<One>(), "u16"),
        (text::<Wrapping<i8>>(), "i8"),
        (text::<(u8,)>(), "(u8)"),
        (text::<(u8, u8)>(), "(u8;2)"),
        (text::<[u8; 32]>(), "(u8;32)"),
        (text::<[Option<String>; 2]>(), "(?str;2)"),
        (text::<((), ())>(), "(();2)"),
        (text::<Vec<u8>>(), "[u8]"),
        (text::<Vec<()>>(), "[()]"),
        (text::<BTreeSet<String>>(), "[str]"),
        (text::<HashSet<u8>>(), "[u8]"),
        (text::<VecDeque<(u8, bool)>>(), "[(u8,bool)]"),
        (text::<BTreeMap<String, String>>(), "[str:str]"),
        (text::<HashMap<(u8, char), Vec<u8>>>(), "[(u8,char):[u8]]"),
        (text::<Option<Option<u8>>>(), "??u8"),
        (text::<Option<()>>(), "?()"),
        (text::<(Option<u64>, Option<u64>)>(), "(?u64;2)"),
        (text::<(Vec<u64>, u8, Vec<u64>)>(), "([u64],u8,[u64])"),
        (text::<(Box<str>, Rc<u8>, Arc<u8>, Mutex<u8>)>(), "(str,u8,u8,u8)"),
        (text::<PathBuf>(), "str"),
        (text::<Duration>(), "{secs:u64,nanos:u32}"),
        (text::<Range<u8>>(), "{start:u8,end:u8}"),
        (text::<Option<SystemTime>>(), "?{secs_since_epoch:u64,nanos_since_epoch:u32}"),
        (text::<Option<Result<u8, String>>>(), "?<Ok:u8|Err:str>"),
        (text::<Option<Bound<u8>>>(), "?<Unbounded|Included:u8|Excluded:u8>"),
        (text::<Option<IpAddr>>(), "?<V4:(u8;4)|V6:(u8;16)>"),
        (text::<Option<SocketAddr>>(), "?<V4:((u8;4),u16)|V6:((u8;16),u16)>"),
        (text::<Option<(NonZeroU32, NonZeroI8, NonZeroU128)>>(), "?(u32,i8,u128)"),
        (text::<Odd>(), "{:u8,first%20name:u8,a%3au8%2cb:u8,gr%c3%b6%c3%9fe:u8,type:u8}"),
        (text::<OddVariants>(), "<A%7cB%3au8|%3e:(u8;2)|C:(u8;2)|D:{}|E>"),
    ] {
        assert_eq!(found, expected);
    }
}

/// Names that look like the text around them.
#[test]
fn no_name_makes_two_schemas_one() {
    #[derive(Serialize, Deserialize, Default)]
    struct Two {
        a: u8,
        b: u8,
    }
    #[derive(Serialize, Deserialize, Default)]
    struct OneOdd {
        #[serde(rename = "a:u8,b")]
        a: u8,
    }
    #[derive(Serialize, Deserialize, Default)]
    struct Escaped {
        #[serde(rename = "a%3au8%2cb")]
        a: u8,
    }
    differ::<Two, OneOdd>();
    differ::<OneOdd, Escaped>();
    differ::<Two, Escaped>();
}

#[test]
fn a_pinned_schema_is_of_its_text_alone() {
    assert_eq!(SchemaFingerprint::pinned("checkout-3"), SchemaFingerprint::pinned("checkout-3"));
    assert_ne!(SchemaFingerprint::pinned("checkout-3"), SchemaFingerprint::pinned("checkout-4"));
    assert_ne!(SchemaFingerprint::pinned("[str:str]"), schema::<BTreeMap<String, String>>());
    assert_eq!(
        format!("{:?}", SchemaFingerprint::from_bytes([0, 1, 0xab, 0xcd, 0xef])),
        "SchemaFingerprint(0001abcdef)"
    );
}

/// A type without a default is walked from made-up values alone.
#[test]
fn no_value_is_needed() {
    #[derive(Serialize, Deserialize)]
    enum Old {
        #[serde(alias = "Zero")]
        Nested(Box<Old>),
        Address(IpAddr, NonZeroU32),
        Member(u64),
    }
    let found = Description::walk::<Old>(&[]).unwrap();
    assert_eq!(found.text, "<Nested:#0|Address:(<V4:(u8;4)|V6:(u8;16)>,u32)|Member:u64>");
    let found = Description::walk(&[&Old::Member(7)]).unwrap();
    assert_eq!(found.text, "<Nested:#0|Address:(<V4:(u8;4)|V6:(u8;16)>,u32)|Member:u64>");
}

/// What samples hold in an order of its own raises no alarm, nor moves the schema.
#[test]
fn hash_maps_may_be_full() {
    let full: HashMap<String, HashSet<u32>> =
        (0..40).map(|n| (n.to_string(), (n..n + 20).collect())).collect();
    for _ in 0..8 {
        assert_eq!(walked(std::slice::from_ref(&full)).unwrap().text, "[str:[u32]]");
    }
}
