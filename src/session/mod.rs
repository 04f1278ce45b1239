//! Sessions: the settings, `load`, what a handler holds, and `save`. The one place where the parts meet.

mod about;
mod builder;
mod clock_state;
mod csrf;
mod due;
mod forgery;
mod id_state;
mod lifetimes;
mod lifetimes_file;
pub(crate) mod load;
mod loaded;
#[cfg(feature = "revocation")]
pub mod revocation;
mod revoking;
mod save;
mod saved;
#[expect(clippy::module_inception, reason = "the folder is named for the type")]
mod session;
mod sessions;

pub use about::About;
pub use builder::Builder;
pub use lifetimes::Lifetimes;
pub use saved::Saved;
pub use session::Session;
#[cfg(feature = "inspect")]
pub(crate) use sessions::Inner;
pub use sessions::Sessions;
