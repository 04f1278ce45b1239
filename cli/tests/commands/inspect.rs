//! `inspect`.

use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::COOKIE;
use sealed_session::{Algorithm, Key, KeyRing, Sessions, testing};

use crate::folder::Folder;
use crate::transcript::{check, run};

type Visitor = Option<u64>;

/// `session.keys`, and in `cookie` a Cookie header of somebody who logged in two hours ago.
fn with_session() -> (Folder, Sessions<Visitor>, testing::Clock) {
    let folder = Folder::new();
    let key = Key::generate(Algorithm::Xaes256Gcm).unwrap();
    folder.write("session.keys", key.expose_text());
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    let clock = testing::Clock::at(now - 7200);
    let builder = Sessions::builder(KeyRing::new(key)).clock(clock.reader());
    let sessions = builder.idle_timeout(Duration::from_secs(6 * 3600)).build().unwrap();
    folder.write("cookie", cookie(&logged_in(&sessions)));
    (folder, sessions, clock)
}

fn logged_in(sessions: &Sessions<Visitor>) -> HeaderMap {
    testing::request(sessions, |session| {
        **session = Some(7);
        session.mark_authenticated();
    })
}

fn cookie(headers: &HeaderMap) -> String {
    format!("Cookie: theme=dark; {}; lang=de", headers[COOKIE].to_str().unwrap())
}

const OPEN: &str = "sealed-session inspect --keys session.keys --name __Host-session";

#[test]
fn without_keys_it_says_what_stands_in_clear() {
    let (folder, ..) = with_session();
    let value = std::fs::read_to_string(folder.path("cookie")).unwrap();
    let value = value.split("__Host-session=").nth(1).unwrap().split(';').next().unwrap().to_owned();
    folder.write("value", &value);
    folder.write(
        "set",
        format!("HTTP/1.1 200 OK\r\nX: y=z\r\nset-cookie: __Host-session={value}; Path=/; Secure\r\n\r\n"),
    );
    check(
        &folder,
        "
$ sealed-session inspect < cookie
__Host-session
  version     1
  algorithm   XAES-256-GCM
  key         KEY-ID-1
  size        103 characters, 77 bytes, 32 of plaintext
$ sealed-session inspect < set
__Host-session
  version     1
  algorithm   XAES-256-GCM
  key         KEY-ID-1
  size        103 characters, 77 bytes, 32 of plaintext
$ sealed-session inspect < value
  version     1
  algorithm   XAES-256-GCM
  key         KEY-ID-1
  size        103 characters, 77 bytes, 32 of plaintext
$ sealed-session inspect \"$(cat value)\"
  version     1
  algorithm   XAES-256-GCM
  key         KEY-ID-1
  size        103 characters, 77 bytes, 32 of plaintext
! sealed-session: the cookie stays in the shell's history, and other users may see it while this runs
$ sealed-session inspect </dev/null
! sealed-session: no token of sealed-session in it
? 1
$ echo theme=dark | sealed-session inspect
! sealed-session: no token of sealed-session in it
? 1
$ head -c 70000 /dev/zero | sealed-session inspect
! sealed-session: more than 65536 bytes on standard input: paste the cookie alone
? 1
$ printf '\\377' | sealed-session inspect
! sealed-session: standard input is not UTF-8
? 1
",
    );
}

#[test]
fn with_keys_it_opens() {
    let (folder, ..) = with_session();
    check(
        &folder,
        "
$ sealed-session inspect --keys session.keys --name __Host-session < cookie
__Host-session
  version     1
  algorithm   XAES-256-GCM
  key         KEY-ID-1
  size        103 characters, 77 bytes, 32 of plaintext
  outcome     a session
  id          ID
  family      FAMILY
  started     2026-MM-DDTHH:MM:SSZ
  sealed      2026-MM-DDTHH:MM:SSZ
  renewed     -
  idle until  2026-MM-DDTHH:MM:SSZ
  ends        2026-MM-DDTHH:MM:SSZ
  logged in   2026-MM-DDTHH:MM:SSZ
  remembered  no
  bound       no
  schema      3fac7dbeb2
  payload     2 bytes, 5 of padding
$ sealed-session inspect --keys session.keys --name __Host-session --idle-timeout 1h < cookie | grep outcome
  outcome     rejected: idle
$ sealed-session inspect --keys session.keys --name __Host-session --idle-timeout 1h < cookie > /dev/null
? 1
$ sealed-session inspect --keys session.keys --name __Host-session --idle-timeout 0s < cookie | grep idle
  idle until  no idle timeout
$ sealed-session inspect --keys session.keys --name __Host-session --payload < cookie | tail -1
    01 07                                            ..
$ sealed-session inspect --keys session.keys --name other < cookie
! sealed-session: no token of sealed-session in it
? 1
$ sealed-session inspect --keys session.keys --name __Host-session --purpose shop < cookie | tail -1
  outcome     rejected: forged
$ sealed-session keygen > session.keys
$ sealed-session inspect --keys session.keys --name __Host-session < cookie | tail -1
  outcome     rejected: unknown_key
$ sealed-session inspect --keys session.keys --name 'a b' < cookie
! sealed-session: name: must be 1 to 128 letters, digits or !#$%&'*+-.^_`|~
? 2
",
    );
}

#[test]
fn last_seen_and_notes_count() {
    let (folder, sessions, clock) = with_session();
    let request = logged_in(&sessions);
    clock.advance(Duration::from_secs(7200));
    let respond = |handler: &dyn Fn(&mut sealed_session::Session<Visitor>)| {
        let mut session = sessions.load(&request);
        handler(&mut session);
        let mut response = HeaderMap::new();
        sessions.save(session, &mut response).unwrap();
        response
    };
    let line = |response: &HeaderMap, part: &str| {
        let lines = response.get_all("set-cookie").iter().map(|line| line.to_str().unwrap());
        let line = lines.into_iter().find(|line| line.contains(part)).unwrap().to_owned();
        line.split(';').next().unwrap().to_owned()
    };
    let seen = line(&respond(&|session| assert_eq!(**session, Some(7))), ".seen=");
    let tombstone = line(&respond(&|session| session.destroy()), ".out.");
    folder.write("seen", format!("{}; {seen}", cookie(&request)));
    folder.write("ended", format!("{}; {tombstone}", cookie(&request)));
    let outcome = |arguments: &str| {
        let output = run(&folder, &format!("{OPEN} {arguments}"));
        let text = String::from_utf8(output.stdout).unwrap();
        let outcome = text.lines().find_map(|line| line.strip_prefix("  outcome     ")).unwrap();
        (outcome.to_owned(), output.status.code().unwrap())
    };
    assert_eq!(outcome("--idle-timeout 1h < cookie"), ("rejected: idle".into(), 1));
    assert_eq!(outcome("--idle-timeout 1h < seen"), ("a session".into(), 0));
    assert_eq!(outcome("< ended"), ("rejected: ended".into(), 1));
}

#[test]
fn nothing_that_a_terminal_would_obey_is_printed_and_no_token() {
    let (folder, sessions, _) = with_session();
    let request = testing::request(&sessions, |session| **session = Some(1));
    let value = request[COOKIE].to_str().unwrap().split('=').nth(1).unwrap().to_owned();
    folder
        .write("evil", format!("Cookie: \u{1b}]0;x=1; \u{1b}[31m\u{202e}={value}; __Host-session={value}\n"));
    for command in
        ["sealed-session inspect < evil", &format!("{OPEN} --payload < evil"), &format!("{OPEN} < cookie")]
    {
        let output = run(&folder, command);
        let said = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        assert!(said.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n')), "{said:?}");
        assert!(!said.contains(&value[8..]), "{said}");
    }
}
