//! HTTP/1.1 as far as the tests need it: one exchange, over a connection that nothing else uses.
//!
//! A server may close a kept connection just as the client uses it again, and browsers then repeat the request. Here
//! every connection is new, so a request that fails is a failure of the server.

use std::io::{self, BufRead, BufReader, Error, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

pub struct Answer {
    pub status: u16,
    headers: Vec<(String, String)>,
    pub body: String,
}

/// Sends a request to a port of the loopback interface: the method and the path, header lines that end with a line
/// break each, and the body. An answer that takes longer than `patience` is an error.
pub fn exchange(
    port: u16,
    request: &str,
    headers: &str,
    body: &str,
    patience: Duration,
) -> io::Result<Answer> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, patience)?;
    stream.set_read_timeout(Some(patience))?;
    let length = if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
    let head = format!("{request} HTTP/1.1\r\nHost: {address}\r\n{headers}{length}\r\n");
    stream.write_all((head + body).as_bytes())?;
    Answer::read(BufReader::new(stream))
}

impl Answer {
    fn read(mut stream: impl BufRead) -> io::Result<Self> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if stream.read_line(&mut head)? == 0 {
                return Err(broken());
            }
        }
        let mut answer = Self::parse(&head).ok_or_else(broken)?;
        let length = answer.all("content-length").next().and_then(|length| length.parse().ok());
        let mut body = vec![0; length.ok_or_else(broken)?];
        stream.read_exact(&mut body)?;
        answer.body = String::from_utf8(body).map_err(Error::other)?;
        // A server that announces the end of the connection must send nothing after the body.
        if answer.all("connection").any(|value| value == "close") && stream.read(&mut [0])? > 0 {
            return Err(broken());
        }
        Ok(answer)
    }

    fn parse(head: &str) -> Option<Self> {
        let (first, lines) = head.split_once("\r\n")?;
        let status = first.split(' ').nth(1)?.parse().ok()?;
        let header = |line: &str| {
            let (name, value) = line.split_once(':')?;
            Some((name.to_ascii_lowercase(), value.trim().to_owned()))
        };
        Some(Self { status, headers: lines.lines().filter_map(header).collect(), body: String::new() })
    }

    /// The values of all headers with this name, which has to be in lower case.
    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers.iter().filter(move |(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

fn broken() -> Error {
    Error::other("not a whole response")
}
