//! The Set-Cookie line: attributes that are put together once, a value and a Max-Age for each response.

use std::convert::Infallible;

use http::HeaderValue;

/// The SameSite attribute (RFC 6265bis §5.6.7). It is always written: without it browsers are allowed two minutes of
/// cross-site POST requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SameSite {
    /// Never sent on a request that another site caused, not even a link.
    Strict,
    /// Sent with links from other sites, but not with their forms, frames or scripts.
    #[default]
    Lax,
    /// Always sent. Needs Secure.
    None,
}

/// The Priority attribute, by which Chromium chooses what to evict from a site with too many cookies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Priority {
    /// Evicted first.
    Low,
    /// What a cookie without the attribute has.
    Medium,
    /// Evicted last.
    High,
}

/// Everything about a cookie that does not change from response to response.
#[derive(Clone, Debug)]
pub(crate) struct Attributes {
    pub(crate) name: String,
    pub(crate) path: String,
    pub(crate) domain: Option<String>,
    pub(crate) same_site: SameSite,
    pub(crate) secure: bool,
    pub(crate) http_only: bool,
    pub(crate) partitioned: bool,
    pub(crate) priority: Option<Priority>,
    /// Whether it outlives the browser.
    pub(crate) persistent: bool,
}

/// A template for Set-Cookie. Writing and removing use the same, so a removal always meets its cookie.
#[derive(Clone, Debug)]
pub(crate) struct CookieTemplate {
    // "name="
    head: String,
    // "; Path=/; Secure; …"
    tail: String,
    /// Whether it outlives the browser.
    persistent: bool,
}

impl CookieTemplate {
    pub(crate) fn new(attributes: &Attributes) -> Self {
        let mut tail = format!("; Path={}", attributes.path);
        if let Some(domain) = &attributes.domain {
            tail.push_str("; Domain=");
            tail.push_str(domain);
        }
        if attributes.secure {
            tail.push_str("; Secure");
        }
        if attributes.http_only {
            tail.push_str("; HttpOnly");
        }
        tail.push_str(match attributes.same_site {
            SameSite::Strict => "; SameSite=Strict",
            SameSite::Lax => "; SameSite=Lax",
            SameSite::None => "; SameSite=None",
        });
        if attributes.partitioned {
            tail.push_str("; Partitioned");
        }
        tail.push_str(match attributes.priority {
            None => "",
            Some(Priority::Low) => "; Priority=Low",
            Some(Priority::Medium) => "; Priority=Medium",
            Some(Priority::High) => "; Priority=High",
        });
        Self { head: format!("{}=", attributes.name), tail, persistent: attributes.persistent }
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

    /// The line for a value of `length` bytes that `put_value` appends. A cookie that ends with the browser gets its
    /// Max-Age only if it `is_remembered`.
    pub(crate) fn set<E>(
        &self,
        length: usize,
        max_age: u64,
        is_remembered: bool,
        put_value: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<HeaderValue, E> {
        self.line(length, (self.persistent || is_remembered).then_some(max_age), put_value)
    }

    /// The line for a value that is text, and a cookie that outlives the browser.
    pub(crate) fn set_text(&self, value: &str, max_age: u64) -> HeaderValue {
        let put_value = |line: &mut Vec<u8>| {
            line.extend_from_slice(value.as_bytes());
            Ok(())
        };
        let Ok::<_, Infallible>(line) = self.line(value.len(), Some(max_age), put_value);
        line
    }

    /// The line that removes the cookie.
    pub(crate) fn removal(&self) -> HeaderValue {
        self.set_text("", 0)
    }

    fn line<E>(
        &self,
        length: usize,
        max_age: Option<u64>,
        put_value: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
    ) -> Result<HeaderValue, E> {
        let max_age = max_age.map(Decimal::of);
        let max_age = max_age.as_ref().map_or([&[][..], &[]], |seconds| [MAX_AGE, seconds.as_bytes()]);
        // Just as long as it becomes: `Bytes` keeps a capacity that differs in an allocation of its own.
        let parts = [self.tail.as_bytes(), max_age[0], max_age[1]];
        let room = parts.iter().fold(self.bytes(length), |sum, part| sum.saturating_add(part.len()));
        let mut line = Vec::with_capacity(room);
        line.extend_from_slice(self.head.as_bytes());
        put_value(&mut line)?;
        parts.iter().for_each(|part| line.extend_from_slice(part));
        #[expect(clippy::expect_used, reason = "build() has checked every part of the line")]
        let mut value = HeaderValue::try_from(line).expect("a line of visible characters");
        value.set_sensitive(true); // keeps it out of HPACK's tables and of debug output
        Ok(value)
    }
}

/// A number in decimal, for which std's formatting takes several times as long.
struct Decimal {
    digits: [u8; 20],
    start: usize,
}

impl Decimal {
    fn of(number: u64) -> Self {
        let mut digits = [b'0'; 20];
        let mut rest = number;
        let mut start = digits.len();
        for digit in digits.iter_mut().rev() {
            *digit = b'0' | (rest % 10).to_le_bytes()[0];
            rest /= 10;
            start = start.saturating_sub(1);
            if rest == 0 {
                break;
            }
        }
        Self { digits, start }
    }

    fn as_bytes(&self) -> &[u8] {
        self.digits.get(self.start..).unwrap_or_default()
    }
}

/// What browsers keep of `name=value`, in bytes (FORMAT §12).
pub(crate) const MAX_COOKIE: usize = 4093;

const MAX_AGE: &[u8] = b"; Max-Age=";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_written_as_std_writes_it() {
        let powers = (0..20).map(|power| 10_u64.pow(power));
        let edges = powers.flat_map(|power| [power - 1, power, power + 1, power / 3]);
        for number in edges.chain([0, 7, u64::MAX]) {
            assert_eq!(Decimal::of(number).as_bytes(), number.to_string().as_bytes());
        }
    }
}
