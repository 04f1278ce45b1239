//! The Set-Cookie line: attributes that are put together once, a value and a Max-Age for each response.

use http::HeaderValue;

use super::{CookieConfig, Priority, SameSite};

/// A template for Set-Cookie. Writing and removing use the same, so a removal always meets its cookie.
#[derive(Clone, Debug)]
pub(crate) struct CookieTemplate {
    // "name="
    head: String,
    // "; Path=/; Secure; …"
    tail: String,
    persistent: bool,
}

impl CookieTemplate {
    pub(crate) fn new(cookie: &CookieConfig) -> Self {
        let mut tail = format!("; Path={}", cookie.path);
        if let Some(domain) = &cookie.domain {
            tail.push_str("; Domain=");
            tail.push_str(domain);
        }
        if cookie.secure {
            tail.push_str("; Secure");
        }
        if cookie.http_only {
            tail.push_str("; HttpOnly");
        }
        tail.push_str(match cookie.same_site {
            SameSite::Strict => "; SameSite=Strict",
            SameSite::Lax => "; SameSite=Lax",
            SameSite::None => "; SameSite=None",
        });
        if cookie.partitioned {
            tail.push_str("; Partitioned");
        }
        tail.push_str(match cookie.priority {
            None => "",
            Some(Priority::Low) => "; Priority=Low",
            Some(Priority::Medium) => "; Priority=Medium",
            Some(Priority::High) => "; Priority=High",
        });
        Self { head: format!("{}=", cookie.name), tail, persistent: cookie.persistent }
    }

    /// The same cookie under a name that goes on.
    pub(crate) fn with_suffix(&self, suffix: &str) -> Self {
        let name = self.head.strip_suffix('=').unwrap_or(&self.head);
        Self { head: format!("{name}{suffix}="), ..self.clone() }
    }

    /// The bytes of `name=value` for a value of this length, which is what browsers limit.
    pub(crate) fn bytes(&self, value: usize) -> usize {
        self.head.len().saturating_add(value)
    }

    /// How many bytes a value may have that every browser keeps and every front end passes on (FORMAT §13), whatever
    /// its Max-Age is up to this one.
    pub(crate) fn room(&self, max_age: u64) -> usize {
        let around = LINE_NAME.saturating_add(self.head.len()).saturating_add(self.tail.len());
        let line = MAX_LINE.saturating_sub(around).saturating_sub(MaxAge::of(max_age).as_bytes().len());
        MAX_COOKIE.saturating_sub(self.head.len()).min(line)
    }

    /// Begins a line, for a value of `length` bytes to be appended. A cookie that ends with the browser gets its
    /// Max-Age only if it `is_remembered`.
    #[inline]
    pub(crate) fn begin(&self, length: usize, max_age: u64, is_remembered: bool) -> SetCookie<'_> {
        self.line(length, (self.persistent || is_remembered).then_some(max_age))
    }

    /// The line that removes the cookie.
    pub(crate) fn removal(&self) -> HeaderValue {
        self.line(0, Some(0)).finish()
    }

    /// The line of a cookie whose name goes on, with a number as its value: it outlives the browser.
    pub(crate) fn number_beside(&self, suffix: &[u8], number: u64, max_age: u64) -> HeaderValue {
        self.beside(suffix, MaxAge::of(number).digits(), max_age)
    }

    /// The line that removes a cookie whose name goes on.
    pub(crate) fn removal_beside(&self, suffix: &[u8]) -> HeaderValue {
        self.beside(suffix, &[], 0)
    }

    fn beside(&self, suffix: &[u8], value: &[u8], max_age: u64) -> HeaderValue {
        let mut line = self.line(suffix.len().saturating_add(value.len()), Some(max_age));
        line.text.pop(); // the sign of equality
        line.text.extend_from_slice(suffix);
        line.text.push(b'=');
        line.text.extend_from_slice(value);
        line.finish()
    }

    #[inline]
    fn line(&self, length: usize, max_age: Option<u64>) -> SetCookie<'_> {
        let max_age = max_age.map_or(MaxAge::NONE, MaxAge::of);
        // Just as long as it becomes: `Bytes` keeps a capacity that differs in an allocation of its own.
        let after = self.tail.len().saturating_add(max_age.as_bytes().len());
        let mut text = Vec::with_capacity(self.bytes(length).saturating_add(after));
        text.extend_from_slice(self.head.as_bytes());
        SetCookie { text, tail: &self.tail, max_age }
    }
}

/// A Set-Cookie line whose value is still to be appended.
pub(crate) struct SetCookie<'a> {
    /// Where the value goes.
    pub(crate) text: Vec<u8>,
    tail: &'a str,
    max_age: MaxAge,
}

impl SetCookie<'_> {
    #[inline]
    pub(crate) fn finish(mut self) -> HeaderValue {
        self.text.extend_from_slice(self.tail.as_bytes());
        self.text.extend_from_slice(self.max_age.as_bytes());
        #[expect(clippy::expect_used, reason = "build() has checked every part of the line")]
        let mut value = HeaderValue::try_from(self.text).expect("a line of visible characters");
        value.set_sensitive(true); // keeps it out of HPACK's tables and of debug output
        value
    }
}

/// The attribute Max-Age, or nothing. std's formatting takes several times as long.
struct MaxAge {
    text: [u8; 30],
    start: usize,
}

impl MaxAge {
    const NONE: Self = Self { text: [0; 30], start: 30 };

    fn of(seconds: u64) -> Self {
        let mut text = [0; 30];
        let mut start = text.len();
        let mut rest = seconds;
        for place in text.iter_mut().rev() {
            *place = b'0' | (rest % 10).to_le_bytes()[0];
            rest /= 10;
            start = start.saturating_sub(1);
            if rest == 0 {
                break;
            }
        }
        // The longest number has twenty digits, which leaves just enough.
        start = start.saturating_sub(PREFIX.len());
        let place = text.get_mut(start..).and_then(<[u8]>::first_chunk_mut);
        place.into_iter().for_each(|place| *place = *PREFIX);
        Self { text, start }
    }

    fn as_bytes(&self) -> &[u8] {
        self.text.get(self.start..).unwrap_or_default()
    }

    /// The number alone.
    fn digits(&self) -> &[u8] {
        self.as_bytes().get(PREFIX.len()..).unwrap_or_default()
    }
}

const PREFIX: &[u8; 10] = b"; Max-Age=";

/// What browsers keep of `name=value`, in bytes (FORMAT §13).
pub(crate) const MAX_COOKIE: usize = 4093;

/// What front ends pass on of a whole line, `Set-Cookie: ` included.
const MAX_LINE: usize = 4096;
const LINE_NAME: usize = "Set-Cookie: ".len();

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_max_age_is_written_as_std_writes_it() {
        let powers = (0..20).map(|power| 10_u64.pow(power));
        let edges = powers.flat_map(|power| [power - 1, power, power + 1, power / 3]);
        for number in edges.chain([0, 7, u64::MAX]) {
            assert_eq!(MaxAge::of(number).as_bytes(), format!("; Max-Age={number}").as_bytes());
            assert_eq!(MaxAge::of(number).digits(), number.to_string().as_bytes());
            assert_eq!(MaxAge::NONE.as_bytes(), b"");
        }
    }
}
