//! The demo, as a browser meets it: examples/login over plain HTTP, in a process of its own.
//!
//! `cargo test` builds the examples first; `cargo test --test demo` does not, and then the last build is what is tested.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on must fail")]

#[path = "../util/browser.rs"]
mod browser;
#[path = "../util/process.rs"]
mod process;

use std::fs;
use std::net::TcpListener;
use std::process::{Command, Output};

use browser::Browser;
use process::{Folder, Server as Demo, example, line_of_failure};

#[test]
fn a_login_outlives_a_restart_and_ends_with_the_logout() {
    let folder = Folder::new("walk");
    let mut browser = Browser::default();
    {
        let demo = Demo::start(&folder);
        browser.get(&demo, "/admin/").redirects_to("/login");
        for form in ["username=demo&password=wrong", "username=root&password=sesame", "password=sesame", ""] {
            let wrong = browser.post(&demo, "/login", form);
            assert!(wrong.status == 401 && wrong.body.contains("Wrong username or password."), "{form}");
        }
        browser.get(&demo, "/admin/").redirects_to("/login");
        browser.log_in(&demo);
        assert!(browser.get(&demo, "/admin/").body.contains("has logged in <b>once</b>"));
        browser.log_in(&demo);
    }
    let demo = Demo::start(&folder);
    let admin = browser.get(&demo, "/admin/");
    assert_eq!(admin.status, 200);
    assert!(admin.body.contains("has logged in <b>2 times</b>"));

    let mut forger = Browser { jar: browser.jar.clone() };
    let token = forger.jar.get_mut("login-demo").unwrap();
    let middle = token.len() / 2;
    let other = if token.remove(middle) == 'A' { 'B' } else { 'A' }; // base64url still: forged, and not malformed
    token.insert(middle, other);
    let refused = forger.get(&demo, "/admin/");
    refused.redirects_to("/login");
    assert_eq!(refused.all("set-cookie").count(), 0, "reading never deletes a cookie");

    let token_of_login = browser.session().unwrap().clone();
    assert!(browser.get(&demo, "/logout").body.contains("Log out?"));
    assert_eq!(browser.get(&demo, "/admin/").status, 200, "to be asked is not to be logged out");
    browser.post(&demo, "/logout", "").redirects_to("/");
    assert_eq!(browser.session(), None);
    browser.get(&demo, "/admin/").redirects_to("/login");
    // A copy of the cookie that this browser may still receive from a slow response is over too.
    browser.jar.insert("login-demo".into(), token_of_login);
    browser.get(&demo, "/admin/").redirects_to("/login");
    let log = demo.stop();
    let rejected =
        ["forged", "ended"].map(|why| format!("login: a session cookie was not accepted: {why}\n"));
    assert_eq!(log, rejected.concat());
}

#[test]
fn reading_sets_no_cookie_and_private_pages_are_never_stored() {
    let folder = Folder::new("reading");
    let demo = Demo::start(&folder);
    let mut browser = Browser::default();
    for logged_in in [false, true] {
        if logged_in {
            browser.log_in(&demo);
        }
        for path in ["/", "/login", "/admin/", "/session", "/logout", "/nowhere"] {
            let answer = browser.get(&demo, path);
            assert_eq!(answer.all("set-cookie").count(), 0, "{path}");
            assert!(answer.all("vary").any(|value| value == "Cookie"), "{path}");
            assert!(
                answer.all("content-security-policy").any(|value| value.starts_with("default-src 'none'"))
            );
            let expected = if matches!(path, "/admin/" | "/session") { "no-store" } else { "private" };
            assert_eq!(answer.all("cache-control").collect::<Vec<_>>(), [expected], "{path}");
        }
    }
}

#[test]
fn the_session_page_shows_what_is_in_the_cookie_but_not_the_cookie() {
    let folder = Folder::new("session");
    let demo = Demo::start(&folder);
    let mut browser = Browser::default();
    let form = browser.get(&demo, "/login").body;
    assert!(form.contains("<code>demo</code>") && form.contains("<code>sesame</code>"));
    assert!(browser.get(&demo, "/session").body.contains("There is no session."));
    browser.log_in(&demo);

    let token = browser.session().unwrap().clone();
    let keys = fs::read_to_string(folder.0.join("login.keys")).unwrap();
    let key_id = &keys.trim_end()[keys.trim_end().len() - 8..];
    let body = browser.get(&demo, "/session").body;
    for expected in [
        &format!("{} octets of the 4093", "login-demo=".len() + token.len()),
        &format!("{} characters", token.len()),
        &format!("<dt>Key id<dd>{key_id}\n"),
        &format!("<dt>Unsealed<dd>{} octets", token.len() * 3 / 4 - (1 + 4 + 24 + 16)),
        "<dt>Algorithm<dd>XAES-256-GCM",
        "<dt>Idle timeout<dd>23 h 59 min left",
        "<dt>Absolute timeout<dd>6 days 23 h left",
        "<dt>user<dd>Some(&quot;demo&quot;)",
        "<dt>logins<dd>1",
    ] {
        assert!(body.contains(expected), "{expected} in {body}");
    }
    assert!(!body.contains(&token), "HttpOnly keeps it from scripts, so no page may hold it");

    let id = |body: &str| body.split_once("<dt>Id<dd>").map(|(_, rest)| rest[..22].to_owned()).unwrap();
    browser.log_in(&demo);
    assert_ne!(id(&browser.get(&demo, "/session").body), id(&body), "a login is a new id");
}

#[test]
fn what_was_typed_comes_back_escaped() {
    let folder = Folder::new("escaped");
    let demo = Demo::start(&folder);
    let form = "password=&username=%22%3E%3Cscript%3E%26%27";
    let answer = Browser::default().post(&demo, "/login", form);
    assert_eq!(answer.status, 401);
    assert!(answer.body.contains(r#"value="&quot;&gt;&lt;script&gt;&amp;&#39;""#));
}

#[test]
fn pages_of_other_origins_cannot_post() {
    let folder = Folder::new("origins");
    let demo = Demo::start(&folder);
    let right = "username=demo&password=sesame";
    let own = format!("Origin: http://{}\r\n", demo.address);
    for (said, expected) in [
        ("Sec-Fetch-Site: same-origin\r\n", 303),
        ("Sec-Fetch-Site: same-site\r\n", 403),
        ("Sec-Fetch-Site: cross-site\r\n", 403),
        (&own, 303),
        ("Origin: http://127.0.0.1:1\r\n", 403),
        ("Origin: null\r\n", 403),
    ] {
        let mut browser = Browser::default();
        assert_eq!(browser.send(&demo, "POST", "/login", said, right).status, expected, "{said}");
        assert_eq!(browser.jar.len(), usize::from(expected == 303), "{said}");
    }
}

#[test]
fn wrong_configuration_ends_with_one_line_and_exit_code_2() {
    let (broken, locked) = (Folder::new("broken"), Folder::new("locked"));
    fs::write(broken.0.join("login.keys"), "sealed1_xaes_0\n").unwrap();
    fs::create_dir(locked.0.join("login.keys")).unwrap(); // nobody can read a folder as text, not even root
    let folder = Folder::new("wrong");
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let taken = taken.local_addr().unwrap().port().to_string();
    for (folder, (name, value), expected) in [
        (&folder, ("PORT", "http"), "login: PORT is no port: expected a number from 0 to 65535"),
        (&folder, ("PORT", "65536"), "login: PORT is no port: expected a number from 0 to 65535"),
        (&folder, ("PORT", &taken), "login: cannot listen on 127.0.0.1:"),
        (&folder, ("SESSION_KEYS", ""), "login: SESSION_KEYS: no key in the key ring"),
        (
            &folder,
            ("SESSION_KEYS", "secret"),
            "login: SESSION_KEYS: line 1 of the key ring, entry 1: not a key",
        ),
        (&broken, ("PORT", "0"), "login: login.keys: line 1 of the key ring, entry 1: not a key"),
        (&locked, ("PORT", "0"), "login: login.keys: "),
    ] {
        let mut command = demo_in(folder);
        command.env(name, value);
        let error = line_of_failure(command);
        assert!(error.starts_with(expected), "{name}={value}: {error}");
        assert!(!error.contains("secret"), "{error}");
    }
    let mut command = demo_in(&folder);
    command.arg("--port");
    assert!(line_of_failure(command).starts_with("login: takes no arguments"));
}

#[cfg(unix)]
#[test]
fn the_key_file_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;

    let folder = Folder::new("mode");
    let demo = Demo::start(&folder);
    drop(demo);
    let mode = fs::metadata(folder.0.join("login.keys")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn keygen_makes_keys_that_the_demo_takes() {
    let folder = Folder::new("keygen");
    for (arguments, start, algorithm) in [
        (&[][..], "sealed1_xaes_", "XAES-256-GCM"),
        (&["xaes"], "sealed1_xaes_", "XAES-256-GCM"),
        (&["xchacha"], "sealed1_xchacha_", "XChaCha20-Poly1305"),
    ] {
        let Output { stdout, status, .. } = example("keygen").args(arguments).output().unwrap();
        let key = String::from_utf8(stdout).unwrap();
        assert!(status.success() && key.starts_with(start) && key.lines().count() == 1);
        let mut command = demo_in(&folder);
        command.env("SESSION_KEYS", key);
        let (demo, mut browser) = (Demo::run(command), Browser::default());
        browser.log_in(&demo);
        assert!(browser.get(&demo, "/session").body.contains(&format!("<dt>Algorithm<dd>{algorithm}")));
    }
    assert!(!folder.0.join("login.keys").exists());
    for wrong in [&["aes"][..], &["xaes", "xaes"]] {
        let mut command = example("keygen");
        command.args(wrong);
        assert!(line_of_failure(command).starts_with("keygen: expected xaes, xchacha or nothing"));
    }
}

impl Demo {
    fn start(folder: &Folder) -> Self {
        Self::run(demo_in(folder))
    }
}

fn demo_in(folder: &Folder) -> Command {
    let mut command = example("login");
    command.current_dir(&folder.0).env_remove("SESSION_KEYS").env("PORT", "0");
    command
}

impl Browser {
    #[track_caller]
    fn log_in(&mut self, demo: &Demo) {
        let before = self.session().cloned();
        self.post(demo, "/login", "username=demo&password=sesame").redirects_to("/admin/");
        assert!(self.session().is_some() && self.session() != before.as_ref());
    }

    fn session(&self) -> Option<&String> {
        self.jar.get("login-demo")
    }
}
