//! A process that forks in the middle: both halves go on sealing under one key, and no nonce repeats.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::FromRawFd;

use faults::ring;
use harness::token::nonce;
use rand::Rng;
use sealed_session::token::{Expires, Tokens};

type Nonce = [u8; 24];

/// Forks, lets both processes draw so many nonces, and returns those of both.
fn draw_in_two_processes(count: usize, mut draw: impl FnMut() -> Nonce) -> (Vec<Nonce>, Vec<Nonce>) {
    draw(); // whatever the process keeps to draw from is there before the fork
    let mut ends = [0; 2];
    // SAFETY: `ends` has room for the two descriptors.
    assert_eq!(unsafe { libc::pipe(ends.as_mut_ptr()) }, 0);
    // SAFETY: both descriptors are open, and nobody else has them.
    let [mut reader, mut writer] = ends.map(|end| unsafe { File::from_raw_fd(end) });
    // SAFETY: the child draws, writes, and leaves by _exit: no destructor and no other test runs in it.
    let child = unsafe { libc::fork() };
    assert!(child >= 0);
    if child == 0 {
        let drawn: Vec<Nonce> = (0..count).map(|_| draw()).collect();
        let is_written = writer.write_all(drawn.as_flattened()).is_ok();
        // SAFETY: ends this process alone.
        unsafe { libc::_exit(i32::from(!is_written)) };
    }
    drop(writer);
    let ours = (0..count).map(|_| draw()).collect();
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).unwrap();
    let mut status = -1;
    // SAFETY: the child is ours and has not been waited for.
    assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
    assert_eq!((status, bytes.len()), (0, count * 24));
    let theirs = bytes.chunks_exact(24).map(|nonce| nonce.try_into().unwrap()).collect();
    (ours, theirs)
}

fn repeats(ours: &[Nonce], theirs: &[Nonce]) -> usize {
    let mut all = [ours, theirs].concat();
    all.sort_unstable();
    all.windows(2).filter(|pair| pair[0] == pair[1]).count()
}

#[test]
fn no_nonce_repeats_after_a_fork() {
    let tokens = Tokens::new(ring(), "", "label").unwrap();
    let seal = || nonce(&tokens.seal(b"", Expires::Never).unwrap());
    let (ours, theirs) = draw_in_two_processes(1_000_000, seal);
    assert_eq!(repeats(&ours, &theirs), 0);
}

/// What this test would say if nonces came from a generator in the process.
#[test]
fn a_generator_of_the_thread_repeats_itself_after_a_fork() {
    let draw = || {
        let mut nonce = [0; 24];
        rand::rng().fill_bytes(&mut nonce);
        nonce
    };
    let (ours, theirs) = draw_in_two_processes(1000, draw);
    assert_eq!(
        repeats(&ours, &theirs),
        1000,
        "the thread's generator is safe now: say so in FORMAT.md and SECURITY.md"
    );
    assert_eq!(ours, theirs);
}
