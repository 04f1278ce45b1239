//! Ports of the loopback interface.

use std::net::{Ipv4Addr, TcpListener, TcpStream};

/// Ports that are free now. Until a server listens on one, another process may take it.
pub fn free<const N: usize>() -> [u16; N] {
    // All listeners live until the last port is known, or one port could be handed out twice.
    let listeners = [(); N].map(|()| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().port())
}

/// Whether a server listens on it.
pub fn is_open(port: u16) -> bool {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok()
}
