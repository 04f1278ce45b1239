//! HTTP/1.1 as far as a visitor needs it: one exchange, over a connection of its own.
//!
//! A connection that is kept could be closed by a reload of nginx in the moment in which it is used again. Browsers
//! then send the request once more; here every connection is new, and a request that fails has failed.

use std::io::{self, Error, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

pub struct Answer {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: String,
}

/// Gets the page, or posts the form.
pub fn exchange(port: u16, path: &str, cookies: &str, form: Option<&str>) -> io::Result<Answer> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let method = if form.is_some() { "POST" } else { "GET" };
    let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n");
    if !cookies.is_empty() {
        request += &format!("Cookie: {cookies}\r\n");
    }
    if let Some(form) = form {
        request += &format!(
            "Origin: http://{address}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {}\r\n\r\n{form}",
            form.len()
        );
    } else {
        request += "\r\n";
    }
    stream.write_all(request.as_bytes())?;
    let mut text = String::new();
    stream.read_to_string(&mut text)?;
    Answer::parse(&text).ok_or_else(|| Error::other("not a whole response"))
}

impl Answer {
    fn parse(text: &str) -> Option<Self> {
        let (head, body) = text.split_once("\r\n\r\n")?;
        let (first, lines) = head.split_once("\r\n")?;
        let status = first.split(' ').nth(1)?.parse().ok()?;
        let header = |line: &str| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_ascii_lowercase(), value.trim().to_owned()))
        };
        let answer =
            Self { status, headers: lines.lines().filter_map(header).collect(), body: body.to_owned() };
        let length: usize = answer.all("content-length").next()?.parse().ok()?;
        (length == body.len()).then_some(answer)
    }

    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers.iter().filter(move |(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    pub fn redirects_to(&self, start: &str) -> bool {
        self.status == 303 && self.all("location").any(|place| place.starts_with(start))
    }

    /// What the forms of this page are to be sent with.
    pub fn token(&self) -> Option<String> {
        let (_, rest) = self.body.split_once(r#"name="csrf" value=""#)?;
        Some(rest.split_once('"')?.0.to_owned())
    }
}

/// Longer than any load makes an answer take: whoever waits in vain has found a failure.
const PATIENCE: Duration = Duration::from_secs(20);
