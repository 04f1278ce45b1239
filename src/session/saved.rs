//! What `save` did.

/// What [`save`](crate::Sessions::save) did to the cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Saved {
    /// Nothing: the session did not change.
    Unchanged,
    /// Its idle clock was renewed, in the last-seen cookie; the session itself did not change.
    Renewed,
    /// It was written.
    #[non_exhaustive]
    Written {
        /// The bytes of `name=value`, of which browsers keep 4093.
        bytes: usize,
    },
    /// It was removed.
    Removed,
    /// A change was not written: the session expired while its handler ran, or
    /// [`keep_unreadable`](crate::Builder::keep_unreadable) protects the cookie that the request carried.
    Withheld,
}

impl Saved {
    /// The stable label, such as `renewed`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unchanged => "unchanged",
            Self::Renewed => "renewed",
            Self::Written { .. } => "written",
            Self::Removed => "removed",
            Self::Withheld => "withheld",
        }
    }
}
