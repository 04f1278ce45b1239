//! The examples that need no framework's layer, as their clients meet them: hyper, lambda and websocket.
//!
//! `cargo test` builds the examples first; `cargo test --test examples` does not, and then the last build is what is
//! tested.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

#[path = "util/browser.rs"]
mod browser;
#[path = "../examples/lambda.rs"]
#[allow(dead_code, reason = "its main runs as a process")]
mod lambda;
#[path = "util/process.rs"]
#[allow(dead_code, reason = "the demo's tests use the rest")]
mod process;

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, SystemTime};

use browser::Browser;
use http::header::{ALLOW, CACHE_CONTROL, COOKIE, SET_COOKIE, VARY};
use http::{HeaderMap, Request, Response};
use process::{Server, example};
use sealed_session::{Algorithm, Builder, Key, SessionData, Sessions, testing};

const RIGHT: &str = "user=Ada&password=sesame";

#[test]
fn hyper_knows_a_visitor_from_login_to_logout_and_through_a_restart() {
    let key = key();
    let mut browser = Browser::default();
    {
        let server = start("hyper", &key);
        assert_eq!(browser.get(&server, "/").body, "Who are you?\n");
        for form in
            ["user=Ada&password=guess", "password=sesame", "user=Ada", "user=Ada&password=sesame%00", ""]
        {
            let wrong = browser.post(&server, "/login", form);
            assert_eq!((wrong.status, browser.jar.len()), (401, 0), "{form}");
        }
        browser.post(&server, "/login", "user=A%26da&password=sesame").redirects_to("/");
    }
    let server = start("hyper", &key);
    let answer = browser.get(&server, "/");
    assert_eq!(answer.body, "You are A&da.\n");
    assert_eq!(answer.all("set-cookie").count(), 0, "reading sends nothing");
    assert_eq!(answer.all("cache-control").collect::<Vec<_>>(), ["private"]);
    assert_eq!(answer.all("vary").collect::<Vec<_>>(), ["Cookie"]);

    let token = browser.jar["session"].clone();
    browser.post(&server, "/logout", "").redirects_to("/");
    assert_eq!(browser.jar.get("session"), None);
    assert_eq!(browser.get(&server, "/").body, "Who are you?\n");
    browser.jar.insert("session".into(), token); // by a slow response, say
    assert_eq!(browser.get(&server, "/").body, "Who are you?\n");
}

#[test]
fn hyper_takes_no_cookie_that_it_did_not_seal() {
    let key = key();
    let server = start("hyper", &key);
    let mut browser = Browser::default();
    browser.post(&server, "/login", RIGHT).redirects_to("/");
    for (what, token) in not_genuine(&browser.jar["session"], &key) {
        let mut forger = Browser::default();
        forger.jar.insert("session".into(), token);
        let answer = forger.get(&server, "/");
        assert_eq!((answer.status, answer.body.as_str()), (200, "Who are you?\n"), "{what}");
        assert_eq!(answer.all("set-cookie").count(), 0, "{what}: reading never deletes a cookie");
    }
}

#[test]
fn no_page_of_another_origin_can_post() {
    for name in ["hyper", "websocket"] {
        let server = start(name, &key());
        for (said, expected) in origins(&server) {
            let mut browser = Browser::default();
            assert_eq!(
                browser.send(&server, "POST", "/login", &said, RIGHT).status,
                expected,
                "{name}: {said}"
            );
            assert_eq!(browser.jar.len(), usize::from(expected == 303), "{name}: {said}");
        }
        let mut browser = Browser::default();
        browser.post(&server, "/login", RIGHT).redirects_to("/");
        let foreign = browser.send(&server, "POST", "/logout", "Sec-Fetch-Site: cross-site\r\n", "");
        assert_eq!((foreign.status, browser.jar.len()), (403, 1), "{name}");
        let link = browser.send(&server, "GET", "/", "Sec-Fetch-Site: cross-site\r\n", "");
        assert_eq!(link.status, 200, "{name}: a link is welcome");
    }
}

#[test]
fn wrong_methods_and_places_change_nothing() {
    for name in ["hyper", "websocket"] {
        let server = start(name, &key());
        let mut browser = Browser::default();
        browser.post(&server, "/login", RIGHT).redirects_to("/");
        for (method, path, status, allow) in [
            ("GET", "/login", 405, Some("POST")),
            ("GET", "/logout", 405, Some("POST")),
            ("HEAD", "/logout", 405, Some("POST")),
            ("PUT", "/login", 405, Some("POST")),
            ("DELETE", "/", 405, Some(if name == "hyper" { "GET, HEAD" } else { "GET,HEAD" })),
            ("POST", "/nowhere", 404, None),
            ("GET", "/logout/", 404, None),
        ] {
            let answer = browser.send(&server, method, path, "", RIGHT);
            let allowed = answer.all("allow").next();
            assert_eq!((answer.status, allowed), (status, allow), "{name}: {method} {path}");
            assert_eq!(answer.all("set-cookie").count(), 0, "{name}: {method} {path}");
        }
    }
}

#[test]
fn what_cannot_be_saved_is_a_500_without_cookies() {
    for name in ["hyper", "websocket"] {
        let server = start(name, &key());
        let mut browser = Browser::default();
        browser.post(&server, "/login", RIGHT).redirects_to("/");
        let before = browser.jar.clone();
        let too_large =
            browser.post(&server, "/login", &format!("user={}&password=sesame", "a".repeat(4000)));
        assert_eq!((too_large.status, too_large.all("set-cookie").count()), (500, 0), "{name}");
        assert_eq!(too_large.all("location").count(), 0, "{name}: nobody is told that it worked");
        assert_eq!(browser.jar, before, "{name}");
        assert!(!too_large.body.contains("4093"), "{name}: why is for the operator");
        assert!(server.stop().starts_with(&format!("{name}: ")), "{name}");
    }
}

#[test]
fn hyper_reads_no_body_without_end() {
    let server = start("hyper", &key());
    let mut browser = Browser::default();
    let fits = format!("{RIGHT}&{}", "a".repeat(16 * 1024 - RIGHT.len() - 1));
    assert_eq!(browser.post(&server, "/login", &(fits.clone() + "a")).status, 413);
    assert_eq!(browser.jar.len(), 0);
    browser.post(&server, "/login", &fits).redirects_to("/");
}

#[test]
fn a_socket_knows_who_opened_it_and_outlives_the_logout() {
    let server = start("websocket", &key());
    let mut browser = Browser::default();
    browser.post(&server, "/login", "user=Ada%E2%80%AE&password=sesame").redirects_to("/");
    let token = browser.jar["session"].clone();
    let mut socket = Socket::open(&server, &browser, &own_origin(&server)).unwrap();
    assert_eq!(socket.read(), Frame::Text("You are Ada\u{202e}.".into()));
    socket.say("hello");
    assert_eq!(socket.read(), Frame::Text("Ada\u{202e}: hello".into()));

    browser.post(&server, "/logout", "").redirects_to("/");
    socket.say("still here");
    assert_eq!(socket.read(), Frame::Text("Ada\u{202e}: still here".into()), "as its documentation says");
    assert_eq!(Socket::open(&server, &browser, &own_origin(&server)).err(), Some(401));
    browser.jar.insert("session".into(), token);
    assert_eq!(Socket::open(&server, &browser, &own_origin(&server)).err(), Some(401), "the note says so");
}

#[test]
fn no_socket_opens_without_a_genuine_session() {
    let key = key();
    let server = start("websocket", &key);
    let mut browser = Browser::default();
    assert_eq!(Socket::open(&server, &browser, &own_origin(&server)).err(), Some(401));
    browser.post(&server, "/login", RIGHT).redirects_to("/");
    for (what, token) in not_genuine(&browser.jar["session"], &key) {
        let mut forger = Browser::default();
        forger.jar.insert("session".into(), token);
        assert_eq!(Socket::open(&server, &forger, &own_origin(&server)).err(), Some(401), "{what}");
    }
}

#[test]
fn no_socket_opens_for_a_page_of_another_origin() {
    let server = start("websocket", &key());
    let mut browser = Browser::default();
    browser.post(&server, "/login", RIGHT).redirects_to("/");
    let host = &server.address;
    for said in [
        String::new(),
        "Origin: null\r\n".into(),
        "Origin: \r\n".into(),
        "Origin: http://127.0.0.1:1\r\n".into(),
        "Origin: http://evil.example\r\n".into(),
        format!("Origin: ftp://{host}\r\n"),
        format!("Origin: http://{host}\r\nSec-Fetch-Site: cross-site\r\n"),
        format!("Origin: http://{host}.evil.example\r\n"),
        format!("Origin: http://evil.example/http://{host}\r\n"),
        format!("Origin: {host}\r\n"),
        "Sec-Fetch-Site: same-origin\r\n".into(), // what a browser says beside Origin, never instead
    ] {
        assert_eq!(Socket::open(&server, &browser, &said).err(), Some(403), "{said}");
    }
    assert!(Socket::open(&server, &browser, &own_origin(&server)).is_ok());
    let no_upgrade = browser.send(&server, "GET", "/socket", &own_origin(&server), "");
    assert_eq!((no_upgrade.status, no_upgrade.body.contains("Ada")), (400, false));
    assert_eq!(browser.send(&server, "POST", "/socket", &own_origin(&server), "").status, 405);
}

#[test]
fn a_socket_ends_when_the_session_would_have_ended() {
    let key = key();
    let server = start("websocket", &key);
    // A cookie of long ago, of which only seconds are left: more of them where the machine was too slow for few.
    let mut socket = [2_u64, 4, 8, 16, 32].into_iter().find_map(|left| {
        let sealed = SystemTime::now() - Duration::from_secs(24 * 3600 - left);
        let sessions: Sessions<Visitor> = sessions(&key, |builder| builder.clock(move || sealed));
        let request = testing::request(&sessions, |session| session.user = Some("Ada".into()));
        let mut browser = Browser::default();
        browser.jar.insert("session".into(), token(&request));
        Socket::open(&server, &browser, &own_origin(&server)).ok()
    });
    let socket = socket.as_mut().expect("the session is valid for a moment");
    assert_eq!(socket.read(), Frame::Text("You are Ada.".into()));
    assert_eq!(socket.read(), Frame::Close(1008));
}

#[test]
fn a_socket_reads_no_message_without_end() {
    let server = start("websocket", &key());
    let mut browser = Browser::default();
    browser.post(&server, "/login", RIGHT).redirects_to("/");
    let mut socket = Socket::open(&server, &browser, &own_origin(&server)).unwrap();
    assert_eq!(socket.read(), Frame::Text("You are Ada.".into()));
    socket.stream.write_all(&[0x81, 0xfe, 0x40, 0x01, 0, 0, 0, 0]).unwrap(); // 16 KiB and a byte will follow
    let _ = socket.stream.write_all(&[b'a'; 16 * 1024 + 1]); // it may be over before they are all sent
    assert_eq!(socket.read(), Frame::End);
}

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

/// The same type as in the examples, as far as its cookies go.
#[derive(Default, serde::Serialize, serde::Deserialize)]
struct Visitor {
    user: Option<String>,
}

fn key() -> String {
    Key::generate(Algorithm::Xaes256Gcm).unwrap().expose_text().to_string()
}

fn start(name: &str, key: &str) -> Server {
    let mut command = example(name);
    command.env("SESSION_KEYS", key).env("PORT", "0");
    Server::run(command)
}

/// The sessions of an example that runs with this key.
fn sessions<T: SessionData>(key: &str, settings: impl FnOnce(Builder<T>) -> Builder<T>) -> Sessions<T> {
    let ring = testing::key_ring_from_text(key).unwrap();
    settings(Sessions::builder(ring).insecure_for_localhost()).build().unwrap()
}

fn token(request: &HeaderMap) -> String {
    request[COOKIE].to_str().unwrap().split_once('=').unwrap().1.to_owned()
}

/// Cookies beside a genuine one that are none, each with what is wrong with it.
fn not_genuine(token: &str, key: &str) -> Vec<(&'static str, String)> {
    let flipped = |at: usize| {
        let other = if token.as_bytes()[at] == b'A' { "B" } else { "A" };
        format!("{}{other}{}", &token[..at], &token[at + 1..])
    };
    let ada = || Visitor { user: Some("Ada".into()) };
    let of = |sessions: &Sessions<Visitor>| {
        let cookie = testing::cookie(sessions, ada());
        cookie.to_str().unwrap().split_once('=').unwrap().1.to_owned()
    };
    vec![
        ("another byte in the middle", flipped(token.len() / 2)),
        ("another byte in the tag", flipped(token.len() - 4)),
        ("cut", token[..token.len() - 4].to_owned()),
        ("longer", format!("{token}AAAA")),
        ("twice itself", token.repeat(2)),
        ("empty", String::new()),
        ("no base64url", "%00%ff".into()),
        ("huge", "A".repeat(5000)),
        ("of another key", of(&sessions(&self::key(), |builder| builder))),
        ("of another name", of(&sessions(key, |builder| builder.name("cart")))),
        ("of another purpose", of(&sessions(key, |builder| builder.purpose("cart")))),
        ("too old", of(&sessions(key, |builder| builder.clock(|| SystemTime::UNIX_EPOCH)))),
        ("plain", "user=Ada".into()),
    ]
}

/// What a browser may say of where a POST comes from, and the answer.
fn origins(server: &Server) -> Vec<(String, u16)> {
    let host = &server.address;
    vec![
        ("Sec-Fetch-Site: same-origin\r\n".into(), 303),
        ("Sec-Fetch-Site: same-site\r\n".into(), 403),
        ("Sec-Fetch-Site: cross-site\r\n".into(), 403),
        ("Sec-Fetch-Site: none\r\n".into(), 303),
        ("Sec-Fetch-Site: \r\n".into(), 403),
        (format!("Sec-Fetch-Site: cross-site\r\nOrigin: http://{host}\r\n"), 403),
        (format!("Origin: http://{host}\r\n"), 303),
        (format!("Origin: ftp://{host}\r\n"), 403),
        (format!("Origin: http://{host}.evil.example\r\n"), 403),
        ("Origin: http://127.0.0.1:1\r\n".into(), 403),
        ("Origin: null\r\n".into(), 403),
        ("Origin: \r\n".into(), 403),
        (String::new(), 303),
    ]
}

fn own_origin(server: &Server) -> String {
    format!("Origin: http://{}\r\n", server.address)
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
    for (name, value) in headers {
        event.headers_mut().insert(name, value.clone());
    }
    lambda::handle(sessions, &event)
}

/// As much of RFC 6455 as a client needs that talks to a server it trusts.
struct Socket {
    stream: TcpStream,
}

#[derive(Debug, PartialEq)]
enum Frame {
    Text(String),
    /// With its code.
    Close(u16),
    /// The connection is over without a word.
    End,
}

impl Socket {
    /// Or the status that is not 101.
    fn open(server: &Server, browser: &Browser, origin: &str) -> Result<Self, u16> {
        let mut stream = TcpStream::connect(&server.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let cookies: Vec<_> = browser.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        write!(
            stream,
            "GET /socket HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nCookie: {}\r\n{origin}\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            server.address,
            cookies.join("; ")
        )
        .unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            head.extend(byte);
        }
        let head = String::from_utf8(head).unwrap();
        assert!(!head.to_lowercase().contains("set-cookie"), "nothing is saved: {head}");
        match head.split(' ').nth(1).unwrap() {
            "101" => Ok(Self { stream }),
            status => Err(status.parse().unwrap()),
        }
    }

    /// A text of up to 125 bytes, masked with zeros (§5.3).
    fn say(&mut self, text: &str) {
        let length = u8::try_from(text.len()).unwrap();
        self.stream.write_all(&[0x81, 0x80 | length, 0, 0, 0, 0]).unwrap();
        self.stream.write_all(text.as_bytes()).unwrap();
    }

    fn read(&mut self) -> Frame {
        let mut head = [0; 2];
        if self.stream.read_exact(&mut head).is_err() {
            return Frame::End;
        }
        assert!(head[1] < 126, "longer than anything that the example says");
        let mut content = vec![0; head[1].into()];
        self.stream.read_exact(&mut content).unwrap();
        match head[0] {
            0x81 => Frame::Text(String::from_utf8(content).unwrap()),
            0x88 => Frame::Close(u16::from_be_bytes([content[0], content[1]])),
            other => panic!("a frame of kind {other:#x}"),
        }
    }
}
