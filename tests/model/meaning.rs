//! What cookies say, by the numbers of the requests that made what is in them. Tokens are random; their meaning is not.

use std::collections::HashMap;
use std::rc::Rc;

use sealed_session::SessionId;

use crate::browser::{Jar, SetCookie};
use crate::handler::{Number, Visitor};
use crate::node::{BEGIN, Kind};
use crate::scenario::{Settings, TARGET};

/// A sealed session. Times are in seconds since the beginning.
#[derive(Debug)]
pub(crate) struct Token {
    /// The request that drew its id.
    pub(crate) id: Number,
    /// The request that began it: a new id alone begins nothing.
    pub(crate) began: Number,
    /// The request whose response brought it.
    pub(crate) sealer: Number,
    pub(crate) sealed_by: Kind,
    pub(crate) data: Visitor,
    pub(crate) started: u64,
    pub(crate) expires: u64,
    pub(crate) written: u64,
    /// When the idle clock began, as far as the session itself says.
    pub(crate) idle_since: u64,
    /// When the person last proved who they are.
    pub(crate) proved: Option<u64>,
    /// Whether an idle timeout applies.
    pub(crate) idles: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum Meaning {
    Session(Rc<Token>),
    /// A last-seen cookie: it renews the token of this sealer.
    LastSeen {
        sealer: Number,
        renewed: u64,
    },
    /// Of one id, or of all that the session has had which this request began.
    Tombstone {
        id: Number,
        of_family: bool,
        moment: u64,
    },
    /// A removal, or something that only a defect sends; known by its text.
    Other(u32),
}

/// What a request carries.
#[derive(Debug, Default)]
pub(crate) struct Carried {
    /// The line of the Cookie header, and its number among all of them.
    pub(crate) text: String,
    pub(crate) number: u32,
    pub(crate) session: Option<Rc<Token>>,
    /// Each cookie, with the moment at which it expires in the browser.
    pub(crate) meanings: Vec<(Meaning, Option<u64>)>,
}

impl Carried {
    /// When the idle clock began. A last-seen cookie counts for its own session, and is looked at when the idle clock
    /// is old enough to be renewed.
    pub(crate) fn idle_since(&self, clock: u64, settings: &Settings) -> Option<u64> {
        let token = self.session.as_ref()?;
        let is_due = clock.saturating_sub(token.idle_since) >= settings.renewal_interval();
        let renewed = self.meanings.iter().find_map(|(meaning, _)| match meaning {
            Meaning::LastSeen { sealer, renewed } if *sealer == token.sealer && is_due => Some(*renewed),
            _ => None,
        });
        Some(token.idle_since.max(renewed.unwrap_or_default()))
    }
}

/// Everything that was sealed so far.
#[derive(Default)]
pub(crate) struct Lexicon {
    tokens: HashMap<String, Rc<Token>>,
    last_seen: HashMap<String, (Number, u64)>,
    ids: HashMap<SessionId, Number>,
    slots: HashMap<String, Number>,
    texts: HashMap<String, u32>,
}

impl Lexicon {
    pub(crate) fn add_token(&mut self, text: &str, token: Token) -> Rc<Token> {
        let token = Rc::new(token);
        self.tokens.insert(text.to_owned(), Rc::clone(&token));
        token
    }

    pub(crate) fn add_last_seen(&mut self, text: &str, sealer: Number, renewed: u64) {
        self.last_seen.insert(text.to_owned(), (sealer, renewed));
    }

    /// The request that drew an id: this one, if it is new.
    pub(crate) fn drawn_by(&mut self, id: SessionId, number: Number) -> Number {
        let digits = id.to_string();
        // The first id of a line is drawn by the request that begins the session.
        self.slots.entry(digits[..LINE].to_owned()).or_insert(number);
        self.slots.entry(digits).or_insert(number);
        *self.ids.entry(id).or_insert(number)
    }

    pub(crate) fn number_of(&self, id: SessionId) -> Option<Number> {
        self.ids.get(&id).copied()
    }

    pub(crate) fn carried(&mut self, name: &str, jar: &Jar) -> Carried {
        let mut carried = Carried::default();
        for kept in jar.carried(TARGET) {
            let separator = if carried.text.is_empty() { "" } else { "; " };
            carried.text += &format!("{separator}{}={}", kept.cookie.name, kept.cookie.value);
            let meaning = self.meaning(name, &kept.cookie);
            if let Meaning::Session(token) = &meaning {
                carried.session = Some(Rc::clone(token));
            }
            carried.meanings.push((meaning, kept.expires));
        }
        carried.number = self.text(&carried.text);
        carried
    }

    pub(crate) fn meaning(&mut self, name: &str, cookie: &SetCookie) -> Meaning {
        let SetCookie { name: cookie_name, value, .. } = cookie;
        let known = match cookie_name.strip_prefix(name) {
            Some("") => self.tokens.get(value).map(|token| Meaning::Session(Rc::clone(token))),
            Some(".seen") => self
                .last_seen
                .get(value)
                .map(|(sealer, renewed)| Meaning::LastSeen { sealer: *sealer, renewed: *renewed }),
            Some(suffix) => suffix.strip_prefix(".out.").and_then(|slot| {
                let moment = value.parse().unwrap_or(BEGIN) - BEGIN; // a removal has none
                let of_family = slot.len() == LINE;
                self.slots.get(slot).map(|id| Meaning::Tombstone { id: *id, of_family, moment })
            }),
            None => None,
        };
        known.unwrap_or_else(|| Meaning::Other(self.text(&format!("{cookie_name}={value}"))))
    }

    fn text(&mut self, text: &str) -> u32 {
        let next = u32::try_from(self.texts.len()).unwrap();
        *self.texts.entry(text.to_owned()).or_insert(next)
    }
}

/// The digits that all ids of a session have in common.
const LINE: usize = 16;
