//! Where browsers differ, as it was measured. The scenarios expect exactly this: a browser that changes fails a test.

use super::Kind;

pub struct Habits {
    /// Parts of the name of the version that was measured.
    pub measured: &'static [&'static str],
    /// It refuses `__Host-` and `__Secure-` cookies that break the rules of their prefix.
    pub enforces_prefixes: bool,
    /// The same for `__Http-` and `__Host-Http-`.
    pub enforces_http_prefixes: bool,
    /// How many cookies of one site it holds.
    pub jar: Option<usize>,
    /// The bytes of `name=value` that it takes.
    pub largest: Option<usize>,
    /// It goes Back to a page with `no-store` without asking the server.
    pub keeps_no_store_pages: bool,
}

impl Kind {
    pub const fn habits(self) -> Habits {
        match self {
            Self::Chromium => Habits {
                measured: &["Chromium 156."],
                enforces_prefixes: true,
                enforces_http_prefixes: true,
                jar: Some(180),
                largest: Some(4097),
                keeps_no_store_pages: true,
            },
            Self::Firefox => Habits {
                measured: &["Firefox 153."],
                enforces_prefixes: true,
                enforces_http_prefixes: true,
                jar: Some(180),
                largest: Some(4097),
                keeps_no_store_pages: false,
            },
            Self::WebKit => Habits {
                measured: &["WebKitGTK 2.50.", "libsoup 3.2."],
                enforces_prefixes: false,
                enforces_http_prefixes: false,
                jar: None,
                largest: None,
                keeps_no_store_pages: false,
            },
        }
    }
}
