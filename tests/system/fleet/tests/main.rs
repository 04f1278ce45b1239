//! A fleet whose keys rotate loses nobody; the same fleet with one thing wrong does, which shows that it would be seen.

use fleet::fleet::{KEPT, NODES, Outcome, Plan, run};
use harness::observed::observed;

/// The shortened times of a rotation as docs/ROTATION.md asks for it.
const RIGHT: Plan =
    Plan { rotations: 5, longest_lifetime: "7d", announce: "7s", mishaps: true, deaf: None, afterwards: 0 };

#[test]
fn five_rotations_lose_nobody() {
    let outcome = observe("announced", RIGHT);
    let tally = &outcome.tally;
    assert_eq!((tally.lost.len(), tally.errors.len()), (0, 0));
    assert!(tally.logins > 100 && tally.logins_again > 100 && tally.logouts > 50, "too little has happened");

    // nginx has seen the same, and has asked no node twice.
    assert_eq!(outcome.asked.len(), tally.all_requests());
    for line in &outcome.asked {
        let words: Vec<_> = line.split(' ').collect();
        assert!(words.len() == 3 && words[0] == words[2] && words[0] < "500", "{line}");
    }
    // The node that was restarted has two addresses.
    assert_eq!((tally.requests.len(), outcome.addresses.len()), (NODES + 1, NODES + 1));

    // The clock alone has decided: every node has sealed with every key, and none before or after its time.
    assert_eq!(outcome.keys.len(), RIGHT.rotations + 1);
    assert_eq!(outcome.seals().len(), NODES * outcome.keys.len(), "{:?}", outcome.seals());
    assert_eq!(outcome.sealed_out_of_turn(), 0);

    // Nothing that a visitor sent was refused, and nothing was said but what happened.
    let exchanged = |turn: usize| {
        let sealing = &outcome.keys[turn - 1].0;
        format!("login: the key ring was replaced: key {sealing} seals, {} in all", turn + 1)
    };
    let exchanges: Vec<_> = (1..=RIGHT.rotations).map(exchanged).collect();
    let mut mishaps = [0, 0];
    for log in &outcome.logs {
        let (problems, others): (Vec<_>, Vec<_>) = log.iter().partition(|line| line.contains(KEPT));
        let (recovered, others): (Vec<_>, Vec<_>) = others.into_iter().partition(|line| *line == RECOVERED);
        assert_eq!(others, exchanges.iter().collect::<Vec<_>>());
        mishaps = [mishaps[0] + problems.len(), mishaps[1] + recovered.len()];
    }
    assert_eq!(mishaps, [2, 1], "of one of the two, a new ring took the place");
}

#[test]
fn without_announcing_sessions_are_lost() {
    let outcome = observe("not announced", Plan { announce: "0s", ..RIGHT });
    assert_ne!(outcome.tally.lost, [""; 0]);
    for log in &outcome.logs {
        assert_eq!(count(log, "seals at once and was not announced"), RIGHT.rotations, "{log:#?}");
        assert!(count(log, "a session cookie was not accepted: unknown_key") > 0, "{log:#?}");
    }
}

#[test]
fn a_node_that_never_reads_again_loses_sessions() {
    let plan = Plan { rotations: 1, mishaps: false, deaf: Some(1), afterwards: 3, ..RIGHT };
    let outcome = observe("one node never reads again", plan);
    assert_ne!(outcome.tally.lost, [""; 0]);
    assert!(outcome.sealed_out_of_turn() > 0);
    let exchanges = [0, 1, 2].map(|node| count(&outcome.logs[node], "the key ring was replaced"));
    assert_eq!(exchanges, [1, 0, 1]);
}

#[test]
fn a_key_that_stops_opening_too_early_loses_sessions() {
    let plan = Plan { rotations: 1, mishaps: false, longest_lifetime: "1s", afterwards: 9, ..RIGHT };
    let outcome = observe("opens-until too early", plan);
    assert_ne!(outcome.tally.lost, [""; 0]);
    assert_eq!(outcome.sealed_out_of_turn(), 0);
    for log in &outcome.logs {
        let said = format!("login: key {} stops opening ", outcome.keys[0].0);
        assert_eq!(log.iter().filter(|line| line.starts_with(&said)).count(), 1, "{log:#?}");
    }
}

fn observe(what: &str, plan: Plan) -> Outcome {
    let outcome = run(plan);
    observed(format_args!("{what}: {}", outcome.figures()));
    for why in outcome.tally.lost.iter().chain(&outcome.tally.errors).take(5) {
        println!("  such as {why}");
    }
    outcome
}

fn count(log: &[String], words: &str) -> usize {
    log.iter().filter(|line| line.contains(words)).count()
}

const RECOVERED: &str = "login: the key ring file is good again, with the ring in use";
