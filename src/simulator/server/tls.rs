//! The network door: TLS on a loopback address, with a kubeconfig for real kubectl.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Weak};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use crate::rbac::User;
use crate::simulator::endpoints::Api;
use crate::simulator::{Simulator, administrator, release};
use crate::why::Origin;

use super::connection::{self, Client, Closing};
use super::pki::{self, PkiError};

/// How long a client may take over its handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// How long those inside may take to leave when the door is closed.
const FAREWELL: Duration = Duration::from_secs(2);
/// The name of the cluster in the kubeconfig, as kubeadm gives it.
const CLUSTER: &str = "kubernetes";

/// Why the door could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// Somebody else listens there.
    #[error("another program listens on {0} already; choose another port, or 0 for one that is free")]
    InUse(SocketAddr),
    /// The address is not ours, or the port is not for us.
    #[error("cannot listen on {address}")]
    Bind {
        /// The address asked for.
        address: SocketAddr,
        /// What the operating system said.
        #[source]
        cause: std::io::Error,
    },
    /// Certificates could not be made.
    #[error(transparent)]
    Pki(#[from] PkiError),
    /// The TLS library did not take what was made.
    #[error("cannot set up TLS: {0}")]
    Tls(String),
}

/// An open door. It closes when it is dropped, and with the simulator.
pub struct Door {
    /// Where it listens.
    pub address: SocketAddr,
    /// How a program on this machine reaches it: `https://127.0.0.1:40001`.
    pub url: String,
    /// The kubeconfig that leads to it, as YAML. It holds a private key: keep it readable by its owner alone.
    pub kubeconfig: String,
    closing: watch::Sender<bool>,
}

impl Door {
    /// Closes it: nobody new comes in, watches end, and requests get a moment to be answered.
    pub async fn close(self) {
        self.closing.send_replace(true);
        // Who is slower than that is cut off.
        let _ = tokio::time::timeout(FAREWELL * 2, self.closing.closed()).await;
    }
}

/// Opens the door.
///
/// # Errors
/// When the address cannot be had or certificates cannot be made.
pub async fn listen(simulator: &Simulator, address: SocketAddr) -> Result<Door, ListenError> {
    let refused = |cause: std::io::Error| match cause.kind() {
        std::io::ErrorKind::AddrInUse => ListenError::InUse(address),
        _ => ListenError::Bind { address, cause },
    };
    let listener = TcpListener::bind(address).await.map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    let near = near(address);
    let plane = simulator.plane();
    let server = simulator.authority.server(&plane.clock, &[near.ip(), address.ip()])?;
    let client = simulator.authority.client(&plane.clock, &administrator(None))?;
    let shown = plane.does(release::X509_CREDENTIAL_ID).then_some(client.fingerprint.as_str());
    let users = HashMap::from([(client.fingerprint.clone(), Arc::new(administrator(shown)))]);
    let acceptor = acceptor(&simulator.authority.pem(), &server)?;
    let url = format!("https://{near}");
    let kubeconfig = kubeconfig(&url, &simulator.authority.pem(), &client);
    let (closing, closed) = watch::channel(false);
    let porter =
        Porter { acceptor, api: Arc::downgrade(&simulator.api), users: Arc::new(users), closing: Closing(closed) };
    simulator.spawn(porter.accept(listener));
    Ok(Door { address, url, kubeconfig, closing })
}

/// The address under which this machine reaches one that stands for all of its own.
fn near(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

fn acceptor(authority: &str, server: &pki::Pair) -> Result<TlsAcceptor, ListenError> {
    let tls = |error: &dyn std::fmt::Display| ListenError::Tls(error.to_string());
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.as_bytes()).map_err(|e| tls(&e))?).map_err(|e| tls(&e))?;
    let provider = Arc::new(default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
        .allow_unauthenticated()
        .build()
        .map_err(|e| tls(&e))?;
    let chain = vec![CertificateDer::from_pem_slice(server.certificate.as_bytes()).map_err(|e| tls(&e))?];
    let key = PrivateKeyDer::from_pem_slice(server.key.as_bytes()).map_err(|e| tls(&e))?;
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| tls(&e))?
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, key)
        .map_err(|e| tls(&e))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Lets clients in. Holds the API weakly: the tasks of the simulator must not keep it alive.
#[derive(Clone)]
struct Porter {
    acceptor: TlsAcceptor,
    api: Weak<Api>,
    users: Arc<HashMap<String, Arc<User>>>,
    closing: Closing,
}

impl Porter {
    async fn accept(self, listener: TcpListener) {
        let mut inside = JoinSet::new();
        let mut closed = Box::pin(self.closing.clone().wait());
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = &mut closed => break,
            };
            // Those who left are forgotten.
            while inside.try_join_next().is_some() {}
            match accepted {
                Ok((stream, from)) => drop(inside.spawn(self.clone().welcome(stream, from))),
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    // Too many open files is the usual reason; it passes when some close.
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
        }
        drop(listener);
        // Whoever is still inside after that is cut off when `inside` goes.
        let _ = tokio::time::timeout(FAREWELL, async { while inside.join_next().await.is_some() {} }).await;
    }

    async fn welcome(self, stream: TcpStream, from: SocketAddr) {
        let reached = stream.local_addr().ok();
        let greeted = tokio::select! {
            greeted = greet(stream, &self.acceptor, &self.users) => greeted,
            () = self.closing.clone().wait() => None,
        };
        if let Some((stream, user)) = greeted {
            let origin = Some(Origin::Terminal);
            let closing = Some(self.closing);
            let client = Client { user, source: from.ip(), origin, told: None, reached, closing };
            connection::serve(stream, self.api, client).await;
        }
    }
}

/// Shakes hands, and finds out whose certificate was shown.
async fn greet(
    stream: TcpStream,
    acceptor: &TlsAcceptor,
    users: &HashMap<String, Arc<User>>,
) -> Option<(tokio_rustls::server::TlsStream<TcpStream>, Option<Arc<User>>)> {
    let stream = match tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await {
        Ok(Ok(stream)) => stream,
        Ok(Err(error)) => {
            tracing::debug!(%error, "a TLS handshake failed");
            return None;
        }
        Err(_) => return None,
    };
    let certificate = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
    let user = certificate.and_then(|certificate| users.get(&pki::fingerprint(certificate))).cloned();
    Some((stream, user))
}

/// As kubeadm writes it.
fn kubeconfig(url: &str, authority: &str, client: &pki::Pair) -> String {
    let user = administrator(None).name;
    let context = format!("{user}@{CLUSTER}");
    let document: Value = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": CLUSTER, "cluster": {"certificate-authority-data": STANDARD.encode(authority), "server": url}}],
        "contexts": [{"name": context, "context": {"cluster": CLUSTER, "user": user}}],
        "current-context": context,
        "preferences": {},
        "users": [{"name": user, "user": {
            "client-certificate-data": STANDARD.encode(&client.certificate), "client-key-data": STANDARD.encode(&client.key),
        }}],
    });
    serde_yaml::to_string(&document).unwrap_or_default()
}
