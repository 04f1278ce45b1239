//! Behind a proxy that ends TLS: what it says of the scheme, and what is not believed.

use http::header::{FORWARDED, HeaderName};
use http::{HeaderMap, HeaderValue};
use sealed_session::web::Scheme::{self, Http, Https};

const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

#[track_caller]
fn says(lines: &[(HeaderName, &'static str)], expected: Option<Scheme>) {
    let mut headers = HeaderMap::new();
    for (name, value) in lines {
        headers.append(name, HeaderValue::from_static(value));
    }
    assert_eq!(Scheme::from_forwarded(&headers), expected, "{lines:?}");
}

#[test]
fn one_value_is_believed() {
    for (value, expected) in [("http", Http), ("https", Https), (" HTTP ", Http), ("Https", Https)] {
        says(&[(X_FORWARDED_PROTO, value)], Some(expected));
    }
    for (value, expected) in [
        ("proto=http", Http),
        ("proto=https", Https),
        ("for=192.0.2.60;proto=http;by=203.0.113.43", Http),
        ("for=\"[2001:db8::17]:4711\"; Proto=\"http\"", Http),
        ("for=\"a;proto=https\";proto=http", Http),
        ("for=192.0.2.43, for=198.51.100.17;proto=http", Http),
        // A quote and a backslash that are escaped (RFC 9110 §5.6.4).
        (r#"for="_\";proto=https;by=\"";proto=http"#, Http),
        (r#"for="_a\"b";proto=http"#, Http),
        (r#"for="_\\";proto=http"#, Http),
    ] {
        says(&[(FORWARDED, value)], Some(expected));
    }
}

#[test]
fn nothing_said_is_nothing_known() {
    says(&[], None);
    for value in ["for=192.0.2.60", "", "for=\"x;proto=http\"", "xproto=http", "proto", "by=proto"] {
        says(&[(FORWARDED, value)], None);
    }
}

#[test]
fn where_values_disagree_or_repeat_it_is_https() {
    for value in
        ["http, https", "https, http", "http, http", "http,", ",http", "", "ws", "http/1.1", "\"http\""]
    {
        says(&[(X_FORWARDED_PROTO, value)], Some(Https));
    }
    says(&[(X_FORWARDED_PROTO, "http"), (X_FORWARDED_PROTO, "http")], Some(Https));
    says(&[(X_FORWARDED_PROTO, "http"), (FORWARDED, "proto=https")], Some(Https));
    says(&[(X_FORWARDED_PROTO, "http"), (FORWARDED, "proto=http")], Some(Https));
    for value in [
        "proto=http, proto=https",
        "proto=http, proto=http",
        "proto=http;proto=http",
        "proto=",
        "proto=h\"ttp\"",
    ] {
        says(&[(FORWARDED, value)], Some(Https));
    }
}
