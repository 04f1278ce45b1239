//! A SOCKS 5 proxy (RFC 1928) that finds every host on this machine, for browsers that can be told no names of hosts.
//! Nothing that they ask for leaves the machine. It lives as long as the test's process.

use std::io::{self, Error, Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::OnceLock;
use std::thread;

/// Its port on the loopback interface. The first call starts it.
pub(crate) fn port() -> u16 {
    static PORT: OnceLock<u16> = OnceLock::new();
    *PORT.get_or_init(|| {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                thread::spawn(move || connect(client));
            }
        });
        port
    })
}

/// Connects a client with the port that it asks for, on whatever host.
fn connect(mut client: TcpStream) -> io::Result<()> {
    let [_version, methods] = bytes(&mut client)?;
    io::copy(&mut (&mut client).take(methods.into()), &mut io::sink())?;
    client.write_all(&[5, 0])?; // no authentication
    let [_version, _command, _reserved, address] = bytes(&mut client)?;
    let length = match address {
        1 => 4,
        3 => u64::from(bytes::<1>(&mut client)?[0]),
        4 => 16,
        _ => return Err(Error::other("no such type of address")),
    };
    io::copy(&mut (&mut client).take(length), &mut io::sink())?;
    let port = u16::from_be_bytes(bytes(&mut client)?);
    let Ok(server) = TcpStream::connect((Ipv4Addr::LOCALHOST, port)) else {
        return client.write_all(&[5, 5, 0, 1, 0, 0, 0, 0, 0, 0]); // refused
    };
    client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0])?;
    let back = (server.try_clone()?, client.try_clone()?);
    thread::spawn(move || pass_on(back.0, back.1));
    pass_on(client, server)
}

fn bytes<const N: usize>(stream: &mut TcpStream) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn pass_on(mut from: TcpStream, mut to: TcpStream) -> io::Result<()> {
    let _ = io::copy(&mut from, &mut to);
    to.shutdown(Shutdown::Write)
}
