//! The model sees what it is there to see: a defective server breaks the rule that is about its defect.

use crate::defects::Defect;
use crate::explore::look_for;
use crate::handler::Handler::{LogIn, LogOut, Read, Write};
use crate::node::SKEW;
use crate::proof::to_the_second;
use crate::rules::Rule;
use crate::scenario::{HOUR, Scenario};

#[test]
fn renewal_in_the_session_writes() {
    let scenario = Scenario::new("renewal in the session", &[Read, Write], 2);
    look_for(Rule::ReadsNeverWrite, &scenario.with_defect(Defect::RenewalInTheSession))
        .breaks(Rule::ReadsNeverWrite);
}

#[test]
fn renewal_in_the_session_undoes_a_write() {
    let scenario = Scenario::new("renewal in the session", &[Read, Write], 2);
    look_for(Rule::ReadsUndoNothing, &scenario.with_defect(Defect::RenewalInTheSession))
        .breaks(Rule::ReadsUndoNothing);
}

#[test]
fn no_tombstones() {
    let scenario =
        Scenario::new("no tombstones", &[Read, Write, LogOut], 2).with_defect(Defect::NoTombstones);
    look_for(Rule::EndedStaysEnded, &scenario).breaks(Rule::EndedStaysEnded);
}

#[test]
fn tombstones_that_live_for_an_hour() {
    let scenario =
        Scenario::new("tombstones live for an hour", &[Read, Write, LogOut], 2).with_time(&[HOUR], 2);
    look_for(Rule::EndedStaysEnded, &scenario.with_defect(Defect::TombstonesLive(HOUR)))
        .breaks(Rule::EndedStaysEnded);
}

/// An hour less, and a second less than what one clock asks for: the lifetime of a tombstone is the shortest that will
/// do.
#[test]
fn tombstones_that_live_too_short_by_little() {
    for less in [HOUR, SKEW + 1] {
        let scenario =
            to_the_second("tombstones live shorter").with_defect(Defect::TombstonesLiveShorter(less));
        look_for(Rule::EndedStaysEnded, &scenario).breaks(Rule::EndedStaysEnded);
    }
}

#[test]
fn one_cookie_that_lists_the_ids() {
    let scenario = Scenario::new("one list", &[Write, LogIn, LogOut], 4).with_defect(Defect::OneList);
    // The ids in a list are known by their text alone, so that worlds which differ in their numbers are not the same.
    look_for(Rule::EndedStaysEnded, &Scenario { merges: false, ..scenario }).breaks(Rule::EndedStaysEnded);
}
