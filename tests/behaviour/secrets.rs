//! Keys, tokens and data stay out of what is printed: of every type of the public API, and of every error.

use std::collections::{BTreeMap, BTreeSet};
use std::convert::Infallible;
use std::fmt::Debug;
use std::path::{Path, PathBuf};
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use http::{HeaderMap, Request, Response};
use sealed_session::axum::{SessionRejection, Snapshot};
use sealed_session::error::{
    KeyError, KeyRingError, RandomError, RevocationFileError, RevokeError, SchemaError, TokenOpenError,
};
use sealed_session::handle::{
    Check, OnSaveError, OpenError, Outcome, Policy, ResponseGoneError, SessionSlot, Verdict,
};
use sealed_session::inspect::Timestamp;
use sealed_session::inspect::{Envelope, Inspection, SubjectDigest};
use sealed_session::keys::{KeyId, KeyRingWatcher, RingEvent, Rotation, SwappableKeyRing};
use sealed_session::revocation::{Mark, Merged, Revocations};
use sealed_session::token::Expires;
use sealed_session::web::{Priority, Scheme};
use sealed_session::{
    Algorithm, Caching, ConfigError, CookieConfig, Guard, Key, KeyRing, Lifetimes, Rejection, RequestInfo,
    ReturnTo, SameSite, SaveError, Saved, Session, SessionHandle, SessionLayer, Sessions, Tokens, testing,
};
use tower_layer::Layer;
use tower_service::Service;

const DATA: &str = "hunter2-what-the-application-keeps";

#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
struct Data(String);

impl Default for Data {
    fn default() -> Self {
        Self(DATA.to_owned())
    }
}

/// The innermost service, which knows nothing.
#[derive(Clone, Debug)]
struct Inner;

impl Service<Request<()>> for Inner {
    type Response = Response<()>;
    type Error = Infallible;
    type Future = std::future::Ready<Result<Response<()>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, _: Request<()>) -> Self::Future {
        std::future::ready(Ok(Response::new(())))
    }
}

/// The names of all types that src makes public, from its lines.
fn public_types() -> BTreeSet<String> {
    let (mut types, mut folders) =
        (BTreeSet::new(), vec![PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("src")]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                // What is compiled for tests alone.
                folders.extend((!path.ends_with("tests")).then_some(path));
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
            for line in code.lines() {
                let words: Vec<_> = line.trim_start().splitn(3, ' ').collect();
                if let ["pub", "struct" | "enum" | "union", rest] = words[..] {
                    types.insert(rest.split(|c: char| !c.is_alphanumeric()).next().unwrap().to_owned());
                }
            }
        }
    }
    types
}

struct Shown {
    by_type: BTreeMap<&'static str, Vec<String>>,
    secrets: Vec<String>,
}

impl Shown {
    /// What `{:?}` and `{:#?}` make of it, under the name of its type.
    fn add<T: Debug>(&mut self, value: &T) {
        let name = std::any::type_name::<T>().split('<').next().unwrap().rsplit("::").next().unwrap();
        self.by_type.entry(name).or_default().extend([format!("{value:?}"), format!("{value:#?}")]);
    }

    fn add_error<T: std::error::Error>(&mut self, error: &T) {
        self.add(error);
        let name = std::any::type_name::<T>().rsplit("::").next().unwrap();
        let sources = std::iter::successors(error.source(), |source| source.source());
        let texts = sources.map(ToString::to_string).chain([error.to_string()]);
        self.by_type.entry(name).or_default().extend(texts);
    }

    /// Any sixteen characters of a secret in a row are too many, however they are laid out.
    fn check(&self) {
        for (name, texts) in &self.by_type {
            for text in texts.iter().map(|text| without_white_space(text)) {
                for secret in self.secrets.iter().map(|secret| without_white_space(secret)) {
                    let leak = secret
                        .as_bytes()
                        .windows(16)
                        .map(String::from_utf8_lossy)
                        .find(|part| text.contains(&**part));
                    assert!(leak.is_none(), "{name} shows {leak:?} of {secret}: {text}");
                }
            }
        }
    }
}

fn without_white_space(text: &str) -> String {
    text.split_whitespace().collect()
}

fn shown() -> Shown {
    let key = Key::generate(Algorithm::Xaes256Gcm).unwrap();
    let text = key.expose_text();
    let digits = &text["sealed1_xaes_".len()..][..64]; // without the id, which is public
    let bytes: Vec<u8> =
        (0..64).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect();
    let ring = KeyRing::new(key.clone()).accept(testing::key(0x42)).unwrap();
    let sessions: Sessions<Data> = Sessions::new(ring.clone()).unwrap();
    let request = testing::request(&sessions, Session::mark_authenticated);
    let cookie = request["cookie"].to_str().unwrap().split_once('=').unwrap().1.to_owned();
    let tokens = Tokens::new(ring.clone(), "purpose", "label").unwrap();
    let token = tokens.seal(DATA.as_bytes(), Expires::Never).unwrap();
    let mut session = testing::load(&sessions, &request);
    let csrf = sessions.csrf_token(&mut session).unwrap();

    let secrets = vec![
        digits.to_owned(),
        digits.to_uppercase(),
        format!("{bytes:?}"),
        format!("{bytes:x?}"),
        DATA.to_owned(),
        format!("{:?}", DATA.as_bytes()),
        // Behind the version and the key id.
        cookie[8..].to_owned(),
        token[8..].to_owned(),
        csrf[8..].to_owned(),
        "42".repeat(32),
        format!("{:?}", [0x42; 32]),
    ];
    let mut shown = Shown { by_type: BTreeMap::new(), secrets };

    shown.add(&key);
    shown.add(&key.id());
    shown.add(&key.algorithm());
    shown.add(&ring);
    shown.add(&tokens);
    shown.add(&Expires::At(SystemTime::now()));
    shown.add(&sessions);
    shown.add(&sessions.schema_fingerprint());
    shown.add(&session);
    shown.add(&session.about());
    shown.add(&session.about().id().unwrap());
    session.replace(Data(DATA.repeat(2)));
    shown.add(&session);
    shown.add(&Sessions::<Data>::builder(ring.clone()).sample(Data::default()));
    shown.add(&CookieConfig::default());
    shown.add(&Lifetimes::default());
    shown.add(&Caching::default());
    shown.add(&RequestInfo::new().scheme(Scheme::Https));
    shown.add(&Scheme::Http);
    shown.add(&sealed_session::web::RequestOrigin::Same);
    shown.add(&sealed_session::web::TrustedOrigins::new());
    shown.add(&sealed_session::error::ForgeryError::NoToken);
    shown.add(&SameSite::Lax);
    shown.add(&Priority::High);
    shown.add(&testing::Clock::at(7));
    shown.add(&ReturnTo::from_text("/there"));
    let mut response = HeaderMap::new();
    shown.add::<Saved>(&sessions.save(session, &mut response).unwrap());
    shown.by_type.entry("HeaderMap").or_default().push(format!("{response:?}"));

    // Rings and their dates.
    let now = SystemTime::now();
    ring.status(now).iter().for_each(|status| {
        shown.add(status);
        shown.add(&status.state);
    });
    let live = SwappableKeyRing::new(ring.clone());
    shown.add(&live);
    live.replace(&KeyRing::new(testing::key(0x42)), now).iter().for_each(|event| shown.add(event));
    shown.add(&RingEvent::Recovered);
    let rotation = Rotation { longest_lifetime: Duration::from_secs(9), announce: Duration::ZERO, now };
    shown.add(&rotation);
    shown.add(&Timestamp::from(now));
    shown.add_error(&ring.rotate(key.clone(), rotation).unwrap_err());
    let file = std::env::temp_dir().join(format!("sealed-session-secrets-{}", std::process::id()));
    std::fs::write(&file, &text).unwrap();
    let builder = KeyRingWatcher::builder(&file);
    shown.add(&builder);
    let watch = builder.start().unwrap();
    shown.add(&watch);
    shown.add(&watch.check_now());
    std::fs::write(&file, format!("{}x", &text[1..])).unwrap();
    shown.add(&watch.check_now());
    shown.add_error::<KeyRingError>(&KeyRing::from_file(&file).unwrap_err());
    std::fs::remove_file(&file).unwrap();
    shown.add_error::<KeyRingError>(&KeyRing::from_file(&text).unwrap_err());
    shown.add_error::<KeyRingError>(&KeyRing::from_file(&text[1..]).unwrap_err());

    // What has been revoked: who, and with which key.
    let revocations = Revocations::new();
    shown.add_error::<RevokeError>(&revocations.revoke_subject(DATA).unwrap_err());
    drop(Sessions::<Data>::builder(ring.clone()).revocations(&revocations).build().unwrap());
    revocations.revoke_subject(DATA).unwrap();
    let mut mark = Mark::default();
    let lines = revocations.changes(&mut mark).unwrap();
    shown.secrets.push(lines[0][8..].to_owned());
    shown.add(&mark);
    shown.add::<Merged>(&revocations.merge(&lines[0]).unwrap());
    let status = revocations.status();
    shown.add(status.channel.as_ref().unwrap());
    shown.add(&status);
    shown.add(&revocations);
    let file = std::env::temp_dir().join(format!("sealed-session-revoked-{}", std::process::id()));
    let watch = revocations.watch_file(&file).unwrap();
    shown.add(&watch);
    shown.add(&watch.status());
    std::fs::remove_file(&file).unwrap();
    shown.add_error::<RevocationFileError>(&revocations.watch_file(std::env::temp_dir()).unwrap_err());

    // What an operator sees of a cookie.
    shown.add(&Envelope::parse(&cookie).unwrap());
    let inspection = Inspection {
        ring: ring.clone(),
        name: "__Host-session",
        purpose: "",
        idle_timeout: Some(Duration::from_secs(86_400)),
        now,
    };
    shown.add(&inspection);
    let revoked = inspection.revocation(&lines[0]).unwrap();
    shown.add(&revoked);
    shown.add(&revoked.revoked);
    shown.add(&SubjectDigest::of(DATA.as_bytes()));
    for line in [format!("__Host-session={cookie}"), format!("__Host-session={}", &cookie[1..])] {
        for inspected in inspection.open(&line).unwrap() {
            shown.add(&inspected);
            inspected.record.iter().for_each(|record| shown.add(record));
        }
    }

    // What goes around a handler.
    let check: Check<Data> = Check::new(|_| async { Ok::<_, Infallible>(Verdict::Keep) });
    shown.add(&check);
    shown.add(&Verdict::Keep);
    let policy = Policy::<Data, HeaderMap>::new(sessions.clone()).check(check.clone());
    let slot = policy.slot(&request, &request, None, None);
    shown.add(&slot);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let handle: SessionHandle<Data> = runtime.block_on(slot.open()).unwrap();
    handle.read(|session| assert_eq!(session.0, DATA));
    shown.add(&handle);
    shown.add(&slot);
    shown.add(&policy.close(&slot, http::StatusCode::OK, &mut HeaderMap::new(), None));
    shown.add(&Snapshot(Data::default()));
    shown.add(&policy);
    shown.add(&Outcome::Replace(http::StatusCode::OK));
    let layer = SessionLayer::new(sessions.clone()).check(check);
    shown.add(&layer);
    let mut service = layer.layer(Inner);
    shown.add(&service);
    let carrying = || {
        let mut request_with_headers = Request::new(());
        *request_with_headers.headers_mut() = request.clone();
        request_with_headers
    };
    let future = service.call(carrying());
    shown.add(&future);
    let response = runtime.block_on(future).unwrap();
    shown.add(response.body());
    let guard: Guard<Data> = Guard::new("/login", |session: &Session<Data>| !session.0.is_empty());
    shown.add(&guard);
    let mut guarded = guard.layer(Inner);
    shown.add(&guarded);
    let mut request_in_layer = carrying();
    request_in_layer.extensions_mut().insert(slot);
    drop(runtime.block_on(guarded.call(request_in_layer)).unwrap());

    // Errors, of input that holds secrets.
    let failing = Check::new(|_| async { Err::<Verdict, _>(DATA) });
    let unchecked = Policy::new(sessions.clone()).check(failing).slot(&request, &request, None, None);
    shown.add_error::<OpenError>(&runtime.block_on(unchecked.open()).unwrap_err());
    shown.add_error::<ResponseGoneError>(&handle.update(|_| ()).unwrap_err());
    shown.add_error(&OpenError::NoSessions);
    shown.add_error(&SessionRejection::Open(OpenError::Check));
    shown.add(&OnSaveError::Fail);
    // Made by the system alone, and has no room for anything.
    assert_eq!(size_of::<RandomError>(), 0);
    shown.by_type.entry("RandomError").or_default();
    for edited in
        [text.replace("xaes", "xeas"), text[1..].to_owned(), format!("{text}0"), text.replace('1', "2")]
    {
        shown.add_error(&Key::from_text(&edited).unwrap_err());
        let error = KeyRing::from_text(&edited).unwrap_err();
        shown.add_error(&error);
        if let KeyRingError::Entry { error, .. } = error {
            shown.add_error::<KeyError>(&error);
        }
        shown.add_error(&KeyRing::from_env(&edited).unwrap_err());
    }
    let twice = format!("{text},{text}");
    shown.add_error(&KeyRing::from_text(&twice).unwrap_err());
    for edited in [token.replace('_', "-"), token.clone() + "A", token[1..].to_owned(), token.repeat(99)] {
        if let Err(error) = tokens.open_at(&edited, SystemTime::now()) {
            shown.add_error(&error);
        }
    }
    shown.add_error(&TokenOpenError::Forged);
    shown.add_error(&tokens.seal(DATA.repeat(999).as_bytes(), Expires::Never).unwrap_err());
    let mut large = testing::load(&sessions, &HeaderMap::new());
    large.replace(Data(DATA.repeat(999)));
    shown.add_error::<SaveError>(&sessions.save(large, &mut HeaderMap::new()).unwrap_err());
    for error in [
        Sessions::<Data>::builder(ring.clone()).name(DATA.to_owned() + ";").build().unwrap_err(),
        Sessions::<Data>::builder(ring.clone()).name(text.clone() + ";").build().unwrap_err(),
        Sessions::<Data>::builder(ring.clone())
            .cookie(CookieConfig::default().path(text.clone()))
            .build()
            .unwrap_err(),
        Sessions::<Data>::builder(ring.clone()).purpose(text.repeat(9)).build().unwrap_err(),
        Sessions::<Data>::builder(ring.clone()).idle_timeout(Duration::ZERO).build().unwrap_err(),
    ] {
        shown.add_error::<ConfigError>(&error);
    }
    shown.add(&Rejection::Forged);
    shown.add(&sealed_session::FamilyId::from_bytes([7; 8]));
    let error = Sessions::<serde_json::Value>::builder(ring).sample(DATA.into()).build().unwrap_err();
    shown.add_error::<SchemaError>(error.schema_error().unwrap());
    shown
}

#[test]
fn no_public_type_shows_a_secret() {
    let shown = shown();
    shown.check();
    let known: BTreeSet<String> = shown.by_type.keys().map(|name| (*name).to_owned()).collect();
    let missing: Vec<_> = public_types().difference(&known).cloned().collect();
    assert!(missing.is_empty(), "show {missing:?} here");
    assert!(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs").exists() && known.len() > 35,
        "{known:?}"
    );
}

/// A key that was given for the name of a variable or of a file must not stand in the error; a name must.
#[test]
fn a_name_that_may_be_a_key_is_not_shown() {
    let errors = |name: &str| {
        let errors = [KeyRing::from_env(name), KeyRing::from_file(name)].map(Result::unwrap_err);
        errors.map(|error| format!("{error} {error:?}"))
    };
    for hidden in ["sealed1_xaes_", "/run/sealed1_", &"0f".repeat(16), &format!("xaes_{}", "A1".repeat(32))] {
        assert!(errors(hidden).iter().all(|error| !error.contains(hidden)), "{hidden}");
    }
    for shown in ["NO_SUCH_KEYS", "/no/such/file", &"0f".repeat(15)] {
        assert!(errors(shown).iter().all(|error| error.contains(shown)), "{shown}");
    }
}

/// Whether a type can be made text, or data, by the way: `true` where the bound holds, which the compiler prefers.
macro_rules! is {
    ($type:ty: $bound:path) => {{
        struct Probe<T>(std::marker::PhantomData<T>);
        #[allow(dead_code, reason = "where the bound holds")]
        trait Otherwise {
            const IS: bool = false;
        }
        impl<T> Otherwise for Probe<T> {}
        #[allow(dead_code, reason = "where the bound does not hold")]
        impl<T: $bound> Probe<T> {
            const IS: bool = true;
        }
        <Probe<$type>>::IS
    }};
}

#[test]
fn what_holds_a_secret_has_no_text_of_its_own() {
    assert!(is!(KeyId: std::fmt::Display) && is!(String: serde::Serialize), "the probe sees");
    macro_rules! none_of {
        ($($type:ty)*) => {$(
            assert!(!is!($type: std::fmt::Display) && !is!($type: serde::Serialize), stringify!($type));
        )*};
    }
    none_of! { Key KeyRing Sessions<u64> Session<u64> Tokens SwappableKeyRing KeyRingWatcher SessionHandle<u64> SessionSlot<u64> Snapshot<u64> }
}
