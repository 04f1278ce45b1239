//! The examples as processes, and a folder that goes with the test.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Output, Stdio};

/// A server in a process, which ends with this value.
pub(crate) struct Server {
    child: Child,
    pub(crate) address: String,
    output: BufReader<ChildStdout>,
}

impl Server {
    /// Waits for the line with the URL.
    #[track_caller]
    pub(crate) fn run(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let mut server = Self { child, output, address: String::new() };
        let mut line = String::new();
        server.output.read_line(&mut line).unwrap();
        let Some((_, url)) = line.trim_end().split_once("http://") else {
            panic!("no URL in {line:?}: {}", server.stop());
        };
        server.address = url.trim_end_matches('/').into();
        server
    }

    /// What it has said on standard error until now, where it ends.
    pub(crate) fn stop(mut self) -> String {
        self.child.kill().unwrap();
        let mut log = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut log).unwrap();
        log
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        let mut rest = String::new();
        if self.output.read_to_string(&mut rest).is_ok() && !std::thread::panicking() {
            assert_eq!(rest, "", "one line is all it prints");
        }
    }
}

/// Tests lie in target/<profile>/deps, examples in target/<profile>/examples.
pub(crate) fn example(name: &str) -> Command {
    let test = env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).unwrap();
    let path = profile.join("examples").join(format!("{name}{}", env::consts::EXE_SUFFIX));
    assert!(path.exists(), "not built: run `cargo build --example {name}` with the profile of this test");
    Command::new(path)
}

/// What a command says that must fail: exit code 2, one line on standard error, nothing on standard output.
#[track_caller]
pub(crate) fn line_of_failure(mut command: Command) -> String {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut output = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut output).unwrap();
    if !output.is_empty() {
        child.kill().unwrap(); // a server that came up would never end
    }
    let Output { status, stderr, .. } = child.wait_with_output().unwrap();
    let error = String::from_utf8(stderr).unwrap();
    assert_eq!((output.as_str(), status.code()), ("", Some(2)), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
    error
}

/// An empty folder, which goes with this value.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        fs::create_dir(&path).unwrap();
        Self(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
