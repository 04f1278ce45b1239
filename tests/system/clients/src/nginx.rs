//! nginx in front of the shop: it ends TLS, and it caches.

use std::fs;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};

use tempfile::TempDir;

use crate::process::{Running, until, version};
use crate::shop::Shop;

/// nginx with three ports, and the folder in which all of its files are.
pub struct Nginx {
    _process: Running,
    folder: TempDir,
    tls: u16,
    small: u16,
    plain: u16,
}

impl Nginx {
    pub fn start(shop: &Shop) -> Self {
        // Between the choice of free ports and nginx's use of them somebody else may take one.
        (0..5).find_map(|_| Self::try_start(shop)).expect("nginx came up")
    }

    fn try_start(shop: &Shop) -> Option<Self> {
        let folder = TempDir::new().unwrap();
        let [tls, small, plain] = free_ports();
        let config = config(shop, folder.path(), [tls, small, plain]);
        fs::write(folder.path().join("nginx.conf"), config).unwrap();
        let mut command = Command::new("nginx");
        command.arg("-p").arg(folder.path()).args(["-c", "nginx.conf", "-e", "error.log"]);
        let mut process = Running::start(command.stderr(Stdio::null()));
        let is_up = until("nginx", || {
            let is_up = [tls, small, plain]
                .iter()
                .all(|port| TcpStream::connect((Ipv4Addr::LOCALHOST, *port)).is_ok());
            let has_ended = process.0.try_wait().unwrap().is_some();
            (is_up || has_ended).then_some(!has_ended)
        });
        is_up.then_some(Self { _process: process, folder, tls, small, plain })
    }

    /// TLS, room for the largest cookie in the response's head, and a cache.
    pub fn base(&self) -> String {
        format!("https://shop.example:{}", self.tls)
    }

    /// TLS, and buffers as they come: a page of memory for a response's head.
    pub fn small_buffers(&self) -> String {
        format!("https://shop.example:{}", self.small)
    }

    /// Without TLS.
    pub fn plain(&self) -> String {
        format!("http://shop.example:{}", self.plain)
    }

    /// What it complained about.
    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("error.log")).unwrap_or_default()
    }

    pub fn version() -> String {
        version("nginx", "-v").rsplit(' ').next().unwrap_or_default().to_owned()
    }
}

fn config(shop: &Shop, folder: &Path, [tls, small, plain]: [u16; 3]) -> String {
    let certificate = shop.certificate.certificate();
    let (certificate, key) = (certificate.display(), shop.certificate.key());
    let (key, port, folder) = (key.display(), shop.plain_port(), folder.display());
    let proxy = format!(
        "proxy_pass http://127.0.0.1:{port};
         proxy_set_header Host $http_host;
         proxy_set_header X-Forwarded-Proto $scheme;"
    );
    let tls_ends_here = format!("ssl_certificate {certificate}; ssl_certificate_key {key};");
    format!(
        "daemon off;
         master_process off;
         pid nginx.pid;
         error_log error.log;
         events {{}}
         http {{
             access_log off;
             client_body_temp_path {folder}/body;
             proxy_temp_path {folder}/proxy;
             fastcgi_temp_path {folder}/fastcgi;
             uwsgi_temp_path {folder}/uwsgi;
             scgi_temp_path {folder}/scgi;
             proxy_cache_path {folder}/cache keys_zone=pages:1m;
             server {{
                 listen 127.0.0.1:{tls} ssl http2;
                 {tls_ends_here}
                 proxy_buffer_size 8k;
                 proxy_buffers 8 8k;
                 proxy_cache pages;
                 proxy_cache_key $scheme$host$request_uri;
                 proxy_cache_valid any 10m;
                 location / {{ {proxy} }}
                 location /hasty/ {{
                     rewrite ^/hasty(/.*) $1 break;
                     proxy_ignore_headers Set-Cookie;
                     {proxy}
                 }}
                 location /reckless/ {{
                     rewrite ^/reckless(/.*) $1 break;
                     proxy_ignore_headers Set-Cookie Cache-Control;
                     {proxy}
                 }}
             }}
             server {{
                 listen 127.0.0.1:{small} ssl;
                 {tls_ends_here}
                 proxy_buffer_size 4k;
                 location / {{ {proxy} }}
             }}
             server {{
                 listen 127.0.0.1:{plain};
                 location / {{ {proxy} }}
             }}
         }}
        "
    )
}

fn free_ports<const N: usize>() -> [u16; N] {
    // All are held until the last is known, or one would be given out twice.
    let listeners = [(); N].map(|()| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().port())
}
