//! Which names a cookie may have, and what a prefix of the name asks of the other attributes.

use crate::error::ConfigError;

/// What the prefix rules look at (RFC 6265bis §4.1.3 and the layered-cookies draft that follows it).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Attributes<'a> {
    pub(crate) path: &'a str,
    pub(crate) has_domain: bool,
    pub(crate) secure: bool,
    pub(crate) http_only: bool,
}

/// Checks a name: a token of RFC 9110, with what its prefix asks for, and none that this library gives out itself.
pub(crate) fn check(name: &str, attributes: Attributes<'_>) -> Result<(), ConfigError> {
    if !(1..=MAX_NAME).contains(&name.len()) || !name.bytes().all(is_token_byte) {
        return Err(ConfigError::Name);
    }
    if name.ends_with(".seen") || name.contains(".out.") {
        return Err(ConfigError::NameReserved);
    }
    // Newer browsers enforce prefixes in any letter case, so a name that only looks like one is held to it as well.
    let asks =
        |prefix: &str| name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    let host = asks("__Host-");
    let http = asks("__Http-") || asks("__Host-Http-");
    if (host || http || asks("__Secure-")) && !attributes.secure {
        return Err(ConfigError::Prefix("its prefix asks for Secure"));
    }
    if http && !attributes.http_only {
        return Err(ConfigError::Prefix("its prefix asks for http_only"));
    }
    if host && attributes.path != "/" {
        return Err(ConfigError::Prefix("its prefix asks for the path /"));
    }
    if host && attributes.has_domain {
        return Err(ConfigError::Prefix("its prefix allows no domain"));
    }
    Ok(())
}

/// The name without a prefix that plain http would make browsers refuse.
pub(crate) fn without_prefix(name: &str) -> &str {
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
