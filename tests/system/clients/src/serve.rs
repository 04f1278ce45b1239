//! A router on two free ports of the loopback, one with TLS and one without, until the value is dropped.

use std::net::Ipv4Addr;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};

use axum::{Extension, Router};
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::service::TowerToHyperService;
use sealed_session::web::Scheme;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

pub struct Server {
    pub https: u16,
    pub http: u16,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub fn start(router: Router, acceptor: TlsAcceptor) -> Self {
        let (stop, stopped) = oneshot::channel();
        let (ready, ports) = mpsc::channel();
        let thread = thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let https = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
                let http = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
                let port = |listener: &TcpListener| listener.local_addr().unwrap().port();
                ready.send((port(&https), port(&http))).unwrap();
                tokio::spawn(listen(https, router.clone(), Some(acceptor)));
                tokio::spawn(listen(http, router, None));
                let _ = stopped.await;
            });
        });
        let (https, http) = ports.recv().unwrap();
        Self { https, http, stop: Some(stop), thread: Some(thread) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn listen(listener: TcpListener, router: Router, acceptor: Option<TlsAcceptor>) {
    let scheme = if acceptor.is_some() { Scheme::Https } else { Scheme::Http };
    let router = router.layer(Extension(scheme));
    loop {
        let Ok((stream, _)) = listener.accept().await else { continue };
        tokio::spawn(connection(stream, router.clone(), acceptor.clone()));
    }
}

async fn connection(stream: TcpStream, router: Router, acceptor: Option<TlsAcceptor>) {
    match acceptor {
        Some(acceptor) => {
            if let Ok(stream) = acceptor.accept(stream).await {
                answer(stream, router).await;
            }
        }
        None => answer(stream, router).await,
    }
}

async fn answer(stream: impl AsyncRead + AsyncWrite + Unpin + 'static, router: Router) {
    let service = TowerToHyperService::new(router);
    // A client that goes away in the middle is no failure of ours.
    let _ = auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
}
