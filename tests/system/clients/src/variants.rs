//! The ways to configure a cookie that the clients are shown, each under a path of its own.

use sealed_session::testing::{self, Clock};
use sealed_session::{CookieConfig, SameSite, Sessions};
use serde::{Deserialize, Serialize};

/// What a session holds.
#[derive(Default, Deserialize, Serialize)]
pub struct Visitor {
    pub user: Option<String>,
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Variant {
    /// `__Host-session`, as it comes.
    Default,
    /// `__Secure-session`, for all hosts of the domain.
    Secure,
    /// `__Host-Http-session`.
    HostHttp,
    /// `__Host-embedded`, Partitioned and SameSite=None.
    Partitioned,
    /// `__Host-third`, SameSite=None alone.
    ThirdParty,
    /// `session`, without Secure and without TLS, as while developing.
    Insecure,
}

impl Variant {
    pub const ALL: [Self; 6] =
        [Self::Default, Self::Secure, Self::HostHttp, Self::Partitioned, Self::ThirdParty, Self::Insecure];

    /// The first segment of its paths.
    pub fn path(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Secure => "secure",
            Self::HostHttp => "host-http",
            Self::Partitioned => "partitioned",
            Self::ThirdParty => "third-party",
            Self::Insecure => "insecure",
        }
    }

    /// The name of the session's cookie.
    pub fn cookie(self) -> &'static str {
        match self {
            Self::Default => "__Host-session",
            Self::Secure => "__Secure-session",
            Self::HostHttp => "__Host-Http-session",
            Self::Partitioned => "__Host-embedded",
            Self::ThirdParty => "__Host-third",
            Self::Insecure => "session",
        }
    }

    pub fn sessions(self, clock: &Clock) -> Sessions<Visitor> {
        let builder = Sessions::builder(testing::key_ring()).clock(clock.reader());
        let cookie = CookieConfig::new(self.cookie());
        match self {
            Self::Default => builder,
            Self::Secure => builder.cookie(cookie.domain("shop.example.org")),
            Self::HostHttp => builder.cookie(cookie),
            Self::Partitioned => builder.cookie(cookie.same_site(SameSite::None).partitioned(true)),
            Self::ThirdParty => builder.cookie(cookie.same_site(SameSite::None)),
            Self::Insecure => builder.insecure_for_localhost(),
        }
        .build()
        .unwrap()
    }
}
