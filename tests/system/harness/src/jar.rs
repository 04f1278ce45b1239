//! The cookie jar of a browser, as far as one site needs it. It honours `Max-Age`, also where that removes a cookie.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

#[derive(Clone, Default)]
pub struct Jar(BTreeMap<String, Cookie>);

#[derive(Clone)]
struct Cookie {
    value: String,
    expires: Option<Instant>,
}

impl Jar {
    /// Takes in the value of a `Set-Cookie` header. All cookies of the site have one path.
    #[track_caller]
    pub fn set(&mut self, line: &str) {
        let mut parts = line.split(';').map(str::trim);
        let (name, value) = parts.next().and_then(|pair| pair.split_once('=')).unwrap();
        let max_age = parts.filter_map(|part| part.split_once('=')).find_map(|(name, value)| {
            name.eq_ignore_ascii_case("max-age").then(|| value.parse::<i64>().unwrap())
        });
        let lives = max_age.map(|seconds| Duration::from_secs(seconds.try_into().unwrap_or(0)));
        if lives == Some(Duration::ZERO) {
            self.0.remove(name);
        } else {
            let expires = lives.map(|lives| Instant::now() + lives);
            self.0.insert(name.to_owned(), Cookie { value: value.to_owned(), expires });
        }
    }

    /// The value of the `Cookie` header, empty without a cookie.
    pub fn line(&mut self) -> String {
        let now = Instant::now();
        self.0.retain(|_, cookie| cookie.expires.is_none_or(|expires| expires > now));
        let pairs: Vec<_> = self.0.iter().map(|(name, cookie)| format!("{name}={}", cookie.value)).collect();
        pairs.join("; ")
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|cookie| cookie.value.as_str())
    }
}
