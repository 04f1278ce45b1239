//! Every file in tests/data/vectors/cases, through the public API. tests/data/vectors/README.md says what a file looks
//! like.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::util::Visitor;
use sealed_session::keys::KeyState;
use sealed_session::revocation::Revocations;
use sealed_session::{Key, KeyRing, Lifetimes, Sessions, Tokens, testing};

struct Case {
    headers: BTreeMap<String, String>,
    offered: Vec<u8>,
}

impl Case {
    fn read(path: &Path) -> Self {
        let bytes = std::fs::read(path).unwrap();
        let split = bytes.windows(2).position(|pair| pair == b"\n\n").expect("an empty line");
        let text = std::str::from_utf8(&bytes[..split]).unwrap();
        let headers = text.lines().map(|line| {
            let (name, value) = line.split_once(':').expect("a header");
            (name.to_owned(), value.trim().to_owned())
        });
        Self { headers: headers.collect(), offered: bytes[split + 2..].to_vec() }
    }

    #[track_caller]
    fn get(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no header {name}"))
    }

    fn number(&self, name: &str) -> Option<u64> {
        self.headers.get(name).filter(|value| !value.is_empty()).map(|value| value.parse().unwrap())
    }

    fn time(&self, name: &str) -> Option<SystemTime> {
        self.number(name).map(|seconds| UNIX_EPOCH + Duration::from_secs(seconds))
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.offered).unwrap()
    }

    fn ring(&self) -> KeyRing {
        testing::key_ring_from_text(&self.get("keys").replace(' ', ",")).unwrap()
    }

    /// Returns the outcome; where that is `ok`, has compared every fact.
    fn run(&self) -> &'static str {
        match self.get("kind") {
            "session" => self.run_session(),
            "token" => self.run_token(),
            "form" => self.run_form(),
            "revocation" => self.run_revocation(),
            "key" => self.run_key(),
            "ring" => self.run_ring(),
            kind => panic!("unknown kind {kind}"),
        }
    }

    fn run_session(&self) -> &'static str {
        let now = self.time("now").unwrap();
        let absolute = self.number("absolute").unwrap_or(604_800);
        let idle = Some(self.number("idle").unwrap_or(86_400)).filter(|idle| *idle > 0);
        let mut lifetimes = Lifetimes::default()
            .idle_timeout(idle.map(Duration::from_secs))
            .absolute_timeout(Duration::from_secs(absolute));
        if let Some(max) = self.number("max-lifetime") {
            lifetimes = lifetimes.max_lifetime(Duration::from_secs(max));
        }
        if let Some(moment) = self.time("not-before") {
            lifetimes = lifetimes.not_before(moment);
        }
        let revocations = Revocations::new();
        let sessions = Sessions::<Visitor>::builder(self.ring())
            .name(self.get("name"))
            .purpose(self.get("purpose"))
            .lifetimes(lifetimes)
            .revocations(&revocations)
            .subject(|visitor: &Visitor| visitor.user.map(u64::to_be_bytes))
            .clock(move || now)
            .build()
            .unwrap();
        if let Some(lines) = self.headers.get("revocations") {
            revocations.merge(lines.replace(' ', "\n")).unwrap();
        }
        let session = testing::load(&sessions, &crate::util::with_cookie(&self.offered));
        let about = session.about();
        if let Some(rejection) = about.rejection() {
            return rejection.as_str();
        }
        let started = self.number("started").unwrap();
        let remembered = self.get("remembered") == "true";
        let bound = if remembered { self.number("max-lifetime").unwrap() } else { absolute };
        let deadline = self.number("deadline").unwrap().min(started + bound);
        assert_eq!(about.id().unwrap().to_string(), self.get("id"));
        assert_eq!(Some(about.started()), self.time("started"));
        assert_eq!(about.expires_at(), UNIX_EPOCH + Duration::from_secs(deadline));
        assert_eq!(about.authenticated_at(), self.time("authenticated-at"));
        assert_eq!(about.is_remembered(), remembered);
        // A last-seen cookie may have renewed it since.
        let of_idle_start =
            idle.filter(|_| !remembered).map(|idle| self.number("idle-start").unwrap() + idle);
        let of_idle_start = of_idle_start.map(|end| UNIX_EPOCH + Duration::from_secs(end.min(deadline)));
        assert!(about.idle_expires_at() >= of_idle_start);
        assert!(
            about.idle_expires_at() == of_idle_start
                || self.offered.windows(6).any(|bytes| bytes == b".seen=")
        );
        let expected: Visitor = postcard::from_bytes(&unhex(self.get("payload-hex"))).unwrap();
        assert_eq!(session.into_data(), expected);
        "ok"
    }

    fn run_token(&self) -> &'static str {
        let tokens = Tokens::new(self.ring(), self.get("purpose"), self.get("name")).unwrap();
        match tokens.open_at(self.text(), self.time("now").unwrap()) {
            Ok(message) => {
                assert_eq!(message, unhex(self.get("payload-hex")));
                "ok"
            }
            Err(error) => error.as_str(),
        }
    }

    fn run_form(&self) -> &'static str {
        let now = self.time("now").unwrap();
        let sessions = Sessions::<Visitor>::builder(self.ring())
            .name(self.get("name"))
            .purpose(self.get("purpose"))
            .clock(move || now)
            .build()
            .unwrap();
        let session = testing::load(&sessions, &crate::util::with_cookie(self.get("session").as_bytes()));
        assert_eq!(session.about().rejection(), None);
        sessions.check_csrf(&session, self.text()).map_or_else(|error| error.as_str(), |()| "ok")
    }

    /// What an entry says is seen in what it ends: the other cases compare that.
    fn run_revocation(&self) -> &'static str {
        let until = self.number("until").unwrap_or(1);
        let revocations = Revocations::new();
        let builder = Sessions::<Visitor>::builder(self.ring()).name(self.get("name"));
        let before_its_end = UNIX_EPOCH + Duration::from_secs(until - 1);
        let builder = builder.purpose(self.get("purpose")).clock(move || before_its_end);
        drop(builder.revocations(&revocations).build().unwrap());
        let merged = revocations.merge(&self.offered).unwrap();
        let status = revocations.status();
        match (merged.added, merged.unknown_key, merged.refused) {
            (1, 0, 0) => {
                let has = |fact| usize::from(self.headers.contains_key(fact));
                assert_eq!((status.families, status.subjects), (has("family"), has("subject")));
                "ok"
            }
            (0, 1, 0) => "unknown_key",
            // The library does not tell the two apart, nor an empty line from none.
            (0, 0, _) if ["forged", "malformed"].contains(&self.get("expect")) => {
                if self.get("expect") == "forged" { "forged" } else { "malformed" }
            }
            _ => "something else",
        }
    }

    fn run_key(&self) -> &'static str {
        let key = match self.headers.get("weak") {
            Some(_) => testing::key_from_text(self.text()),
            None => Key::from_text(self.text()),
        };
        match key {
            Ok(key) => {
                assert_eq!(key.expose_text(), self.get("keys"));
                "ok"
            }
            Err(error) => error.as_str(),
        }
    }

    fn run_ring(&self) -> &'static str {
        let now = self.time("now").unwrap_or(UNIX_EPOCH);
        let ring = match self.headers.get("weak") {
            Some(_) => testing::key_ring_from_text_at(self.text(), now),
            None => KeyRing::from_text_at(self.text(), now),
        };
        let ring = match ring {
            Ok(ring) => ring,
            Err(error) => return error.as_str(),
        };
        // The id is the end of the text.
        let ids = |name| self.get(name).split(' ').map(|key| key[key.len() - 8..].to_owned());
        if self.headers.contains_key("now") {
            let status = ring.status(now);
            let of = |is_wanted: fn(KeyState) -> bool| {
                let wanted = status.iter().filter(move |key| is_wanted(key.state));
                wanted.map(|key| key.id.to_string()).collect::<Vec<_>>()
            };
            assert_eq!(of(|_| true), ids("keys").collect::<Vec<_>>());
            assert_eq!(of(|state| state == KeyState::Sealing), ids("seals").collect::<Vec<_>>());
            assert_eq!(of(|state| state != KeyState::Expired), ids("opens").collect::<Vec<_>>());
            let again = testing::key_ring_from_text_at(&ring.expose_text(), now).unwrap();
            assert_eq!(again.status(now), status);
        } else {
            // The ring keeps the sealing key first and the others sorted.
            let mut expected: Vec<_> = ids("keys").collect();
            expected[1..].sort();
            assert_eq!(ring.key_ids().map(|id| id.to_string()).collect::<Vec<_>>(), expected);
        }
        "ok"
    }
}

fn unhex(digits: &str) -> Vec<u8> {
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}

#[test]
fn every_case_has_its_expected_outcome() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/vectors/cases");
    let mut failures = Vec::new();
    let mut count = 0;
    for file in std::fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let case = Case::read(&path);
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let run = std::panic::catch_unwind(|| case.run().to_owned());
        let outcome = run.unwrap_or_else(|_| "other facts than the file says".into());
        if outcome != case.get("expect") {
            failures.push(format!("{name}: expected {}, got {outcome}", case.get("expect")));
        }
        count += 1;
    }
    assert!(count > 100, "the cases are there");
    assert!(failures.is_empty(), "{}\n{} of {count} failed", failures.join("\n"), failures.len());
}
