//! What is said of a key ring goes to standard error where no subscriber of `tracing` hears it.

use std::process::Command;
use std::time::{Duration, SystemTime};

use sealed_session::keys::Rotation;
use sealed_session::{Algorithm, Key, KeyRing, Sessions};

/// Set for the process that the test below starts; without it that test has nothing to do.
const ROLE: &str = "SEALED_SESSION_UNHEARD";

/// Sessions that live for a week, with a ring whose key opens for a day.
fn build() {
    let (day, now) = (Duration::from_secs(86_400), SystemTime::now());
    let key = || Key::generate(Algorithm::Xaes256Gcm).unwrap();
    let rotation = Rotation { longest_lifetime: day, announce: day, now };
    let ring = KeyRing::dated(key(), now).rotate(key(), rotation).unwrap();
    drop(Sessions::<u64>::new(ring).unwrap());
}

#[test]
fn inner_a_subscriber_of_another_thread_and_of_an_earlier_moment() {
    if std::env::var_os(ROLE).is_some() {
        tracing::subscriber::with_default(tracing_subscriber::registry(), || {
            build(); // heard
            std::thread::spawn(build).join().unwrap();
        });
        build();
    }
}

#[test]
fn nothing_is_lost_in_silence() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "unheard::inner_a_subscriber_of_another_thread_and_of_an_earlier_moment",
            "--nocapture",
        ])
        .env(ROLE, "1")
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    let lines = said.lines().filter(|line| line.starts_with("sealed-session: key "));
    assert!(output.status.success() && lines.count() == 2, "{said}");
}
