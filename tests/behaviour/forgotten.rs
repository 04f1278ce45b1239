//! A session that was used and dropped without `save` is reported, in debug builds, on standard error.

use std::process::Command;

use http::HeaderMap;
use sealed_session::{Sessions, testing};

/// Runs one of the tests below in a process of its own and returns what it printed to standard error.
fn standard_error_of(test: &str) -> String {
    let exe = std::env::current_exe().unwrap();
    let output = Command::new(exe)
        .args(["--exact", &format!("forgotten::{test}"), "--nocapture"])
        .env(ROLE, "1")
        .output()
        .unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stderr).unwrap()
}

/// Set for the processes that `standard_error_of` starts; without it those tests have nothing to do.
const ROLE: &str = "SEALED_SESSION_FORGOTTEN";

fn load() -> Option<(Sessions<u64>, sealed_session::Session<u64>)> {
    std::env::var_os(ROLE)?;
    let sessions = Sessions::new(testing::key_ring()).unwrap();
    let session = sessions.load(&HeaderMap::new());
    Some((sessions, session))
}

#[test]
fn inner_used_and_dropped() {
    if let Some((_, mut session)) = load() {
        *session += 1;
    }
}

#[test]
fn inner_not_looked_at() {
    drop(load());
}

#[test]
fn inner_saved() {
    if let Some((sessions, mut session)) = load() {
        *session += 1;
        sessions.save(session, &mut HeaderMap::new()).unwrap();
    }
}

#[test]
fn inner_data_alone() {
    if let Some((_, session)) = load() {
        assert_eq!(*session, 0);
        session.into_data();
    }
}

#[test]
fn only_a_forgotten_session_is_reported() {
    let report = standard_error_of("inner_used_and_dropped");
    let expected = "sealed-session: a Session<u64> was used and dropped without save: its changes are lost, its \
                    caching headers are not set; call save for every response, or into_data where there is none\n";
    assert_eq!(report, if cfg!(debug_assertions) { expected } else { "" });
    for quiet in ["inner_not_looked_at", "inner_saved", "inner_data_alone"] {
        assert_eq!(standard_error_of(quiet), "", "{quiet}");
    }
}
