//! reqwest with the jar of cookie_store.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use cookie_store::CookieExpiration;
use reqwest::blocking;
use reqwest_cookie_store::CookieStoreMutex;

use crate::client::{Client, Reply, Stored};
use crate::shop::Shop;
use crate::tls::HOSTS;

pub struct Reqwest {
    client: blocking::Client,
    jar: Arc<CookieStoreMutex>,
}

impl Reqwest {
    pub fn new(shop: &Shop) -> Self {
        let jar = Arc::new(CookieStoreMutex::default());
        let authority = fs::read(shop.certificate.authority()).unwrap();
        // The second call finds it installed, which is as good.
        let _ = tokio_rustls::rustls::crypto::ring::default_provider().install_default();
        let mut builder = blocking::Client::builder()
            .no_proxy()
            .timeout(Duration::from_secs(60))
            .cookie_provider(Arc::clone(&jar))
            .tls_certs_only([reqwest::Certificate::from_pem(&authority).unwrap()]);
        for host in HOSTS {
            builder = builder.resolve(host, SocketAddr::from((Ipv4Addr::LOCALHOST, 0)));
        }
        Self { client: builder.build().unwrap(), jar }
    }
}

impl Client for Reqwest {
    fn name(&self) -> String {
        let lock = include_str!("../../Cargo.lock");
        format!("reqwest {} with cookie_store {}", locked(lock, "reqwest"), locked(lock, "cookie_store"))
    }

    fn send(&mut self, method: &str, url: &str) -> Reply {
        let response = self.client.request(method.parse().unwrap(), url).send().unwrap();
        Reply { status: response.status().as_u16(), body: response.text().unwrap() }
    }

    fn jar(&mut self) -> Vec<Stored> {
        let jar = self.jar.lock().unwrap();
        jar.iter_unexpired()
            .map(|cookie| Stored {
                name: cookie.name().into(),
                value: cookie.value().into(),
                domain: cookie.domain.as_cow().unwrap_or_default().into_owned(),
                host_only: Some(cookie.domain().is_none()),
                path: String::from(&cookie.path),
                secure: cookie.secure().unwrap_or(false),
                http_only: cookie.http_only(),
                same_site: cookie.same_site().map(|same_site| same_site.to_string()),
                partitioned: Some(cookie.partitioned().unwrap_or(false)),
                expires: match cookie.expires {
                    CookieExpiration::AtUtc(moment) => Some(moment.unix_timestamp() as f64),
                    CookieExpiration::SessionEnd => None,
                },
            })
            .collect()
    }
}

/// The version of a package in a lock file.
fn locked<'a>(lock: &'a str, name: &str) -> &'a str {
    let start = format!("name = \"{name}\"\nversion = \"");
    lock.split_once(&start).and_then(|(_, rest)| rest.split_once('"')).map_or("?", |(version, _)| version)
}
