//! A deploy that changes the layout of the record: nodes of both versions behind nginx. Each refuses what it cannot
//! read, nobody is taken for somebody else, and whoever logs in again is logged in.
//!
//! The earlier version is built from the history of this repository.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use fleet::http::{self, redirects_to, token};
use fleet::nginx::Nginx;
use fleet::node::Node;
use fleet::ring::Ring;
use harness::folder::Folder;
use harness::http::Answer;
use harness::jar::Jar;
use harness::observed::observed;
use harness::process::run;

/// The last commit whose record had no flags.
const EARLIER: &str = "8f3d548c224d4e27ac6b1994bb13b362a9f4b3f8";

/// The demo of that commit, built once.
fn earlier() -> PathBuf {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../.."));
    let here = Path::new(env!("CARGO_TARGET_TMPDIR")).join(EARLIER);
    let program = here.join("target/debug/examples/login");
    if !program.exists() {
        std::fs::create_dir_all(&here).unwrap();
        let mut git = Command::new("git");
        git.arg("-C").arg(root).args(["archive", EARLIER]).stdout(Stdio::piped());
        let mut archive = git.spawn().unwrap();
        let mut tar = Command::new("tar");
        tar.arg("-xC").arg(&here).stdin(archive.stdout.take().unwrap());
        let is_unpacked = tar.status().unwrap().success() && archive.wait().unwrap().success();
        assert!(is_unpacked, "this test needs the history of the repository, in which {EARLIER} is missing");
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--locked", "--package", "sealed-session", "--example", "login"]);
        cargo.current_dir(&here).env("CARGO_TARGET_DIR", here.join("target"));
        run(&mut cargo);
    }
    program
}

/// A browser that knows the nodes one by one and by the proxy before them.
struct Browser {
    jar: Jar,
}

impl Browser {
    fn exchange(&mut self, port: u16, path: &str, form: Option<&str>) -> Answer {
        let answer = http::exchange(port, path, &self.jar.line(), form).unwrap();
        assert!(answer.status < 500, "{path}: {}", answer.status);
        answer.all("set-cookie").for_each(|line| self.jar.set(line));
        answer
    }

    fn log_in(&mut self, port: u16) {
        let form = self.exchange(port, "/login", None);
        let fields = format!(
            "csrf={}&next=%2Fadmin%2F&username=demo&password=sesame",
            token(&form).unwrap_or_default()
        );
        let answer = self.exchange(port, "/login", Some(&fields));
        assert!(redirects_to(&answer, "/admin/"), "{}", answer.status);
        assert!(self.is_logged_in(port), "once is enough");
    }

    fn log_out(&mut self, port: u16) {
        let form = self.exchange(port, "/logout", None);
        let answer =
            self.exchange(port, "/logout", Some(&format!("csrf={}", token(&form).unwrap_or_default())));
        assert!(redirects_to(&answer, "/"), "{}", answer.status);
    }

    /// Never as anybody else, and never half: the page of those who are logged in agrees.
    fn is_logged_in(&mut self, port: u16) -> bool {
        let home = self.exchange(port, "/", None).body;
        let is_logged_in = home.contains("You are logged in as <b>demo</b>.");
        assert_ne!(is_logged_in, home.contains("You are not logged in."));
        let admin = self.exchange(port, "/admin/", None);
        assert_eq!(is_logged_in, admin.status == 200 && admin.body.contains("logged in <b>once</b>"));
        assert_eq!(is_logged_in, !redirects_to(&admin, "/login"));
        is_logged_in
    }
}

#[test]
fn two_layouts_behind_one_proxy() {
    let folder = Folder::new();
    let ring = Ring::new(folder.at("ring.keys"), "7d", "0s");
    let programs = [earlier(), harness::programs::login().get_program().into()];
    let nodes = [0, 1].map(|number| {
        let path = folder.at(&format!("node-{number}.keys"));
        ring.copy_to(&path);
        Node::start_program(programs[number].clone(), number, &path, Duration::from_secs(86_400))
    });
    let port = |node: &Node| -> u16 { node.address().rsplit_once(':').unwrap().1.parse().unwrap() };
    let mut nginx = Nginx::start(&nodes.each_ref().map(Node::address));
    for (of, other) in [(&nodes[0], &nodes[1]), (&nodes[1], &nodes[0])] {
        let mut browser = Browser { jar: Jar::default() };
        browser.log_in(port(of));
        assert!(!browser.is_logged_in(port(other)), "what it cannot read it refuses");
        assert!(browser.is_logged_in(port(of)), "and leaves alone: it is a deploy");
        for _ in 0..20 {
            let answer = browser.exchange(nginx.port(), "/", None);
            let is_own = answer.all("x-node").eq([&*of.address()]);
            assert_eq!(is_own, answer.body.contains("You are logged in as <b>demo</b>."), "by the proxy too");
        }
        // Whoever meets the other version logs in there, and out.
        let before = browser.jar.clone();
        browser.log_in(port(other));
        browser.log_out(port(other));
        assert!(!browser.is_logged_in(port(other)) && !browser.is_logged_in(port(of)));
        // Nor is a login stopped by whatever the other version has left in the jar.
        browser.log_in(port(of));
        browser.jar = before;
        browser.log_in(port(other));
    }
    let mut browser = Browser { jar: Jar::default() };
    browser.log_in(port(&nodes[0]));
    nginx.use_only(&[nodes[1].address()]);
    assert!(!browser.is_logged_in(nginx.port()));
    browser.log_in(nginx.port());
    assert!(browser.is_logged_in(nginx.port()), "after the deploy a login stays");

    let refusals = |node: &Node| {
        let lines = node.lines();
        let why = lines.iter().filter_map(|line| line.split_once("a session cookie was not accepted: "));
        let mut why: Vec<_> = why.map(|(_, why)| why.to_owned()).collect();
        why.sort();
        why.dedup();
        why
    };
    assert_eq!(refusals(&nodes[1]), ["schema_mismatch"]);
    observed(format_args!(
        "the earlier version refuses the later one's cookies as {:?}",
        refusals(&nodes[0])
    ));
}
