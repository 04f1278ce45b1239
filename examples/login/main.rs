//! The flow that every session library's guide begins with, on axum: `cargo run --example login`.
//!
//! Read `visitor.rs`, what a session holds, and `app.rs`, what the handlers do with it; an application needs no more.
//! The rest is the demo: what it shows, and what one can do to it while it runs.
//!
//! `PORT` is where it listens (default 3000; 0 picks a free port). Its keys are in `SESSION_KEYS`, or else in the file
//! `login.keys`, which the first run makes, so that a restart logs nobody out.
//!
//! Several processes share a ring whose keys have dates: `SESSION_KEYS_FILE` is its path, in place of `SESSION_KEYS`.
//! That file is read again when it changes, every five seconds or, for tests, as many milliseconds apart as
//! `SESSION_KEYS_INTERVAL` says. Its rotation is done by whoever writes it; docs/ROTATION.md says how.

mod app;
mod cookie_page;
mod deployment;
mod failure;
mod forms;
mod inside;
mod keys;
mod log;
mod page;
mod pages;
mod same_origin;
mod tamper;
mod visitor;

use std::env;
use std::error::Error;
use std::io::{self, Write};
use std::net::Ipv4Addr;
use std::process::ExitCode;
use std::sync::Arc;

use axum::middleware;
use axum::routing::Router;
use tokio::net::TcpListener;

use crate::deployment::Deployment;
use crate::keys::Keys;
use crate::log::Log;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("login: {error}");
            ExitCode::from(2)
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    if env::args_os().len() > 1 {
        return Err(
            "takes no arguments: its settings are the variables PORT and SESSION_KEYS or SESSION_KEYS_FILE"
                .into(),
        );
    }
    let port = port()?;
    let deployment = Arc::new(Deployment::new(Keys::find()?)?);
    let service = Router::new()
        .fallback(deployment::answer)
        .with_state(deployment)
        .layer(middleware::from_fn_with_state(Log::default(), log::record))
        .layer(middleware::map_response(page::confine));
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await.map_err(|error| {
            format!("cannot listen on 127.0.0.1:{port}: {error}: set PORT to another, or to 0 for a free one")
        })?;
        writeln!(io::stdout(), "The demo is at http://{}/", listener.local_addr()?)?;
        axum::serve(listener, service).await?;
        Ok(())
    })
}

fn port() -> Result<u16, &'static str> {
    match env::var("PORT") {
        Ok(text) => text.parse().ok(),
        Err(env::VarError::NotPresent) => Some(3000),
        Err(env::VarError::NotUnicode(_)) => None,
    }
    .ok_or("PORT is no port: expected a number from 0 to 65535, where 0 picks a free port")
}

/// One line for the operator. That nobody may be reading is no reason to fail.
fn report(what: impl std::fmt::Display) {
    let _ = writeln!(io::stderr(), "login: {what}");
}
