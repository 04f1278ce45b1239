//! The guide: the pages of `docs/`, here with their code compiled and run.
//!
//! | page | what it answers |
//! |---|---|
//! | [`start`] | from `cargo add` to a login; what to store in a session, and what not |
//! | [`upgrades`] | when the session type changes: which change logs nobody out |
//! | [`frameworks`] | the layer for axum and tower: handles, a guard, CSRF, logging out everywhere, events |
//! | [`lifetimes`] | idle and absolute timeout, remember me, fresh logins, a stolen cookie |
//! | [`revocation`] | ending sessions from the server: this device, all others, everywhere |
//! | [`rotation`] | keys that rotate through a fleet, and nobody is logged out |
//! | [`proxies`] | behind TLS, caches, tenants, changes of name or path, how large a cookie may be |
//! | [`testing`] | your own handlers under test: requests, the clock, what a response wrote |
//! | [`migration`] | coming from axum-extra's PrivateCookieJar, tower-sessions, actix-session |
//! | [`performance`] | what a load and a save cost, where the time goes, how it grows, beside others |
//! | [`express`] | for those who come from express-session: every word of it, and what it is here |
//! | [`glossary`] | every word that the API and the logs use, in one sentence each |
//!
//! These modules hold text and no code, and exist only where documentation is built. The README has the defaults with
//! their reasons and how a key is made. SECURITY.md in the repository has the threat model, and
//! FORMAT.md every byte.

// A page links to another as `[Upgrades][UPGRADES]`, and defines that at its end as the file `UPGRADES.md`, for those
// who read it in the repository. Of two definitions Markdown takes the first, which is the one here.

/// [FRAMEWORKS]: crate::guide::frameworks
/// [LIFETIMES]: crate::guide::lifetimes
/// [MIGRATION]: crate::guide::migration
/// [PROXIES]: crate::guide::proxies
/// [TESTING]: crate::guide::testing
/// [UPGRADES]: crate::guide::upgrades
///
#[doc = include_str!("../docs/START.md")]
pub mod start {}

/// [LIFETIMES]: crate::guide::lifetimes
/// [PROXIES]: crate::guide::proxies
/// [REVOCATION]: crate::guide::revocation
/// [START]: crate::guide::start
///
#[doc = include_str!("../docs/FRAMEWORKS.md")]
pub mod frameworks {}

/// [PROXIES]: crate::guide::proxies
///
#[doc = include_str!("../docs/UPGRADES.md")]
pub mod upgrades {}

/// [PROXIES]: crate::guide::proxies
/// [REVOCATION]: crate::guide::revocation
/// [TESTING]: crate::guide::testing
///
#[doc = include_str!("../docs/LIFETIMES.md")]
pub mod lifetimes {}

/// [FRAMEWORKS]: crate::guide::frameworks
///
#[doc = include_str!("../docs/REVOCATION.md")]
pub mod revocation {}

#[doc = include_str!("../docs/ROTATION.md")]
pub mod rotation {}

/// [LIFETIMES]: crate::guide::lifetimes
///
#[doc = include_str!("../docs/PROXIES.md")]
pub mod proxies {}

/// [LIFETIMES]: crate::guide::lifetimes
/// [UPGRADES]: crate::guide::upgrades
///
#[doc = include_str!("../docs/TESTING.md")]
pub mod testing {}

/// [EXPRESS]: crate::guide::express
/// [LIFETIMES]: crate::guide::lifetimes
/// [START]: crate::guide::start
/// [UPGRADES]: crate::guide::upgrades
///
#[doc = include_str!("../docs/MIGRATION.md")]
pub mod migration {}

#[doc = include_str!("../docs/PERFORMANCE.md")]
pub mod performance {}

#[doc = include_str!("../docs/GLOSSARY.md")]
pub mod glossary {}

/// [LIFETIMES]: crate::guide::lifetimes
/// [MIGRATION]: crate::guide::migration
/// [ROTATION]: crate::guide::rotation
/// [START]: crate::guide::start
///
#[doc = include_str!("../docs/EXPRESS.md")]
pub mod express {}
