//! axum-extra's `PrivateCookieJar`, with JSON inside.

use std::hint::black_box;

use axum::response::IntoResponse;
use axum_extra::extract::PrivateCookieJar;
use axum_extra::extract::cookie::{Cookie, Key, SameSite};
use http::HeaderMap;
use time::Duration;

use super::MAX_AGE;
use crate::data::Data;
use crate::subject::{Measure, NAME, Subject, Timed, block, pair, prepared, request, value_length};

pub fn subject<T: Data>(data: &T) -> Subject {
    let (data, key) = (data.clone(), Key::generate());
    let cookie = pair(save(&key, data.clone()).headers());
    let headers = request(&cookie);
    assert_eq!(load::<T>(&key, &headers), data);
    let sealing = key.clone();
    let with_load: Measure =
        Box::new(move || block(|| drop(black_box(load::<T>(&key, black_box(&headers))))));
    let with_save: Measure =
        Box::new(move || prepared(|| data.clone(), |data| drop(black_box(save(&sealing, data)))));
    let without: Measure = Box::new(|| block(|| drop(black_box(().into_response()))));
    Subject {
        name: "axum-extra `PrivateCookieJar` + JSON".into(),
        value: value_length(&cookie),
        load: Some(with_load.into()),
        save: Some(Timed { with: with_save, without: Some(without) }),
    }
}

fn load<T: Data>(key: &Key, headers: &HeaderMap) -> T {
    let jar = PrivateCookieJar::from_headers(headers, key.clone());
    serde_json::from_str(jar.get(NAME).expect("it opens").value()).expect("JSON")
}

fn save<T: Data>(key: &Key, data: T) -> axum::response::Response {
    let json = serde_json::to_string(&data).expect("it serializes");
    let cookie = Cookie::build((NAME, json))
        .path("/")
        .secure(true)
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(Duration::seconds(MAX_AGE));
    (PrivateCookieJar::new(key.clone()).add(cookie), ()).into_response()
}
