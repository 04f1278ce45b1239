//! nginx in front of the nodes, in a folder of its own: round robin, and everything else as it comes.
//!
//! A node is restarted as operators do it without losing a request: it is taken out of the configuration, nginx is told
//! to read that, and the node ends when the last worker that knows it has gone. nginx does pass requests on from a node
//! that does not answer, but no POST that it has sent already, and rightly so.

use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use crate::wait::until;

pub struct Nginx {
    process: Child,
    folder: TempDir,
    pub port: u16,
    reloads: usize,
}

impl Nginx {
    pub fn start(nodes: &[String]) -> Self {
        // Between the choice of a free port and nginx's use of it somebody else may take it.
        (0..5).find_map(|_| Self::try_start(nodes)).expect("nginx came up")
    }

    fn try_start(nodes: &[String]) -> Option<Self> {
        let folder = TempDir::new().unwrap();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        configure(folder.path(), port, nodes);
        let process = command(folder.path()).spawn().expect("nginx: run tests/system/install nginx");
        let mut nginx = Self { process, folder, port, reloads: 0 };
        let is_up = until("nginx", || {
            let has_ended = nginx.process.try_wait().unwrap().is_some();
            let is_up = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok();
            (is_up || has_ended).then_some(!has_ended)
        });
        is_up.then_some(nginx)
    }

    /// From when this returns on, no request goes to any other node, and none is under way there.
    pub fn use_only(&mut self, nodes: &[String]) {
        configure(self.folder.path(), self.port, nodes);
        self.signal("reload");
        self.reloads += 1;
        until("the old workers of nginx end", || {
            let gone = self.errors().lines().filter(|line| line.contains("exited with code 0")).count();
            (gone == self.reloads * WORKERS).then_some(())
        });
    }

    /// A line a request: the status, the nodes that were asked, and the status that each of them gave.
    pub fn requests(&self) -> Vec<String> {
        let text = fs::read_to_string(self.folder.path().join("access.log")).unwrap();
        text.lines().map(ToOwned::to_owned).collect()
    }

    pub fn errors(&self) -> String {
        fs::read_to_string(self.folder.path().join("error.log")).unwrap_or_default()
    }

    fn signal(&self, signal: &str) {
        let status = command(self.folder.path()).args(["-s", signal]).status().unwrap();
        assert!(status.success(), "nginx -s {signal}: {}", self.errors());
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Its workers end with it only if it is asked.
        let asked = command(self.folder.path()).args(["-s", "stop"]).status();
        if !asked.is_ok_and(|status| status.success()) {
            let _ = self.process.kill();
        }
        let _ = self.process.wait();
    }
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new("nginx");
    command.arg("-p").arg(folder).args(["-c", "nginx.conf", "-e", "error.log"]);
    command.stderr(Stdio::null()); // it has a log
    command
}

fn configure(folder: &Path, port: u16, nodes: &[String]) {
    let nodes: String = nodes.iter().map(|node| format!("server {node};\n")).collect();
    let text = format!(
        "daemon off;
         worker_processes {WORKERS};
         pid nginx.pid;
         error_log error.log notice;
         events {{ worker_connections 1024; }}
         http {{
             log_format asked '$status $upstream_addr $upstream_status';
             access_log access.log asked;
             client_body_temp_path body;
             proxy_temp_path proxy;
             fastcgi_temp_path fastcgi;
             uwsgi_temp_path uwsgi;
             scgi_temp_path scgi;
             upstream fleet {{
                 zone fleet 128k;
                 {nodes}
                 keepalive 16;
             }}
             server {{
                 listen 127.0.0.1:{port};
                 location / {{
                     proxy_pass http://fleet;
                     proxy_http_version 1.1;
                     proxy_set_header Connection '';
                     proxy_set_header Host $http_host;
                     proxy_buffer_size 8k;
                     proxy_buffers 8 8k;
                     add_header X-Node $upstream_addr always;
                 }}
             }}
         }}
        "
    );
    fs::write(folder.join("nginx.conf"), text).unwrap();
}

const WORKERS: usize = 2;
