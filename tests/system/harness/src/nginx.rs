//! nginx on free ports, with all of its files in a folder that goes with it.

use std::process::{Command, Stdio};

use crate::folder::Folder;
use crate::port;
use crate::process::{self, Running};
use crate::until::until;

pub struct Nginx<const PORTS: usize> {
    process: Running,
    folder: Folder,
    main: String,
    pub ports: [u16; PORTS],
}

impl<const PORTS: usize> Nginx<PORTS> {
    /// Starts it with directives for the main block, and with those that `http` writes for the block of that name.
    pub fn start(main: &str, http: impl Fn([u16; PORTS]) -> String) -> Self {
        // Between the choice of free ports and nginx's use of them, another process may take one.
        (0..5).find_map(|_| Self::try_start(main, &http)).expect("nginx came up")
    }

    fn try_start(main: &str, http: impl Fn([u16; PORTS]) -> String) -> Option<Self> {
        let (folder, ports) = (Folder::new(), port::free());
        configure(&folder, main, &http(ports));
        let process = Running::start(&mut command(&folder));
        let mut nginx = Self { process, folder, main: main.to_owned(), ports };
        let is_up = until("nginx", || {
            let is_up = ports.iter().all(|port| port::is_open(*port));
            let has_ended = nginx.process.has_ended();
            (is_up || has_ended).then_some(!has_ended)
        });
        is_up.then_some(nginx)
    }

    /// Tells it to read a new configuration.
    pub fn reload(&self, http: &str) {
        configure(&self.folder, &self.main, http);
        let status = command(&self.folder).args(["-s", "reload"]).status().unwrap();
        assert!(status.success(), "nginx -s reload: {}", self.errors());
    }

    /// The text of its error log.
    pub fn errors(&self) -> String {
        self.read("error.log")
    }

    /// The text of a file that it writes.
    pub fn read(&self, file: &str) -> String {
        self.folder.read(file)
    }
}

impl<const PORTS: usize> Drop for Nginx<PORTS> {
    fn drop(&mut self) {
        // Its workers end with it only if it is asked. If it cannot be asked, `Running` stops it.
        if command(&self.folder).args(["-s", "stop"]).status().is_ok_and(|status| status.success()) {
            let _ = self.process.0.wait();
        }
    }
}

pub fn version() -> String {
    process::version("nginx", "-v").rsplit(' ').next().unwrap_or_default().to_owned()
}

fn command(folder: &Folder) -> Command {
    let mut command = Command::new("nginx");
    command.arg("-p").arg(folder.path()).args(["-c", "nginx.conf", "-e", "error.log"]);
    command.stderr(Stdio::null()); // it has a log
    command
}

fn configure(folder: &Folder, main: &str, http: &str) {
    let text = format!(
        "daemon off;
         pid nginx.pid;
         error_log error.log notice;
         {main}
         events {{ worker_connections 1024; }}
         http {{
             client_body_temp_path body;
             proxy_temp_path proxy;
             fastcgi_temp_path fastcgi;
             uwsgi_temp_path uwsgi;
             scgi_temp_path scgi;
             {http}
         }}
        "
    );
    folder.write("nginx.conf", text);
}
