//! What a handler does with a session, and what the response then carries.

use std::collections::HashMap;
use std::time::Duration;

use crate::util::random::assert_all_of_it_is_drawn;
use crate::util::{
    DAY, NOW, Visitor, base64url, logged_in, outcome, respond, sessions, sessions_of, sessions_with,
    set_cookie, set_cookies, value,
};
use http::HeaderMap;
use sealed_session::token::Expires;
use sealed_session::{
    CookieConfig, Lifetimes, Rejection, SaveError, Saved, Session, Sessions, Tokens, testing,
};

#[test]
fn a_login_is_written_and_read_back() {
    let (sessions, _) = sessions();
    let (saved, response) = respond(&sessions, &HeaderMap::new(), |session| {
        assert_eq!(session.about().rejection(), Some(Rejection::Absent));
        session.user = Some(7);
        session.mark_authenticated();
    });
    let line = set_cookie(&response);
    let pair = line.split(';').next().unwrap();
    assert!(matches!(saved, Saved::Written { bytes, .. } if bytes == pair.len()));
    assert!(line.ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=604800"), "{line}");
    assert!(response["set-cookie"].is_sensitive());

    let session = testing::read_back(&sessions, &response);
    assert_eq!(session.user, Some(7));
    assert!(!session.about().is_new());
    assert_eq!(session.about().rejection(), None);
    assert_eq!(session.about().authenticated_at(), Some(testing::Clock::at(NOW).now()));
    assert_eq!(session.about().key_id(), Some(testing::key(7).id()));
}

#[test]
fn reading_writes_nothing() {
    let (sessions, _) = sessions();
    let request = logged_in(&sessions);
    let (saved, response) = respond(&sessions, &request, |session| assert_eq!(session.user, Some(7)));
    assert_eq!(saved, Saved::Unchanged);
    assert!(!response.contains_key("set-cookie"));
}

#[test]
fn a_stranger_gets_no_cookie() {
    let (sessions, _) = sessions();
    let (saved, response) = respond(&sessions, &HeaderMap::new(), |session| assert_eq!(session.user, None));
    assert_eq!(saved, Saved::Unchanged);
    assert!(!response.contains_key("set-cookie"));
}

#[test]
fn a_borrow_that_changes_nothing_sends_nothing() {
    let (sessions, _) = sessions();
    let request = logged_in(&sessions);
    let (saved, _) = respond(&sessions, &request, |session| {
        session.user = Some(8);
        session.roles.push("x".into());
        session.user = Some(7);
        session.roles.clear();
    });
    assert_eq!(saved, Saved::Unchanged);

    let (maps, _) = sessions_with::<HashMap<String, String>>(|builder| builder);
    let request = testing::request(&maps, |map| {
        map.extend((0..20).map(|at| (at.to_string(), "value".to_owned())));
    });
    let (saved, _) = respond(&maps, &request, |map| {
        map.get_mut("3").unwrap().push('!');
        map.get_mut("3").unwrap().pop();
    });
    assert_eq!(saved, Saved::Unchanged);
    let (saved, _) = respond(&maps, &request, |map| map.get_mut("3").unwrap().push('!'));
    assert!(matches!(saved, Saved::Written { .. }));
}

#[test]
fn a_change_that_cannot_be_seen_can_be_marked() {
    let (sessions, _) = sessions();
    let (saved, _) = respond(&sessions, &logged_in(&sessions), |session| session.mark_changed());
    assert!(matches!(saved, Saved::Written { .. }));
}

#[test]
fn authenticated_gives_a_new_id_and_begins_the_clocks() {
    let (sessions, clock) = sessions();
    let request = testing::request(&sessions, |session| session.name = "basket".into());
    let before = sessions.load(&request).about().id();
    clock.advance(Duration::from_secs(60));
    let (_, response) = respond(&sessions, &request, |session| {
        assert_eq!(session.about().authenticated_at(), None);
        session.mark_authenticated();
        assert_eq!(session.about().id(), None, "drawn when it is saved");
    });
    let after = testing::read_back(&sessions, &response);
    assert_ne!(after.about().id(), before);
    assert_eq!(after.about().started(), clock.now());
    assert_eq!(after.about().authenticated_at(), Some(clock.now()));
    assert_eq!(after.name, "basket", "the data stays");
}

#[test]
fn renew_id_keeps_the_start() {
    let (sessions, clock) = sessions();
    let request = logged_in(&sessions);
    let about = |request: &HeaderMap| {
        let session = sessions.load(request);
        let about = session.about();
        let found = (about.id().unwrap(), about.started(), about.expires_at(), about.authenticated_at());
        session.into_data();
        found
    };
    let before = about(&request);
    clock.advance(Duration::from_secs(60));
    let (_, response) = respond(&sessions, &request, |session| session.cycle_id());
    assert!(set_cookies(&response)[0].ends_with("; Max-Age=604740"), "what is left");
    let after = about(&testing::next_request(&response));
    assert_ne!(after.0, before.0);
    assert_eq!((after.1, after.2, after.3), (before.1, before.2, before.3));
}

#[test]
fn restart_is_empty_and_gives_back_the_old_data() {
    let (sessions, clock) = sessions();
    let request = logged_in(&sessions);
    clock.advance(Duration::from_secs(60));
    let (_, response) = respond(&sessions, &request, |session| {
        assert_eq!(session.reset().user, Some(7));
        assert!(session.about().is_new());
    });
    let after = testing::read_back(&sessions, &response);
    assert_eq!(*after, Visitor::default());
    assert_eq!(after.about().started(), clock.now());
    assert_eq!(after.about().authenticated_at(), None);
}

#[test]
fn replace_keeps_id_and_start() {
    let (sessions, _) = sessions();
    let request = logged_in(&sessions);
    let id = sessions.load(&request).about().id();
    let other = Visitor { user: Some(8), ..Visitor::default() };
    let (_, response) = respond(&sessions, &request, |session| {
        assert_eq!(session.replace(other.clone()).user, Some(7));
    });
    let after = testing::read_back(&sessions, &response);
    assert_eq!((after.about().id(), after.data()), (id, &other));
    let (saved, _) = respond(&sessions, &testing::next_request(&response), |session| {
        session.replace(other.clone());
    });
    assert_eq!(saved, Saved::Unchanged, "by the same data");
}

#[test]
fn destroy_removes_whatever_the_request_carried() {
    let (sessions, _) = sessions();
    for request in [logged_in(&sessions), crate::util::with_cookie("__Host-session=junk")] {
        let (saved, response) = respond(&sessions, &request, |session| {
            session.destroy();
            assert_eq!(session.user, None);
            assert!(session.about().is_new());
        });
        assert_eq!(saved, Saved::Removed);
        let removal = "__Host-session=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0";
        assert_eq!(set_cookies(&response).last().unwrap(), removal);
        assert_eq!(response["cache-control"], "private, no-store");
    }
    let (saved, response) = respond(&sessions, &HeaderMap::new(), |session| session.destroy());
    assert_eq!(saved, Saved::Unchanged);
    assert!(!response.contains_key("set-cookie"));
}

#[test]
fn a_session_changed_after_destroy_is_saved_in_place_of_the_removal() {
    let (sessions, _) = sessions();
    let request = logged_in(&sessions);
    let id = sessions.load(&request).about().id();
    let (saved, response) = respond(&sessions, &request, |session| {
        session.destroy();
        session.name = "goodbye".into();
    });
    assert!(matches!(saved, Saved::Written { .. }));
    let after = testing::read_back(&sessions, &response);
    assert_eq!((after.user, &*after.name), (None, "goodbye"));
    assert_ne!(after.about().id(), id);
    assert_eq!(after.about().authenticated_at(), None);
}

#[test]
fn ensure_id_draws_once_and_is_written() {
    let (sessions, _) = sessions();
    let mut drawn = None;
    let (saved, response) = respond(&sessions, &HeaderMap::new(), |session| {
        drawn = session.ensure_id().ok();
        assert_eq!(session.ensure_id().ok(), drawn);
    });
    assert!(matches!(saved, Saved::Written { .. }));
    assert_eq!(testing::read_back(&sessions, &response).about().id(), drawn);
    let (saved, _) = respond(&sessions, &testing::next_request(&response), |session| {
        assert_eq!(session.ensure_id().ok(), drawn);
    });
    assert_eq!(saved, Saved::Unchanged, "it had one");
}

#[test]
fn ids_and_nonces_never_repeat() {
    let (sessions, _) = sessions();
    let tokens = Tokens::new(testing::key_ring(), "shop.example", "the same message").unwrap();
    let (mut ids, mut nonces) = (Vec::new(), Vec::new());
    for _ in 0..1000 {
        let (_, response) = respond(&sessions, &HeaderMap::new(), |session| session.name = "Ada".into());
        let session = testing::read_back(&sessions, &response);
        ids.push(session.about().id().unwrap().as_bytes().to_vec());
        let nonce = |token: &str| base64url::decode(token)[5..29].to_vec();
        nonces.push(nonce(&value(&testing::next_request(&response))));
        nonces.push(nonce(&tokens.seal(b"", Expires::Never).unwrap()));
    }
    assert_all_of_it_is_drawn(&ids);
    assert_all_of_it_is_drawn(&nonces);
}

#[test]
fn a_session_that_expired_while_its_handler_ran_is_not_written() {
    let (sessions, clock) = sessions();
    for (too_long, left) in [(DAY, 1), (7 * DAY, DAY)] {
        clock.set(NOW);
        let request = logged_in(&sessions);
        clock.set(NOW + DAY - left);
        let (saved, response) = respond(&sessions, &request, |session| {
            clock.set(NOW + DAY - left + too_long);
            session.name = "late".into();
        });
        assert_eq!(saved, Saved::Withheld);
        assert!(!response.contains_key("set-cookie"));
    }
    // A login in the same place begins anew and is written.
    clock.set(NOW);
    let request = logged_in(&sessions);
    let (saved, _) = respond(&sessions, &request, |session| {
        clock.advance(Duration::from_secs(8 * DAY));
        session.mark_authenticated();
    });
    assert!(matches!(saved, Saved::Written { .. }));
}

#[test]
fn a_handler_that_outlives_a_moment_of_idleness_is_written() {
    // The request itself was activity: one second left at its start, two seconds of work.
    let (sessions, clock) = sessions();
    let request = logged_in(&sessions);
    clock.set(NOW + DAY - 1);
    let (saved, _) = respond(&sessions, &request, |session| {
        clock.advance(Duration::from_secs(2));
        session.name = "in time".into();
    });
    assert!(matches!(saved, Saved::Written { .. }));
}

#[test]
fn a_lifetime_of_its_own_is_bounded_and_cannot_be_extended_later() {
    let days = |days: u64| Duration::from_secs(days * DAY);
    let (sessions, clock) =
        sessions_with::<Visitor>(|builder| builder.lifetimes(Lifetimes::default().max_lifetime(days(30))));
    let log_in_for = |lifetime| {
        testing::request(&sessions, |session| {
            session.mark_authenticated();
            session.set_lifetime(lifetime);
        })
    };
    let expiry = |request: &HeaderMap| sessions.load(request).about().expires_at();
    let long = log_in_for(days(90));
    assert_eq!(expiry(&long), clock.now() + days(30));
    let short = log_in_for(Duration::from_secs(600));
    assert_eq!(expiry(&short), clock.now() + Duration::from_secs(600));

    // Later, in another request: longer is not to be had, shorter is.
    let (_, response) = respond(&sessions, &short, |session| session.set_lifetime(days(20)));
    assert_eq!(expiry(&testing::next_request(&response)), clock.now() + Duration::from_secs(600));
    let (_, response) = respond(&sessions, &long, |session| session.set_lifetime(days(1)));
    assert_eq!(expiry(&testing::next_request(&response)), clock.now() + days(1));

    // Shortened to less than its age, it is over.
    clock.advance(Duration::from_secs(60));
    let (saved, _) = respond(&sessions, &long, |session| session.set_lifetime(Duration::from_secs(60)));
    assert_eq!(saved, Saved::Removed);
    clock.set(NOW);

    // Remembered sessions have no idle timeout, shortened ones have.
    clock.advance(days(29));
    assert_eq!(outcome(&sessions, &long), "ok");
    clock.advance(days(1));
    assert_eq!(outcome(&sessions, &long), "absolute");
    assert_eq!(outcome(&sessions, &short), "idle");
}

#[test]
fn without_a_maximum_a_lifetime_does_not_exceed_the_absolute_timeout() {
    let (sessions, clock) = sessions();
    for lifetime in [Duration::from_secs(30 * DAY), Duration::MAX] {
        let request = testing::request(&sessions, |session| session.set_lifetime(lifetime));
        assert_eq!(sessions.load(&request).about().expires_at(), clock.now() + Duration::from_secs(7 * DAY));
    }
    let request = testing::request(&sessions, |session| session.set_lifetime(Duration::ZERO));
    assert_eq!(outcome(&sessions, &request), "ok", "at least a second");
    clock.advance(Duration::from_secs(1));
    assert_eq!(outcome(&sessions, &request), "absolute");
}

#[test]
fn a_stricter_configuration_applies_at_once_and_a_laxer_one_extends_nothing() {
    let (sessions, clock) = sessions();
    let request = logged_in(&sessions);
    let with_absolute = |days: u64| {
        let (clock, days) = (clock.reader(), Duration::from_secs(days * DAY));
        let builder = Sessions::<Visitor>::builder(testing::key_ring()).clock(clock);
        builder.idle_timeout(None).absolute_timeout(days).build().unwrap()
    };
    clock.advance(Duration::from_secs(2 * DAY));
    assert_eq!(outcome(&with_absolute(2), &request), "absolute");
    assert_eq!(outcome(&with_absolute(3), &request), "ok");
    clock.set(NOW + 7 * DAY);
    assert_eq!(outcome(&with_absolute(30), &request), "absolute");
}

#[test]
fn sessions_from_before_a_moment_are_revoked() {
    let (sessions, clock) = sessions();
    let request = logged_in(&sessions);
    let not_before = |seconds| {
        let moment = testing::Clock::at(seconds).now();
        Sessions::<Visitor>::builder(testing::key_ring())
            .clock(clock.reader())
            .lifetimes(Lifetimes::default().not_before(moment))
            .build()
            .unwrap()
    };
    assert_eq!(outcome(&not_before(NOW), &request), "ok");
    assert_eq!(outcome(&not_before(NOW + 1), &request), "revoked");
    let within = testing::Clock::at(NOW).now() + Duration::from_millis(1);
    let builder = Sessions::<Visitor>::builder(testing::key_ring()).clock(clock.reader());
    let builder = builder.lifetimes(Lifetimes::default().not_before(within));
    assert_eq!(outcome(&builder.build().unwrap(), &request), "revoked", "the strict side of a second");
}

#[test]
fn an_unknown_key_is_no_forgery_and_is_not_deleted() {
    let (sessions, clock) = sessions();
    let request = logged_in(&sessions);
    let other = sessions_of(sealed_session::KeyRing::new(testing::key(8)), &clock);
    assert_eq!(outcome(&other, &request), "unknown_key");
    let (saved, response) = respond(&other, &request, |session| assert_eq!(session.user, None));
    assert_eq!(saved, Saved::Unchanged);
    assert!(!response.contains_key("set-cookie"));
    let (saved, _) = respond(&other, &request, |session| session.name = "replaces it".into());
    assert!(matches!(saved, Saved::Written { .. }));
    let both = sealed_session::KeyRing::new(testing::key(8)).accept(testing::key(7)).unwrap();
    assert_eq!(outcome(&sessions_of(both, &clock), &request), "ok");
}

#[test]
fn keep_unreadable_withholds_writes_but_no_login_and_no_logout() {
    let (sessions, clock) = sessions();
    let request = logged_in(&sessions);
    let ring = sealed_session::KeyRing::new(testing::key(8));
    let other = Sessions::<Visitor>::builder(ring).clock(clock.reader()).keep_unreadable().build().unwrap();
    let (saved, response) = respond(&other, &request, |session| session.name = "x".into());
    assert_eq!(saved, Saved::Withheld);
    assert!(!response.contains_key("set-cookie"));
    let (saved, _) = respond(&other, &request, |session| session.mark_authenticated());
    assert!(matches!(saved, Saved::Written { .. }));
    let (saved, _) = respond(&other, &request, |session| session.destroy());
    assert_eq!(saved, Saved::Removed);
    // A session that was read is in the hands of its handler, whatever stands beside it.
    let two_keys = sealed_session::KeyRing::new(testing::key(8)).accept(testing::key(9)).unwrap();
    let reads_nine = Sessions::<Visitor>::builder(two_keys).clock(clock.reader()).keep_unreadable();
    let reads_nine = reads_nine.build().unwrap();
    let nine = sessions_of(sealed_session::KeyRing::new(testing::key(9)), &clock);
    let beside =
        format!("{}; {}", request["cookie"].to_str().unwrap(), logged_in(&nine)["cookie"].to_str().unwrap());
    let (saved, _) = respond(&reads_nine, &crate::util::with_cookie(beside), |session| {
        assert_eq!(session.reset().user, Some(7));
    });
    assert!(matches!(saved, Saved::Written { .. }));
    // Junk beside it takes no protection away.
    let beside = format!("__Host-session=junk; {}", request["cookie"].to_str().unwrap());
    let (saved, _) = respond(&other, &crate::util::with_cookie(beside), |session| session.name = "x".into());
    assert_eq!(saved, Saved::Withheld);
    // What no other process could read either is not protected.
    let forged = crate::util::with_cookie("__Host-session=junk");
    let (saved, _) = respond(&other, &forged, |session| session.name = "x".into());
    assert!(matches!(saved, Saved::Written { .. }));
}

#[test]
fn a_session_that_does_not_fit_is_an_error_that_says_how_large_it_is() {
    let (sessions, _) = sessions();
    let name = |length: usize| Visitor { name: "x".repeat(length), ..Visitor::default() };
    let largest = (0..4000).rev().find(|length| {
        let mut session = sessions.load(&HeaderMap::new());
        session.replace(name(*length));
        sessions.save(session, &mut HeaderMap::new()).is_ok()
    });
    assert_eq!(
        largest,
        Some(2922),
        "of a line of 4096 bytes, attributes, name, base64, envelope, record and room to grow taken off"
    );
    for (length, bytes) in [(2923, 4043), (2939, 4065), (100_000, 133_473)] {
        let mut response = HeaderMap::new();
        let mut session = sessions.load(&HeaderMap::new());
        session.replace(name(length));
        assert_eq!(sessions.save(session, &mut response), Err(SaveError::TooLarge { bytes, limit: 4022 }));
        assert!(response.is_empty());
    }
}

#[test]
fn what_fits_today_fits_for_as_long_as_the_session_lives() {
    // Without an idle timeout it grows old; with one, polls write and seal when the idle clock began.
    for idle in [None, Some(Duration::from_secs(6 * DAY))] {
        let lifetimes = Lifetimes::default().idle_timeout(idle).max_lifetime(Duration::from_secs(90 * DAY));
        let (sessions, clock) = sessions_with::<Visitor>(|builder| builder.lifetimes(lifetimes));
        let largest = (2000..4000).rev().map(|length| "x".repeat(length)).find(|name| {
            let mut session = testing::load(&sessions, &HeaderMap::new());
            session.name.clone_from(name);
            sessions.save(session, &mut HeaderMap::new()).is_ok()
        });
        let mut request = testing::request(&sessions, |session| {
            session.name = largest.unwrap();
            session.mark_authenticated();
        });
        // Its age takes one byte, then two, three.
        for age in [127, 128, 16_383, 16_384, 2_097_151].map(|age: u64| age.min(6 * DAY - 1)) {
            clock.set(NOW + age);
            let (saved, response) = respond(&sessions, &request, |session| {
                session.name.pop();
                session.name.push('y');
                session.mark_changed();
                session.skip_renewal();
                session.reauthenticate();
            });
            assert!(matches!(saved, Saved::Written { bytes, .. } if bytes <= 4093), "{age}: {saved:?}");
            request = testing::next_request(&response);
        }
        // And a login that is remembered, with the same data.
        let (saved, _) = respond(&sessions, &request, |session| {
            session.mark_authenticated();
            session.set_lifetime(Duration::from_secs(90 * DAY));
        });
        assert!(matches!(saved, Saved::Written { .. }), "{saved:?}");
    }
}

#[test]
fn padding_hides_the_length_and_comes_off_again() {
    let name = |length: usize| Visitor { name: "x".repeat(length), ..Visitor::default() };
    let (sessions, _) = sessions();
    let bytes = |length: usize| {
        let (saved, response) = respond(&sessions, &HeaderMap::new(), |session| {
            session.replace(name(length));
            session.mark_changed();
        });
        assert_eq!(*testing::read_back(&sessions, &response), name(length));
        let Saved::Written { bytes, .. } = saved else { panic!("{saved:?}") };
        bytes
    };
    let lengths: std::collections::BTreeSet<_> = (0..96).map(bytes).collect();
    assert_eq!(lengths.len(), 7, "the record of 29 bytes and more fills two to eight blocks of 16");
    // A borrow that changes nothing sends nothing.
    let request = testing::request(&sessions, |session| session.name = "x".into());
    let (saved, _) = respond(&sessions, &request, |session| session.name = "x".into());
    assert_eq!(saved, Saved::Unchanged);
}

#[test]
fn a_type_that_does_not_serialize_is_reported() {
    #[derive(Default, serde::Deserialize)]
    struct Stubborn(u8);
    impl serde::Serialize for Stubborn {
        fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            if self.0 == 0 { serializer.serialize_u8(0) } else { Err(serde::ser::Error::custom("no")) }
        }
    }
    let (sessions, _) = sessions_with::<Stubborn>(|builder| builder.schema("stubborn"));
    let mut session = sessions.load(&HeaderMap::new());
    session.0 = 1;
    let mut response = HeaderMap::new();
    assert_eq!(sessions.save(session, &mut response), Err(SaveError::Serialize));
    assert!(response.is_empty());
}

#[test]
fn times_outside_the_format_are_errors_and_no_panics() {
    for now in [1 << 32, 1 << 40, 253_402_300_799] {
        let (sessions, clock) = sessions();
        clock.set(now);
        let mut session = sessions.load(&HeaderMap::new());
        session.user = Some(1);
        assert_eq!(sessions.save(session, &mut HeaderMap::new()), Err(SaveError::Clock));
    }
    let (sessions, clock) = sessions();
    clock.set(0);
    assert_eq!(outcome(&sessions, &logged_in(&sessions)), "ok");
}

#[test]
fn clocks_may_differ_by_a_minute_and_jump_back() {
    let (sessions, clock) = sessions();
    let request = logged_in(&sessions);
    clock.set(NOW - 60);
    assert_eq!(outcome(&sessions, &request), "ok");
    // Written while the clock is behind its own start.
    let (_, response) = respond(&sessions, &request, |session| session.name = "x".into());
    assert!(set_cookie(&response).ends_with("; Max-Age=604860"), "{response:?}");
    clock.set(NOW - 61);
    assert_eq!(outcome(&sessions, &request), "from_the_future");
}

#[test]
fn every_edge_of_both_timeouts() {
    let idle = |builder: sealed_session::Builder<Visitor>| builder.idle_timeout(Duration::from_secs(900));
    let off = |builder: sealed_session::Builder<Visitor>| builder.idle_timeout(None);
    for (after, expected) in [(0, "ok"), (899, "ok"), (900, "idle"), (901, "idle"), (8 * DAY, "idle")] {
        let (sessions, clock) = sessions_with(idle);
        let request = logged_in(&sessions);
        clock.set(NOW + after);
        assert_eq!(outcome(&sessions, &request), expected, "{after}");
    }
    for (after, expected) in [(7 * DAY - 1, "ok"), (7 * DAY, "absolute"), (7 * DAY + 1, "absolute")] {
        let (sessions, clock) = sessions_with(off);
        let request = logged_in(&sessions);
        clock.set(NOW + after);
        assert_eq!(outcome(&sessions, &request), expected, "{after}");
    }
}

#[test]
fn a_session_is_saved_where_it_was_loaded() {
    let (shop, _) = sessions();
    let (admin, _) = sessions_with::<Visitor>(|builder| builder.name("__Host-admin"));
    let request = logged_in(&shop);
    let handlers: [fn(&mut Session<Visitor>); 3] =
        [|session| session.user = Some(8), Session::destroy, |_| ()];
    for handler in handlers {
        let mut session = shop.load(&request);
        handler(&mut session);
        let mut response = HeaderMap::new();
        assert_eq!(admin.save(session, &mut response), Err(SaveError::OtherSessions));
        assert!(response.is_empty());
    }
    // Clones are the same sessions.
    let clone = shop.clone();
    let mut session = shop.load(&request);
    session.user = Some(8);
    assert!(clone.save(session, &mut HeaderMap::new()).is_ok());
}

#[test]
fn a_remembered_session_outlives_the_browser_where_others_do_not() {
    let month = Duration::from_secs(30 * DAY);
    let (sessions, _) = sessions_with::<Visitor>(|builder| {
        let lifetimes = Lifetimes::default().max_lifetime(month);
        builder.cookie(CookieConfig::default().persistent(false)).lifetimes(lifetimes)
    });
    let line = |lifetime: Duration| {
        let (_, response) = respond(&sessions, &HeaderMap::new(), |session| session.set_lifetime(lifetime));
        set_cookie(&response)
    };
    assert!(line(month).ends_with("; Max-Age=2592000"));
    assert!(line(Duration::from_secs(600)).ends_with("; SameSite=Lax"));
}

#[test]
fn several_sessions_in_one_application_do_not_meet() {
    let (login, _) = sessions();
    let (cart, _) = sessions_with::<Visitor>(|builder| builder.name("__Host-cart"));
    let moved = format!("__Host-cart={}", value(&logged_in(&login)));
    assert_eq!(outcome(&cart, &crate::util::with_cookie(&moved)), "forged");
    assert_eq!(outcome(&cart, &logged_in(&login)), "absent");
}
