//! One request and what the library answered: the rules that a response must keep by itself.

use std::rc::Rc;

use crate::fleet::Fleet;
use crate::handler::{Handler, Number};
use crate::meaning::{Carried, Token};
use crate::node::{Found, Kind};
use crate::rules::{Fault, Rule};

/// A request, and what its handler found.
pub(crate) struct Exchange<'a> {
    pub(crate) kind: Kind,
    pub(crate) now: u64,
    pub(crate) handler: Handler,
    pub(crate) number: Number,
    pub(crate) carried: &'a Carried,
    pub(crate) found: Option<Found>,
}

impl Exchange<'_> {
    /// The session in these Set-Cookie lines, and the rules that they break.
    pub(crate) fn read(&self, fleet: &mut Fleet, lines: &[String]) -> (Option<Rc<Token>>, Vec<Fault>) {
        let name = fleet.settings.name;
        let with = |suffix: &str| {
            let head = format!("{name}{suffix}=");
            let value = lines.iter().find_map(|line| line.strip_prefix(&head)?.split(';').next());
            value.filter(|value| !value.is_empty())
        };
        let (session, last_seen) = (with(""), with(".seen"));
        let says_more = lines.iter().any(|line| !line.starts_with(&format!("{name}.seen=")));
        let is_silent = !self.handler.only_reads() || !says_more;
        let is_still = self.handler != Handler::Poll || lines.is_empty();
        let silent = Fault::unless(is_silent && is_still, Rule::ReadsNeverWrite, || {
            format!("{} of #{} is answered with {lines:?}", self.handler.words(), self.number)
        });
        let (token, mut faults) = session.map_or((None, Vec::new()), |text| self.token(fleet, text));
        faults.extend(silent);
        let leads_to =
            self.handler.leads_to(self.found.map(|found| found.data).unwrap_or_default(), self.number);
        let data = token.as_ref().map(|token| token.data);
        faults.extend(Fault::unless(data == leads_to, Rule::LastWriter, || {
            format!("{} of #{} wrote {data:?} instead of {leads_to:?}", self.handler.words(), self.number)
        }));
        faults.extend(self.renewal(fleet, last_seen));
        (token, faults)
    }

    /// The clocks of a session that was sealed.
    fn token(&self, fleet: &mut Fleet, text: &str) -> (Option<Rc<Token>>, Vec<Fault>) {
        let settings = fleet.settings;
        let clock = self.now + self.kind.ahead();
        let Some(sealed) = fleet.probe(self.kind, self.now, &format!("{}={text}", settings.name)) else {
            let words = format!("what #{} sealed does not open", self.number);
            return (None, vec![Fault { rule: Rule::LastWriter, words }]);
        };
        let id = fleet.lexicon.drawn_by(sealed.id, self.number);
        let goes_on = self.found.filter(|_| !self.handler.begins());
        let written = clock.max(sealed.started);
        let proved = match goes_on {
            _ if self.handler.logs_in() || self.handler == Handler::Reauthenticate => Some(written),
            Some(found) => found.proved,
            None => None,
        };
        let as_carried = goes_on.filter(|_| self.handler == Handler::PollAndWrite);
        let idle_since =
            as_carried.and_then(|_| self.carried.idle_since(clock, &settings)).unwrap_or(written);
        let idle_since = idle_since.min(written);
        let idle_expires = settings.idle.map(|idle| sealed.expires.min(idle_since + idle));
        let is_right_id = goes_on.is_none_or(|_| self.handler.ends_the_id()) == (id == self.number);
        let is_right_start = goes_on.map_or(clock, |found| found.started) == sealed.started;
        let is_right_end = goes_on.is_none_or(|found| found.expires == sealed.expires);
        let is_right_idle = sealed.idle_expires.is_none() || sealed.idle_expires == idle_expires;
        let words = || format!("{} of #{} at {clock} sealed {sealed:?}", self.handler.words(), self.number);
        let faults = [
            Fault::unless(is_right_id, Rule::EndedStaysEnded, words),
            Fault::unless(is_right_start && is_right_end, Rule::AbsoluteClock, words),
            Fault::unless(is_right_idle, Rule::IdleClock, words),
            Fault::unless(sealed.proved == proved, Rule::Proof, words),
        ];
        let before = self.carried.session.as_ref().filter(|_| goes_on.is_some());
        let token = Token {
            id,
            began: before.map_or(id, |before| before.began),
            sealer: self.number,
            sealed_by: self.kind,
            data: sealed.data,
            started: sealed.started,
            expires: sealed.expires,
            written,
            idle_since,
            proved,
            idles: sealed.idle_expires.is_some(),
        };
        (Some(fleet.lexicon.add_token(text, token)), faults.into_iter().flatten().collect())
    }

    /// A read renews the idle clock if and only if that is due, and its last-seen cookie then says the moment.
    fn renewal(&self, fleet: &mut Fleet, last_seen: Option<&str>) -> Option<Fault> {
        let settings = fleet.settings;
        let clock = self.now + self.kind.ahead();
        let found = self.found.filter(|found| self.handler.renews(found.data));
        let due = found.and_then(|found| {
            let since = found.idle_expires.filter(|expires| *expires < found.expires)? - settings.idle?;
            Some(clock.saturating_sub(since) >= settings.renewal_interval())
        });
        let is_due = due.is_none_or(|due| due == last_seen.is_some());
        let session = last_seen.and(self.carried.session.as_ref());
        let renewed = last_seen.zip(session).and_then(|(last_seen, session)| {
            fleet.lexicon.add_last_seen(last_seen, session.sealer, clock);
            let name = settings.name;
            let cookie = self.carried.text.split("; ").find(|pair| pair.starts_with(&format!("{name}=")))?;
            fleet.probe(self.kind, self.now, &format!("{cookie}; {name}.seen={last_seen}"))?.idle_expires
        });
        let expected = found.zip(settings.idle).map(|(found, idle)| found.expires.min(clock + idle));
        let is_right = last_seen.is_none() || renewed.is_some() && renewed == expected;
        Fault::unless(is_due && is_right, Rule::IdleClock, || {
            format!("{} of #{} at {clock}: renewed is {renewed:?}", self.handler.words(), self.number)
        })
    }
}
