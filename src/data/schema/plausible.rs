//! Made-up values, tried in this order where a value is needed that nobody gave.
//!
//! The first is what most types accept. The first few are also put in the place of every value that an application
//! gave, so that a type that treats zero, emptiness or a default in its own way shows it.

pub(super) const BOOL: &[bool] = &[true, false];
pub(super) const I8: &[i8] = &[1, 0, 100, -1, 2];
pub(super) const I16: &[i16] = &[1, 0, 10_000, -1, 2, 2000];
pub(super) const I32: &[i32] = &[1, 0, 1_000_000, -1, 2, 2000];
pub(super) const I64: &[i64] = &[1, 0, 1_000_000, -1, 2, 2000];
pub(super) const I128: &[i128] = &[1, 0, 1_000_000, -1, 2, 2000];
pub(super) const U8: &[u8] = &[1, 0, 100, 2, 32, 97];
pub(super) const U16: &[u16] = &[1, 0, 10_000, 2, 100, 200, 2000];
pub(super) const U32: &[u32] = &[1, 0, 1_000_000, 2, 100, 2000];
pub(super) const U64: &[u64] = &[1, 0, 1_000_000, 2, 100, 2000];
pub(super) const U128: &[u128] = &[1, 0, 1_000_000, 2, 100, 2000];
pub(super) const F32: &[f32] = &[1.0, 0.0, 1000.5, 0.5, -1.0];
pub(super) const F64: &[f64] = &[1.0, 0.0, 1000.5, 0.5, -1.0];
pub(super) const CHAR: &[char] = &['a', '1', 'é', 'A', '+'];

pub(super) const STR: &[&str] = &[
    "1",
    "",
    "abc",
    "2000-01-01T00:00:00Z",
    "2000-01-01",
    "00:00:00",
    "2000-01-01T00:00:00",
    "2000-01-01T00:00:00+00:00[UTC]",
    "2000-01-01T01:00:00+01:00[+01:00]",
    "PT1S",
    "http://example.com/",
    "127.0.0.1",
    "::1",
    "127.0.0.1:80",
    "10.0.0.0/8",
    "00000000-0000-0000-0000-000000000000",
    "00000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "AAAA",
    "00",
    "a@example.com",
    "example.com",
    "/",
    "1.0.0",
    "1.0",
    "true",
    "en",
    "en-US",
    "US",
    "USD",
    "UTC",
    "Monday",
    "January",
    "+00:00",
    "+14155552671",
    "#000000",
    "text/plain",
    "GET",
    "A",
];

pub(super) const BYTES: &[&[u8]] = &[
    &[0; 16],
    &[],
    &[1],
    &[1; 16],
    &[0; 32],
    &[1; 32],
    &[0; 4],
    &[0; 6],
    &[0; 8],
    &[0; 12],
    &[0; 20],
    &[0; 24],
    &[0; 33],
    &[0; 48],
    &[0; 64],
];

/// How long a list or map is, when it must not be empty.
pub(super) const LENGTHS: &[u32] = &[1, 2, 16, 32, 4, 8, 3, 12, 20, 24, 64];

/// How many of the values are put in the place of real ones; the last time, they take turns.
pub(super) const PAINTS: usize = 4;

/// How often a place may refuse before it is given up.
pub(super) const MAX_REFUSALS: usize = STR.len();
