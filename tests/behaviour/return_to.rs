//! Where a login goes on to: never to another site (CWE-601), whatever the text is.

use http::{Method, Uri};
use sealed_session::ReturnTo;

fn target(text: &str) -> String {
    ReturnTo::from_text(text).as_str().to_owned()
}

#[test]
fn paths_of_this_site_are_kept_as_they_are() {
    for path in [
        "/",
        "/a",
        "/a/b/",
        "/a//b",
        "/a?b=c&d=%26",
        "/a?next=//evil.example",
        "/a?next=https://evil.example",
        "/a#b",
        "/%C3%A9t%C3%A9",
        "/100%",
        "/%zz",
        "/%",
        "/%2",
        "/a%2Fb",
        "/a:b@c",
        "/...",
        "/.a",
        "/a../b.",
        "/.well-known/a",
        "/a?b=/../c",
        "/a?/./",
        "/a#/../b",
        "/%252Fevil.example",
        "/%252e/a",
    ] {
        assert_eq!(target(path), path);
    }
    let longest = format!("/{}", "x".repeat(ReturnTo::MAX - 1));
    assert_eq!(target(&longest), longest);
}

#[test]
fn all_else_is_the_first_page() {
    for elsewhere in [
        // no path
        "",
        " ",
        "a",
        "?a",
        "#a",
        ".",
        "..",
        "../a",
        "*",
        "%2Fa",
        "\u{2f}\u{2f}",
        "\u{ff0f}a",
        // another site
        "https://evil.example",
        "HTTPS://evil.example",
        "http:evil.example",
        "https:/evil.example",
        "//evil.example",
        "///evil.example",
        "////evil.example",
        "//",
        "//\\evil.example",
        "//@evil.example",
        "//evil.example/..",
        "javascript:alert(1)",
        "data:text/html,a",
        "mailto:a@evil.example",
        "evil.example",
        "@evil.example",
        // backslashes, which browsers take for slashes
        "\\",
        "\\\\evil.example",
        "/\\evil.example",
        "/\\/evil.example",
        "\\/evil.example",
        "/a\\b",
        "/a?b=\\",
        // the same, escaped
        "/%2Fevil.example",
        "/%2fevil.example",
        "/%5Cevil.example",
        "/%5cevil.example",
        "/%2F%2Fevil.example",
        "%2F%2Fevil.example",
        "/a%5Cb",
        "/a?b=%5c",
        // steps, which browsers take: what is left may begin with two slashes
        "/.",
        "/..",
        "/./",
        "/a/..",
        "/a/../b?c",
        "/a/./b",
        "/.?a",
        "/..#a",
        "/.//evil.example",
        "/..//evil.example/a",
        "/a/..//evil.example",
        "/%2e//evil.example",
        "/%2E%2e//evil.example",
        "/a/.%2e//evil.example",
        "/a%2F..%2F/evil.example",
        // control characters, some of which browsers skip
        "\t//evil.example",
        "/\t/evil.example",
        "/\n/evil.example",
        "/\r/evil.example",
        "/\0/evil.example",
        "/a\u{7f}",
        "\n/a",
        "/a\n",
        "/a\r\nset-cookie: b=1",
        "/a\0",
        "/%09/evil.example",
        "/%0A/evil.example",
        "/%0D%0ASet-Cookie:%20a=1",
        "/a%00",
        "/a%7F",
        "/a%7f",
        "/%1b",
        // what no URL holds
        " /a",
        "/a b",
        "/a ",
        "/\u{e9}",
        "/\u{2028}",
        "/\u{202e}a",
        "/\u{ff0f}evil.example",
    ] {
        assert_eq!(target(elsewhere), "/", "{elsewhere:?}");
    }
    assert_eq!(target(&format!("/{}", "x".repeat(ReturnTo::MAX))), "/");
    assert_eq!(target(&"/".repeat(10_000_000)), "/");
}

/// Every text of up to five of these characters: what is kept begins well, raw and decoded once.
#[test]
fn no_short_text_leads_elsewhere() {
    let pieces = ["/", "\\", "%2f", "%5C", "%", "2", "f", "\t", "%0a", "a", ".", "%2E", ":"];
    let mut texts = vec![String::new()];
    for _ in 0..5 {
        texts =
            texts.iter().flat_map(|text| pieces.iter().map(move |piece| format!("{text}{piece}"))).collect();
        for text in &texts {
            let kept = target(text);
            let decoded =
                kept.replace("%2f", "/").replace("%5C", "\\").replace("%0a", "\n").replace("%2E", ".");
            for seen in [&kept, &decoded] {
                assert!(seen.starts_with('/') && !seen.starts_with("//"), "{text:?}");
                assert!(!seen.contains(['\\', '\t', '\n']), "{text:?}");
                assert!(!seen.split('/').any(|segment| segment == "." || segment == ".."), "{text:?}");
            }
        }
    }
}

#[test]
fn a_request_that_changes_something_has_no_target() {
    let of =
        |method: &Method, uri: &'static str| ReturnTo::of_request(method, &Uri::from_static(uri)).to_string();
    assert_eq!(of(&Method::GET, "/a?b"), "/a?b");
    assert_eq!(of(&Method::HEAD, "/a?b"), "/a?b");
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::PATCH, Method::OPTIONS, Method::CONNECT]
    {
        assert_eq!(of(&method, "/a?b"), "/");
    }
    assert_eq!(of(&Method::GET, "https://site.example/a"), "/a");
    assert_eq!(of(&Method::GET, "//evil.example/a"), "/");
    assert_eq!(of(&Method::GET, "*"), "/");
    assert_eq!(of(&Method::CONNECT, "evil.example:443"), "/");
}

#[test]
fn the_login_gets_back_what_the_guard_gave() {
    for path in ["/a?b=c&d=%26#e", "/%C3%A9t%C3%A9", "/a+b", "/100%", "/~a-b_c.d"] {
        let url = ReturnTo::from_text(path).from_login("/login");
        let (login, next) = url.split_once("?next=").unwrap();
        assert_eq!(login, "/login");
        assert!(next.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte)), "{next}");
        let form: Vec<(String, String)> = serde_urlencoded(&format!("next={next}"));
        assert_eq!(target(&form[0].1), path);
    }
    assert_eq!(ReturnTo::from_text("/").from_login("/login"), "/login");
    assert_eq!(ReturnTo::from_text("/a").from_login("/login?b=c"), "/login?b=c&next=%2Fa");
    // A query behind the fragment would not be sent.
    assert_eq!(ReturnTo::from_text("/a").from_login("/login#b"), "/login?next=%2Fa#b");
    assert_eq!(ReturnTo::from_text("/a").from_login("/login?b#c?d"), "/login?b&next=%2Fa#c?d");
}

/// Decodes a form as a framework does.
fn serde_urlencoded(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap();
            let mut bytes = Vec::new();
            let mut rest = value.bytes();
            while let Some(byte) = rest.next() {
                bytes.push(match byte {
                    b'+' => b' ',
                    b'%' => {
                        let digits = [rest.next().unwrap(), rest.next().unwrap()];
                        u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
                    }
                    other => other,
                });
            }
            (name.to_owned(), String::from_utf8(bytes).unwrap())
        })
        .collect()
}
