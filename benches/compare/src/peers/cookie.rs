//! cookie's `PrivateJar`, with JSON inside.

use std::hint::black_box;

use cookie::time::Duration;
use cookie::{Cookie, CookieJar, Key, SameSite};
use http::{HeaderMap, HeaderValue, header};

use super::MAX_AGE;
use crate::data::Data;
use crate::subject::{NAME, Subject, block, pair, prepared, request, value_length};

/// Percent-encoded, as axum-extra and Rocket have it, or not.
pub fn subject<T: Data>(data: &T, encoded: bool) -> Subject {
    let (data, key) = (data.clone(), Key::generate());
    let mut response = HeaderMap::with_capacity(8);
    save(&key, data.clone(), encoded, &mut response);
    let cookie = pair(&response);
    let headers = request(&cookie);
    assert_eq!(load::<T>(&key, &headers, encoded), data);
    let name = if encoded { "cookie `PrivateJar` + JSON" } else { "… without percent-encoding" };
    let sealing = key.clone();
    let with_load = move || block(|| drop(black_box(load::<T>(&key, black_box(&headers), encoded))));
    let with_save = move || {
        prepared(
            || data.clone(),
            |data| {
                response.clear();
                save(&sealing, data, encoded, black_box(&mut response));
            },
        )
    };
    Subject {
        name: name.into(),
        value: value_length(&cookie),
        load: Some((Box::new(with_load) as crate::subject::Measure).into()),
        save: Some((Box::new(with_save) as crate::subject::Measure).into()),
    }
}

fn load<T: Data>(key: &Key, headers: &HeaderMap, encoded: bool) -> T {
    let mut jar = CookieJar::new();
    for line in headers.get_all(header::COOKIE) {
        let line = line.to_str().expect("text");
        if encoded {
            Cookie::split_parse_encoded(line)
                .flatten()
                .for_each(|cookie| jar.add_original(cookie.into_owned()));
        } else {
            Cookie::split_parse(line).flatten().for_each(|cookie| jar.add_original(cookie.into_owned()));
        }
    }
    let cookie = jar.private(key).get(NAME).expect("it opens");
    serde_json::from_str(cookie.value()).expect("JSON")
}

fn save<T: Data>(key: &Key, data: T, encoded: bool, headers: &mut HeaderMap) {
    let json = serde_json::to_string(&data).expect("it serializes");
    let cookie = Cookie::build((NAME, json))
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(Duration::seconds(MAX_AGE));
    let mut jar = CookieJar::new();
    jar.private_mut(key).add(cookie);
    for cookie in jar.delta() {
        let line = if encoded { cookie.encoded().to_string() } else { cookie.to_string() };
        headers.append(header::SET_COOKIE, HeaderValue::try_from(line).expect("a cookie line"));
    }
}
