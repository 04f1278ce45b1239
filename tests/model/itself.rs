//! What the model leaves out changes nothing: states that it takes for the same, and moments at which it does not
//! serve.

use crate::explore::explore;
use crate::handler::Handler::{CycleId, LogIn, LogOut, Read, Write};
use crate::node::Kind;
use crate::scenario::{HOUR, Scenario};

/// Without merging states there are as many orders, and they end in the same ways.
#[test]
fn merging_states_changes_nothing() {
    for scenario in [
        Scenario::new("merged", &[Read, Write, LogIn, LogOut, CycleId], 3),
        Scenario::new("merged, with time", &[Read, Write, LogOut, CycleId], 2)
            .with_time(&[HOUR / 2, HOUR], 3),
        Scenario::new("merged, with nodes", &[Read, Write, LogIn, LogOut], 2)
            .with_time(&[HOUR], 2)
            .with_node(Kind::SchemaMismatch, &[Write, LogOut])
            .with_node(Kind::WithoutNewestKey, &[Write, LogOut]),
        Scenario::new("merged, with one tombstone", &[Write, LogIn, LogOut], 3)
            .with_tombstones(1, 1)
            .with_time(&[HOUR], 2),
    ] {
        let merged = explore(&scenario).holds();
        let whole = explore(&Scenario { merges: false, ..scenario }).holds();
        assert!(merged.states < whole.states);
        assert_eq!((merged.orders, merged.longest, merged.ends), (whole.orders, whole.longest, whole.ends));
        assert_eq!(merged.sights.orders(), whole.sights.orders());
    }
}

/// Serving at any moment leads to the same ends as serving before time passes or at arrival.
#[test]
fn serving_early_or_late_changes_nothing() {
    let scenario = Scenario::new("serving", &[Read, Write, LogIn, LogOut], 2).with_time(&[HOUR / 2, HOUR], 2);
    let just_in_time = explore(&scenario).holds();
    let freely = explore(&Scenario { serves_freely: true, ..scenario }).holds();
    assert!(just_in_time.states < freely.states);
    assert_eq!(just_in_time.ends, freely.ends);
}
