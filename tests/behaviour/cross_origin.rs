//! Whether a page of this origin made a request: many that did not, the few that did, and those that nobody can tell.

use http::header::HeaderName;
use http::{HeaderMap, HeaderValue, Method, Uri};
use sealed_session::error::{ForgeryError, TokenOpenError};
use sealed_session::web::RequestOrigin::{self, Other, Same, Unknown};
use sealed_session::web::{Scheme, TrustedOrigins, may_change_something};
use sealed_session::{RequestInfo, Sessions, testing};

use crate::util::{Visitor, respond, sessions, sessions_with, with_cookie};

fn headers(lines: &[(&'static str, &str)]) -> HeaderMap {
    let mut map = HeaderMap::new();
    for (name, value) in lines {
        map.append(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
    }
    map
}

fn of(uri: &'static str, lines: &[(&'static str, &str)]) -> RequestOrigin {
    RequestOrigin::of(&Uri::from_static(uri), &headers(lines))
}

const HOST: (&str, &str) = ("host", "site.example");

#[test]
fn fetch_metadata_decides_where_it_is_there() {
    let site = |values: &[&'static str]| {
        let lines: Vec<_> = values.iter().map(|value| ("sec-fetch-site", *value)).chain([HOST]).collect();
        of("/", &lines)
    };
    assert_eq!(site(&["same-origin"]), Same);
    assert_eq!(site(&["none"]), Same);
    for foreign in
        ["cross-site", "same-site", "", "Same-Origin", "same-origin, cross-site", "same-origin;a=b", "null"]
    {
        assert_eq!(site(&[foreign]), Other, "{foreign}");
    }
    // Of several lines the worst counts, wherever it stands.
    assert_eq!(site(&["same-origin", "same-origin"]), Same);
    assert_eq!(site(&["same-origin", "cross-site"]), Other);
    assert_eq!(site(&["cross-site", "same-origin"]), Other);
    assert_eq!(site(&["none", "same-site"]), Other);
    // It is the one that is asked, whatever Origin says.
    let with_origin = |site, origin| of("/", &[("sec-fetch-site", site), ("origin", origin), HOST]);
    assert_eq!(with_origin("cross-site", "https://site.example"), Other);
    assert_eq!(with_origin("same-origin", "null"), Same, "no-referrer pages send that of their own origin");
    assert_eq!(with_origin("cross-site", "null"), Other, "a sandboxed frame");
}

#[test]
fn else_the_origin_has_to_be_the_host() {
    let origin = |origin| of("/", &[("origin", origin), HOST]);
    for own in
        ["https://site.example", "http://site.example", "https://SITE.example", "https://site.example:443"]
    {
        assert_eq!(origin(own), Same, "{own}");
    }
    for foreign in [
        "",
        "https://",
        "https://evil.example",
        "https://site.example.evil.example",
        "https://evil.example/site.example",
        "https://site.example/",
        "https://site.example?",
        "https://site.example:8443",
        "https://site.example:80",
        "https://site.example:0443",
        "https://site.example:443:443",
        "https://site.example:99999",
        "https://site.example:+443",
        "https://site.example:4 43",
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
        "https://[site.example",
        "Null",
        "null, https://site.example",
    ] {
        let expected = if foreign == "https://site.example:0443" { Same } else { Other };
        assert_eq!(origin(foreign), expected, "{foreign}");
    }
    let two = |one, two| of("/", &[("origin", one), ("origin", two), HOST]);
    assert_eq!(two("https://site.example", "https://evil.example"), Other, "every line is asked");
    assert_eq!(two("https://evil.example", "https://site.example"), Other);
    assert_eq!(two("null", "https://evil.example"), Other);
    assert_eq!(two("https://site.example", "null"), Unknown);
}

/// What is not UTF-8, and what is huge.
#[test]
fn no_header_is_too_much() {
    let mut headers = headers(&[HOST]);
    headers.insert("origin", HeaderValue::from_bytes(b"https://site.example\xff").unwrap());
    assert_eq!(RequestOrigin::of(&Uri::from_static("/"), &headers), Other);
    for huge in ["x".repeat(1 << 20), ":".repeat(1 << 20), format!("https://{}", "[".repeat(1 << 20))] {
        headers.insert("origin", HeaderValue::from_str(&huge).unwrap());
        headers.insert("host", HeaderValue::from_str(&huge).unwrap());
        assert_eq!(RequestOrigin::of(&Uri::from_static("/"), &headers), Other);
    }
}

#[test]
fn the_port_counts_and_a_default_one_may_be_left_out() {
    let at = |origin, host| of("/", &[("origin", origin), ("host", host)]);
    for (origin, host) in [
        ("https://site.example:8443", "site.example:8443"),
        ("https://site.example", "site.example:443"),
        ("http://site.example", "site.example:80"),
        // A proxy that ends TLS tells its own port.
        ("https://site.example", "site.example:80"),
        ("https://site.example", "site.example:"),
        ("https://[::1]", "[::1]:443"),
    ] {
        assert_eq!(at(origin, host), Same, "{origin} {host}");
    }
    for (origin, host) in [
        ("https://site.example:8443", "site.example:8444"),
        ("https://site.example", "site.example:8443"),
        ("https://site.example:8443", "site.example"),
        ("https://site.example:8443", "site.example:443"),
        ("https://site.example:80", "site.example"),
        ("http://site.example:443", "site.example:80"),
        ("https://[::1]", "[::1]:80:443"),
    ] {
        assert_eq!(at(origin, host), Other, "{origin} {host}");
    }
}

#[test]
fn who_knows_the_scheme_compares_it() {
    let at = |scheme, origin, host| {
        let info = RequestInfo::new().scheme(scheme);
        let headers = headers(&[("origin", origin), ("host", host)]);
        TrustedOrigins::new().origin_of(&Uri::from_static("/"), &headers, &info)
    };
    let (http, https) = (Scheme::Http, Scheme::Https);
    assert_eq!(at(https, "https://site.example", "site.example"), Same);
    assert_eq!(at(https, "https://site.example", "site.example:443"), Same);
    assert_eq!(at(http, "http://site.example", "site.example:80"), Same);
    assert_eq!(
        at(https, "http://site.example", "site.example"),
        Other,
        "somebody on the wire made that page"
    );
    assert_eq!(at(http, "https://site.example", "site.example"), Other);
    assert_eq!(at(https, "https://site.example", "site.example:80"), Other);
    assert_eq!(at(https, "https://site.example:80", "site.example:80"), Same);
}

#[test]
fn addresses_are_hosts_too() {
    let at = |origin, host| of("/", &[("origin", origin), ("host", host)]);
    assert_eq!(at("http://[::1]:3000", "[::1]:3000"), Same);
    assert_eq!(at("http://127.0.0.1:3000", "127.0.0.1:3000"), Same);
    assert_eq!(at("http://[::1]:3000", "[::1]:3001"), Other);
    assert_eq!(at("http://[::1]", "[::2]"), Other);
    assert_eq!(at("http://[::1]:3000", "127.0.0.1:3000"), Other);
    assert_eq!(at("http://localhost:3000", "127.0.0.1:3000"), Other, "another origin, to a browser");
}

#[test]
fn http_2_names_the_host_in_its_authority() {
    let origin = ("origin", "https://site.example");
    assert_eq!(of("https://site.example/logout", &[origin]), Same);
    assert_eq!(of("https://site.example:443/logout", &[origin]), Same);
    assert_eq!(of("https://evil.example/logout", &[origin]), Other);
    assert_eq!(of("https://site.example:8443/logout", &[origin]), Other);
    let user = of("https://user@site.example/logout", &[origin]);
    assert_eq!(user, Other, "not an authority that a browser sends");
    let both = of("https://site.example/", &[origin, ("host", "evil.example")]);
    assert_eq!(both, Same, "it wins over Host (RFC 9113 §8.3.1)");
    assert_eq!(of("https://evil.example/", &[origin, HOST]), Other);
    assert_eq!(of("/logout", &[origin]), Other, "no host at all");
}

#[test]
fn what_a_trusted_proxy_tells_is_the_address() {
    let told = |lines: &[(&'static str, &str)]| {
        let mut all = vec![("origin", "https://site.example"), ("host", "10.0.0.7:3000")];
        all.extend_from_slice(lines);
        let headers = headers(&all);
        let info = RequestInfo::from_forwarded(&headers);
        TrustedOrigins::new().origin_of(&Uri::from_static("/"), &headers, &info)
    };
    let https = ("x-forwarded-proto", "https");
    for lines in [
        &[("x-forwarded-host", "site.example")][..],
        &[("x-forwarded-host", "SITE.example:443"), https],
        &[("forwarded", "for=192.0.2.60;host=site.example;proto=https")],
        &[("forwarded", "Host=\"site.example:443\"")],
        &[("forwarded", "for=192.0.2.43, for=198.51.100.17;host=site.example")],
    ] {
        assert_eq!(told(lines), Same, "{lines:?}");
    }
    for lines in [
        &[][..],
        &[("x-forwarded-host", "evil.example")],
        &[("x-forwarded-host", "")],
        &[("x-forwarded-host", "site.example"), ("x-forwarded-proto", "http")],
        &[("x-forwarded-host", "site.example, evil.example")],
        &[("x-forwarded-host", "site.example"), ("x-forwarded-host", "site.example")],
        &[("x-forwarded-host", "site.example"), ("forwarded", "host=evil.example")],
        &[("forwarded", "host=site.example, host=evil.example")],
        &[("forwarded", "for=\"x;host=site.example\"")],
    ] {
        assert_eq!(told(lines), Other, "{lines:?}");
    }
    let believed = of("/", &[("origin", "https://evil.example"), HOST, ("x-forwarded-host", "evil.example")]);
    assert_eq!(believed, Other, "only who trusts the peer asks these headers");
}

#[test]
fn an_origin_that_is_trusted_is_the_same_and_no_other() {
    let trusted =
        TrustedOrigins::new().trust("https://app.example").unwrap().trust("http://[::1]:3000").unwrap();
    let at = |lines: &[(&'static str, &str)]| {
        trusted.origin_of(&Uri::from_static("/"), &headers(&[&[HOST], lines].concat()), &RequestInfo::new())
    };
    for origin in
        ["https://app.example", "https://APP.example:443", "http://[::1]:3000", "https://site.example"]
    {
        assert_eq!(at(&[("origin", origin)]), Same, "{origin}");
    }
    for site in ["cross-site", "same-site"] {
        assert_eq!(at(&[("sec-fetch-site", site), ("origin", "https://app.example")]), Same);
        assert_eq!(at(&[("sec-fetch-site", site), ("origin", "https://evil.example")]), Other);
        assert_eq!(at(&[("sec-fetch-site", site), ("origin", "https://site.example")]), Other);
        assert_eq!(at(&[("sec-fetch-site", site)]), Other);
        let app = ("origin", "https://app.example");
        assert_eq!(at(&[("sec-fetch-site", site), app, ("origin", "null")]), Other);
    }
    for origin in
        ["http://app.example", "https://app.example:8443", "https://www.app.example", "http://[::1]"]
    {
        assert_eq!(at(&[("origin", origin)]), Other, "{origin}");
    }
    for no_origin in [
        "",
        "null",
        "*",
        "app.example",
        "https://app.example/",
        "https://*.app.example",
        "HTTPS://app.example",
    ] {
        let error = TrustedOrigins::new().trust(no_origin).unwrap_err();
        assert_eq!((error.setting(), error.as_str()), ("trusted origin", "origin"), "{no_origin}");
    }
}

#[test]
fn who_says_nothing_is_unknown() {
    assert_eq!(of("/", &[HOST]), Unknown, "curl");
    assert_eq!(of("/", &[]), Unknown);
    // A page with `Referrer-Policy: no-referrer`, over plain http: its own and a sandboxed frame look alike.
    assert_eq!(of("/", &[HOST, ("origin", "null")]), Unknown);
    assert_eq!([Same, Unknown, Other].map(RequestOrigin::as_str), ["same", "unknown", "other"]);
}

#[test]
fn a_get_changes_nothing_unless_it_opens_a_websocket() {
    let none = HeaderMap::new();
    for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
        assert!(!may_change_something(&method, &none));
        assert!(may_change_something(&method, &headers(&[("upgrade", "websocket")])));
        assert!(!may_change_something(&method, &headers(&[("upgrade-insecure-requests", "1")])));
    }
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE, Method::TRACE, Method::CONNECT] {
        assert!(may_change_something(&method, &none));
    }
    for method in ["get", "PROPFIND"] {
        assert!(may_change_something(&Method::from_bytes(method.as_bytes()).unwrap(), &none), "{method}");
    }
}

/// The page of a newcomer, with a form: what the browser keeps, and the form's token.
fn first_page(sessions: &Sessions<Visitor>) -> (HeaderMap, String) {
    let mut token = String::new();
    let (_, response) = respond(sessions, &HeaderMap::new(), |session| {
        token = sessions.csrf_token(session).unwrap();
    });
    (testing::next_request(&response), token)
}

#[test]
fn the_forms_of_two_tabs_that_a_newcomer_opened_at_once_both_work() {
    let (sessions, _) = sessions();
    let ((_, first), (jar, second)) = (first_page(&sessions), first_page(&sessions)); // the later cookie stays
    for (token, unknown) in
        [(&first, Err(ForgeryError::Token(TokenOpenError::OtherSession))), (&second, Ok(()))]
    {
        let session = testing::load(&sessions, &jar);
        let check = |origin| sessions.check_request(&session, origin, Some(token));
        assert_eq!((check(Same), check(Unknown)), (Ok(()), unknown));
        assert_eq!(check(Other), Err(ForgeryError::OtherOrigin));
    }
}

#[test]
fn the_origin_is_asked_first_and_the_token_where_it_is_unknown() {
    let (sessions, _) = sessions();
    let (jar, token) = first_page(&sessions);
    let session = testing::load(&sessions, &jar);
    let check = |origin, token| sessions.check_request(&session, origin, token).map_err(ForgeryError::as_str);
    for wrong in [None, Some(""), Some("junk")] {
        assert_eq!(check(Same, wrong), Ok(()));
        assert_eq!(check(Other, wrong), Err("other_origin"));
    }
    assert_eq!(check(Other, Some(&token)), Err("other_origin"));
    assert_eq!(check(Unknown, Some(&token)), Ok(()));
    assert_eq!(check(Unknown, None), Err("no_token"));
    assert_eq!(check(Unknown, Some("")), Err("malformed"));
    assert_eq!(check(Unknown, Some(&"x".repeat(1 << 20))), Err("too_long"));
}

/// Whose cookie cannot be read gets no id that a token could be bound to, and can log in all the same.
#[test]
fn a_visitor_of_an_unreadable_cookie_can_send_a_form() {
    let (sessions, _) = sessions_with::<Visitor>(|builder| builder.keep_unreadable());
    let (other, _) = sessions_with::<(u64, u64)>(|builder| builder);
    let request = testing::request(&other, |session| session.0 = 1);
    let mut token = String::new();
    let (_, response) = respond(&sessions, &request, |session| token = sessions.csrf_token(session).unwrap());
    assert!(!response.contains_key("set-cookie"));
    let session = testing::load(&sessions, &request);
    assert_eq!(sessions.check_request(&session, Same, Some(&token)), Ok(()));
    assert!(sessions.check_request(&session, Unknown, Some(&token)).is_err());
    let junk = testing::load(&sessions, &with_cookie("__Host-session=junk"));
    assert_eq!(sessions.check_request(&junk, Same, None), Ok(()));
}
