//! Any bytes as the lines of a channel of revocations: no panic, and nothing is added that was not sealed with the
//! ring. And any order in which nodes revoke, tell each other, lose what they were told and restart: when all is told,
//! all know the same.
//!
//! Of the published keys of the test vectors there are entries in the corpus. The second half reads the bytes as
//! events.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use sealed_session::revocation::{Mark, Revocations};
use sealed_session::{Algorithm, FamilyId, Key, KeyRing, Sessions, testing};

use super::open_any::VECTORS_NOW;

pub(crate) fn check(data: &[u8]) {
    hostile(data);
    told(data);
}

/// A process, and its sessions, which the revocations need.
fn node(ring: KeyRing) -> (Revocations, Sessions<u64>) {
    let (revocations, clock) = (Revocations::new(), testing::Clock::at(VECTORS_NOW));
    let builder = Sessions::<u64>::builder(ring).clock(clock.reader()).revocations(&revocations);
    let sessions = builder.subject(|user| Some(user.to_be_bytes())).build().unwrap();
    (revocations, sessions)
}

struct Sealed {
    ring: KeyRing,
    line: String,
}

static SEALED: LazyLock<Sealed> = LazyLock::new(|| {
    let ring = KeyRing::new(Key::generate(Algorithm::XChaCha20Poly1305).unwrap());
    let (revocations, _sessions) = node(ring.clone());
    revocations.revoke_subject("7").unwrap();
    let line = revocations.changes(&mut Mark::default()).unwrap().remove(0);
    Sealed { ring, line }
});

fn hostile(data: &[u8]) {
    let Sealed { ring, line } = &*SEALED;
    let (revocations, _sessions) = node(ring.clone());
    let merged = revocations.merge(data).unwrap();
    let is_ours = data.windows(line.len()).any(|part| part == line.as_bytes());
    assert!((merged.added, merged.known, merged.ended) == (0, 0, 0) || is_ours);
    // The one that was sealed is found among anything.
    let merged = revocations.merge([data, b"\n", line.as_bytes(), b"\n", data].concat()).unwrap();
    assert_eq!(merged.added + merged.known, 1 + usize::from(is_ours));

    let published = KeyRing::new(testing::key(0x42));
    let (one, _sessions) = node(published.clone());
    let merged = one.merge(data).unwrap();
    let (again, lacking) = one.sync(data).unwrap();
    assert_eq!((again.added, again.known), (0, merged.added + merged.known));
    assert_eq!(lacking, Vec::<String>::new(), "the channel has it all");
    let (_, all) = one.sync("").unwrap();
    let (other, _sessions) = node(published);
    other.merge(all.join("\n")).unwrap();
    assert_eq!(count(&other), count(&one));
}

fn count(revocations: &Revocations) -> (usize, usize) {
    let status = revocations.status();
    (status.families, status.subjects)
}

const NODES: usize = 3;

fn told(data: &[u8]) {
    let ring = KeyRing::new(testing::key(0x42));
    let mut nodes: Vec<_> = (0..NODES).map(|_| node(ring.clone())).collect();
    let mut marks = [Mark::default(); NODES];
    let (mut people, mut families) = (BTreeSet::new(), BTreeSet::new());
    for pair in data.chunks_exact(2).take(60) {
        let (at, to, what) = (usize::from(pair[0]) % NODES, usize::from(pair[0] / 4) % NODES, pair[1] % 8);
        match pair[0] >> 5 {
            0 | 1 => {
                nodes[at].0.revoke_subject(u64::from(what).to_be_bytes()).unwrap();
                people.insert(what);
            }
            2 => {
                nodes[at].0.revoke_family(FamilyId::from_bytes([what; 8])).unwrap();
                families.insert(what);
            }
            // What is new, to one of the others; or lost, and sent again later.
            3 => {
                let mut mark = marks[at];
                let lines = nodes[at].0.changes(&mut mark).unwrap();
                if what < 4 {
                    marks[at] = mark;
                    nodes[to].0.merge(lines.join("\n")).unwrap();
                }
            }
            // Everything, backwards and twice.
            4 | 5 => {
                let (_, mut lines) = nodes[at].0.sync("").unwrap();
                lines.reverse();
                lines.extend(lines.clone());
                nodes[to].0.merge(lines.join("\n")).unwrap();
            }
            // A node restarts after it has told another one what it knows, as a channel makes it do.
            _ => {
                let (_, lines) = nodes[at].0.sync("").unwrap();
                let other = (at + 1) % NODES;
                nodes[other].0.merge(lines.join("\n")).unwrap();
                nodes[at] = node(ring.clone());
                marks[at] = Mark::default();
            }
        }
    }
    // When all is told, all know the same, and nothing but that.
    for _ in 0..2 {
        let lines: Vec<_> = nodes.iter().flat_map(|node| node.0.sync("").unwrap().1).collect();
        nodes.iter().for_each(|node| _ = node.0.merge(lines.join("\n")).unwrap());
    }
    let (_, all) = nodes[0].0.sync("").unwrap();
    for (revocations, sessions) in &nodes {
        assert_eq!(count(revocations), (families.len(), people.len()));
        assert!(
            revocations.sync(all.join("\n")).unwrap().1.is_empty(),
            "no moment is later than another node's"
        );
        for user in 0..8_u64 {
            // A login on a node that knows is valid on all.
            let request = testing::request(sessions, |session| session.log_in(user));
            let is_in = |node: &(Revocations, Sessions<u64>)| {
                let session = testing::load(&node.1, &request);
                session.about().rejection().is_none() && *session == user
            };
            assert!(nodes.iter().all(is_in));
        }
    }
}
