//! What clients do with cookies that the library would refuse to send: hand-made ones around the limit.

use std::fmt::Write;

use harness::observed::observed;

use crate::browser::{Browser, Kind};
use crate::client::Client;
use crate::shop::Shop;

/// Sets a cookie of each size, with a small one of its name there before, and says what became of it.
/// Each part begins with a semicolon.
pub fn try_sizes(client: &mut dyn Client, shop: &Shop) -> String {
    let base = shop.at("shop.example.org");
    let mut said = String::new();
    let set = |client: &mut dyn Client, line: String| {
        shop.hand_make(&[&line]);
        client.get(&format!("{base}/hand-made"));
    };
    for bytes in [4093, 4094, 4095, 4096, 4097, 4098, 5000, 8190] {
        let name = format!("__Host-{bytes}");
        set(client, format!("{name}=before{ATTRIBUTES}"));
        let value = "x".repeat(bytes - name.len() - 1);
        set(client, format!("{name}={value}{ATTRIBUTES}"));
        client.get(&format!("{base}/default/whoami"));
        let sent = shop.last("/whoami").cookie(&name);
        let outcome = match sent.as_deref() {
            Some("before") => "ignored, the old one stays",
            Some(sent) if sent == value => "kept",
            Some(_) => "cut",
            None => "gone",
        };
        assert!(bytes > 4093 || outcome == "kept", "{bytes}: the library promises that 4093 bytes fit");
        let _ = write!(said, "; {bytes} {outcome}");
        set(client, format!("{name}={ATTRIBUTES}; Max-Age=0"));
    }
    said
}

/// `name=value` up to the largest that this browser takes, and lines that their attributes make longer.
pub fn sizes(kind: Kind) {
    let shop = Shop::open();
    let mut browser = Browser::start(kind);
    let said = try_sizes(&mut browser, &shop);
    let expected: String = [4093, 4094, 4095, 4096, 4097, 4098, 5000, 8190]
        .map(|bytes| match kind.habits().largest {
            Some(largest) if bytes > largest => format!("; {bytes} ignored, the old one stays"),
            _ => format!("; {bytes} kept"),
        })
        .concat();
    assert_eq!(said, expected, "{}", browser.name());

    // The limit is that of name=value: the rest of the line does not count.
    let base = shop.at("shop.example.org");
    for bytes in [4096, 4097, 16_000] {
        let name = format!("__Host-line-{bytes}");
        let mut line = format!("{name}=x{ATTRIBUTES}; Padding=");
        line.push_str(&"x".repeat(bytes - line.len()));
        shop.hand_make(&[&line]);
        browser.get(&format!("{base}/hand-made"));
        browser.get(&format!("{base}/default/whoami"));
        assert_eq!(shop.last("/whoami").cookie(&name).as_deref(), Some("x"), "a line of {bytes} bytes");
    }
    observed(format_args!("{}{said}; a line of 16000 bytes with a small value kept", browser.name()));
}

const ATTRIBUTES: &str = "; Path=/; Secure; HttpOnly; SameSite=Lax";
