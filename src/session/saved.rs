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
    /// What to tell of a response that a layer further in has told of already: this, unless only that one did
    /// something.
    ///
    /// ```
    /// use sealed_session::Saved;
    ///
    /// assert_eq!(Saved::Unchanged.outside_of(Some(Saved::Removed)), Saved::Removed);
    /// assert_eq!(Saved::Renewed.outside_of(Some(Saved::Removed)), Saved::Renewed);
    /// ```
    #[must_use]
    pub fn outside_of(self, inner: Option<Self>) -> Self {
        if self == Self::Unchanged { inner.unwrap_or(self) } else { self }
    }

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
