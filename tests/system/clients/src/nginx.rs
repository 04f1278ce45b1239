//! nginx in front of the shop: it ends TLS, and it caches.

use harness::nginx;

use crate::shop::Shop;

/// nginx with three ports.
pub struct Nginx(nginx::Nginx<3>);

impl Nginx {
    pub fn start(shop: &Shop) -> Self {
        Self(nginx::Nginx::start("master_process off;", |ports| servers(shop, ports)))
    }

    /// TLS, room for the largest cookie in the response's head, and a cache.
    pub fn base(&self) -> String {
        format!("https://shop.example.org:{}", self.0.ports[0])
    }

    /// TLS, and buffers as they come: a page of memory for a response's head.
    pub fn small_buffers(&self) -> String {
        format!("https://shop.example.org:{}", self.0.ports[1])
    }

    /// Without TLS.
    pub fn plain(&self) -> String {
        format!("http://shop.example.org:{}", self.0.ports[2])
    }

    /// What it complained about.
    pub fn log(&self) -> String {
        self.0.errors()
    }

    pub fn version() -> String {
        nginx::version()
    }
}

fn servers(shop: &Shop, [tls, small, plain]: [u16; 3]) -> String {
    let certificate = shop.certificate.certificate();
    let (certificate, key) = (certificate.display(), shop.certificate.key());
    let (key, port) = (key.display(), shop.plain_port());
    let proxy = format!(
        "proxy_pass http://127.0.0.1:{port};
         proxy_set_header Host $http_host;
         proxy_set_header X-Forwarded-Proto $scheme;"
    );
    let tls_ends_here = format!("ssl_certificate {certificate}; ssl_certificate_key {key};");
    format!(
        "access_log off;
         proxy_cache_path cache keys_zone=pages:1m;
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
         }}"
    )
}
