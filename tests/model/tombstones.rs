//! The limit of tombstones: while no more ids are ending at a time than there is room for, none revives, though older
//! tombstones make room; with one more a session can revive.

use crate::explore::explore;
use crate::handler::Handler::{LogIn, LogOut, Write};
use crate::rules::Rule;
use crate::scenario::{HOUR, Scenario};

#[test]
fn one_tombstone_and_one_ending() {
    explore(&with_tombstones("one tombstone, one ending", 1, 1)).holds();
}

#[test]
fn one_tombstone_and_two_endings() {
    explore(&with_tombstones("one tombstone, two endings", 1, 2)).breaks(Rule::EndedStaysEnded);
}

#[test]
fn two_tombstones_and_two_endings() {
    explore(&with_tombstones("two tombstones, two endings", 2, 2)).holds();
}

#[test]
fn two_tombstones_and_three_endings() {
    explore(&with_tombstones("two tombstones, three endings", 2, 3)).breaks(Rule::EndedStaysEnded);
}

/// Sessions and tombstones outlive the step of time, requests do not.
fn with_tombstones(title: &'static str, max_tombstones: usize, ending: usize) -> Scenario {
    let mut scenario = Scenario::new(title, &[Write, LogIn, LogOut], 4).with_time(&[5 * HOUR / 2], 2);
    (scenario.settings.idle, scenario.settings.absolute) = (Some(4 * HOUR), 6 * HOUR);
    scenario.with_tombstones(max_tombstones, ending)
}
