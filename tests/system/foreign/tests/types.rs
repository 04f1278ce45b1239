//! Types of other crates, hidden where no default shows them: walked without a sample.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use sealed_session::error::SchemaError;
use sealed_session::{ConfigError, SessionData, Sessions, testing};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

fn build<T: SessionData>() -> Result<Sessions<T>, ConfigError> {
    Sessions::new(testing::key_ring())
}

#[track_caller]
fn hidden<T: Serialize + DeserializeOwned + Send + Sync + 'static>() -> String {
    let sessions = build::<(u8, Option<Vec<T>>, u16)>().unwrap_or_else(|error| panic!("{error}"));
    let found = sessions.schema_description().unwrap();
    found.strip_prefix("(u8,?[").and_then(|text| text.strip_suffix("],u16)")).expect(found).to_owned()
}

#[track_caller]
fn decodes_any<T: SessionData>(path: &str) {
    let expected = SchemaError::DecodesAny { path: path.into() };
    assert_eq!(build::<T>().unwrap_err().schema_error(), Some(&expected));
}

#[test]
fn uuids_and_addresses() {
    assert_eq!(hidden::<uuid::Uuid>(), "bytes");
    assert_eq!(hidden::<uuid::NonNilUuid>(), "bytes");
    assert_eq!(hidden::<url::Url>(), "str");
    assert_eq!(hidden::<serde_bytes::ByteBuf>(), "bytes");
    assert_eq!(hidden::<serde_bytes::ByteArray<24>>(), "bytes");
}

#[test]
fn times_of_chrono() {
    assert_eq!(hidden::<chrono::DateTime<chrono::Utc>>(), "str");
    assert_eq!(hidden::<chrono::DateTime<chrono::FixedOffset>>(), "str");
    assert_eq!(hidden::<chrono::NaiveDate>(), "str");
    assert_eq!(hidden::<chrono::NaiveTime>(), "str");
    assert_eq!(hidden::<chrono::NaiveDateTime>(), "str");
    assert_eq!(hidden::<chrono::Weekday>(), "str");
    assert_eq!(hidden::<chrono::Month>(), "str");
    assert_eq!(hidden::<chrono::TimeDelta>(), "(i64,i32)");

    #[derive(Serialize, Deserialize)]
    struct Seconds(#[serde(with = "chrono::serde::ts_seconds")] chrono::DateTime<chrono::Utc>);
    assert_eq!(hidden::<Seconds>(), "i64");
}

#[test]
fn times_of_time() {
    assert_eq!(hidden::<time::OffsetDateTime>(), "(i32,u16,u8,u8,u8,u32,i8,i8,i8)");
    assert_eq!(hidden::<time::PrimitiveDateTime>(), "(i32,u16,u8,u8,u8,u32)");
    assert_eq!(hidden::<time::Date>(), "(i32,u16)");
    assert_eq!(hidden::<time::Time>(), "(u8,u8,u8,u32)");
    assert_eq!(hidden::<time::UtcOffset>(), "(i8;3)");
    assert_eq!(hidden::<time::Duration>(), "(i64,i32)");
    assert_eq!(hidden::<time::Weekday>(), "u8");
    assert_eq!(hidden::<time::Month>(), "u8");

    #[derive(Serialize, Deserialize)]
    struct Seconds(#[serde(with = "time::serde::timestamp")] time::OffsetDateTime);
    assert_eq!(hidden::<Seconds>(), "i64");
}

#[test]
fn times_of_jiff() {
    assert_eq!(hidden::<jiff::Timestamp>(), "str");
    assert_eq!(hidden::<jiff::Zoned>(), "str");
    assert_eq!(hidden::<jiff::civil::Date>(), "str");
    assert_eq!(hidden::<jiff::civil::Time>(), "str");
    assert_eq!(hidden::<jiff::civil::DateTime>(), "str");
    assert_eq!(hidden::<jiff::Span>(), "str");
    assert_eq!(hidden::<jiff::SignedDuration>(), "str");
}

#[test]
fn values_of_json_are_refused() {
    decodes_any::<Option<serde_json::Value>>("(payload)");
    decodes_any::<Vec<serde_json::Map<String, serde_json::Value>>>("[]{value}");
    decodes_any::<serde_json::Value>("(payload)");
}

#[test]
fn a_change_after_them_is_seen() {
    #[derive(Serialize, Deserialize)]
    struct One {
        id: uuid::Uuid,
        at: jiff::Timestamp,
        seen: Option<chrono::NaiveDate>,
        user: u64,
        tenant: u64,
    }
    #[derive(Serialize, Deserialize)]
    struct Other {
        id: uuid::Uuid,
        at: jiff::Timestamp,
        seen: Option<chrono::NaiveDate>,
        tenant: u64,
        user: u64,
    }
    assert_eq!(hidden::<One>(), "{id:bytes,at:str,seen:?str,user:u64,tenant:u64}");
    assert_eq!(hidden::<Other>(), "{id:bytes,at:str,seen:?str,tenant:u64,user:u64}");
}
