//! What no such library can avoid, in one piece: a load and a save of the bare primitives, on as many bytes as this
//! library's token has, with nothing checked, nothing wiped and no cookie but this one.

use std::hint::black_box;
use std::time::SystemTime;

use base64::engine::Engine;
use http::{HeaderMap, HeaderValue, header};
use memchr::memmem;
use rand::TryRng;
use rand::rngs::SysRng;
use xaes_256_gcm::Xaes256Gcm;
use xaes_256_gcm::aead::inout::InOutBuf;
use xaes_256_gcm::aead::{AeadInOut, KeyInit};

use crate::data::Data;
use crate::floor::{ASSOCIATED, engine, value_in};
use crate::subject::{Measure, NAME, Subject, block, prepared, request};

pub fn subject<T: Data>(data: &T, value: usize) -> Subject {
    Subject {
        name: "the floor: the same primitives, in one piece".into(),
        value,
        load: Some(load(data, value).into()),
        save: Some(save(data, value).into()),
    }
}

/// Version and key id, nonce; then the header of a record.
const NONCE: std::ops::Range<usize> = 5..29;
const HEADER: usize = 25;
const TAG: usize = 16;

/// The plaintext of a token of `value` characters: zeros for the header, the data, zeros again.
fn plaintext<T: Data>(data: &T, value: usize) -> Vec<u8> {
    let mut plaintext = vec![0; HEADER];
    plaintext.extend(postcard::to_allocvec(data).expect("it serializes"));
    plaintext.resize(value * 3 / 4 - NONCE.end - TAG, 0);
    plaintext
}

fn load<T: Data>(data: &T, value: usize) -> Measure {
    let cipher = Xaes256Gcm::new(&[7; 32].into());
    let (mut envelope, nonce) = (vec![8; NONCE.end], [8; 24].into());
    let mut text = plaintext(data, value);
    let tag =
        cipher.encrypt_inout_detached(&nonce, ASSOCIATED, InOutBuf::from(&mut text[..])).expect("short");
    envelope.extend_from_slice(&text);
    envelope.extend_from_slice(&tag);
    let (engine, finder) = (engine(), memmem::Finder::new(NAME).into_owned());
    let headers = request(&format!("{NAME}={}", engine.encode(&envelope)));
    let mut envelope = vec![0; envelope.len() + 3];
    Box::new(move || {
        block(|| {
            let value = value_in(black_box(&headers), &finder);
            let length = engine.decode_slice(value, &mut envelope).expect("base64");
            let (rest, tag) = envelope[..length].split_at_mut(length - TAG);
            let (start, text) = rest.split_at_mut(NONCE.end);
            let nonce = <[u8; 24]>::try_from(&start[NONCE]).expect("a nonce").into();
            let tag = <[u8; TAG]>::try_from(&*tag).expect("a tag").into();
            cipher
                .decrypt_inout_detached(&nonce, ASSOCIATED, InOutBuf::from(&mut *text), &tag)
                .expect("it was sealed");
            black_box(SystemTime::now());
            let (data, _) = postcard::take_from_bytes::<T>(&text[HEADER..]).expect("written above");
            drop(black_box(data));
        })
    })
}

fn save<T: Data>(data: &T, value: usize) -> Measure {
    let (cipher, engine) = (Xaes256Gcm::new(&[7; 32].into()), engine());
    let length = plaintext(data, value).len();
    let (data, mut response) = (data.clone(), HeaderMap::with_capacity(8));
    let mut envelope = Vec::with_capacity(length + NONCE.end + TAG);
    let (head, tail) = (format!("{NAME}="), "; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=604800");
    Box::new(move || {
        prepared(
            || data.clone(),
            |data| {
                response.clear();
                envelope.clear();
                envelope.resize(NONCE.end, 8);
                black_box(SystemTime::now());
                envelope.resize(NONCE.end + HEADER, 0);
                envelope = postcard::to_extend(&data, std::mem::take(&mut envelope)).expect("it serializes");
                envelope.resize(NONCE.end + length, 0);
                let (start, text) = envelope.split_at_mut(NONCE.end);
                SysRng.try_fill_bytes(&mut start[NONCE]).expect("random bytes");
                let nonce = <[u8; 24]>::try_from(&start[NONCE]).expect("a nonce").into();
                let tag =
                    cipher.encrypt_inout_detached(&nonce, ASSOCIATED, InOutBuf::from(text)).expect("short");
                envelope.extend_from_slice(&tag);
                let mut line = vec![0; head.len() + value + tail.len()];
                line[..head.len()].copy_from_slice(head.as_bytes());
                engine.encode_slice(&envelope, &mut line[head.len()..]).expect("as long as that");
                line[head.len() + value..].copy_from_slice(tail.as_bytes());
                response.append(header::SET_COOKIE, HeaderValue::try_from(line).expect("a line"));
                response.append(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
                response.append(header::VARY, HeaderValue::from_static("Cookie"));
                black_box(&response);
            },
        )
    })
}
