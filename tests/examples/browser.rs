//! As much of a browser as the examples need: HTTP/1.1 over a socket, and a jar of cookies.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::process::Server;

/// What a browser says of a request that a page of the same origin makes.
pub(crate) const OWN_PAGE: &str = "Sec-Fetch-Site: same-origin\r\n";

#[derive(Clone, Default)]
pub(crate) struct Browser {
    pub(crate) jar: BTreeMap<String, String>,
}

impl Browser {
    pub(crate) fn get(&mut self, server: &Server, path: &str) -> Answer {
        self.send(server, "GET", path, "", "")
    }

    /// The form of a page of this server.
    pub(crate) fn post(&mut self, server: &Server, path: &str, form: &str) -> Answer {
        self.send(server, "POST", path, OWN_PAGE, form)
    }

    /// A form of which nobody tells which page it was on.
    pub(crate) fn post_silently(&mut self, server: &Server, path: &str, form: &str) -> Answer {
        self.send(server, "POST", path, "", form)
    }

    pub(crate) fn send(
        &mut self,
        server: &Server,
        method: &str,
        path: &str,
        headers: &str,
        body: &str,
    ) -> Answer {
        let mut stream = TcpStream::connect(&server.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let cookies: Vec<_> = self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nCookie: {}\r\n{headers}\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            server.address,
            cookies.join("; "),
            body.len()
        )
        .unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let answer = Answer::parse(&text);
        for line in answer.all("set-cookie") {
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            self.jar.insert(name.into(), value.into());
            if line.contains("; Max-Age=0") {
                self.jar.remove(name);
            }
        }
        answer
    }
}

pub(crate) struct Answer {
    pub(crate) status: u16,
    headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    fn parse(text: &str) -> Self {
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let (first, rest) = head.split_once("\r\n").unwrap();
        let status = first.split(' ').nth(1).unwrap().parse().unwrap();
        let header =
            |line: &str| line.split_once(": ").map(|(name, value)| (name.to_lowercase(), value.into()));
        let answer = Self { status, headers: rest.lines().filter_map(header).collect(), body: body.into() };
        let lengths: Vec<_> = answer.all("content-length").collect();
        assert!(body.is_empty() || lengths == [body.len().to_string()], "{lengths:?} of {}", body.len());
        answer
    }

    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers.iter().filter(move |(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    #[track_caller]
    pub(crate) fn redirects_to(&self, place: &str) {
        let location = self.all("location").collect::<Vec<_>>();
        assert_eq!((self.status, location), (303, vec![place]), "{}", self.body);
    }
}
