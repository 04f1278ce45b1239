//! Revocations in a file that several processes share.

use std::fs;
use std::path::{Path, PathBuf};

use http::HeaderMap;
use sealed_session::revocation::{Mark, RevocationFileStatus, RevocationWatcher, Revocations};
use sealed_session::{KeyRing, Rejection, Sessions, testing};

use crate::util::folder::{Folder, set_mode};

type Visitor = Option<u64>;

/// A process. Its thread reads every half second as well; the tests do not wait for that.
struct Process {
    sessions: Sessions<Visitor>,
    revocations: Revocations,
}

impl Process {
    fn new(ring: KeyRing) -> Self {
        let revocations = Revocations::new();
        let sessions = Sessions::builder(ring)
            .revocations(&revocations)
            .subject(|user: &Visitor| user.map(u64::to_be_bytes))
            .build()
            .unwrap();
        Self { sessions, revocations }
    }

    fn watching(path: &Path) -> (Self, RevocationWatcher) {
        let process = Self::new(testing::key_ring());
        let watch = process.revocations.watch_file(path).unwrap();
        (process, watch)
    }

    fn log_in(&self) -> HeaderMap {
        testing::request(&self.sessions, |session| session.log_in(Some(7)))
    }

    fn is_revoked(&self, request: &HeaderMap) -> bool {
        testing::load(&self.sessions, request).about().rejection() == Some(Rejection::Revoked)
    }

    fn revoke(&self) {
        self.revocations.revoke_subject(7_u64.to_be_bytes()).unwrap();
    }
}

fn lines(path: &Path) -> Vec<String> {
    fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect()
}

fn in_folder() -> (Folder, PathBuf) {
    let folder = Folder::new();
    let path = folder.write("keys", "").with_file_name("revoked");
    (folder, path)
}

#[test]
fn what_one_process_revokes_the_others_refuse() {
    let (_folder, path) = in_folder();
    let ((a, watch_a), (b, watch_b)) = (Process::watching(&path), Process::watching(&path));
    let request = a.log_in();
    b.revoke();
    assert!(watch_b.check_now().is_ok() && watch_a.check_now().is_ok());
    assert!(a.is_revoked(&request) && b.is_revoked(&request));
    let of_later = Process::watching(&path).0;
    assert!(of_later.is_revoked(&request), "a process that starts later");
    assert_eq!(lines(&path).len(), 1, "nobody writes again what is there");
    watch_a.check_now();
    watch_b.check_now();
    assert_eq!(lines(&path).len(), 1);
}

#[test]
fn a_file_that_is_made_is_for_its_owner_alone_and_one_that_others_may_write_is_refused() {
    let (_folder, path) = in_folder();
    let (process, watch) = Process::watching(&path);
    assert_eq!(lines(&path), Vec::<String>::new());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let line = {
        let other = Process::new(testing::key_ring());
        other.revoke();
        other.revocations.changes(&mut Mark::default()).unwrap().remove(0)
    };
    fs::write(&path, line).unwrap();
    set_mode(&path, 0o666);
    let status = watch.check_now();
    assert!(!status.is_ok() && status.error.unwrap().to_string().contains("others may write it"));
    assert!(!process.is_revoked(&process.log_in()));
    set_mode(&path, 0o600);
    let before = process.log_in();
    assert!(watch.check_now().is_ok() && process.is_revoked(&before));
    assert!(
        Process::new(testing::key_ring()).revocations.watch_file(path.with_file_name("")).is_err(),
        "a folder"
    );
}

#[test]
fn what_the_file_loses_comes_back() {
    let (_folder, path) = in_folder();
    let (process, watch) = Process::watching(&path);
    process.revoke();
    watch.check_now();
    let old = fs::read(&path).unwrap();
    process.revocations.revoke_family(sealed_session::FamilyId::from_bytes([7; 8])).unwrap();
    watch.check_now();

    let lost = |status: RevocationFileStatus| status.revocations.channel.unwrap().lost;
    assert_eq!(lost(watch.status()), 0, "what is new was not lost");
    fs::write(&path, &old).unwrap(); // set back
    assert_eq!(lost(watch.check_now()), 1);
    assert_eq!((lines(&path).len(), lost(watch.check_now())), (2, 1), "nothing has changed since");
    fs::write(&path, "").unwrap(); // truncated
    assert_eq!(lost(watch.check_now()), 2);
    fs::remove_file(&path).unwrap(); // gone
    assert_eq!(lost(watch.check_now()), 2);
    let aside = path.with_file_name("aside");
    fs::write(&aside, &old).unwrap();
    fs::rename(&aside, &path).unwrap(); // replaced
    assert_eq!(lost(watch.check_now()), 1);
    assert_eq!(lines(&path).len(), 2);
}

#[test]
fn lines_that_are_none_change_nothing_and_stay() {
    let (_folder, path) = in_folder();
    let of_another_ring = {
        let other = Process::new(KeyRing::new(testing::key(9)));
        other.revoke();
        other.revocations.changes(&mut Mark::default()).unwrap().remove(0)
    };
    let text = format!("# made by hand\n\n{of_another_ring}\njunk\n\u{e4}\ncut off");
    fs::write(&path, &text).unwrap();
    set_mode(&path, 0o600);
    let (process, watch) = Process::watching(&path);
    let request = process.log_in();
    assert!(watch.status().is_ok() && !process.is_revoked(&request));
    process.revoke();
    watch.check_now();
    let written = fs::read_to_string(&path).unwrap();
    assert!(written.starts_with(&format!("{text}\n")) && written.lines().count() == 7, "{written}");
    assert!(Process::watching(&path).0.is_revoked(&request));
}

#[test]
fn a_file_that_is_too_long_or_that_cannot_be_read_is_said_so_and_what_is_known_stays() {
    let (_folder, path) = in_folder();
    let (process, watch) = Process::watching(&path);
    let request = process.log_in();
    process.revoke();
    watch.check_now();
    fs::write(&path, "#".repeat((16 << 20) + 1)).unwrap();
    let error = watch.check_now().error.unwrap().to_string();
    assert!(error.contains("longer than 16 MiB") && process.is_revoked(&request), "{error}");
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    let error = watch.check_now().error.unwrap();
    assert!(error.to_string().contains("not a file") && format!("{error:?}").contains("revoked"), "{error}");
    assert!(process.is_revoked(&request));
}

#[test]
fn a_revocation_of_this_process_is_written_without_being_asked_for() {
    let (_folder, path) = in_folder();
    let (process, _watch) = Process::watching(&path);
    process.revoke();
    while lines(&path).is_empty() {
        std::thread::yield_now(); // the thread was woken; a test that hangs here has found that it was not
    }
}
