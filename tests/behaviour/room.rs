//! How much a session holds, to the byte.

use std::panic::AssertUnwindSafe;

use crate::util::{Visitor, sessions_with};
use http::HeaderMap;
use sealed_session::testing;

#[test]
fn room_is_what_is_left_to_the_byte() {
    for padding in [sealed_session::Padding::None, sealed_session::Padding::Block(64)] {
        let (sessions, _) = sessions_with::<Visitor>(|builder| builder.padding(padding));
        let fits = |length: usize| {
            let mut session = testing::load(&sessions, &HeaderMap::new());
            session.name = "x".repeat(length);
            (sessions.room(&session), sessions.save(session, &mut HeaderMap::new()).is_ok())
        };
        let (room, _) = fits(200); // a length of two bytes from here on
        assert!(room > 2500, "{room}");
        assert_eq!(fits(200 + room), (0, true), "{padding:?}");
        assert_eq!(fits(200 + room - 1), (1, true));
        assert!(!fits(200 + room + 1).1);
        assert_eq!(fits(10_000), (0, false));
    }
}

#[test]
fn a_test_can_fail_for_a_session_that_is_too_large() {
    let (sessions, _) = sessions_with::<Visitor>(|builder| builder);
    let name = |length: usize| Visitor { name: "x".repeat(length), ..Visitor::default() };
    testing::assert_fits(&sessions, name(2982));
    let failure = std::panic::catch_unwind(AssertUnwindSafe(|| testing::assert_fits(&sessions, name(2983))));
    let failure = failure.unwrap_err();
    let text = failure.downcast_ref::<String>().unwrap();
    assert!(text.contains("4094 bytes does not fit the 4093"), "{text}");
}
