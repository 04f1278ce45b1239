//! The format promise: what each released version has sealed, every later version opens.
//!
//! A folder of tests/data/promise is named for a version and is never changed once that version is released. Before a
//! release, make the one of that version: `cargo test --test behaviour -- --ignored make_the_folder_of_this_version`

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};
use sealed_session::keys::{KeyState, Rotation};
use sealed_session::token::Expires;
use sealed_session::{Builder, KeyRing, Lifetimes, Session, Sessions, Tokens, testing};
use serde_json::{Value, json};

/// The data of all sessions here: something of everything that goes on the wire.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
struct Visitor {
    user: Option<u64>,
    name: String,
    numbers: (i8, i16, i32, i64, u8, u16, u32, bool, char),
    reals: Vec<f64>,
    flash: BTreeMap<String, Vec<u8>>,
    role: Role,
    back: Option<Box<Visitor>>,
}

#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
enum Role {
    #[default]
    Guest,
    Member(u64),
    Pair(u8, String),
    Staff {
        team: Option<String>,
        until: u32,
    },
}

fn visitors() -> [Visitor; 4] {
    let ada = Visitor {
        user: Some(7),
        name: "Ada \u{1f980}".into(),
        numbers: (-1, i16::MIN, 300, i64::MIN, 255, u16::MAX, u32::MAX, true, 'é'),
        reals: vec![0.0, -1.5, 1e300],
        flash: [("note".to_owned(), vec![0, 255]), (String::new(), vec![])].into(),
        role: Role::Staff { team: Some("crab".into()), until: 9 },
        back: None,
    };
    let member =
        Visitor { role: Role::Member(u64::MAX), back: Some(Box::new(ada.clone())), ..Visitor::default() };
    [Visitor::default(), ada, member, Visitor { role: Role::Pair(1, "two".into()), ..Visitor::default() }]
}

const NOW: u64 = 1_800_000_000;

fn folders() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/promise")
}

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

/// The sessions of a case.
fn sessions(ring: &str, case: &Value) -> Sessions<Visitor> {
    let now = at(case["now"].as_u64().unwrap());
    let ring = testing::key_ring_from_text_at(ring, now).unwrap();
    Sessions::builder(ring)
        .name(case["name"].as_str().unwrap())
        .purpose(case["purpose"].as_str().unwrap())
        .lifetimes(Lifetimes::default().max_lifetime(Duration::from_secs(90 * 86_400)))
        .clock(move || now)
        .build()
        .unwrap()
}

/// What is found in a case, in the form in which it was written down.
fn found(ring: &str, case: &Value) -> Value {
    if let Some(token) = case["token"].as_str() {
        let now = at(case["now"].as_u64().unwrap());
        let ring = testing::key_ring_from_text_at(ring, now).unwrap();
        let tokens =
            Tokens::new(ring, case["purpose"].as_str().unwrap(), case["name"].as_str().unwrap()).unwrap();
        return json!({ "message": tokens.open_at(token, now).unwrap() });
    }
    let sessions = sessions(ring, case);
    let line = HeaderValue::from_str(case["cookie"].as_str().unwrap()).unwrap();
    let session = testing::load(&sessions, &HeaderMap::from_iter([(COOKIE, line)]));
    let about = session.about();
    if let Some(rejection) = about.rejection() {
        return json!({ "rejection": rejection.as_str() });
    }
    let seconds = |time: SystemTime| time.duration_since(UNIX_EPOCH).unwrap().as_secs();
    let form = case["form"].as_str().map(|token| sessions.check_csrf(&session, token).is_ok());
    json!({
        "id": about.id().unwrap().to_string(),
        "started": seconds(about.started()),
        "authenticated": about.authenticated_at().is_some(),
        "expires": seconds(about.expires_at()),
        "data": *session,
        "form": form,
    })
}

#[test]
fn every_later_version_opens_what_was_sealed() {
    let (mut versions, mut cases) = (0, 0);
    for version in std::fs::read_dir(folders()).unwrap() {
        let folder = version.unwrap().path();
        versions += 1;
        let read = |name: &str| std::fs::read_to_string(folder.join(name)).unwrap();
        for (ring, file) in [("plain.ring", "plain.json"), ("dated.ring", "dated.json")] {
            let list: BTreeMap<String, Value> = serde_json::from_str(&read(file)).unwrap();
            for (name, case) in list {
                assert_eq!(found(&read(ring), &case), case["found"], "{}: {name}", folder.display());
                cases += 1;
            }
        }
        // A ring is read, and printed, as it was.
        let ring = testing::key_ring_from_text_at(&read("dated.ring"), at(NOW)).unwrap();
        assert_eq!(ring.expose_text(), read("dated.ring"));
        let states = ring.status(at(NOW)).into_iter().map(|key| key.state).collect::<Vec<_>>();
        assert_eq!(states, [KeyState::Sealing, KeyState::Announced]);
        // The schema of the type is the one of that time, or those cookies would be of another.
        let sessions: Sessions<Visitor> = Sessions::new(ring).unwrap();
        assert_eq!(format!("{}\n", sessions.schema_description().unwrap()), read("schema.txt"));
    }
    assert!(versions > 0 && cases > 10 * versions);
}

#[test]
#[ignore = "writes the folder of a release"]
fn make_the_folder_of_this_version() {
    let folder = folders().join(env!("CARGO_PKG_VERSION"));
    std::fs::create_dir(&folder).expect("a folder that is there is never changed");
    let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();

    // Keys of the form that readers refuse, as all published ones are.
    let counting: String = (0..32).map(|byte| format!("{byte:02x}")).collect();
    let xchacha = testing::key_from_text(&format!("sealed1_xchacha_{counting}a07ea964")).unwrap();
    let plain = KeyRing::new(testing::key(0x42)).accept(xchacha.clone()).unwrap();
    let rotation = Rotation {
        longest_lifetime: Duration::from_secs(90 * 86_400),
        announce: Duration::from_secs(3600),
        now: at(NOW),
    };
    let dated = KeyRing::dated(testing::key(0x42), at(NOW - 86_400)).rotate(xchacha, rotation).unwrap();
    for (name, ring) in [("plain", plain), ("dated", dated)] {
        let ring = ring.expose_text();
        write(&format!("{name}.ring"), &ring);
        let cases: BTreeMap<_, _> = cases(&ring).into_iter().collect();
        write(&format!("{name}.json"), &(serde_json::to_string_pretty(&cases).unwrap() + "\n"));
    }
    let sessions: Sessions<Visitor> = Sessions::new(testing::key_ring()).unwrap();
    write("schema.txt", &format!("{}\n", sessions.schema_description().unwrap()));
}

/// Every kind of token there is, sealed now, with what is found in it now.
fn cases(ring: &str) -> Vec<(String, Value)> {
    let mut cases: Vec<(String, Value)> = Vec::new();
    let mut add = |name: &str, mut case: Value| {
        case["found"] = found(ring, &case);
        cases.push((name.to_owned(), case));
    };
    let case = |name: &str, purpose: &str, now: u64, cookie: String| json!({ "name": name, "purpose": purpose, "now": now, "cookie": cookie });
    let text = |request: &HeaderMap| {
        let lines = request.get_all(COOKIE).iter().map(|line| line.to_str().unwrap().to_owned());
        lines.collect::<Vec<_>>().join("; ")
    };
    for (number, visitor) in visitors().into_iter().enumerate() {
        for (name, purpose, later) in [("__Host-session", "", 0), ("s", "shop.example/ü", 7200)] {
            let sealing = case(name, purpose, NOW + later, String::new());
            let request = testing::request(&sessions(ring, &sealing), |session| {
                session.replace(visitor.clone());
            });
            add(&format!("data {number} of {name}"), case(name, purpose, NOW + later, text(&request)));
        }
    }
    let clock = testing::Clock::at(NOW);
    let build = |settings: fn(Builder<Visitor>) -> Builder<Visitor>| {
        let ring = testing::key_ring_from_text_at(ring, at(NOW)).unwrap();
        let lifetimes = Lifetimes::default().max_lifetime(Duration::from_secs(90 * 86_400));
        settings(Sessions::builder(ring).lifetimes(lifetimes).clock(clock.reader())).build().unwrap()
    };
    let name = "__Host-session";
    let sessions = build(|builder| builder);
    let login = testing::request(&sessions, Session::mark_authenticated);
    add("login", case(name, "", NOW + 3600, text(&login)));
    add("idle", case(name, "", NOW + 86_400, text(&login)));
    let remembered =
        testing::request(&sessions, |session| session.set_lifetime(Duration::from_secs(90 * 86_400)));
    add("remembered", case(name, "", NOW + 89 * 86_400, text(&remembered)));
    clock.set(NOW + 50_000);
    let session = sessions.load(&login);
    assert_eq!(session.user, None);
    let mut response = HeaderMap::new();
    sessions.save(session, &mut response).unwrap();
    let last_seen = text(&testing::next_request(&response));
    add("last-seen cookie", case(name, "", NOW + 130_000, format!("{}; {last_seen}", text(&login))));
    for handle in [Session::destroy, Session::cycle_id] {
        let mut session = sessions.load(&login);
        handle(&mut session);
        let mut response = HeaderMap::new();
        sessions.save(session, &mut response).unwrap();
        let tombstones = text(&testing::next_request(&response));
        let kind = if tombstones.contains("__Host-session=") { "renewed id" } else { "logout" };
        add(&format!("{kind}, and its tombstone"), case(name, "", NOW + 50_000, tombstones.clone()));
        let tombstones: Vec<_> = tombstones.split("; ").filter(|pair| pair.contains(".out.")).collect();
        add(
            &format!("{kind}, the old cookie"),
            case(name, "", NOW + 50_000, format!("{}; {}", text(&login), tombstones.join("; "))),
        );
    }
    let mut session = testing::load(&sessions, &login);
    let mut with_form = case(name, "", NOW + 50_000, text(&login));
    with_form["form"] = sessions.csrf_token(&mut session).unwrap().into();
    add("form", with_form);
    for (name, expires) in [("hour", Expires::At(at(NOW + 3600))), ("never", Expires::Never)] {
        let ring = testing::key_ring_from_text_at(ring, at(NOW)).unwrap();
        let tokens = Tokens::new(ring, "shop", "link").unwrap();
        let tokens = tokens.clock(move || at(NOW));
        let token = tokens.seal(b"a message", expires).unwrap();
        add(name, json!({ "name": "link", "purpose": "shop", "now": NOW + 3599, "token": token }));
    }
    cases
}
