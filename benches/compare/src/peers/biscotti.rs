//! biscotti with an encrypted cookie, and JSON inside.

use std::hint::black_box;

use biscotti::config::{CryptoAlgorithm, CryptoRule};
use biscotti::time::SignedDuration;
use biscotti::{Key, Processor, ProcessorConfig, RequestCookies, ResponseCookie, ResponseCookies, SameSite};
use http::{HeaderMap, HeaderValue, header};

use super::MAX_AGE;
use crate::data::Data;
use crate::subject::{Measure, NAME, Subject, block, pair, prepared, request, value_length};

pub fn subject<T: Data>(data: &T) -> Subject {
    let rule = || CryptoRule {
        cookie_names: vec![NAME.into()],
        algorithm: CryptoAlgorithm::Encryption,
        key: Key::from(vec![7; 64]),
        fallbacks: Vec::new(),
    };
    let processor = || -> Processor {
        let mut config = ProcessorConfig::default();
        config.crypto_rules.push(rule());
        config.into()
    };
    let (data, opening, sealing) = (data.clone(), processor(), processor());
    let mut response = HeaderMap::with_capacity(8);
    save(&sealing, data.clone(), &mut response);
    let cookie = pair(&response);
    let headers = request(&cookie);
    assert_eq!(load::<T>(&opening, &headers), data);
    let with_load: Measure =
        Box::new(move || block(|| drop(black_box(load::<T>(&opening, black_box(&headers))))));
    let with_save: Measure = Box::new(move || {
        prepared(
            || data.clone(),
            |data| {
                response.clear();
                save(&sealing, data, black_box(&mut response));
            },
        )
    });
    Subject {
        name: "biscotti, encrypted + JSON".into(),
        value: value_length(&cookie),
        load: Some(with_load.into()),
        save: Some(with_save.into()),
    }
}

fn load<T: Data>(processor: &Processor, headers: &HeaderMap) -> T {
    let line = headers.get(header::COOKIE).and_then(|line| line.to_str().ok()).expect("text");
    let cookies = RequestCookies::parse_header(line, processor).expect("it opens");
    serde_json::from_str(cookies.get(NAME).expect("there is one").value()).expect("JSON")
}

fn save<T: Data>(processor: &Processor, data: T, headers: &mut HeaderMap) {
    let json = serde_json::to_string(&data).expect("it serializes");
    let cookie = ResponseCookie::new(NAME, json)
        .set_path("/")
        .set_secure(true)
        .set_http_only(true)
        .set_same_site(SameSite::Lax)
        .set_max_age(SignedDuration::from_secs(MAX_AGE));
    let mut cookies = ResponseCookies::new();
    cookies.insert(cookie);
    for line in cookies.header_values(processor) {
        headers.append(header::SET_COOKIE, HeaderValue::try_from(line).expect("a cookie line"));
    }
}
