//! The demo, as a browser meets it: examples/login over plain HTTP, in a process of its own.

mod configuration;
mod field;
mod forms;
mod login;
mod reading;
mod rotation;
mod tampering;
mod visitor;
mod watched;
