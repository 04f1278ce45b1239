//! What the tests with real clients stand on: the server under test, the clients, and what is asked of each.

pub mod browser;
pub mod client;
pub mod curl;
pub mod driver;
pub mod nginx;
pub mod reqwest_client;
pub mod scenarios;
pub mod serve;
pub mod shop;
pub mod tls;
pub mod variants;
