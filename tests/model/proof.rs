//! The proof: the library keeps the rules in every order of events within these bounds, and what it leaves is known.

use std::ops::Range;

use crate::explore::explore;
use crate::handler::Handler::{
    self, CycleId, LogIn, LogInForLong, LogOut, PollAndWrite, Read, Reauthenticate, Write,
};
use crate::handler::Number;
use crate::node::{Kind, SKEW};
use crate::scenario::{HOUR, Scenario, Settings};
use crate::sights::Sight;
use crate::walk::{Random, walk};

const CORE: [Handler; 5] = [Read, Write, LogIn, LogOut, CycleId];

#[test]
fn every_handler() {
    let remains = [Sight::TakenByEnded, Sight::TakenByFresh];
    explore(&Scenario::new("every handler", &Handler::ALL, 4)).leaves(&remains);
}

/// A write in flight under the old id, arriving after the login: logged out, and never logged in under the old id.
#[test]
fn writes_during_logins() {
    explore(&Scenario::new("writes during logins", &[Write, LogIn], 5))
        .leaves(&[Sight::TakenByEnded, Sight::TakenByFresh]);
}

#[test]
fn five_requests() {
    explore(&Scenario::new("five requests", &CORE, 5)).holds();
}

#[test]
fn a_stranger() {
    let scenario = Scenario::new("a stranger", &CORE, 3).with_time(&[HOUR], 2);
    explore(&Scenario { logged_in: false, ..scenario }).holds();
}

#[test]
fn hours() {
    explore(&hours_of(3, &[Read, Write, LogIn, LogOut])).holds();
}

/// The idle timeout, the tombstones and the absolute timeout pass.
fn hours_of(requests: Number, handlers: &[Handler]) -> Scenario {
    let mut scenario = Scenario::new("hours", handlers, requests).with_time(&[HOUR], 6);
    scenario.settings.absolute = 4 * HOUR;
    scenario
}

#[test]
fn one_second_more_or_less() {
    explore(&to_the_second("to the second")).holds();
}

/// Responses, cookies and tombstones come to their end at the same moments, or a second earlier.
pub(crate) fn to_the_second(title: &'static str) -> Scenario {
    Scenario::new(title, &[Read, Write, LogIn, LogOut], 2).with_time(&[HOUR, HOUR - 1], 3)
}

/// Polls that write, and fresh proofs, while the idle timeout passes.
#[test]
fn polls_and_proofs() {
    let handlers = [Read, PollAndWrite, Reauthenticate, LogOut];
    explore(&Scenario::new("polls and proofs", &handlers, 3).with_time(&[HOUR / 2], 5)).holds();
}

#[test]
fn half_hours() {
    explore(&Scenario::new("half hours", &CORE, 2).with_time(&[HOUR / 2], 8)).holds();
}

#[test]
fn nodes_of_a_deploy() {
    let remains = [Sight::TakenByEnded, Sight::TakenByFresh, Sight::EndedUnread];
    explore(&nodes(2)).leaves(&remains);
}

fn nodes(passes: u16) -> Scenario {
    let scenario = Scenario::new("nodes", &[Read, Write, LogIn, LogOut], 3).with_time(&[HOUR], passes);
    let scenario = scenario.with_node(Kind::WithoutNewestKey, &[Write, LogOut]);
    scenario.with_node(Kind::SchemaMismatch, &[Write, LogOut])
}

/// A tombstone lives long enough for an hour of flight, by whichever clock.
#[test]
fn clocks_that_differ() {
    explore(&clocks(2, 4)).holds();
}

/// The whole hour in flight, and clocks that differ: a tombstone lives longer by as much.
#[test]
fn clocks_that_differ_and_an_hour_in_flight() {
    let scenario = Scenario { flight: HOUR, title: "clocks and an hour", ..clocks(2, 3) };
    explore(&scenario.with_time(&[HOUR], 3)).holds();
}

fn clocks(requests: Number, passes: u16) -> Scenario {
    let scenario = Scenario::new("clocks", &[Read, Write, LogIn, LogOut], requests);
    let scenario = scenario.with_time(&[HOUR - SKEW, SKEW], passes);
    let scenario = scenario.with_node(Kind::ClockAhead, &[Read, Write, LogIn, LogOut]);
    Scenario { flight: HOUR - SKEW, ..scenario }
}

#[test]
fn without_an_idle_timeout() {
    let mut scenario =
        Scenario::new("no idle timeout", &[Read, Write, LogOut, CycleId], 3).with_time(&[HOUR], 4);
    (scenario.settings.idle, scenario.settings.absolute) = (None, 2 * HOUR);
    explore(&scenario).holds();
}

#[test]
fn remembered() {
    let scenario = Scenario::new("remembered", &[Read, Write, LogInForLong, LogOut], 3);
    explore(&scenario.with_time(&[HOUR, 6 * HOUR], 2)).holds();
}

#[test]
fn name_path_and_domain_change_nothing() {
    let scenario = Scenario::new("prefix __Host-", &CORE, 3);
    let mut other = Scenario { title: "path and domain", ..scenario.clone() };
    other.settings =
        Settings { name: "__Secure-sid", path: "/app", domain: Some("example.com"), ..scenario.settings };
    let (one, other) = (explore(&scenario).holds(), explore(&other).holds());
    assert_eq!((one.states, one.orders, one.ends), (other.states, other.orders, other.ends));
}

#[test]
fn walks_at_random() {
    walks(0..30, 300);
}

fn walks(seeds: Range<u64>, events: usize) {
    let scenario = Scenario::everything();
    let (mut requests, mut seconds) = (0, 0);
    for seed in seeds.clone() {
        match walk(&scenario, Random(seed), events) {
            Ok(world) => (requests, seconds) = (requests + u64::from(world.sent), seconds + world.now),
            Err(violation) => panic!("seed {seed}: {violation}"),
        }
    }
    println!("walks {seeds:?} of {events} events: {requests} requests in {} hours", seconds / HOUR);
}

#[test]
#[ignore = "minutes"]
fn larger_without_time() {
    explore(&Scenario::new("every handler, five requests", &Handler::ALL, 5)).holds();
    explore(&Scenario::new("six requests", &CORE, 6)).holds();
}

#[test]
#[ignore = "minutes"]
fn larger_with_time() {
    explore(&hours_of(4, &[Read, Write, LogIn, LogOut])).holds();
    explore(&Scenario::new("half hours", &CORE, 3).with_time(&[HOUR / 2], 8)).holds();
    explore(&nodes(5)).holds();
    explore(&clocks(3, 3)).holds();
}

#[test]
#[ignore = "minutes"]
fn longer_walks() {
    walks(0..2000, 3000);
}
