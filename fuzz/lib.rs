//! The properties of tests/properties, for the fuzzer.

#![allow(missing_docs, reason = "tests/properties has them")]

#[path = "../tests/properties/mod.rs"]
mod properties;

macro_rules! properties {
    ($($name:ident)*) => {$(
        pub fn $name(data: &[u8]) {
            properties::$name::check(data);
        }
    )*};
}

properties!(cookie_header key_ring_text mutate open_any request revocation roundtrip set_cookie schema values);
