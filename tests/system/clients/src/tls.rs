//! An authority and a certificate made for one server, and the files that clients read them from.

use std::path::PathBuf;
use std::sync::Arc;

use harness::folder::Folder;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// The hosts of the tests. All of them are this machine.
pub const HOSTS: [&str; 3] = ["shop.example.org", "sub.shop.example.org", "evil.example.com"];

/// The files go with this value.
pub struct Certificate {
    folder: Folder,
    pub acceptor: TlsAcceptor,
}

impl Certificate {
    pub fn make() -> Self {
        let mut authority = CertificateParams::default();
        authority.distinguished_name.push(DnType::CommonName, "an authority for one run");
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
        let key = KeyPair::generate().unwrap();
        let hosts = CertificateParams::new(HOSTS.map(String::from)).unwrap();
        let certificate = hosts.signed_by(&key, &authority).unwrap();

        let folder = Folder::new();
        folder.write("authority.pem", authority.pem());
        folder.write("certificate.pem", certificate.pem());
        folder.write("key.pem", key.serialize_pem());

        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .unwrap();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Self { folder, acceptor: TlsAcceptor::from(Arc::new(config)) }
    }

    /// The authority that clients trust.
    pub fn authority(&self) -> PathBuf {
        self.folder.at("authority.pem")
    }

    pub fn certificate(&self) -> PathBuf {
        self.folder.at("certificate.pem")
    }

    pub fn key(&self) -> PathBuf {
        self.folder.at("key.pem")
    }
}
