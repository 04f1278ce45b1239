//! Random bytes: nonces, keys and session ids. The only file that names `rand`.
//!
//! Every call asks the operating system. A generator in the process would be faster and would repeat itself after a
//! `fork` or a restored snapshot of a virtual machine; one repeated nonce is enough to forge cookies (FORMAT §15).

use rand::TryRng;
#[cfg(not(test))]
use rand::rngs::SysRng as Generator;
#[cfg(test)]
use tests::Failing as Generator;

use crate::error::RandomError;

pub(crate) fn bytes<const N: usize>() -> Result<[u8; N], RandomError> {
    let mut bytes = [0; N];
    Generator.try_fill_bytes(&mut bytes).map_err(|_| RandomError)?;
    Ok(bytes)
}

/// Two of them in one call of the system, which costs more than the bytes do.
pub(crate) fn two<const A: usize, const B: usize>() -> Result<([u8; A], [u8; B]), RandomError> {
    let mut both = ([0; A], [0; B]);
    let mut bytes = [0; 64];
    let drawn = bytes.get_mut(..A.saturating_add(B)).ok_or(RandomError)?;
    Generator.try_fill_bytes(drawn).map_err(|_| RandomError)?;
    let (one, other) = drawn.split_at(A);
    both.0.copy_from_slice(one);
    both.1.copy_from_slice(other);
    Ok(both)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::time::Duration;

    use rand::rngs::SysRng;

    use super::*;
    use crate::error::{SaveError, TokenSealError};
    use crate::token::Expires;
    use crate::{Algorithm, Key, Session, Sessions, Tokens, testing};
    use http::HeaderMap;

    thread_local! {
        static LEFT: Cell<usize> = const { Cell::new(usize::MAX) };
    }

    /// The system's generator, which fails after as many draws of this thread as were allowed.
    pub(super) struct Failing;

    impl TryRng for Failing {
        type Error = RandomError;

        fn try_next_u32(&mut self) -> Result<u32, RandomError> {
            let mut bytes = [0; 4];
            self.try_fill_bytes(&mut bytes).map(|()| u32::from_ne_bytes(bytes))
        }

        fn try_next_u64(&mut self) -> Result<u64, RandomError> {
            let mut bytes = [0; 8];
            self.try_fill_bytes(&mut bytes).map(|()| u64::from_ne_bytes(bytes))
        }

        fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), RandomError> {
            LEFT.set(LEFT.get().checked_sub(1).ok_or(RandomError)?);
            SysRng.try_fill_bytes(bytes).map_err(|_| RandomError)
        }
    }

    type Handle = fn(&mut Session<u64>);

    fn with_draws<R>(left: usize, run: impl FnOnce() -> R) -> R {
        LEFT.set(left);
        let result = run();
        LEFT.set(usize::MAX);
        result
    }

    #[test]
    fn a_generator_that_fails_is_an_error_and_nothing_is_sent() {
        let clock = testing::Clock::at(1_800_000_000);
        let sessions: Sessions<u64> =
            Sessions::builder(testing::key_ring()).clock(clock.reader()).build().unwrap();
        let request = testing::request(&sessions, Session::mark_authenticated);
        // How many draws each kind of response takes: a nonce for each token, and an ID with it. A renewal needs
        // none.
        let kinds: [(Handle, usize); 4] = [
            (|session| **session = 7, 1),
            (Session::mark_authenticated, 1),
            (Session::cycle_id, 1),
            (|session| assert!(session.about().id().is_some()), 0), // a renewal
        ];
        clock.advance(Duration::from_secs(80_000));
        for (handle, draws) in kinds {
            for left in 0..=draws {
                let mut session = sessions.load(&request);
                handle(&mut session);
                let mut response = HeaderMap::new();
                let saved = with_draws(left, || sessions.save(session, &mut response));
                assert_eq!(saved.is_ok(), left == draws, "{left} of {draws}");
                if left < draws {
                    assert_eq!((saved, response.is_empty()), (Err(SaveError::Random), true));
                }
            }
        }
        let tokens = Tokens::new(testing::key_ring(), "", "label").unwrap();
        assert_eq!(with_draws(0, || tokens.seal(b"", Expires::Never)), Err(TokenSealError::Random));
        assert!(with_draws(0, || Key::generate(Algorithm::Xaes256Gcm)).is_err());
        let mut session = testing::load(&sessions, &HeaderMap::new());
        assert!(with_draws(0, || session.ensure_id()).is_err());
        assert!(with_draws(0, || sessions.csrf_token(&mut session)).is_err());
    }
}
