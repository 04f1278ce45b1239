//! Where the time of the floor goes: each primitive alone, in a tight loop, on as many bytes as this library's token
//! has. Their sum is less than they take in one piece.

use std::hint::black_box;
use std::time::SystemTime;

use base64::engine::general_purpose::GeneralPurposeConfig;
use base64::engine::{DecodePaddingMode, Engine};
use http::{HeaderMap, HeaderValue, header};
use memchr::memmem;
use rand::TryRng;
use rand::rngs::SysRng;
use xaes_256_gcm::Xaes256Gcm;
use xaes_256_gcm::aead::inout::InOutBuf;
use xaes_256_gcm::aead::{AeadInOut, KeyInit};

use crate::data::Data;
use crate::subject::{Measure, NAME, block, prepared, request};

/// One primitive.
pub struct Part {
    pub name: &'static str,
    pub in_load: bool,
    pub in_save: bool,
    pub measure: Measure,
}

/// The parts for a token of `value` characters.
pub fn parts<T: Data>(data: &T, value: usize) -> Vec<Part> {
    let envelope = value * 3 / 4;
    let plaintext = envelope - OVERHEAD;
    // What it would have without padding: the usual header and the data.
    let unpadded = 25 + postcard::to_allocvec(data).expect("it serializes").len();
    vec![
        part("finding the cookie (memchr)", true, false, find(value)),
        part("base64 decode", true, false, decode(envelope)),
        part("XAES-256-GCM open", true, false, open(plaintext)),
        part("postcard read, and dropping what was read", true, false, read(data)),
        part("the clock", true, true, clock()),
        part("postcard write, and dropping what was written", false, true, write(data, plaintext)),
        part("24 random bytes of the system", false, true, random()),
        part("XAES-256-GCM seal", false, true, seal(plaintext)),
        part("base64 encode", false, true, encode(envelope)),
        part("… open, of the record without its padding", false, false, open(unpadded)),
        part("… seal, of the record without its padding", false, false, seal(unpadded)),
        part("Set-Cookie, Cache-Control, Vary into a HeaderMap", false, false, headers_of(value)),
    ]
}

fn part(name: &'static str, in_load: bool, in_save: bool, measure: Measure) -> Part {
    Part { name, in_load, in_save, measure }
}

/// The value of our cookie.
#[inline(always)]
pub fn value_in<'h>(headers: &'h HeaderMap, finder: &memmem::Finder<'_>) -> &'h [u8] {
    let line = headers.get(header::COOKIE).map(|line| line.as_bytes()).unwrap_or_default();
    let at = finder.find(line).unwrap_or_default();
    let value = line.get(at + NAME.len() + 1..).unwrap_or_default();
    value.get(..memchr::memchr(b';', value).unwrap_or(value.len())).unwrap_or_default()
}

fn find(value: usize) -> Measure {
    let headers: HeaderMap = request(&format!("{NAME}={}", "A".repeat(value)));
    let finder = memmem::Finder::new(NAME).into_owned();
    Box::new(move || {
        block(|| {
            black_box(value_in(black_box(&headers), &finder));
        })
    })
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
pub fn engine() -> impl Engine {
    base64::engine::Simd::url_safe(config())
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub fn engine() -> impl Engine {
    base64::engine::GeneralPurpose::new(&base64::alphabet::URL_SAFE, config())
}

fn config() -> GeneralPurposeConfig {
    GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
}

fn decode(envelope: usize) -> Measure {
    let (engine, text) = (engine(), engine().encode(vec![0x5a; envelope]));
    let mut bytes = vec![0; envelope + 3];
    Box::new(move || block(|| drop(black_box(engine.decode_slice(black_box(&text), &mut bytes)))))
}

fn encode(envelope: usize) -> Measure {
    let (engine, bytes) = (engine(), vec![0x5a_u8; envelope]);
    let mut text = vec![0; envelope * 2];
    Box::new(move || block(|| drop(black_box(engine.encode_slice(black_box(&bytes), &mut text)))))
}

fn seal(plaintext: usize) -> Measure {
    let cipher = Xaes256Gcm::new(&[7; 32].into());
    let (input, mut output) = (vec![0x5a_u8; plaintext], vec![0_u8; plaintext]);
    Box::new(move || {
        block(|| {
            let text = InOutBuf::new(black_box(&input[..]), &mut output[..]).expect("of one length");
            let tag = cipher.encrypt_inout_detached(black_box(&[8; 24].into()), ASSOCIATED, text);
            black_box(tag.expect("short"));
        })
    })
}

fn open(plaintext: usize) -> Measure {
    let cipher = Xaes256Gcm::new(&[7; 32].into());
    let mut sealed = vec![0x5a_u8; plaintext];
    let nonce = [8; 24].into();
    let tag =
        cipher.encrypt_inout_detached(&nonce, ASSOCIATED, InOutBuf::from(&mut sealed[..])).expect("short");
    let mut output = vec![0_u8; plaintext];
    Box::new(move || {
        block(|| {
            let text = InOutBuf::new(black_box(&sealed[..]), &mut output[..]).expect("of one length");
            cipher.decrypt_inout_detached(black_box(&nonce), ASSOCIATED, text, &tag).expect("it was sealed");
        })
    })
}

fn read<T: Data>(data: &T) -> Measure {
    let bytes = postcard::to_allocvec(data).expect("it serializes");
    Box::new(move || {
        block(|| drop(black_box(postcard::from_bytes::<T>(black_box(&bytes)).expect("written above"))))
    })
}

fn write<T: Data>(data: &T, plaintext: usize) -> Measure {
    let data = data.clone();
    let mut bytes = vec![0; plaintext];
    Box::new(move || {
        prepared(
            || data.clone(),
            |data| {
                black_box(postcard::to_slice(&data, &mut bytes).expect("it fits"));
            },
        )
    })
}

fn clock() -> Measure {
    Box::new(|| {
        block(|| {
            black_box(SystemTime::now());
        })
    })
}

fn random() -> Measure {
    Box::new(|| {
        block(|| {
            let mut nonce = [0; 24];
            SysRng.try_fill_bytes(&mut nonce).expect("random bytes");
            black_box(nonce);
        })
    })
}

/// What a save does beyond the floor, whatever the library.
fn headers_of(value: usize) -> Measure {
    let line =
        format!("{NAME}={}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=604800", "A".repeat(value));
    let mut response = HeaderMap::with_capacity(8);
    Box::new(move || {
        block(|| {
            response.clear();
            let line = HeaderValue::try_from(black_box(&line).clone()).expect("a line");
            response.append(header::SET_COOKIE, line);
            response.append(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
            response.append(header::VARY, HeaderValue::from_static("Cookie"));
        })
    })
}

/// Version and key id, nonce, tag.
const OVERHEAD: usize = 5 + 24 + 16;

/// As long as the associated data of a session of this name.
pub const ASSOCIATED: &[u8] = b"V-I..K.__Host-session.";
