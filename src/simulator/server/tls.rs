//! The network door: TLS on a loopback address, with a kubeconfig for real kubectl.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::WebPkiClientVerifier;
use tokio_rustls::rustls::{RootCertStore, ServerConfig};

use crate::rbac::User;
use crate::simulator::endpoints::Api;
use crate::simulator::{Simulator, administrator, release};

use super::connection;
use super::pki::{self, PkiError};

/// How long a client may take over its handshake.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// The name of the cluster, the context and the user in the kubeconfig.
const CLUSTER: &str = "sa-tutor";

/// Why the door could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    /// The address is taken or not ours.
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

/// An open door.
pub struct Door {
    /// Where it listens.
    pub address: SocketAddr,
    /// The kubeconfig that leads to it, as YAML. It holds a private key: keep it readable by its owner alone.
    pub kubeconfig: String,
}

/// Opens the door. It closes with the simulator.
///
/// # Errors
/// When the address cannot be had or certificates cannot be made.
pub async fn listen(simulator: &Simulator, address: SocketAddr) -> Result<Door, ListenError> {
    let listener = TcpListener::bind(address).await.map_err(|cause| ListenError::Bind { address, cause })?;
    let address = listener.local_addr().map_err(|cause| ListenError::Bind { address, cause })?;
    let plane = simulator.plane();
    let server = simulator.authority.server(&plane.clock, &[address.ip()])?;
    let client = simulator.authority.client(&plane.clock, &administrator(None))?;
    let shown = plane.does(release::X509_CREDENTIAL_ID).then_some(client.fingerprint.as_str());
    let users = HashMap::from([(client.fingerprint.clone(), Arc::new(administrator(shown)))]);
    let acceptor = acceptor(&simulator.authority.pem(), &server)?;
    let kubeconfig = kubeconfig(address, &simulator.authority.pem(), &client);
    simulator.spawn(accept(listener, acceptor, Arc::clone(&simulator.api), users));
    Ok(Door { address, kubeconfig })
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

async fn accept(listener: TcpListener, acceptor: TlsAcceptor, api: Arc<Api>, users: HashMap<String, Arc<User>>) {
    // The tasks of the simulator must not keep it alive.
    let api = {
        let weak = Arc::downgrade(&api);
        drop(api);
        weak
    };
    let users = Arc::new(users);
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                // Too many open files is the usual reason; it passes when some close.
                tokio::time::sleep(Duration::from_millis(50)).await;
                continue;
            }
        };
        let (acceptor, api, users) = (acceptor.clone(), api.clone(), Arc::clone(&users));
        tokio::spawn(async move {
            if let Some((stream, user)) = greet(stream, &acceptor, &users).await {
                connection::serve(stream, api, user).await;
            }
        });
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

fn kubeconfig(address: SocketAddr, authority: &str, client: &pki::Pair) -> String {
    let user = administrator(None).name;
    let document: Value = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": CLUSTER, "cluster": {"certificate-authority-data": STANDARD.encode(authority), "server": format!("https://{address}")}}],
        "contexts": [{"name": CLUSTER, "context": {"cluster": CLUSTER, "user": user}}],
        "current-context": CLUSTER,
        "preferences": {},
        "users": [{"name": user, "user": {
            "client-certificate-data": STANDARD.encode(&client.certificate), "client-key-data": STANDARD.encode(&client.key),
        }}],
    });
    serde_yaml::to_string(&document).unwrap_or_default()
}
