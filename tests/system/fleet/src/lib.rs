//! A fleet under load: nodes of the demo behind nginx, visitors who click, and a key ring that is rotated meanwhile.

pub mod fleet;
pub mod http;
pub mod nginx;
pub mod node;
pub mod random;
pub mod ring;
pub mod tally;
pub mod visitor;
