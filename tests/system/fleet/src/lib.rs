//! A fleet under load: nodes of the demo behind nginx, visitors who click, and a key ring that is rotated meanwhile.

pub mod fleet;
pub mod http;
pub mod jar;
pub mod nginx;
pub mod node;
pub mod programs;
pub mod random;
pub mod ring;
pub mod tally;
pub mod visitor;
pub mod wait;
