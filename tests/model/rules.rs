//! What must hold: in every response, whenever one arrives, and in every state.

use sealed_session::Rejection;

use crate::fleet::{Fleet, Seen, View};
use crate::handler::Handler;
use crate::meaning::Token;
use crate::node::Kind;
use crate::world::{Flight, World};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rule {
    /// The response to a read carries no session cookie and no tombstone, that to a poll nothing.
    ReadsNeverWrite,
    /// What a browser holds is the same before and after the response to a read.
    ReadsUndoNothing,
    /// Once the response that ended an id has arrived, no request is logged in under it, nor, after a logout, a login
    /// or a reset, under another id of the same session.
    EndedStaysEnded,
    /// The idle clock is never set back by more than the time that the requests concerned were in flight; a poll that
    /// writes may set it back to where the poll found it.
    IdleClock,
    /// The absolute clock moves only at a login or a reset.
    AbsoluteClock,
    /// The moment of the last proof is that of the login or the fresh proof that the writer's own request knew of.
    Proof,
    /// The data is what the writer that arrived last has written, and never a mixture.
    LastWriter,
    /// A session that has not ended, and whose time has not passed, is there.
    LivesOn,
    /// Nothing is sent that a browser would drop.
    BrowsersTakeIt,
}

/// A rule that is broken, and how.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) rule: Rule,
    pub(crate) words: String,
}

impl Fault {
    pub(crate) fn unless(holds: bool, rule: Rule, words: impl FnOnce() -> String) -> Option<Self> {
        (!holds).then(|| Self { rule, words: words() })
    }
}

/// What every node makes of what the browser carries now.
pub(crate) fn in_state(world: &World, fleet: &mut Fleet) -> Vec<Fault> {
    let Some(token) = &world.carried.session else { return Vec::new() };
    let mut faults = Vec::new();
    for kind in fleet.kinds() {
        let clock = world.now + kind.ahead();
        match &*fleet.look(kind, &world.carried, world.now) {
            Ok(seen) => faults.extend(found(world, token, seen, clock)),
            Err(rejection) => {
                let idle = fleet.settings.idle.filter(|_| token.idles);
                let since = world.carried.idle_since(clock, &fleet.settings).unwrap_or_default();
                let is_in_time = clock < token.expires && idle.is_none_or(|idle| clock < since + idle);
                let is_there = is_in_time && !world.has_ended(token) && kind.reads(token.sealed_by);
                faults.extend(Fault::unless(!is_there, Rule::LivesOn, || {
                    format!("{token:?} is {rejection:?} at {clock}")
                }));
            }
        }
        faults.extend(idle_clock(world, token, kind, fleet));
    }
    faults
}

fn found(world: &World, token: &Token, seen: &Seen, clock: u64) -> Vec<Fault> {
    let is_ended = world.ended.contains(&seen.id) || seen.id == token.id && world.has_ended(token);
    let is_token = (token.id, token.data) == (seen.id, seen.data) && Some(seen.data) == world.last_data;
    let is_clock = token.started == seen.started && clock < token.expires;
    let faults = [
        Fault::unless(token.proved == seen.proved, Rule::Proof, || format!("{token:?} is read as {seen:?}")),
        Fault::unless(!is_ended, Rule::EndedStaysEnded, || {
            format!("the id drawn by #{} has ended, and is logged in with {:?}", seen.id, seen.data)
        }),
        Fault::unless(is_token, Rule::LastWriter, || {
            format!("{seen:?} is read, {:?} arrived last", world.last_data)
        }),
        Fault::unless(is_clock, Rule::AbsoluteClock, || format!("{token:?} is read as {seen:?} at {clock}")),
    ];
    faults.into_iter().flatten().collect()
}

fn idle_clock(world: &World, token: &Token, kind: Kind, fleet: &mut Fleet) -> Option<Fault> {
    let idle = fleet.settings.idle?;
    let expires = fleet.look(kind, &world.carried, world.now).as_ref().as_ref().ok()?.idle_expires?;
    let clock = world.now + kind.ahead();
    let expected = token.expires.min(world.carried.idle_since(clock, &fleet.settings)? + idle);
    Fault::unless(expires == expected, Rule::IdleClock, || {
        format!("{token:?} is said to be idle at {expires} and not at {expected}, by {kind:?}")
    })
}

/// A response has arrived.
pub(crate) fn at_arrival(before: &World, after: &World, flight: &Flight, fleet: &mut Fleet) -> Vec<Fault> {
    let mut faults = Vec::new();
    let is_logout = flight.handler == Handler::LogOut && flight.carried.session.is_some();
    faults.extend(Fault::unless(
        !is_logout || after.carried.session.is_none(),
        Rule::EndedStaysEnded,
        || format!("the logout #{} leaves a session cookie", flight.number),
    ));
    for kind in fleet.kinds() {
        let (old, new) =
            (fleet.look(kind, &before.carried, after.now), fleet.look(kind, &after.carried, after.now));
        let holds = !flight.handler.only_reads() || is_untouched(&old, &new);
        faults.extend(Fault::unless(holds, Rule::ReadsUndoNothing, || {
            format!("the browser held {old:?} and now {new:?}, after {}", flight.handler.words())
        }));
        if kind.opens(flight.kind) {
            faults.extend(set_back(before, after, flight, (&old, &new), fleet));
        }
    }
    faults
}

/// A read brings and takes nothing; but as far as the idle clock may be set back, the session may be idle after it,
/// and a session that was in use in time is there again when word of it arrives.
fn is_untouched(old: &View, new: &View) -> bool {
    match (old, new) {
        (Ok(old), Ok(new)) => (old.id, old.data, old.started) == (new.id, new.data, new.started),
        (Ok(_), Err(rejection)) | (Err(rejection), Ok(_)) => *rejection == Rejection::Idle,
        (Err(_), Err(_)) => true,
    }
}

fn set_back(
    before: &World,
    after: &World,
    flight: &Flight,
    (old, new): (&View, &View),
    fleet: &Fleet,
) -> Option<Fault> {
    let (Ok(old), Some(token), Some(idle)) = (old, &after.carried.session, fleet.settings.idle) else {
        return None;
    };
    let brings_session = flight.answer.as_ref().is_some_and(|(_, answer)| answer.token.is_some());
    let mut allowed = after.now - flight.sent_at;
    if !brings_session {
        allowed += before.last_flight; // of the request that brought the session which is there
    }
    allowed += token.written - token.idle_since;
    let skew = fleet.kinds().into_iter().map(Kind::ahead).max().unwrap_or_default();
    let expires = match new {
        Ok(new) if new.id == old.id => new.idle_expires?,
        Err(Rejection::Idle) if token.id == old.id => token.expires.min(token.idle_since + idle),
        _ => return None,
    };
    let by = old.idle_expires?.saturating_sub(expires);
    Fault::unless(by <= allowed + skew, Rule::IdleClock, || {
        format!(
            "the idle clock is set back by {by} s, in flight were {allowed} s, and clocks differ by {skew} s"
        )
    })
}
