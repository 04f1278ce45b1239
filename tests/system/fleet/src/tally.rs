//! What the visitors have seen.

use std::collections::BTreeMap;
use std::time::SystemTime;

#[derive(Default)]
pub struct Tally {
    /// By the node that answered, as nginx names it.
    pub requests: BTreeMap<String, usize>,
    /// Sessions of strangers, which the form to log in needs.
    pub anonymous: usize,
    pub logins: usize,
    /// Of those who were logged in.
    pub logins_again: usize,
    pub logouts: usize,
    /// A line each.
    pub lost: Vec<String>,
    /// Answers of 500 and above, and requests without an answer.
    pub errors: Vec<String>,
    pub seals: Vec<Seal>,
}

/// A session cookie that was set.
pub struct Seal {
    /// The id of the key.
    pub key: String,
    pub node: String,
    pub sent: SystemTime,
    pub received: SystemTime,
}

impl Tally {
    pub fn add(&mut self, other: Self) {
        for (node, requests) in other.requests {
            *self.requests.entry(node).or_default() += requests;
        }
        self.anonymous += other.anonymous;
        self.logins += other.logins;
        self.logins_again += other.logins_again;
        self.logouts += other.logouts;
        self.lost.extend(other.lost);
        self.errors.extend(other.errors);
        self.seals.extend(other.seals);
    }

    pub fn all_requests(&self) -> usize {
        self.requests.values().sum()
    }

    pub fn sessions(&self) -> usize {
        self.anonymous + self.logins + self.logins_again
    }
}
