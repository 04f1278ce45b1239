//! See tests/properties/key_ring_text.rs.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| sealed_session_fuzz::key_ring_text(data));
