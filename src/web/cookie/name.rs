//! Which names a cookie may have, and what a prefix of the name asks of the other attributes.

use super::CookieConfig;
use crate::error::{ConfigError, Rule};

/// Checks a name: a token of RFC 9110, what its prefix asks for (RFC 6265bis §4.1.3, and the layered-cookies draft that
/// follows it), and none that this library gives out itself.
pub(super) fn check(cookie: &CookieConfig) -> Result<(), ConfigError> {
    let CookieConfig { name, path, domain, secure, http_only, .. } = cookie;
    if !(1..=MAX_NAME).contains(&name.len()) || !name.bytes().all(is_token_byte) {
        return Err(Rule::Name.into());
    }
    if name.ends_with(".seen") || name.contains(".out.") {
        return Err(Rule::NameReserved.into());
    }
    // Newer browsers enforce prefixes in any letter case, so a name that only looks like one is held to it as well.
    let asks =
        |prefix: &str| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    let host = asks("__Host-");
    let http = asks("__Http-") || asks("__Host-Http-");
    if (host || http || asks("__Secure-")) && !secure {
        return Err(Rule::Prefix("its prefix asks for Secure").into());
    }
    if http && !http_only {
        return Err(Rule::Prefix("its prefix asks for http_only").into());
    }
    if host && path != "/" {
        return Err(Rule::Prefix("its prefix asks for the path /").into());
    }
    if host && domain.is_some() {
        return Err(Rule::Prefix("its prefix allows no domain").into());
    }
    Ok(())
}

/// The name without a prefix that plain http would make browsers refuse.
pub(super) fn without_prefix(name: &str) -> &str {
    ["__Host-Http-", "__Host-", "__Http-", "__Secure-"]
        .into_iter()
        .find_map(|prefix| name.strip_prefix(prefix))
        .unwrap_or(name)
}

/// `tchar` of RFC 9110 §5.6.2.
const fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'.'
                | b'^'
                | b'_'
                | b'`'
                | b'|'
                | b'~'
        )
}

const MAX_NAME: usize = 128;
