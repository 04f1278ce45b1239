//! What may differ from request to request: the cookie's name and place, and the purpose, for each tenant of one
//! application.

/// The settings of one tenant: a customer with a subdomain, an application below a path. What is not set is as in the
/// [`Builder`](crate::Builder).
///
/// ```
/// use sealed_session::{testing, RequestInfo, Sessions, Tenant};
///
/// let sessions: Sessions<u64> = Sessions::builder(testing::key_ring())
///     .name("__Secure-session")
///     .tenant("acme", Tenant::new().path("/acme"))
///     .tenant("globex", Tenant::new().path("/globex"))
///     .build()?;
///
/// let request = http::HeaderMap::new();
/// let mut session = sessions.load_with(&request, RequestInfo::new().tenant("acme"));
/// *session = 7;
/// let mut response = http::HeaderMap::new();
/// sessions.save(session, &mut response)?;
///
/// let request = testing::next_request(&response);
/// let at = |tenant| *sessions.load_with(&request, RequestInfo::new().tenant(tenant)).data();
/// assert_eq!((at("acme"), at("globex")), (7, 0)); // no tenant's cookie opens at another
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct Tenant {
    pub(crate) name: Option<String>,
    pub(crate) path: Option<String>,
    pub(crate) domain: Option<String>,
    pub(crate) partitioned: Option<bool>,
    pub(crate) purpose: Option<String>,
}

impl Tenant {
    /// A tenant that differs in its purpose alone.
    pub fn new() -> Self {
        Self::default()
    }

    /// The cookie's name.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The path below which the cookie is sent.
    pub fn path(mut self, path: impl Into<String>) -> Self {
        self.path = Some(path.into());
        self
    }

    /// The domain whose hosts all receive the cookie.
    pub fn domain(mut self, domain: impl Into<String>) -> Self {
        self.domain = Some(domain.into());
        self
    }

    /// Whether the cookie is kept apart for each site that embeds this one.
    pub fn partitioned(mut self, partitioned: bool) -> Self {
        self.partitioned = Some(partitioned);
        self
    }

    /// What its cookies are bound to. Path and domain are not sealed in, so it is this that keeps the tenants apart.
    /// Default: the application's purpose, a NUL and the tenant's name.
    pub fn purpose(mut self, purpose: impl Into<String>) -> Self {
        self.purpose = Some(purpose.into());
        self
    }
}
