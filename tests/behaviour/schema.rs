//! A session type that changes from one deploy to the next: what is read, what is not, and that nothing is misread.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::util::{outcome, respond, sessions_with, set_cookies};
use http::HeaderMap;
use http::header::COOKIE;
use sealed_session::error::SchemaError;
use sealed_session::{Builder, ConfigError, SaveError, Saved, Session, SessionData, Sessions, testing};
use serde::ser::{SerializeMap, SerializeSeq, SerializeStruct, SerializeTuple};
use serde::{Deserialize, Serialize, Serializer};

/// The struct of yesterday.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Old {
    user: u64,
    tenant: u64,
}

fn old() -> Old {
    Old { user: 7, tenant: 9 }
}

/// A request of yesterday, and the sessions of today with these settings.
fn deploy<New: SessionData>(
    settings: impl FnOnce(Builder<New>) -> Builder<New>,
) -> (HeaderMap, Sessions<New>) {
    let (before, _) = sessions_with::<Old>(|builder| builder);
    let request = testing::request(&before, |session| {
        session.replace(old());
        session.mark_authenticated();
    });
    (request, sessions_with(settings).0)
}

macro_rules! types {
    ($($item:item)*) => { $(#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)] $item)* };
}

#[test]
fn swapped_fields_are_another_schema_and_not_another_user() {
    types! {
        struct New { tenant: u64, user: u64 }
    }
    let (request, sessions) = deploy::<New>(|builder| builder);
    assert_eq!(outcome(&sessions, &request), "schema_mismatch");
    assert_eq!(*testing::load(&sessions, &request), New::default());
}

#[test]
fn a_renamed_type_is_the_same_schema() {
    types! {
        struct Renamed { user: u64, tenant: u64 }
    }
    let (request, sessions) = deploy::<Renamed>(|builder| builder);
    assert_eq!(*testing::load(&sessions, &request), Renamed { user: 7, tenant: 9 });
}

#[test]
fn another_schema_is_not_deleted_so_that_a_rollback_finds_it() {
    types! {
        struct New { user: u64, tenant: u32 }
    }
    let (request, sessions) = deploy::<New>(|builder| builder);
    let (saved, response) = respond(&sessions, &request, |session| assert_eq!(session.user, 0));
    assert_eq!((saved, set_cookies(&response).len()), (Saved::Unchanged, 0));
    // A logout there removes it, and leaves its tombstone: id and times can be read whatever the schema.
    let (saved, response) = respond(&sessions, &request, Session::destroy);
    assert_eq!((saved, set_cookies(&response).len()), (Saved::Removed, 2));
    let (keeping, _) = sessions_with::<New>(|builder| builder.keep_unreadable());
    let (saved, _) = respond(&keeping, &request, |session| session.user = 1);
    assert_eq!(saved, Saved::Withheld);
}

#[test]
fn a_field_appended_with_a_default_needs_nothing() {
    types! {
        struct New { user: u64, tenant: u64, #[serde(default)] theme: Option<String>, #[serde(default)] seen: u8 }
    }
    let (request, sessions) = deploy::<New>(|builder| builder);
    let expected = New { user: 7, tenant: 9, theme: None, seen: 0 };
    assert_eq!(*testing::load(&sessions, &request), expected);
    // A read alone writes nothing; the next change writes the new schema.
    let (saved, _) = respond(&sessions, &request, |session| assert_eq!(session.user, 7));
    assert_eq!(saved, Saved::Unchanged);
    let (_, response) = respond(&sessions, &request, |session| session.seen = 1);
    let next = testing::next_request(&response);
    assert_eq!(testing::load(&sessions, &next).seen, 1);
    // The old process meets it as another schema.
    let (before, _) = sessions_with::<Old>(|builder| builder);
    assert_eq!(outcome(&before, &next), "schema_mismatch");
}

#[test]
fn a_field_appended_without_a_default_is_another_schema() {
    types! {
        struct New { user: u64, tenant: u64, theme: Option<String> }
    }
    let (request, sessions) = deploy::<New>(|builder| builder);
    assert_eq!(outcome(&sessions, &request), "schema_mismatch");
}

mod versions {
    use super::{Deserialize, Old, Serialize};

    /// Converts from `Old`, and refuses tenant 0.
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    pub(crate) struct New {
        pub(crate) account: String,
        pub(crate) is_admin: bool,
    }

    pub(crate) struct NoTenant;

    impl TryFrom<Old> for New {
        type Error = NoTenant;

        fn try_from(old: Old) -> Result<Self, NoTenant> {
            // What guards something begins on the strict side.
            let account = format!("{}@{}", old.user, old.tenant);
            if old.tenant == 0 { Err(NoTenant) } else { Ok(Self { account, is_admin: false }) }
        }
    }

    /// The generation before `Old`.
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    pub(crate) struct Oldest(pub(crate) u8);

    impl From<Oldest> for New {
        fn from(Oldest(user): Oldest) -> Self {
            Self { account: user.to_string(), is_admin: false }
        }
    }

    /// The schema of `Old`, once more.
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    pub(crate) struct Twin {
        user: u64,
        tenant: u64,
    }

    impl From<Twin> for New {
        fn from(_: Twin) -> Self {
            Self::default()
        }
    }
}
use versions::{New, Oldest, Twin};

#[test]
fn an_accepted_type_is_converted_and_keeps_id_start_and_lifetimes() {
    let (request, sessions) = deploy::<New>(|builder| builder.accept::<Oldest>().accept::<Old>());
    let (before, clock) = sessions_with::<Old>(|builder| builder);
    let was = testing::load(&before, &request);
    let is = testing::load(&sessions, &request);
    assert_eq!(is.account, "7@9");
    let (was, is) = (was.about(), is.about());
    assert_eq!((is.id(), is.started(), is.expires_at()), (was.id(), was.started(), was.expires_at()));
    assert_eq!(is.authenticated_at(), Some(clock.now()));
    assert!(!is.is_new());
    let (saved, _) = respond(&sessions, &request, |session| assert_eq!(session.account, "7@9"));
    assert_eq!(saved, Saved::Unchanged, "a read alone writes nothing");
    let (_, response) = respond(&sessions, &request, |session| session.is_admin = true);
    let (without, _) = sessions_with::<New>(|builder| builder);
    assert_eq!(testing::read_back(&without, &response).account, "7@9", "written in the new schema");

    let (oldest, _) = sessions_with::<Oldest>(|builder| builder);
    let request = testing::request(&oldest, |session| session.0 = 5);
    assert_eq!(testing::load(&sessions, &request).account, "5");
}

#[test]
fn a_conversion_may_refuse() {
    let (before, _) = sessions_with::<Old>(|builder| builder);
    let request = testing::request(&before, |session| session.user = 7);
    let (sessions, _) = sessions_with::<New>(|builder| builder.accept::<Old>());
    assert_eq!(outcome(&sessions, &request), "refused");
    let (saved, _) = respond(&sessions, &request, |session| assert_eq!(session.account, ""));
    assert_eq!(saved, Saved::Unchanged);
}

#[test]
fn what_is_not_accepted_is_not_read() {
    let (request, sessions) = deploy::<New>(|builder| builder.accept::<Oldest>());
    assert_eq!(outcome(&sessions, &request), "schema_mismatch");
}

#[test]
fn two_types_of_one_schema_cannot_both_be_accepted() {
    let builder = || Sessions::<New>::builder(testing::key_ring());
    let twins = builder().accept::<Old>().accept::<Twin>();
    assert_eq!(twins.build().unwrap_err().as_str(), "accepted_twice");
    let own = builder().accept::<New>();
    assert_eq!(own.build().unwrap_err().as_str(), "accepted_twice", "the session's own");
    assert!(builder().accept::<Old>().accept::<Oldest>().build().is_ok());
}

#[test]
fn an_accepted_type_comes_before_first_fields() {
    types! {
        struct First { user: u64 }
    }
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    struct Both {
        user: u64,
        #[serde(default)]
        how: String,
    }
    impl From<First> for Both {
        fn from(First { user }: First) -> Self {
            Self { user, how: "accepted".into() }
        }
    }
    let (before, _) = sessions_with::<First>(|builder| builder);
    let request = testing::request(&before, |session| session.user = 7);
    let (plain, _) = sessions_with::<Both>(|builder| builder);
    assert_eq!(testing::load(&plain, &request).how, "");
    let (accepting, _) = sessions_with::<Both>(|builder| builder.accept::<First>());
    assert_eq!(testing::load(&accepting, &request).how, "accepted");
}

#[test]
fn a_pinned_schema_is_in_your_hands() {
    types! {
        struct Swapped { tenant: u64, user: u64 }
    }
    let (before, _) = sessions_with::<Old>(|builder| builder.schema("login-1"));
    let request = testing::request(&before, |session| {
        session.replace(old());
    });
    let (careless, _) = sessions_with::<Swapped>(|builder| builder.schema("login-1"));
    assert_eq!(testing::load(&careless, &request).user, 9, "what pinning allows, and nothing else does");
    let (careful, _) = sessions_with::<Swapped>(|builder| builder.schema("login-2"));
    assert_eq!(outcome(&careful, &request), "schema_mismatch");
    let (computed, _) = sessions_with::<Old>(|builder| builder);
    assert_eq!(outcome(&computed, &request), "schema_mismatch");
    assert_eq!(before.schema_description(), None);
}

#[test]
fn keys_and_values_are_a_type_like_any_other() {
    let (sessions, _) = sessions_with::<BTreeMap<String, String>>(|builder| builder);
    assert_eq!(sessions.schema_description(), Some("[str:str]"));
    let request = testing::request(&sessions, |map| {
        map.insert("user".into(), "ada".into());
    });
    assert_eq!(testing::load(&sessions, &request)["user"], "ada");
}

#[test]
fn the_schema_can_be_held_down_in_a_test() {
    let (sessions, _) = sessions_with::<Old>(|builder| builder);
    assert_eq!(sessions.schema_description(), Some("{user:u64,tenant:u64}"));
    assert_eq!(sessions.schema_fingerprint().to_string(), "3cc252ca42");
}

/// A type with a rule of its own, which nothing made up satisfies.
#[derive(Clone, Debug, PartialEq, Serialize)]
struct Membership(String);

impl<'de> Deserialize<'de> for Membership {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.starts_with("member-") { Ok(Self(text)) } else { Err(serde::de::Error::custom("no member")) }
    }
}

#[test]
fn what_cannot_be_walked_is_refused_with_path_and_remedy() {
    types! {
        struct Home { member: Option<Membership> }
        struct Account { home: Home, after: u8 }
    }
    let builder = || Sessions::<Account>::builder(testing::key_ring());
    let error = builder().build().unwrap_err();
    let paths = vec!["home.member".to_owned()];
    assert_eq!(error.schema_error(), Some(&SchemaError::Refused { paths }));
    assert_eq!(
        error.to_string(),
        "session type: home.member: refused every probe: give a value that has it with .sample(value), or pin the \
         schema by hand with .schema(\"name-1\")"
    );
    let sample = Account { home: Home { member: Some(Membership("member-1".into())) }, after: 0 };
    let sessions = builder().sample(sample).build().unwrap();
    assert_eq!(sessions.schema_description(), Some("{home:{member:?str},after:u8}"));
    assert!(builder().schema("account-1").build().is_ok());
}

#[test]
fn what_does_not_come_back_is_refused_when_it_is_built() {
    types! {
        struct Skips { #[serde(skip_serializing_if = "Option::is_none")] name: Option<String>, after: u8 }
        struct Inner { x: u8 }
        struct Flattens { #[serde(flatten)] inner: Inner }
    }
    let refused = |error: ConfigError, expected: &str| {
        let text = error.to_string();
        assert!(text.starts_with(expected), "{text}");
    };
    let ring = testing::key_ring;
    refused(Sessions::<Skips>::new(ring()).unwrap_err(), "session type: name: is left out of some values");
    refused(
        Sessions::<Flattens>::new(ring()).unwrap_err(),
        "session type: (payload): is written without its length",
    );
    refused(
        Sessions::<serde_json::Value>::new(ring()).unwrap_err(),
        "session type: (payload): asks the data",
    );
    let accepting = Sessions::<AnyThing>::builder(ring()).accept::<serde_json::Value>();
    refused(accepting.build().unwrap_err(), "accepted type: (payload): asks the data");
}

/// What `change` makes of a fresh session does not come back as it is, and so is not saved.
fn does_not_come_back<T: SessionData>(
    path: &str,
    settings: impl FnOnce(Builder<T>) -> Builder<T>,
    change: impl FnOnce(&mut T),
) {
    let (sessions, _) = sessions_with::<T>(settings);
    let mut session = sessions.load(&HeaderMap::new());
    change(session.data_mut());
    let mut response = HeaderMap::new();
    assert_eq!(sessions.room(&session), 0);
    assert_eq!(sessions.save(session, &mut response), Err(SaveError::RoundTrip { path: path.into() }));
    assert!(response.is_empty());
}

fn is_usual(port: &u8) -> bool {
    *port == 80
}

/// Where the usual port is left out, `07 01 00` are user 7 and a tenant, which are read as port 7 and user 1.
#[test]
fn a_field_that_is_left_out_of_a_value_is_refused_when_it_is_saved() {
    types! {
        struct Visitor { #[serde(skip_serializing_if = "is_usual")] port: u8, user: u64, tenants: Vec<u64> }
    }
    #[derive(Default, Serialize, Deserialize)]
    enum Role {
        #[default]
        Guest,
        Staff {
            #[serde(skip_serializing_if = "is_usual")]
            level: u8,
        },
    }
    let usual = Visitor { port: 80, user: 7, tenants: vec![0] };
    does_not_come_back::<Visitor>("port", |builder| builder, |visitor| *visitor = usual);
    // Under a pinned schema nothing is known of the type, and nothing has to be.
    does_not_come_back::<Role>(
        "::Staff.level",
        |builder| builder.schema("role"),
        |role| *role = Role::Staff { level: 80 },
    );

    let (sessions, _) = sessions_with::<Visitor>(|builder| builder);
    let request = testing::request(&sessions, |visitor| visitor.port = 81);
    assert_eq!(testing::load(&sessions, &request).port, 81);
}

/// Of fields without names serde does not tell when one is left out.
#[test]
fn a_field_without_a_name_that_is_left_out_of_a_value_is_refused_when_it_is_saved() {
    #[derive(Clone, Default, Serialize, Deserialize)]
    struct Few(#[serde(skip_serializing_if = "is_usual")] u8, u64, u64);
    #[derive(Clone, Default, Serialize, Deserialize)]
    struct At {
        other: other::Few,
        at: Few,
        user: u64,
        tenants: Vec<u64>,
    }
    // One fewer is as many as another variant has, or another type of the name.
    #[derive(Clone, Default, Serialize, Deserialize)]
    enum Role {
        #[default]
        Guest,
        Staff(#[serde(skip_serializing_if = "is_usual")] u8, u64, u64),
        Owner(u8, u64),
    }
    mod other {
        #[derive(Clone, Default, serde::Serialize, serde::Deserialize)]
        pub(super) struct Few(u8, u64);
    }
    #[derive(Clone, Default, Serialize, Deserialize)]
    struct As {
        role: Role,
        user: u64,
        tenants: Vec<u64>,
    }
    // What stands inside of a newtype, which writes nothing of its own.
    #[derive(Clone, Default, Serialize, Deserialize)]
    struct Around(Few);
    #[derive(Clone, Default, Serialize, Deserialize)]
    struct Inside {
        around: Around,
        user: u64,
        tenants: Vec<u64>,
    }
    let (user, tenants) = (7, vec![0]);
    let inside = Inside { around: Around(Few(80, 3, 4)), user, tenants: tenants.clone() };
    does_not_come_back::<Inside>("around.0", |builder| builder, |data| *data = inside.clone());
    let at = At { at: Few(80, 3, 4), user, tenants: tenants.clone(), ..At::default() };
    does_not_come_back::<At>("at.0", |builder| builder, |data| *data = at.clone());
    let staff = As { role: Role::Staff(80, 3, 4), user, tenants };
    does_not_come_back::<As>("role::Staff.0", |builder| builder, |data| *data = staff.clone());

    let (sessions, _) = sessions_with::<At>(|builder| builder);
    let request = testing::request(&sessions, |data| data.at = Few(81, 3, 4));
    assert_eq!(testing::load(&sessions, &request).at.1, 3);
    let (sessions, _) = sessions_with::<As>(|builder| builder);
    for role in [Role::Staff(81, 3, 4), Role::Owner(80, 1)] {
        let request = testing::request(&sessions, |data| data.role = role.clone());
        assert_eq!(outcome(&sessions, &request), "ok");
    }
}

/// `Serialize` by hand, wrong for one value.
#[test]
fn parts_that_are_not_as_many_as_was_said_are_refused_when_they_are_saved() {
    /// How one is written: what is said, and how many follow.
    #[derive(Clone, Copy, Default, Deserialize)]
    enum Wrong {
        #[default]
        No,
        ShortList,
        LongList,
        ShortTuple,
        ShortMap,
        KeyAlone,
        ValueAlone,
        ShortStruct,
        Swallowed,
    }
    impl Serialize for Wrong {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            match self {
                Self::No => serializer.serialize_unit_variant("Wrong", 0, "No"),
                Self::ShortList | Self::LongList => {
                    let mut list = serializer.serialize_seq(Some(2))?;
                    let count = if matches!(self, Self::LongList) { 3 } else { 1 };
                    (0..count).try_for_each(|number: u8| list.serialize_element(&number))?;
                    list.end()
                }
                Self::ShortTuple => {
                    let mut tuple = serializer.serialize_tuple(2)?;
                    tuple.serialize_element(&1_u8)?;
                    tuple.end()
                }
                Self::ShortMap => {
                    let mut map = serializer.serialize_map(Some(2))?;
                    map.serialize_entry(&1_u8, &2_u8)?;
                    map.end()
                }
                Self::KeyAlone => {
                    let mut map = serializer.serialize_map(Some(1))?;
                    map.serialize_key(&1_u8)?;
                    map.end()
                }
                Self::ValueAlone => {
                    let mut map = serializer.serialize_map(Some(1))?;
                    map.serialize_value(&1_u8)?;
                    map.end()
                }
                Self::ShortStruct => {
                    let mut fields = serializer.serialize_struct("Wrong", 2)?;
                    fields.serialize_field("one", &1_u8)?;
                    fields.end()
                }
                Self::Swallowed => {
                    let mut fields = serializer.serialize_struct("Wrong", 1)?;
                    let _ = fields.skip_field("none");
                    fields.serialize_field("one", &1_u8)?;
                    fields.end()
                }
            }
        }
    }
    use Wrong::{
        KeyAlone, LongList, No, ShortList, ShortMap, ShortStruct, ShortTuple, Swallowed, ValueAlone,
    };
    for wrong in [ShortList, LongList, ShortTuple, ShortMap, KeyAlone, ValueAlone, ShortStruct, Swallowed] {
        let path = if matches!(wrong, Swallowed) { "none" } else { "(payload)" };
        does_not_come_back::<Wrong>(path, |builder| builder.schema("wrong"), |data| *data = wrong);
    }
    // One that is wrong for every value is found when the sessions are built.
    #[derive(Default, Deserialize)]
    struct Never(u8);
    impl Serialize for Never {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            let mut fields = serializer.serialize_struct("Never", 0)?;
            fields.serialize_field("0", &self.0)?;
            fields.end()
        }
    }
    let error = Sessions::<Never>::new(testing::key_ring()).unwrap_err();
    assert!(error.schema_error().is_some());

    let (sessions, _) = sessions_with::<Wrong>(|builder| builder.schema("wrong"));
    let mut session = sessions.load(&HeaderMap::new());
    *session = No;
    session.mark_changed();
    assert!(sessions.save(session, &mut HeaderMap::new()).is_ok());
}

/// What a client makes an application build would be read back on the stack of every server that loads the cookie.
#[test]
fn data_that_nests_too_deep_is_refused_when_it_is_saved() {
    #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
    enum Filter {
        #[default]
        All,
        Not(Box<Filter>),
        Both(Box<Filter>, Box<Filter>),
        Named {
            inner: Box<Filter>,
        },
        Any(Vec<Filter>),
        Maybe(Option<Box<Filter>>),
    }
    type Wrap = fn(Filter) -> Filter;
    fn nested(levels: usize, wrap: Wrap) -> Filter {
        (0..levels).fold(Filter::All, |inner, _| wrap(inner))
    }
    let (sessions, _) = sessions_with::<Filter>(|builder| builder);
    let saved = |filter: &Filter| {
        let mut session = sessions.load(&HeaderMap::new());
        session.replace(filter.clone());
        let mut response = HeaderMap::new();
        let saved = sessions.save(session, &mut response).map(|_| ());
        if saved.is_ok() {
            let request = HeaderMap::from_iter([(COOKIE, testing::cookie(&sessions, filter.clone()))]);
            assert_eq!(*sessions.load(&request), *filter);
        }
        saved
    };
    let wraps: [(usize, Wrap); 5] = [
        (1, |inner| Filter::Not(inner.into())),
        (1, |inner| Filter::Both(Filter::All.into(), inner.into())),
        (1, |inner| Filter::Named { inner: inner.into() }),
        (2, |inner| Filter::Any(vec![inner])),
        (2, |inner| Filter::Maybe(Some(inner.into()))),
    ];
    for (levels_each, wrap) in wraps {
        let most = 128 / levels_each;
        assert_eq!(saved(&nested(most, wrap)), Ok(()));
        assert_eq!(saved(&nested(most + 1, wrap)), Err(SaveError::TooDeep));
    }
    // What stands beside it counts for nothing.
    let beside = wraps.map(|(_, wrap)| nested(60, wrap));
    assert_eq!(saved(&Filter::Any(beside.into())), Ok(()));

    /// It has no end, so only a guard ends it.
    #[derive(Default, Deserialize)]
    struct Endless;
    impl Serialize for Endless {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            serializer.serialize_some(self)
        }
    }
    let (sessions, _) = sessions_with::<Endless>(|builder| builder.schema("endless"));
    let mut session = sessions.load(&HeaderMap::new());
    session.mark_changed();
    assert_eq!(sessions.save(session, &mut HeaderMap::new()), Err(SaveError::TooDeep));
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct AnyThing(u8);

impl From<serde_json::Value> for AnyThing {
    fn from(_: serde_json::Value) -> Self {
        Self(0)
    }
}

#[test]
fn the_schema_is_checked_before_the_times() {
    types! {
        struct New { user: u64 }
    }
    let (before, clock) = sessions_with::<Old>(|builder| builder);
    let request = testing::request(&before, |session| session.user = 7);
    let builder = Sessions::<New>::builder(testing::key_ring()).clock(clock.reader());
    let sessions = builder.build().unwrap();
    assert_eq!(outcome(&sessions, &request), "schema_mismatch");
    clock.advance(Duration::from_secs(86_400));
    assert_eq!(
        outcome(&sessions, &request),
        "schema_mismatch",
        "the times of another layout may lie elsewhere"
    );
}
