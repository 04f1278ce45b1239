//! curl with its cookie engine: one process a request, the jar in a file in between.

use std::fs::File;
use std::path::PathBuf;
use std::process::Command;

use harness::folder::Folder;
use harness::process::{run, version};

use crate::client::{Client, Reply, Stored};
use crate::shop::Shop;

pub struct Curl {
    folder: Folder,
    authority: PathBuf,
    reads: Reads,
}

/// curl 7.88 reads a jar that it was given as a file once more at its end, and then brings back what the response
/// removed (its pull request 10685). The standard input it can read only once.
#[derive(Clone, Copy)]
enum Reads {
    File,
    Input,
}

impl Curl {
    pub fn new(shop: &Shop) -> Self {
        Self::with(shop, Reads::Input)
    }

    /// As scripts use it: `--cookie jar --cookie-jar jar`.
    pub fn with_file(shop: &Shop) -> Self {
        Self::with(shop, Reads::File)
    }

    fn with(shop: &Shop, reads: Reads) -> Self {
        let curl = Self { folder: Folder::new(), authority: shop.certificate.authority(), reads };
        File::create(curl.jar_file()).unwrap();
        curl
    }

    fn jar_file(&self) -> PathBuf {
        self.folder.at("jar")
    }
}

impl Client for Curl {
    fn name(&self) -> String {
        version("curl", "--version").split(' ').take(2).collect::<Vec<_>>().join(" ")
    }

    fn send(&mut self, method: &str, url: &str) -> Reply {
        let mut command = Command::new("curl");
        command.args(["-q", "--silent", "--show-error", "--max-time", "20", "--noproxy", "*"]);
        command.args(["--connect-to", "::127.0.0.1:", "--request", method, "--write-out", "\n%{http_code}"]);
        command.arg("--cacert").arg(&self.authority);
        command.arg("--cookie-jar").arg(self.jar_file()).arg(url);
        match self.reads {
            Reads::File => command.arg("--cookie").arg(self.jar_file()),
            Reads::Input => command.args(["--cookie", "-"]).stdin(File::open(self.jar_file()).unwrap()),
        };
        let output = String::from_utf8(run(&mut command).stdout).unwrap();
        let (body, status) = output.rsplit_once('\n').unwrap();
        Reply { status: status.parse().unwrap(), body: body.into() }
    }

    fn jar(&mut self) -> Vec<Stored> {
        self.folder.read("jar").lines().filter_map(stored).collect()
    }
}

/// A line of the Netscape format: domain, whether its hosts are included, path, secure, expiry, name, value.
fn stored(line: &str) -> Option<Stored> {
    let (http_only, line) = match line.strip_prefix("#HttpOnly_") {
        Some(line) => (true, line),
        None => (false, line),
    };
    let parts: Vec<&str> = line.split('\t').collect();
    let &[domain, all_hosts, path, secure, expires, name, value] = parts.as_slice() else { return None };
    Some(Stored {
        name: name.into(),
        value: value.into(),
        domain: domain.trim_start_matches('.').into(),
        host_only: Some(all_hosts == "FALSE"),
        path: path.into(),
        secure: secure == "TRUE",
        http_only: Some(http_only),
        same_site: None,
        partitioned: None,
        expires: expires.parse().ok().filter(|seconds| *seconds > 0.0),
    })
}
