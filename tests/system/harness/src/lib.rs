//! Code that at least two of the crates in this workspace share. Each file holds one idea.

pub mod browser;
pub mod demo;
pub mod folder;
pub mod http;
pub mod jar;
pub mod nginx;
pub mod observed;
pub mod port;
pub mod process;
pub mod programs;
pub mod redis_server;
mod socks;
pub mod token;
pub mod until;
mod webdriver;
mod xvfb;
