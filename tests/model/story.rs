//! Events in words.

use std::fmt;

use crate::scenario::HOUR;
use crate::world::Event;

/// What happened, one event after the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Story {
    pub(crate) logged_in: bool,
    pub(crate) events: Vec<Event>,
}

impl fmt::Display for Story {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let begin =
            if self.logged_in { "the browser is logged in (#0)" } else { "the browser has no cookies" };
        write!(f, "     0. {begin}")?;
        for (at, event) in self.events.iter().enumerate() {
            write!(f, "\n    {:2}. {event}", at + 1)?;
        }
        Ok(())
    }
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Send { number, handler, kind } => {
                write!(f, "#{number} is sent: {}{}", handler.words(), kind.words())
            }
            Self::Serve(number) => write!(f, "#{number} is served"),
            Self::Arrive(number) => write!(f, "the response to #{number} arrives"),
            Self::Pass { seconds, first } => {
                for number in first.iter().flatten() {
                    write!(f, "#{number} is served; ")?;
                }
                match seconds / 60 {
                    minutes if seconds % 60 > 0 => write!(f, "{minutes} min {} s pass", seconds % 60),
                    minutes if seconds % HOUR > 0 => write!(f, "{minutes} min pass"),
                    minutes => write!(f, "{} h pass", minutes / 60),
                }
            }
        }
    }
}
