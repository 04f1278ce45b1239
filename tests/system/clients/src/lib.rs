//! What the tests with real clients stand on: the server under test, the clients, and what is asked of each.

pub mod chromium;
pub mod client;
pub mod curl;
pub mod driver;
pub mod nginx;
pub mod reqwest_client;
pub mod scenario;
pub mod serve;
pub mod shop;
pub mod sizes;
pub mod tls;
pub mod variants;
