//! The example of a WebSocket: who opens one, and when it ends.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, SystemTime};

use sealed_session::{Sessions, testing};

use crate::browser::Browser;
use crate::process::Server;
use crate::shared::{RIGHT, Visitor, key, not_genuine, own_origin, sessions, start, token};

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
