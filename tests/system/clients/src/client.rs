//! What all clients have in common, and how they say which cookies they keep.

use serde::Deserialize;

/// A client with one jar of cookies.
pub trait Client {
    /// Its name and version.
    fn name(&self) -> String;
    /// Sends a request with the cookies of the jar, and puts what comes into the jar.
    fn send(&mut self, method: &str, url: &str) -> Reply;
    /// The cookies in the jar.
    fn jar(&mut self) -> Vec<Stored>;

    /// A request that must be answered with 200; its body.
    #[track_caller]
    fn get(&mut self, url: &str) -> String {
        self.ok("GET", url)
    }

    #[track_caller]
    fn post(&mut self, url: &str) -> String {
        self.ok("POST", url)
    }

    /// The cookie of this name in the jar. A second one is a failure.
    #[track_caller]
    fn stored(&mut self, name: &str) -> Option<Stored> {
        let mut found = self.jar().into_iter().filter(|stored| stored.name == name);
        let first = found.next();
        assert!(found.next().is_none(), "{}: {name} is there twice", self.name());
        first
    }

    #[track_caller]
    fn ok(&mut self, method: &str, url: &str) -> String {
        let Reply { status, body } = self.send(method, url);
        assert_eq!(status, 200, "{}: {method} {url}: {body}", self.name());
        body
    }
}

/// What came back.
#[derive(Clone, Debug, Deserialize)]
pub struct Reply {
    pub status: u16,
    pub body: String,
}

/// A cookie as a client keeps it. `None` where a client has no place for an attribute.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct Stored {
    pub name: String,
    pub value: String,
    /// Without a dot in front.
    pub domain: String,
    pub host_only: Option<bool>,
    pub path: String,
    pub secure: bool,
    pub http_only: Option<bool>,
    pub same_site: Option<String>,
    pub partitioned: Option<bool>,
    /// Seconds since 1970; `None` for one that ends with the client.
    pub expires: Option<f64>,
}
