//! Whether a request was made by a page of another origin: many that were, and the few that were not.

use http::header::HeaderName;
use http::{HeaderMap, HeaderValue, Method, Uri};
use sealed_session::web::is_cross_origin;

fn is_foreign(method: Method, uri: &'static str, headers: &[(&'static str, &str)]) -> bool {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    }
    is_cross_origin(&method, &Uri::from_static(uri), &map)
}

const HOST: (&str, &str) = ("host", "site.example");

#[test]
fn fetch_metadata_decides_where_it_is_there() {
    let site = |values: &[&'static str]| {
        let lines: Vec<_> = values.iter().map(|value| ("sec-fetch-site", *value)).chain([HOST]).collect();
        is_foreign(Method::POST, "/", &lines)
    };
    assert!(!site(&["same-origin"]));
    assert!(!site(&["none"]));
    for foreign in
        ["cross-site", "same-site", "", "Same-Origin", "same-origin, cross-site", "same-origin;a=b", "null"]
    {
        assert!(site(&[foreign]), "{foreign}");
    }
    // Of several lines the worst counts, wherever it stands.
    assert!(!site(&["same-origin", "same-origin"]));
    assert!(site(&["same-origin", "cross-site"]));
    assert!(site(&["cross-site", "same-origin"]));
    assert!(site(&["none", "same-site"]));
    // It is the one that is asked, whatever Origin says.
    let with_origin =
        |site, origin| is_foreign(Method::POST, "/", &[("sec-fetch-site", site), ("origin", origin), HOST]);
    assert!(with_origin("cross-site", "https://site.example"));
    assert!(!with_origin("same-origin", "null"), "no-referrer pages send that of their own origin");
}

#[test]
fn else_the_origin_has_to_be_the_host() {
    let origin = |origin| is_foreign(Method::POST, "/", &[("origin", origin), HOST]);
    assert!(!origin("https://site.example"));
    assert!(!origin("http://site.example"));
    assert!(!origin("https://SITE.example"));
    for foreign in [
        "null",
        "",
        "https://evil.example",
        "https://site.example.evil.example",
        "https://evil.example/site.example",
        "https://site.example/",
        "https://site.example:8443",
        "https://site.example:443",
        "https://www.site.example",
        "https://user@site.example",
        "https://site.example@evil.example",
        "https://site.example.",
        "https:site.example",
        "//site.example",
        "site.example",
        "HTTPS://site.example",
        "ftp://site.example",
        "https://https://site.example",
        " https://site.example",
        "https://site.example https://evil.example",
        "https://site.example, https://evil.example",
        "https://[::1]",
    ] {
        assert!(origin(foreign), "{foreign}");
    }
    let two = [("origin", "https://site.example"), ("origin", "https://evil.example"), HOST];
    assert!(is_foreign(Method::POST, "/", &two), "every line is asked");
}

#[test]
fn the_port_counts() {
    let at = |origin, host| is_foreign(Method::POST, "/", &[("origin", origin), ("host", host)]);
    assert!(!at("https://site.example:8443", "site.example:8443"));
    assert!(at("https://site.example:8443", "site.example:8444"));
    assert!(at("https://site.example", "site.example:8443"));
    assert!(at("https://site.example:8443", "site.example"));
}

#[test]
fn addresses_are_hosts_too() {
    let at = |origin, host| is_foreign(Method::POST, "/", &[("origin", origin), ("host", host)]);
    assert!(!at("http://[::1]:3000", "[::1]:3000"));
    assert!(!at("http://127.0.0.1:3000", "127.0.0.1:3000"));
    assert!(at("http://[::1]:3000", "[::1]:3001"));
    assert!(at("http://[::1]", "[::2]"));
    assert!(at("http://[::1]:3000", "127.0.0.1:3000"));
    assert!(at("http://localhost:3000", "127.0.0.1:3000"), "another origin, to a browser");
}

#[test]
fn http_2_names_the_host_in_its_authority() {
    let at = |uri, headers: &[_]| is_foreign(Method::POST, uri, headers);
    let origin = ("origin", "https://site.example");
    assert!(!at("https://site.example/logout", &[origin]));
    assert!(at("https://evil.example/logout", &[origin]));
    assert!(at("https://site.example:8443/logout", &[origin]));
    assert!(at("https://user@site.example/logout", &[origin]), "not an authority that a browser sends");
    assert!(
        !at("https://site.example/", &[origin, ("host", "evil.example")]),
        "it wins over Host (RFC 9113 §8.3.1)"
    );
    assert!(at("https://evil.example/", &[origin, HOST]));
    assert!(at("/logout", &[origin]), "no host at all");
}

#[test]
fn no_browser_and_no_change_pass() {
    assert!(!is_foreign(Method::POST, "/", &[HOST]), "curl");
    let foreign = [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example"), HOST];
    for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
        assert!(!is_foreign(method, "/", &foreign));
    }
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::TRACE, Method::CONNECT] {
        assert!(is_foreign(method, "/", &foreign));
    }
    assert!(is_foreign(Method::from_bytes(b"get").unwrap(), "/", &foreign), "another method than GET");
    assert!(is_foreign(Method::from_bytes(b"PROPFIND").unwrap(), "/", &foreign));
}

#[test]
fn a_websocket_is_asked_where_it_comes_from() {
    let upgrade = ("upgrade", "websocket");
    assert!(is_foreign(Method::GET, "/", &[upgrade, ("origin", "https://evil.example"), HOST]));
    assert!(is_foreign(Method::GET, "/", &[upgrade, ("origin", "null"), HOST]));
    assert!(is_foreign(Method::GET, "/", &[upgrade, ("sec-fetch-site", "cross-site"), HOST]));
    assert!(!is_foreign(Method::GET, "/", &[upgrade, ("origin", "https://site.example"), HOST]));
    assert!(!is_foreign(Method::GET, "/", &[upgrade, HOST]), "no browser");
    let page = [("upgrade-insecure-requests", "1"), ("sec-fetch-site", "cross-site"), HOST];
    assert!(!is_foreign(Method::GET, "/", &page), "a link from another site");
}
