//! What the server's handlers do with a session, and what that must lead to.

use std::time::Duration;

use sealed_session::{Session, SessionData};

/// The number of a request. Whatever a request makes (an id, a token, data) is known by it.
pub(crate) type Number = u16;

/// The data of a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Visitor {
    /// The request that wrote last.
    pub(crate) writer: Number,
    /// Who is logged in: the request that did it.
    pub(crate) user: Option<Number>,
    /// The same as `writer`, or the data is a mixture.
    pub(crate) copy: Number,
}

/// The data as a node of another version knows it.
#[derive(Default, serde::Serialize, serde::Deserialize)]
pub(crate) struct OtherVisitor {
    more: [u8; 8],
    visitor: Visitor,
}

/// What handlers need of a node's data.
pub(crate) trait Data: SessionData {
    fn visitor(&self) -> &Visitor;
    fn visitor_mut(&mut self) -> &mut Visitor;
}

impl Data for Visitor {
    fn visitor(&self) -> &Visitor {
        self
    }

    fn visitor_mut(&mut self) -> &mut Visitor {
        self
    }
}

impl Data for OtherVisitor {
    fn visitor(&self) -> &Visitor {
        &self.visitor
    }

    fn visitor_mut(&mut self) -> &mut Visitor {
        &mut self.visitor
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Handler {
    Read,
    /// A read that borrows the data to change it, and does not.
    Borrow,
    Poll,
    Write,
    /// A write that no person caused.
    PollAndWrite,
    LogIn,
    LogInForLong,
    /// A login that keeps the data.
    MarkAuthenticated,
    /// Whoever is logged in proves it again.
    Reauthenticate,
    LogOut,
    LogOutAndWrite,
    CycleId,
    Reset,
}

impl Handler {
    pub(crate) const ALL: [Self; 13] = [
        Self::Read,
        Self::Borrow,
        Self::Poll,
        Self::Write,
        Self::PollAndWrite,
        Self::LogIn,
        Self::LogInForLong,
        Self::MarkAuthenticated,
        Self::Reauthenticate,
        Self::LogOut,
        Self::LogOutAndWrite,
        Self::CycleId,
        Self::Reset,
    ];

    pub(crate) fn run<T: Data>(self, session: &mut Session<T>, number: Number) {
        match self {
            Self::Read => {
                let _ = session.data();
            }
            Self::Borrow => {
                let _ = session.data_mut();
            }
            Self::Poll => {
                let _ = session.data();
                session.skip_renewal();
            }
            Self::Write => write(session, number),
            Self::PollAndWrite => {
                session.skip_renewal();
                write(session, number);
            }
            Self::MarkAuthenticated => {
                session.visitor_mut().user = Some(number);
                session.mark_authenticated();
            }
            Self::Reauthenticate => {
                if session.about().authenticated_at().is_some() {
                    session.reauthenticate();
                }
            }
            Self::LogIn => log_in(session, number),
            Self::LogInForLong => {
                log_in(session, number);
                session.set_lifetime(LONG);
            }
            Self::LogOut => session.destroy(),
            Self::LogOutAndWrite => {
                session.destroy();
                write(session, number);
            }
            Self::CycleId => session.cycle_id(),
            Self::Reset => {
                session.reset();
            }
        }
    }

    /// What the session cookie of the response must hold; `None` if it must have none.
    pub(crate) fn leads_to(self, before: Visitor, number: Number) -> Option<Visitor> {
        match self {
            Self::Read | Self::Borrow | Self::Poll | Self::LogOut => None,
            Self::Write | Self::PollAndWrite => Some(Visitor { writer: number, copy: number, ..before }),
            Self::LogIn | Self::LogInForLong => Some(logged_in(number)),
            Self::MarkAuthenticated => Some(Visitor { user: Some(number), ..before }),
            Self::Reauthenticate => before.user.map(|_| before),
            Self::LogOutAndWrite => Some(Visitor { writer: number, copy: number, user: None }),
            Self::CycleId => Some(before),
            Self::Reset => Some(Visitor::default()),
        }
    }

    pub(crate) fn only_reads(self) -> bool {
        matches!(self, Self::Read | Self::Borrow | Self::Poll)
    }

    /// Whether it was activity that writes nothing.
    pub(crate) fn renews(self, before: Visitor) -> bool {
        match self {
            Self::Read | Self::Borrow => true,
            Self::Reauthenticate => before.user.is_none(), // it has asked
            _ => false,
        }
    }

    pub(crate) fn logs_out(self) -> bool {
        matches!(self, Self::LogOut | Self::LogOutAndWrite)
    }

    pub(crate) fn logs_in(self) -> bool {
        matches!(self, Self::LogIn | Self::LogInForLong | Self::MarkAuthenticated)
    }

    /// Whether the absolute clock begins anew.
    pub(crate) fn begins(self) -> bool {
        self.logs_in() || matches!(self, Self::LogOutAndWrite | Self::Reset)
    }

    pub(crate) fn ends_the_id(self) -> bool {
        self.ends_the_line() || self == Self::CycleId
    }

    /// Whether all ids that the session has had end, also one that is on its way.
    pub(crate) fn ends_the_line(self) -> bool {
        self.begins() || self == Self::LogOut
    }

    /// Whether the response depends on which request it is: it seals something, or draws an id.
    pub(crate) fn is_numbered(self) -> bool {
        !self.only_reads() && self != Self::LogOut
    }

    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Read => "a read",
            Self::Borrow => "a read that borrows mutably",
            Self::Poll => "a poll",
            Self::Write => "a write",
            Self::PollAndWrite => "a poll that writes",
            Self::MarkAuthenticated => "a login that keeps the data",
            Self::Reauthenticate => "a fresh proof",
            Self::LogIn => "a login",
            Self::LogInForLong => "a login to be remembered",
            Self::LogOut => "a logout",
            Self::LogOutAndWrite => "a logout that writes a farewell",
            Self::CycleId => "another id",
            Self::Reset => "a reset",
        }
    }
}

fn write<T: Data>(session: &mut Session<T>, number: Number) {
    let visitor = session.visitor_mut();
    (visitor.writer, visitor.copy) = (number, number);
}

fn log_in<T: Data>(session: &mut Session<T>, number: Number) {
    let mut data = T::default();
    *data.visitor_mut() = logged_in(number);
    session.log_in(data);
}

/// What a login leaves: nothing of what was there.
fn logged_in(number: Number) -> Visitor {
    Visitor { writer: number, copy: number, user: Some(number) }
}

/// How long somebody is remembered: longer than the absolute timeout of every scenario.
pub(crate) const LONG: Duration = Duration::from_secs(7 * 3600);
