//! What clients do with cookies that the library would refuse to send: hand-made ones around the limit.

use std::fmt::Write;

use crate::client::Client;
use crate::shop::Shop;

/// Sets a cookie of each size, with a small one of its name there before, and says what became of it.
/// Each part begins with a semicolon.
pub fn try_sizes(client: &mut dyn Client, shop: &Shop) -> String {
    let base = shop.at("shop.example");
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

const ATTRIBUTES: &str = "; Path=/; Secure; HttpOnly; SameSite=Lax";
