//! A Redis on a free loopback port, with its data in a folder that goes with it.

use std::process::{Command, Stdio};

use crate::folder::Folder;
use crate::port;
use crate::process::{self, Running};

pub struct RedisServer {
    port: u16,
    folder: Folder,
    settings: Vec<String>,
    process: Option<Running>,
}

impl RedisServer {
    pub fn start() -> Self {
        Self::with(|_| Vec::new())
    }

    /// With more settings, for which files may be made in its folder.
    pub fn with(settings: impl FnOnce(&Folder) -> Vec<String>) -> Self {
        let ([port], folder) = (port::free(), Folder::new());
        let settings = settings(&folder);
        let mut server = Self { port, folder, settings, process: None };
        server.start_again();
        server
    }

    /// A server with a password, and TLS alone. The certificate that its clients have to trust is the other value.
    pub fn with_tls(password: &str) -> (Self, String) {
        let mut certificate = String::new();
        let mut server = Self::with(|folder| {
            let path = |name: &str| folder.at(name).to_str().unwrap().to_owned();
            let mut openssl = Command::new("openssl");
            openssl.args([
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:prime256v1",
                "-nodes",
            ]);
            openssl.args(["-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]);
            openssl.args(["-addext", "basicConstraints=critical,CA:FALSE"]);
            openssl.args(["-keyout", &path("tls.key"), "-out", &path("tls.crt")]);
            process::run(&mut openssl);
            certificate = folder.read("tls.crt");
            let pairs = [
                ("--requirepass", password.to_owned()),
                ("--tls-cert-file", path("tls.crt")),
                ("--tls-key-file", path("tls.key")),
                ("--tls-auth-clients", "no".to_owned()),
            ];
            pairs.into_iter().flat_map(|(name, value)| [name.to_owned(), value]).collect()
        });
        server.settings.clear(); // it is started once
        (server, certificate)
    }

    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn start_again(&mut self) {
        assert!(self.process.is_none());
        self.process = Some(run(self.port, &self.folder, &self.settings));
    }

    /// As if the machine had failed: nothing is written any more.
    pub fn stop(&mut self) {
        self.process = None;
    }

    /// As if the machine had been replaced by one without data. It has to be stopped.
    pub fn forget(&mut self) {
        assert!(self.process.is_none());
        std::fs::remove_dir_all(self.folder.at("appendonlydir")).unwrap();
    }
}

/// Waits until it accepts connections.
fn run(port: u16, folder: &Folder, settings: &[String]) -> Running {
    let mut command = Command::new("redis-server");
    command.args(["--bind", "127.0.0.1", "--save", "", "--appendonly", "yes", "--appendfsync", "always"]);
    let is_tls = settings.iter().any(|setting| setting == "--tls-cert-file");
    let [plain, tls] =
        if is_tls { ["0".to_owned(), port.to_string()] } else { [port.to_string(), "0".to_owned()] };
    command.args(["--port", &plain, "--tls-port", &tls, "--dir"]).arg(folder.path()).args(settings);
    let mut process = Running::start(command.stdin(Stdio::null()).stdout(Stdio::piped()));
    let mut printed = Vec::new();
    for line in process.lines() {
        if line.contains("Ready to accept connections") {
            return process;
        }
        printed.push(line);
    }
    panic!("redis-server has ended: {printed:#?}");
}
