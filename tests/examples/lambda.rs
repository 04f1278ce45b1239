//! The example of a function that is called once an event.

use http::header::{ALLOW, CACHE_CONTROL, COOKIE, SET_COOKIE, VARY};
use http::{HeaderMap, Request, Response};
use sealed_session::{Sessions, testing};

use crate::lambda_example as lambda;
use crate::process::example;
use crate::shared::{RIGHT, key, not_genuine, token};

#[test]
fn lambda_prints_its_events_and_no_cookie() {
    let output = example("lambda").env("SESSION_KEYS", key()).output().unwrap();
    assert_eq!((output.status.code(), output.stderr.as_slice()), (Some(0), &b""[..]));
    let printed = String::from_utf8(output.stdout).unwrap();
    let is_tombstone = |line: &&str| line.starts_with("    the browser has __Host-session.out.");
    assert_eq!(printed.lines().filter(is_tombstone).count(), 2);
    let rest: Vec<_> = printed.lines().filter(|line| !is_tombstone(line)).collect();
    assert_eq!(
        rest,
        [
            "GET /: 200 Who are you?",
            "POST /login: 401 Wrong name or password.",
            "POST /login: 303 ",
            "    the browser has __Host-session",
            "GET /: 200 You are Ada.",
            "    the browser has __Host-session",
            "POST /logout: 303 ",
            "GET /: 200 Who are you?",
        ]
    );
}

#[test]
fn lambda_knows_a_visitor_from_login_to_logout() {
    let sessions: Sessions<lambda::Visitor> = Sessions::new(testing::key_ring()).unwrap();
    let login = call(&sessions, "POST", "/login", &HeaderMap::new(), RIGHT);
    assert_eq!(login.status(), 303);
    let request = testing::next_request(login.headers());
    let answer = call(&sessions, "GET", "/", &request, "");
    assert_eq!(answer.body(), "You are Ada.\n");
    assert_eq!(
        (&answer.headers()[CACHE_CONTROL], &answer.headers()[VARY]),
        (&"private".parse().unwrap(), &"Cookie".parse().unwrap())
    );
    assert!(!answer.headers().contains_key(SET_COOKIE));
    let logout = call(&sessions, "POST", "/logout", &request, "");
    assert_eq!(testing::read_back(&sessions, logout.headers()).user, None);
    assert_eq!(
        call(&sessions, "GET", "/", &testing::next_request(logout.headers()), "").body(),
        "Who are you?\n"
    );
}

#[test]
fn lambda_refuses_what_is_not_right() {
    let sessions: Sessions<lambda::Visitor> = Sessions::new(testing::key_ring()).unwrap();
    let logged_in = testing::request(&sessions, |session| session.user = Some("Ada".into()));
    for (what, token) in not_genuine(&token(&logged_in), &testing::key(7).expose_text()) {
        let request = HeaderMap::from_iter([(COOKIE, format!("__Host-session={token}").parse().unwrap())]);
        let answer = call(&sessions, "GET", "/", &request, "");
        assert_eq!((answer.status().as_u16(), answer.body().as_str()), (200, "Who are you?\n"), "{what}");
        assert!(!answer.headers().contains_key(SET_COOKIE), "{what}");
    }
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "https://shop.example.evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "same-site"),
        ("sec-fetch-site", "cross-site"),
    ] {
        let mut request = logged_in.clone();
        request.insert(name, value.parse().unwrap());
        let answer = call(&sessions, "POST", "/logout", &request, "");
        assert_eq!(
            (answer.status().as_u16(), answer.headers().contains_key(SET_COOKIE)),
            (403, false),
            "{value}"
        );
    }
    for (method, path, status, allow) in [
        ("GET", "/login", 405, Some("POST")),
        ("GET", "/logout", 405, Some("POST")),
        ("POST", "/", 405, Some("GET, HEAD")),
        ("GET", "/nowhere", 404, None),
    ] {
        let answer = call(&sessions, method, path, &logged_in, RIGHT);
        let allowed = answer.headers().get(ALLOW).map(|value| value.to_str().unwrap());
        assert_eq!((answer.status().as_u16(), allowed), (status, allow), "{method} {path}");
        assert!(!answer.headers().contains_key(SET_COOKIE), "{method} {path}");
    }
    for form in ["user=Ada&password=guess", "user=Ada", "password=sesame", "%", "\u{fffd}", ""] {
        let answer = call(&sessions, "POST", "/login", &HeaderMap::new(), form);
        assert_eq!(
            (answer.status().as_u16(), answer.headers().contains_key(SET_COOKIE)),
            (401, false),
            "{form}"
        );
    }
}

#[test]
fn lambda_sends_no_cookie_that_would_be_dropped() {
    let sessions: Sessions<lambda::Visitor> = Sessions::new(testing::key_ring()).unwrap();
    let logged_in = testing::request(&sessions, |session| session.user = Some("Ada".into()));
    let mut over_http = logged_in.clone();
    over_http.insert("x-forwarded-proto", "http".parse().unwrap());
    let too_large = format!("user={}&password=sesame", "a".repeat(4000));
    for (what, path, request, form) in [
        ("a login over plain http", "/login", &over_http, RIGHT),
        ("a logout over plain http", "/logout", &over_http, ""),
        ("a name that does not fit", "/login", &logged_in, &too_large),
    ] {
        let answer = call(&sessions, "POST", path, request, form);
        assert_eq!(answer.status(), 500, "{what}");
        let headers = answer.headers();
        assert!(!headers.contains_key(SET_COOKIE) && !headers.contains_key("location"), "{what}");
    }
}

/// One event for the lambda, which came over https if its headers do not say otherwise.
fn call(
    sessions: &Sessions<lambda::Visitor>,
    method: &str,
    path: &str,
    headers: &HeaderMap,
    body: &str,
) -> Response<String> {
    let mut event = Request::builder().method(method).uri(path).body(body.into()).unwrap();
    event.headers_mut().insert("host", "shop.example".parse().unwrap());
    event.headers_mut().insert("x-forwarded-proto", "https".parse().unwrap());
    if !headers.contains_key("origin") {
        event.headers_mut().insert("sec-fetch-site", "same-origin".parse().unwrap());
    }
    for (name, value) in headers {
        event.headers_mut().insert(name, value.clone());
    }
    lambda::handle(sessions, &event)
}
