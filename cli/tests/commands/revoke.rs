//! `revoke`, `revocations` and `prune`, beside a server that watches the same file.

use std::fs;
use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::COOKIE;
use sealed_session::revocation::{RevocationWatcher, Revocations};
use sealed_session::{Algorithm, Key, KeyRing, Rejection, Sessions, testing};

use crate::folder::Folder;
use crate::transcript::{check, run};

type Visitor = Option<u64>;

/// A server, whose ring is in `session.keys`. It watches `revoked`.
struct Server {
    folder: Folder,
    sessions: Sessions<Visitor>,
    revocations: Revocations,
    clock: testing::Clock,
}

impl Server {
    fn new() -> Self {
        let (folder, key) = (Folder::new(), Key::generate(Algorithm::Xaes256Gcm).unwrap());
        folder.write("session.keys", key.expose_text());
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
        let (revocations, clock) = (Revocations::new(), testing::Clock::at(now));
        let sessions = Sessions::builder(KeyRing::new(key))
            .revocations(&revocations)
            .subject(|user: &Visitor| user.map(u64::to_be_bytes))
            .clock(clock.reader())
            .build()
            .unwrap();
        Self { folder, sessions, revocations, clock }
    }

    fn watch(&self) -> RevocationWatcher {
        self.revocations.watch_file(self.folder.path("revoked")).unwrap()
    }

    fn log_in(&self, user: u64) -> HeaderMap {
        testing::request(&self.sessions, |session| session.log_in(Some(user)))
    }

    fn is_revoked(&self, request: &HeaderMap) -> bool {
        testing::load(&self.sessions, request).about().rejection() == Some(Rejection::Revoked)
    }
}

const OPEN: &str = "--keys session.keys --name __Host-session";

#[test]
fn a_server_refuses_what_was_revoked() {
    let server = Server::new();
    let watch = server.watch();
    let [by_subject, by_family, by_cookie, other] = [7, 8, 9, 10].map(|user| server.log_in(user));
    let family = testing::load(&server.sessions, &by_family).about().family().unwrap();
    server.folder.write("cookie", format!("Cookie: theme=dark; {}", by_cookie[COOKIE].to_str().unwrap()));
    let revoke = |who: &str| {
        let done = run(&server.folder, &format!("sealed-session revoke revoked {OPEN} {who}"));
        assert!(done.status.success(), "{done:?}");
    };
    revoke("--subject-hex 0000000000000007");
    revoke(&format!("--family {family}"));
    revoke("--cookie - < cookie");
    assert!(watch.check_now().is_ok());
    for request in [&by_subject, &by_family, &by_cookie] {
        assert!(server.is_revoked(request));
    }
    assert!(!server.is_revoked(&other));
}

#[test]
fn the_list_says_who_until_when_and_by_which_key() {
    let server = Server::new();
    check(
        &server.folder,
        "
$ sealed-session revoke revoked --keys session.keys --name __Host-session --subject ada
revoked: servers that watch the file refuse it within a second
$ sealed-session revoke revoked --keys session.keys --name __Host-session --family 0011223344556677
revoked: servers that watch the file refuse it within a second
$ printf 'junk\\n# a comment' >> revoked
$ sealed-session revoke revoked --keys session.keys --name __Host-other --subject ada
revoked: servers that watch the file refuse it within a second
$ sealed-session revocations revoked --keys session.keys --name __Host-session
subject fdee430d40bd57deeac186cd9790033d, began up to 2026-MM-DDTHH:MM:SSZ, until 2026-MM-DDTHH:MM:SSZ, in 7d, key KEY-ID-1
family  FAMILY, until 2026-MM-DDTHH:MM:SSZ
unreadable: damaged
unreadable: of another cookie name or purpose, or altered
$ printf ada | sha256sum | cut -c1-32
fdee430d40bd57deeac186cd9790033d
$ stat -c %a revoked
600
",
    );
}

#[test]
fn a_prune_takes_out_what_has_ended_and_nothing_else() {
    let server = Server::new();
    let watch = server.watch();
    let now = server.clock.now();
    server.clock.set(now.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() - 8 * 86_400);
    server.revocations.revoke_subject("long ago").unwrap();
    watch.check_now();
    server.clock.advance(Duration::from_secs(8 * 86_400));
    server.revocations.revoke_subject("today").unwrap();
    watch.check_now();
    check(
        &server.folder,
        "
$ printf '# a comment\\njunk\\n' >> revoked
$ sealed-session prune revoked --keys session.keys --name __Host-session
1 ended, 1 left, 1 unreadable kept (--unreadable takes them out)
$ sealed-session prune revoked --keys session.keys --name __Host-session --unreadable
0 ended, 1 left, 1 unreadable taken out
$ sealed-session prune revoked --keys session.keys --name __Host-session
0 ended, 1 left
$ wc -l < revoked
2
",
    );
    watch.check_now();
    assert_eq!(fs::read_to_string(server.folder.path("revoked")).unwrap().lines().count(), 2);
}

#[test]
fn what_is_wrong_is_said_without_the_cookie() {
    let server = Server::new();
    let cookie = server.log_in(7)[COOKIE].to_str().unwrap().to_owned();
    server.folder.write("cookie", cookie.replace("__Host-session=", "__Host-session=E"));
    server.folder.write("other", cookie.replace("__Host-session=", "sid="));
    check(
        &server.folder,
        "
$ sealed-session revoke revoked --keys session.keys --name __Host-session
! sealed-session: <--subject <TEXT>|--subject-hex <HEX>|--family <HEX>|--cookie <->> is missing: --help says more
? 2
$ sealed-session revoke revoked --keys session.keys --name __Host-session --cookie - < cookie
! sealed-session: no cookie on standard input that these keys, this name and this purpose open
? 1
$ sealed-session revoke revoked --keys session.keys --name __Host-session --cookie - < other
! sealed-session: no cookie on standard input that these keys, this name and this purpose open
? 1
$ sealed-session revoke revoked --keys session.keys --name __Host-session --cookie abc
! sealed-session: --cookie <->: is read from standard input: give -: --help says more
? 2
$ sealed-session revoke revoked --keys session.keys --name __Host-session --family 00
! sealed-session: --family <HEX>: expected 16 hexadecimal digits, as logs and inspect print a family: --help says more
? 2
$ sealed-session revoke revoked --keys session.keys --name __Host-session --subject-hex 0g
! sealed-session: --subject-hex <HEX>: expected pairs of hexadecimal digits: --help says more
? 2
$ sealed-session revoke revoked --keys session.keys --name 'a b' --subject ada
! sealed-session: name: must be 1 to 128 letters, digits or !#$%&'*+-.^_`|~
? 1
$ sealed-session revocations revoked --keys session.keys --name __Host-session
! sealed-session: revoked: No such file or directory (os error 2)
? 1
$ ls
cookie
other
session.keys
",
    );
}
