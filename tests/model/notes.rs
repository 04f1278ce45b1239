//! The limit of notes: while no more ids are ending at a time than notes are kept, none revives, though older notes
//! make room; with one more a session can revive.

use crate::explore::explore;
use crate::handler::Handler::{LogIn, LogOut, Write};
use crate::rules::Rule;
use crate::scenario::{HOUR, Scenario};

#[test]
fn one_note_and_one_ending() {
    explore(&with_notes("one note, one ending", 1, 1)).holds();
}

#[test]
fn one_note_and_two_endings() {
    explore(&with_notes("one note, two endings", 1, 2)).breaks(Rule::EndedStaysEnded);
}

#[test]
fn two_notes_and_two_endings() {
    explore(&with_notes("two notes, two endings", 2, 2)).holds();
}

#[test]
fn two_notes_and_three_endings() {
    explore(&with_notes("two notes, three endings", 2, 3)).breaks(Rule::EndedStaysEnded);
}

/// Sessions and notes outlive the step of time, requests do not.
fn with_notes(title: &'static str, max_notes: usize, ending: usize) -> Scenario {
    let mut scenario = Scenario::new(title, &[Write, LogIn, LogOut], 4).with_time(&[5 * HOUR / 2], 2);
    (scenario.settings.idle, scenario.settings.absolute) = (Some(4 * HOUR), 6 * HOUR);
    scenario.with_notes(max_notes, ending)
}
