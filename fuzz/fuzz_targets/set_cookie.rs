//! See tests/properties/set_cookie.rs.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sealed_session_fuzz::set_cookie(data));
