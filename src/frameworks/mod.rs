//! Who calls `load` and `save`: a handle to the session of a request, and the layers that make one.

#[cfg(feature = "axum")]
#[cfg_attr(docsrs, doc(cfg(feature = "axum")))]
pub mod axum;
#[cfg(feature = "handle")]
#[cfg_attr(docsrs, doc(cfg(feature = "handle")))]
pub mod handle;
#[cfg(feature = "tower")]
#[cfg_attr(docsrs, doc(cfg(feature = "tower")))]
pub mod tower;
