//! Cookies of this library in the hands of real clients. `README.md` beside this folder says what is proved.

mod jars;
mod nginx;
