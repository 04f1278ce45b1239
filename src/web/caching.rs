//! Which caching headers the library sets: the application can take over either of them.

/// Which headers for caches [`save`](crate::Sessions::save) sets. Default both.
///
/// ```
/// use sealed_session::{Caching, Sessions};
///
/// // This application says `Vary: Cookie` itself, on every response.
/// let caching = Caching::default().vary(false);
/// # let ring = sealed_session::testing::key_ring();
/// let sessions: Sessions<u64> = Sessions::builder(ring).caching(caching).build()?;
///
/// let mut response = http::HeaderMap::new();
/// sessions.save(sessions.load(&http::HeaderMap::new()), &mut response)?;
/// assert!(!response.contains_key("vary"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub struct Caching {
    pub(crate) cache_control: bool,
    pub(crate) vary: bool,
}

impl Default for Caching {
    fn default() -> Self {
        Self { cache_control: true, vary: true }
    }
}

impl Caching {
    /// Whether the library sets `Cache-Control`. If it does not, the application must set `no-store` on every response
    /// that sets or removes the cookie, or a cache may give one visitor's session to another, and `private` on every
    /// response that depends on the session.
    pub fn cache_control(self, set: bool) -> Self {
        Self { cache_control: set, ..self }
    }

    /// Whether the library sets `Vary`. Where it does not, the application must say `Vary: Cookie` on every response
    /// that depends on the session, or a cache may give one visitor's page to another.
    pub fn vary(self, set: bool) -> Self {
        Self { vary: set, ..self }
    }
}
