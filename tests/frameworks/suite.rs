//! One application and one table of its answers, for everything that carries sessions: all of it answers alike.
//!
//! An answer is written down whole: the status, the body, every header but those that a framework adds to say how long
//! and of what type the body is, and what the browser's next request then is to the application.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::header::{CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HeaderName, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Method, Request, Response};
use sealed_session::error::RandomError;
use sealed_session::handle::Verdict;
use sealed_session::web::RequestOrigin;
use sealed_session::{Session, SessionId, Sessions, testing};

#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Visitor {
    pub(crate) user: Option<u64>,
    pub(crate) clicks: u32,
    note: String,
}

/// The application, by one of the ways in which a session comes to a handler.
///
/// | request | what its handler does |
/// |---|---|
/// | `GET /untouched` | never asks for the session |
/// | `GET /read` | [`read`] |
/// | `GET /public` | [`read`], and answers with [`PUBLIC`] |
/// | `GET /own` | [`read`], and answers with [`OWN`] |
/// | `POST /own` | [`click`], and answers with [`OWN`] |
/// | `POST /write` | [`click`] |
/// | `POST /nothing` | [`touch`] |
/// | `POST /login`, `/logout`, `/renew`, `/large` | [`log_in`], [`log_out`], [`renew`], [`grow`] |
/// | `POST /panic` | [`click`], then panics |
/// | `GET /form` | [`form`] |
/// | `POST /form` | [`submit`], with its body |
/// | `GET` and `POST /guarded/page` | answers "guarded" to whom [`lets_pass`], sends all others to `/login` |
///
/// The scheme is what `X-Forwarded-Proto` says. Whoever asks for a session that a cookie became asks [`verdict`] first.
pub(crate) trait Application {
    fn new(sessions: Sessions<Visitor>) -> Self;

    /// A panic of the handler comes through.
    fn answer(&self, request: Request<Vec<u8>>) -> impl Future<Output = Response<Vec<u8>>>;

    fn block_on<F: Future>(answer: F) -> F::Output;
}

pub(crate) const PUBLIC: [(&str, &str); 1] = [("cache-control", "public, max-age=60")];
pub(crate) const OWN: [(&str, &str); 5] = [
    ("set-cookie", "theme=dark"),
    ("set-cookie", "lang=de; Path=/"),
    ("vary", "Accept-Encoding"),
    ("cache-control", "max-age=60"),
    ("x-own", "stays"),
];

pub(crate) fn read(session: &Session<Visitor>) -> String {
    let user = session.user.map_or("nobody".to_owned(), |user| format!("user {user}"));
    format!("{user}, {} clicks", session.clicks)
}

pub(crate) fn click(session: &mut Session<Visitor>) -> String {
    session.clicks += 1;
    read(session)
}

/// A mutable borrow that changes nothing.
pub(crate) fn touch(session: &mut Session<Visitor>) -> String {
    session.clicks += 0;
    read(session)
}

pub(crate) fn log_in(session: &mut Session<Visitor>) -> String {
    session.user = Some(8);
    session.mark_authenticated();
    read(session)
}

pub(crate) fn log_out(session: &mut Session<Visitor>) -> String {
    session.destroy();
    read(session)
}

pub(crate) fn renew(session: &mut Session<Visitor>) -> String {
    session.cycle_id();
    read(session)
}

pub(crate) fn grow(session: &mut Session<Visitor>) -> String {
    session.note = "x".repeat(4096);
    read(session)
}

pub(crate) fn form(
    sessions: &Sessions<Visitor>,
    session: &mut Session<Visitor>,
) -> Result<String, RandomError> {
    sessions.csrf_token(session)
}

/// Whether the form may do what it asks for.
pub(crate) fn submit(
    sessions: &Sessions<Visitor>,
    session: &Session<Visitor>,
    origin: RequestOrigin,
    token: &[u8],
) -> bool {
    sessions.check_request(session, origin, std::str::from_utf8(token).ok()).is_ok()
}

pub(crate) fn lets_pass(session: &Session<Visitor>) -> bool {
    session.user.is_some()
}

/// User 13 was locked; about user 99 the store does not answer.
pub(crate) fn verdict(user: Option<u64>) -> Result<Verdict, std::io::Error> {
    match user {
        Some(13) => Ok(Verdict::End),
        Some(99) => Err(std::io::Error::other("the store does not answer")),
        _ => Ok(Verdict::Keep),
    }
}

/// A request, and all of its answer.
struct Case {
    /// What it is to show.
    shows: &'static str,
    /// Who sends it: nobody in particular, or a user who logged in at the beginning.
    user: Option<u64>,
    /// How many seconds after the beginning.
    at: u64,
    request: &'static str,
    headers: &'static [(&'static str, &'static str)],
    answer: &'static [&'static str],
}

const CASE: Case = Case { shows: "", user: Some(7), at: 0, request: "GET /read", headers: &[], answer: &[] };

const BEGIN: u64 = 1_800_000_000;
/// A tenth of the idle timeout of a day.
const DUE: u64 = 8640;

/// DESIGN's rules, request by request.
const CASES: &[Case] = &[
    // 1: reading never writes.
    Case {
        shows: "what nobody asks for is neither looked at nor renewed",
        request: "GET /untouched",
        at: DUE,
        answer: &["200 untouched", "then user 7, 0 clicks, same id, started at 0"],
        ..CASE
    },
    Case {
        shows: "a stranger's read",
        user: None,
        answer: &["200 nobody, 0 clicks", "cache-control: private", "vary: Cookie", "then absent"],
        ..CASE
    },
    Case {
        shows: "a read",
        at: DUE - 1,
        answer: &[
            "200 user 7, 0 clicks",
            "cache-control: private",
            "vary: Cookie",
            "then user 7, 0 clicks, same id, started at 0",
        ],
        ..CASE
    },
    Case {
        shows: "a mutable borrow that changes nothing",
        request: "POST /nothing",
        answer: &[
            "200 user 7, 0 clicks",
            "cache-control: private",
            "vary: Cookie",
            "then user 7, 0 clicks, same id, started at 0",
        ],
        ..CASE
    },
    Case {
        shows: "a stranger's mutable borrow that changes nothing",
        user: None,
        request: "POST /nothing",
        answer: &["200 nobody, 0 clicks", "cache-control: private", "vary: Cookie", "then absent"],
        ..CASE
    },
    Case {
        shows: "a write goes on under its id, and ends when the session would have",
        request: "POST /write",
        at: 100,
        answer: &[
            "200 user 7, 1 clicks",
            "cache-control: private, no-store",
            "set-cookie: __Host-session=SEALED; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=604700",
            "vary: Cookie",
            "then user 7, 1 clicks, same id, started at 0",
        ],
        ..CASE
    },
    Case {
        shows: "a stranger's write",
        user: None,
        request: "POST /write",
        at: 100,
        answer: &[
            "200 nobody, 1 clicks",
            "cache-control: private, no-store",
            "set-cookie: __Host-session=SEALED; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=604800",
            "vary: Cookie",
            "then nobody, 1 clicks, new id, started at 100",
        ],
        ..CASE
    },
    // 2: renewal never touches the data.
    Case {
        shows: "a read renews when that is due",
        at: DUE,
        answer: &[
            "200 user 7, 0 clicks",
            "cache-control: private, no-store",
            "set-cookie: __Host-session.seen=SEALED; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=86400",
            "vary: Cookie",
            "then user 7, 0 clicks, same id, started at 0",
        ],
        ..CASE
    },
    Case {
        shows: "a write that is due for renewal needs no last-seen cookie",
        request: "POST /write",
        at: DUE,
        answer: &[
            "200 user 7, 1 clicks",
            "cache-control: private, no-store",
            "set-cookie: __Host-session=SEALED; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=596160",
            "vary: Cookie",
            "then user 7, 1 clicks, same id, started at 0",
        ],
        ..CASE
    },
    Case {
        shows: "an idle session is absent, and a read leaves its cookie",
        at: 86_400,
        answer: &["200 nobody, 0 clicks", "cache-control: private", "vary: Cookie", "then idle"],
        ..CASE
    },
    Case {
        shows: "a renewal waits where the application marked the response as public",
        request: "GET /public",
        at: DUE,
        answer: &[
            "200 user 7, 0 clicks",
            "cache-control: public, max-age=60",
            "vary: Cookie",
            "then user 7, 0 clicks, same id, started at 0",
        ],
        ..CASE
    },
    // 3: logout wins.
    Case {
        shows: "a login gives a new id and leaves a tombstone of the old one",
        request: "POST /login",
        at: 100,
        answer: &[
            "200 user 8, 0 clicks",
            "cache-control: private, no-store",
            "set-cookie: __Host-session=SEALED; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=604800",
            "set-cookie: __Host-session.out.OLD=NOW; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=90060",
            "vary: Cookie",
            "then user 8, 0 clicks, new id, started at 100",
        ],
        ..CASE
    },
    Case {
        shows: "a stranger's login",
        user: None,
        request: "POST /login",
        answer: &[
            "200 user 8, 0 clicks",
            "cache-control: private, no-store",
            "set-cookie: __Host-session=SEALED; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=604800",
            "vary: Cookie",
            "then user 8, 0 clicks, new id, started at 0",
        ],
        ..CASE
    },
    Case {
        shows: "a new id goes on with the old clock",
        request: "POST /renew",
        at: 100,
        answer: &[
            "200 user 7, 0 clicks",
            "cache-control: private, no-store",
            "set-cookie: __Host-session=SEALED; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=604700",
            "set-cookie: __Host-session.out.OLD=NOW; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=90060",
            "vary: Cookie",
            "then user 7, 0 clicks, new id, started at 0",
        ],
        ..CASE
    },
    Case {
        shows: "a logout leaves a tombstone and removes the cookie",
        request: "POST /logout",
        answer: &[
            "200 nobody, 0 clicks",
            "cache-control: private, no-store",
            "set-cookie: __Host-session.out.OLD=NOW; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=90060",
            "set-cookie: __Host-session=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0",
            "vary: Cookie",
            "then absent",
        ],
        ..CASE
    },
    Case {
        shows: "a logout removes what it cannot read",
        user: None,
        request: "POST /logout",
        headers: &[("cookie", "__Host-session=junk; __Host-session.seen=junk")],
        answer: &[
            "200 nobody, 0 clicks",
            "cache-control: private, no-store",
            "set-cookie: __Host-session.seen=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0",
            "set-cookie: __Host-session=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0",
            "vary: Cookie",
            "then absent",
        ],
        ..CASE
    },
    Case {
        shows: "a stranger's logout",
        user: None,
        request: "POST /logout",
        answer: &["200 nobody, 0 clicks", "cache-control: private", "vary: Cookie", "then absent"],
        ..CASE
    },
    // 5: the client learns one thing.
    Case {
        shows: "a cookie that is none is a stranger's, and stays",
        user: None,
        headers: &[("cookie", "__Host-session=junk")],
        answer: &["200 nobody, 0 clicks", "cache-control: private", "vary: Cookie", "then malformed"],
        ..CASE
    },
    Case {
        shows: "bytes that are no text are no harm",
        user: None,
        headers: &[("cookie", "\u{e4}=\u{f6}; __Host-session=\u{fc}; =; ;"), ("cookie", "__Host-session=")],
        answer: &["200 nobody, 0 clicks", "cache-control: private", "vary: Cookie", "then malformed"],
        ..CASE
    },
    Case {
        shows: "the session may stand in any of several Cookie lines",
        headers: &[("cookie", "theme=dark"), ("cookie", "__Host-session=junk")],
        answer: &[
            "200 user 7, 0 clicks",
            "cache-control: private",
            "vary: Cookie",
            "then user 7, 0 clicks, same id, started at 0",
        ],
        ..CASE
    },
    // 6: nothing is sent that a browser would drop.
    Case {
        shows: "a session that is too large",
        request: "POST /large",
        answer: &["500", "cache-control: no-store", "then user 7, 0 clicks, same id, started at 0"],
        ..CASE
    },
    Case {
        shows: "a Secure cookie over plain http",
        request: "POST /write",
        headers: &[("x-forwarded-proto", "http")],
        answer: &["500", "cache-control: no-store", "then user 7, 0 clicks, same id, started at 0"],
        ..CASE
    },
    Case {
        shows: "the removal of a Secure cookie over plain http",
        request: "POST /logout",
        headers: &[("x-forwarded-proto", "http")],
        answer: &["500", "cache-control: no-store", "then user 7, 0 clicks, same id, started at 0"],
        ..CASE
    },
    Case {
        shows: "a read over plain http, with no renewal though it is due",
        at: DUE,
        headers: &[("x-forwarded-proto", "http")],
        answer: &[
            "200 user 7, 0 clicks",
            "cache-control: private",
            "vary: Cookie",
            "then user 7, 0 clicks, same id, started at 0",
        ],
        ..CASE
    },
    Case {
        shows: "a write over https",
        request: "POST /write",
        headers: &[("x-forwarded-proto", "https")],
        answer: &[
            "200 user 7, 1 clicks",
            "cache-control: private, no-store",
            "set-cookie: __Host-session=SEALED; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=604800",
            "vary: Cookie",
            "then user 7, 1 clicks, same id, started at 0",
        ],
        ..CASE
    },
    // 7 and 8: others' headers stay, and no cache keeps a cookie.
    Case {
        shows: "the application's own headers beside a read",
        request: "GET /own",
        answer: &[
            "200 user 7, 0 clicks",
            "cache-control: private, max-age=60",
            "set-cookie: theme=dark",
            "set-cookie: lang=de; Path=/",
            "vary: Accept-Encoding, Cookie",
            "x-own: stays",
            "then user 7, 0 clicks, same id, started at 0",
        ],
        ..CASE
    },
    Case {
        shows: "the application's own headers beside a write",
        request: "POST /own",
        answer: &[
            "200 user 7, 1 clicks",
            "cache-control: private, no-store",
            "set-cookie: theme=dark",
            "set-cookie: lang=de; Path=/",
            "set-cookie: __Host-session=SEALED; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=604800",
            "vary: Accept-Encoding, Cookie",
            "x-own: stays",
            "then user 7, 1 clicks, same id, started at 0",
        ],
        ..CASE
    },
    // The guard.
    Case {
        shows: "a page behind the guard is kept by nobody",
        request: "GET /guarded/page?x=1",
        answer: &[
            "200 guarded",
            "cache-control: no-store",
            "vary: Cookie",
            "then user 7, 0 clicks, same id, started at 0",
        ],
        ..CASE
    },
    Case {
        shows: "a page behind the guard renews",
        request: "GET /guarded/page?x=1",
        at: DUE,
        answer: &[
            "200 guarded",
            "cache-control: private, no-store",
            "set-cookie: __Host-session.seen=SEALED; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=86400",
            "vary: Cookie",
            "then user 7, 0 clicks, same id, started at 0",
        ],
        ..CASE
    },
    Case {
        shows: "the guard keeps the target of a GET",
        user: None,
        request: "GET /guarded/page?x=1&y=%C3%A4",
        answer: &[
            "303",
            "cache-control: no-store",
            "location: /login?next=%2Fguarded%2Fpage%3Fx%3D1%26y%3D%25C3%25A4",
            "vary: Cookie",
            "then absent",
        ],
        ..CASE
    },
    Case {
        shows: "the guard keeps the target of a HEAD",
        user: None,
        request: "HEAD /guarded/page",
        answer: &[
            "303",
            "cache-control: no-store",
            "location: /login?next=%2Fguarded%2Fpage",
            "vary: Cookie",
            "then absent",
        ],
        ..CASE
    },
    Case {
        shows: "the guard keeps no target of a POST",
        user: None,
        request: "POST /guarded/page",
        answer: &["303", "cache-control: no-store", "location: /login", "vary: Cookie", "then absent"],
        ..CASE
    },
    Case {
        shows: "the guard keeps no target that could be another site",
        user: None,
        request: "GET /guarded/page?x=%0D%0Aset-cookie:%20a",
        answer: &["303", "cache-control: no-store", "location: /login", "vary: Cookie", "then absent"],
        ..CASE
    },
    // The check.
    Case {
        shows: "a session that is over is absent, and a read leaves its cookie",
        user: Some(13),
        answer: &[
            "200 nobody, 0 clicks",
            "cache-control: private",
            "vary: Cookie",
            "then user 13, 0 clicks, same id, started at 0",
        ],
        ..CASE
    },
    Case {
        shows: "a renewal that is due does not keep a session alive that is over",
        user: Some(13),
        at: DUE,
        answer: &[
            "200 nobody, 0 clicks",
            "cache-control: private",
            "vary: Cookie",
            "then user 13, 0 clicks, same id, started at 0",
        ],
        ..CASE
    },
    Case {
        shows: "a write replaces a session that is over",
        user: Some(13),
        request: "POST /write",
        answer: &[
            "200 nobody, 1 clicks",
            "cache-control: private, no-store",
            "set-cookie: __Host-session=SEALED; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=604800",
            "vary: Cookie",
            "then nobody, 1 clicks, new id, started at 0",
        ],
        ..CASE
    },
    Case {
        shows: "a logout removes a session that is over",
        user: Some(13),
        request: "POST /logout",
        answer: &[
            "200 nobody, 0 clicks",
            "cache-control: private, no-store",
            "set-cookie: __Host-session.out.OLD=NOW; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=90060",
            "set-cookie: __Host-session=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0",
            "vary: Cookie",
            "then absent",
        ],
        ..CASE
    },
    Case {
        shows: "a session that is over does not pass the guard",
        user: Some(13),
        request: "GET /guarded/page",
        answer: &[
            "303",
            "cache-control: no-store",
            "location: /login?next=%2Fguarded%2Fpage",
            "vary: Cookie",
            "then user 13, 0 clicks, same id, started at 0",
        ],
        ..CASE
    },
    Case {
        shows: "after a session that is over, another login",
        user: Some(13),
        request: "POST /login",
        answer: &[
            "200 user 8, 0 clicks",
            "cache-control: private, no-store",
            "set-cookie: __Host-session=SEALED; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=604800",
            "set-cookie: __Host-session.out.OLD=NOW; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=90060",
            "vary: Cookie",
            "then user 8, 0 clicks, new id, started at 0",
        ],
        ..CASE
    },
    Case {
        shows: "nobody asks about a session that nobody asks for",
        user: Some(99),
        request: "GET /untouched",
        answer: &["200 untouched", "then user 99, 0 clicks, same id, started at 0"],
        ..CASE
    },
    Case {
        shows: "what cannot be checked does not pass",
        user: Some(99),
        answer: &["503", "cache-control: no-store", "then user 99, 0 clicks, same id, started at 0"],
        ..CASE
    },
    Case {
        shows: "what cannot be checked does not pass the guard",
        user: Some(99),
        request: "GET /guarded/page",
        answer: &["503", "cache-control: no-store", "then user 99, 0 clicks, same id, started at 0"],
        ..CASE
    },
    Case {
        shows: "what cannot be checked is not written",
        user: Some(99),
        request: "POST /own",
        answer: &["503", "cache-control: no-store", "then user 99, 0 clicks, same id, started at 0"],
        ..CASE
    },
    // A handler that panics.
    Case {
        shows: "a handler that panics saves nothing",
        request: "POST /panic",
        answer: &["panicked", "then user 7, 0 clicks, same id, started at 0"],
        ..CASE
    },
];

/// Every request of the table is answered as it says.
pub(crate) fn answers_as_the_table_says<A: Application>() {
    for case in CASES {
        let (mut browser, application) = Browser::new::<A>();
        if let Some(user) = case.user {
            browser.log_in(user);
        }
        browser.clock.advance(Duration::from_secs(case.at));
        let answer = browser.visit(&application, case.request, case.headers, "");
        assert_eq!(answer, case.answer, "{}: {} as {:?} at {}", case.shows, case.request, case.user, case.at);
    }
}

/// One browser from its first page to its logout: what one response wrote, the next request brings.
pub(crate) fn one_browser_comes_again<A: Application>() {
    let (mut browser, application) = Browser::new::<A>();
    let body = |browser: &mut Browser, request, at| {
        browser.clock.set(BEGIN + at);
        browser.visit(&application, request, &[], "").swap_remove(0)
    };
    assert_eq!(body(&mut browser, "GET /guarded/page", 0), "303");
    assert_eq!(body(&mut browser, "POST /write", 0), "200 nobody, 1 clicks");
    assert_eq!(body(&mut browser, "POST /login", 10), "200 user 8, 1 clicks");
    assert_eq!(body(&mut browser, "POST /write", 20), "200 user 8, 2 clicks");
    assert_eq!(body(&mut browser, "POST /large", 30), "500");
    assert_eq!(body(&mut browser, "POST /panic", 30), "panicked");
    assert_eq!(body(&mut browser, "GET /read", 40), "200 user 8, 2 clicks");
    // Reads alone keep it alive, up to the absolute timeout.
    for day in 1..=8 {
        let answer = body(&mut browser, "GET /read", 10 + day * 80_000);
        assert_eq!(answer, if day <= 7 { "200 user 8, 2 clicks" } else { "200 nobody, 0 clicks" }, "{day}");
    }
    browser.log_in(8);
    let copy = browser.jar.clone();
    assert_eq!(body(&mut browser, "GET /guarded/page", 700_000), "200 guarded");
    assert_eq!(body(&mut browser, "POST /logout", 700_000), "200 nobody, 0 clicks");
    assert_eq!(body(&mut browser, "GET /guarded/page", 700_000), "303");
    // A response that was in flight brings the cookie back: the tombstone says that it is over.
    browser.jar.extend(copy);
    assert_eq!(body(&mut browser, "GET /guarded/page", 700_000), "303");
}

/// The form's token is good for the session that it was made for, and for no other.
pub(crate) fn forms_carry_tokens<A: Application>() {
    let (mut browser, application) = Browser::new::<A>();
    let form = browser.visit(&application, "GET /form", &[], "");
    let token = form[0].strip_prefix("200 ").unwrap().to_owned();
    assert_eq!(
        form[1..],
        [
            "cache-control: private, no-store",
            "set-cookie: __Host-session=SEALED; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=604800",
            "vary: Cookie",
            "then nobody, 0 clicks, new id, started at 0",
        ]
    );
    let submit = |browser: &mut Browser, headers: &[_], body: &str| {
        browser.visit(&application, "POST /form", headers, body).swap_remove(0)
    };
    assert_eq!(submit(&mut browser, &[], &token), "200 done");
    assert_eq!(submit(&mut browser, &[("sec-fetch-site", "same-origin")], &token), "200 done");
    assert_eq!(submit(&mut browser, &[("sec-fetch-site", "cross-site")], &token), "403 refused");
    assert_eq!(submit(&mut browser, &[("origin", "https://evil.example")], &token), "403 refused");
    assert_eq!(submit(&mut browser, &[], ""), "403 refused");
    assert_eq!(submit(&mut browser, &[], &token[1..]), "403 refused");
    assert_eq!(submit(&mut browser, &[], &format!("{token}\n")), "403 refused");
    let (mut other, _) = Browser::new::<A>();
    other.log_in(7);
    assert_eq!(submit(&mut other, &[], &token), "403 refused");
    let (mut stranger, _) = Browser::new::<A>();
    assert_eq!(submit(&mut stranger, &[], &token), "403 refused");
    browser.clock.advance(Duration::from_secs(86_399));
    browser.visit(&application, "POST /write", &[], "");
    assert_eq!(submit(&mut browser, &[], &token), "200 done");
    browser.clock.advance(Duration::from_secs(1));
    assert_eq!(submit(&mut browser, &[], &token), "403 refused");
}

/// A browser with nothing but the cookies of this application, and the eyes of its operator.
struct Browser {
    sessions: Sessions<Visitor>,
    clock: testing::Clock,
    jar: BTreeMap<String, String>,
}

impl Browser {
    fn new<A: Application>() -> (Self, A) {
        let clock = testing::Clock::at(BEGIN);
        let sessions = Sessions::builder(testing::key_ring()).clock(clock.reader()).build().unwrap();
        (Self { sessions: sessions.clone(), clock, jar: BTreeMap::new() }, A::new(sessions))
    }

    /// Somebody else's page did that.
    fn log_in(&mut self, user: u64) {
        let request = testing::request(&self.sessions, |session| {
            session.user = Some(user);
            session.mark_authenticated();
        });
        let (name, value) = request[COOKIE].to_str().unwrap().split_once('=').unwrap();
        self.jar.insert(name.into(), value.into());
    }

    /// Sends a request with what is in the jar, takes what the answer sets, and tells all of the answer.
    fn visit<A: Application>(
        &mut self,
        application: &A,
        request: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Vec<String> {
        let (method, uri) = request.split_once(' ').unwrap();
        let mut request = Request::new(body.as_bytes().to_vec());
        *request.method_mut() = Method::from_bytes(method.as_bytes()).unwrap();
        *request.uri_mut() = uri.parse().unwrap();
        request.headers_mut().insert("host", HeaderValue::from_static("site.example"));
        for (name, value) in headers {
            // One byte for each character, so that the table can hold bytes that are no text.
            let value: Vec<u8> = value.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            request.headers_mut().append(name, HeaderValue::from_bytes(&value).unwrap());
        }
        for (name, value) in &self.jar {
            request.headers_mut().append(COOKIE, format!("{name}={value}").parse().unwrap());
        }
        let given = request.headers().clone();
        let id = self.load(&given).about().id();
        let answer = catch_unwind(AssertUnwindSafe(|| A::block_on(application.answer(request))));
        let Ok(answer) = answer else { return vec!["panicked".into(), self.then(&given, id)] };

        let body = String::from_utf8_lossy(answer.body());
        let mut told = vec![format!("{} {body}", answer.status().as_str()).trim_end().to_owned()];
        let mut names: Vec<_> = answer.headers().keys().collect();
        names.sort_by_key(|name| name.as_str());
        for name in names.into_iter().filter(|name| ![CONTENT_LENGTH, CONTENT_TYPE].contains(*name)) {
            for value in answer.headers().get_all(name) {
                let value = value.to_str().unwrap();
                told.push(format!(
                    "{name}: {}",
                    if name == SET_COOKIE { self.take(value, id) } else { value.into() }
                ));
            }
        }
        // What the table put into the request by hand is in a jar too.
        let mut next = HeaderMap::new();
        for line in
            given.get_all(COOKIE).iter().take(headers.iter().filter(|(name, _)| *name == "cookie").count())
        {
            let gone = told.iter().any(|line| line.contains("__Host-session=; "));
            if !gone {
                next.append(COOKIE, line.clone());
            }
        }
        for (name, value) in &self.jar {
            next.append(COOKIE, format!("{name}={value}").parse().unwrap());
        }
        told.push(self.then(&next, id));
        told
    }

    /// Keeps a cookie; tells the line without what is drawn at random.
    fn take(&mut self, line: &str, id: Option<SessionId>) -> String {
        let (pair, attributes) = line.split_once(';').unwrap_or((line, ""));
        let (name, value) = pair.split_once('=').unwrap();
        if !name.starts_with("__Host-session") {
            return line.to_owned();
        }
        if attributes.ends_with("Max-Age=0") {
            self.jar.remove(name);
            return line.to_owned();
        }
        self.jar.insert(name.into(), value.into());
        let now = self.clock.now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let told = match name.strip_prefix("__Host-session.out.") {
            Some(slot)
                if id.is_some_and(|id| id.to_string().starts_with(slot)) && value == now.to_string() =>
            {
                "__Host-session.out.OLD=NOW".to_owned()
            }
            Some(_) => pair.to_owned(),
            None => format!("{name}=SEALED"),
        };
        format!("{told};{attributes}")
    }

    /// What the next request is to the application.
    fn then(&self, next: &HeaderMap, id: Option<SessionId>) -> String {
        let session = self.load(next);
        let about = session.about();
        if let Some(rejection) = about.rejection() {
            return format!("then {rejection}");
        }
        let which = if about.id() == id { "same" } else { "new" };
        let started = about.started().duration_since(beginning()).unwrap().as_secs();
        format!("then {}, {which} id, started at {started}", read(&session))
    }

    fn load(&self, request: &HeaderMap) -> Session<Visitor> {
        testing::load(&self.sessions, request)
    }
}

fn beginning() -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(BEGIN)
}

/// The tests of one application.
#[macro_export]
macro_rules! suite {
    ($application:ty) => {
        #[test]
        fn answers_as_the_table_says() {
            $crate::suite::answers_as_the_table_says::<$application>();
        }

        #[test]
        fn one_browser_comes_again() {
            $crate::suite::one_browser_comes_again::<$application>();
        }

        #[test]
        fn forms_carry_tokens() {
            $crate::suite::forms_carry_tokens::<$application>();
        }
    };
}
