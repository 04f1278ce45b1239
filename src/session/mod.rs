//! Sessions: the settings, `load`, what a handler holds, and `save`. The one place where the parts meet.

pub(crate) mod about;
pub(crate) mod build;
pub(crate) mod builder;
pub(crate) mod clocks;
pub(crate) mod csrf;
pub(crate) mod load;
pub(crate) mod save;
pub(crate) mod saved;
#[expect(clippy::module_inception, reason = "the folder is named for the type")]
pub(crate) mod session;
pub(crate) mod sessions;
pub(crate) mod tenant;
