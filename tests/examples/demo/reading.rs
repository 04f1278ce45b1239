//! Looking at pages: what it does to cookies and caches, and what may stand in a page.

use std::fs;

use super::visitor::{Browser, Demo, Folder};

#[test]
fn reading_sets_no_cookie_and_private_pages_are_never_stored() {
    let folder = Folder::new("reading");
    let demo = Demo::start(&folder);
    let mut browser = Browser::default();
    for logged_in in [false, true] {
        if logged_in {
            browser.log_in(&demo);
        }
        for path in ["/", "/admin/", "/session", "/logout", "/nowhere"] {
            let answer = browser.get(&demo, path);
            assert_eq!(answer.all("set-cookie").count(), 0, "{path}");
            assert!(answer.all("vary").any(|value| value == "Cookie"), "{path}");
            let policy: Vec<_> = answer.all("content-security-policy").collect();
            assert!(policy.len() == 1 && policy[0].starts_with("default-src 'none'; "), "{policy:?}");
            assert!(!policy[0].contains("script"));
            let expected = match path {
                "/admin/" | "/session" => "no-store",
                "/logout" if logged_in => "private, no-cache", // it has a form
                _ => "private",
            };
            assert_eq!(answer.all("cache-control").collect::<Vec<_>>(), [expected], "{path}");
        }
    }
}

/// Its form has to be bound to something.
#[test]
fn the_login_page_alone_gives_a_stranger_a_session() {
    let folder = Folder::new("stranger");
    let demo = Demo::start(&folder);
    let mut browser = Browser::default();
    let first = browser.get(&demo, "/login");
    assert_eq!(first.all("set-cookie").count(), 1);
    assert_eq!(first.all("cache-control").collect::<Vec<_>>(), ["private, no-store"]);
    assert_eq!(browser.get(&demo, "/login").all("set-cookie").count(), 0, "once");
    assert!(!browser.is_in(&demo));
    assert!(browser.get(&demo, "/session").body.contains("<td>None\n"));
}

#[test]
fn the_page_about_the_cookie_shows_what_is_in_it_but_not_the_cookie() {
    let folder = Folder::new("session");
    let demo = Demo::start(&folder);
    let mut browser = Browser::default();
    let form = browser.get(&demo, "/login").body;
    assert!(form.contains("<code>demo</code>") && form.contains("<code>sesame</code>"));
    assert!(Browser::default().get(&demo, "/session").body.contains("There is no session."));
    browser.log_in(&demo);

    let token = browser.session().unwrap().clone();
    let keys = fs::read_to_string(folder.0.join("login.keys")).unwrap();
    let key_id = &keys.trim_end()[keys.trim_end().len() - 8..];
    let body = browser.get(&demo, "/session").body;
    for expected in [
        &format!("<b>{}</b> of the 4093 bytes", "login-demo=".len() + token.len()),
        &format!("they are {} characters of base64url", token.len()),
        &format!("<li><i></i>record <b>{}</b>", token.len() * 3 / 4 - (1 + 4 + 24 + 16)),
        &format!(
            "<code>{key_id}</code><td><span class=\"tag good\">seals</span> and opens<td>sealed your cookie"
        ),
        "The algorithm of yours is XAES-256-GCM.",
        "--of: 86400\"><span>23 h 59 min</span>",
        "--of: 604800\"><span>6 days 23 h</span>",
        "<code>user</code><td><code>Option&lt;String&gt;</code><td>Some(&quot;demo&quot;)",
        "<code>logins</code><td><code>u32</code><td>1",
    ] {
        assert!(body.contains(expected), "{expected} in {body}");
    }
    assert!(!body.contains(&token), "HttpOnly keeps it from scripts, so no page may hold it");
}

#[test]
fn what_was_sent_comes_back_escaped() {
    let folder = Folder::new("escaped");
    let demo = Demo::start(&folder);
    let mut browser = Browser::default();
    let form = "password=&username=%22%3E%3Cscript%3E%26%27&next=%22%3E%3Cscript%3E%26%27";
    let answer = browser.fill_in(&demo, "/login", "/login", form);
    assert_eq!(answer.status, 401);
    assert_eq!(answer.body.matches(r#"value="&quot;&gt;&lt;script&gt;&amp;&#39;""#).count(), 2);
    let in_query = browser.get(&demo, "/login?next=%22%3E%3Cscript%3E");
    assert!(in_query.body.contains(r#"value="&quot;&gt;&lt;script&gt;""#));
    let in_log = browser.get(&demo, "/'&\"");
    assert!(in_log.status == 404 && in_log.body.contains("GET /&#39;&amp;&quot;<td>"), "{}", in_log.body);
}

#[test]
fn the_log_says_what_each_response_did() {
    let folder = Folder::new("log");
    let demo = Demo::start(&folder);
    let mut browser = Browser::default();
    browser.log_in(&demo);
    let bytes = "login-demo=".len() + browser.session().unwrap().len();
    browser.send(&demo, "POST", "/rotate", "Sec-Fetch-Site: cross-site\r\n", "").is_refused("cross-site");
    browser.fill_in(&demo, "/logout", "/logout", "").redirects_to("/");
    let log = browser.get(&demo, "/nowhere").log();
    assert_eq!(log.len(), 6, "{log:?}");
    assert!(log[5][3].starts_with("written, "), "{log:?}");
    for (line, expected) in log.iter().zip([
        ["GET /nowhere", "404", "absent", "unchanged", "none"],
        ["POST /logout", "303", "opened", "removed", "tombstone, session removed"],
        ["GET /logout", "200", "opened", "unchanged", "none"],
        ["POST /rotate", "403", "not read", "nothing", "none"],
        ["POST /login", "303", "opened", &format!("written, {bytes} bytes"), "session, tombstone"],
        ["GET /login", "200", "absent", &log[5][3], "session"],
    ]) {
        assert_eq!(line, &expected);
    }
    assert_eq!(browser.get(&demo, "/").log()[1..], log[..5], "the oldest goes");
    assert_eq!(demo.stop(), "", "none of this is for the operator to act on");
}
