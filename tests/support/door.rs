//! A simulator behind its network door, spoken to in whole requests or byte by byte. Everything waits with a limit.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use sa_tutor::apimachinery::Release;
use sa_tutor::base::{Clock, Ids};
use sa_tutor::simulator::server::tls;
use sa_tutor::simulator::serviceaccount::{DEFAULT_ISSUER, Issuer};
use sa_tutor::simulator::storage::Key;
use sa_tutor::simulator::{Options, Simulator};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::crypto::aws_lc_rs::default_provider;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// How long anything may take. Generous: machines that build are slow.
pub const PATIENCE: Duration = Duration::from_secs(30);

pub struct Door {
    pub simulator: Simulator,
    pub clock: Clock,
    pub address: SocketAddr,
    /// What an administrator reaches it with.
    pub kubeconfig: String,
    nobody: TlsConnector,
    admin: TlsConnector,
    /// It closes when it is let go.
    _open: tls::Door,
}

pub struct Reply {
    pub code: u16,
    pub headers: HeaderMap,
    pub text: String,
}

impl Reply {
    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_default()
    }

    /// The `message` of a Status.
    pub fn message(&self) -> String {
        self.json()["message"].as_str().unwrap_or(&self.text).to_owned()
    }
}

impl Door {
    /// A cluster on the machine's clock with a key of its own.
    pub async fn open(minor: u8) -> Self {
        Self::open_with(minor, Clock::system(), Issuer::new(DEFAULT_ISSUER)).await
    }

    pub async fn open_with(minor: u8, clock: Clock, issuer: Issuer) -> Self {
        let release = Release::minor(minor);
        let options = Options { release, clock: clock.clone(), ids: Ids::seeded(1), issuer: Arc::new(issuer) };
        let simulator = Simulator::start(options).expect("started");
        simulator.ready().await;
        let door = tls::listen(&simulator, "127.0.0.1:0".parse().expect("an address")).await.expect("open");
        let kubeconfig: Value = serde_yaml::from_str(&door.kubeconfig).expect("YAML");
        let data = |pointer: &str| {
            STANDARD.decode(kubeconfig.pointer(pointer).and_then(Value::as_str).expect("data")).expect("base64")
        };
        let authority = data("/clusters/0/cluster/certificate-authority-data");
        let mut roots = RootCertStore::empty();
        roots.add(CertificateDer::from_pem_slice(&authority).expect("a certificate")).expect("a root");
        let config = || {
            ClientConfig::builder_with_provider(Arc::new(default_provider()))
                .with_safe_default_protocol_versions()
                .expect("versions")
                .with_root_certificates(roots.clone())
        };
        let certificate = CertificateDer::from_pem_slice(&data("/users/0/user/client-certificate-data"));
        let key = PrivateKeyDer::from_pem_slice(&data("/users/0/user/client-key-data")).expect("a key");
        let admin = config().with_client_auth_cert(vec![certificate.expect("a certificate")], key).expect("a pair");
        Self {
            clock,
            address: door.address,
            kubeconfig: door.kubeconfig.clone(),
            simulator,
            nobody: TlsConnector::from(Arc::new(config().with_no_client_auth())),
            admin: TlsConnector::from(Arc::new(admin)),
            _open: door,
        }
    }

    /// A connection that shows no certificate.
    pub async fn connect(&self) -> TlsStream<TcpStream> {
        self.connect_with(&self.nobody).await
    }

    /// A connection with the kubeconfig's certificate.
    pub async fn connect_as_admin(&self) -> TlsStream<TcpStream> {
        self.connect_with(&self.admin).await
    }

    async fn connect_with(&self, connector: &TlsConnector) -> TlsStream<TcpStream> {
        let stream = TcpStream::connect(self.address).await.expect("connected");
        let name = ServerName::from(self.address.ip());
        limited("a handshake", connector.connect(name, stream)).await.expect("a handshake")
    }

    /// An HTTP connection for many requests, one after the other.
    pub async fn http(&self, admin: bool) -> SendRequest<Full<Bytes>> {
        let stream = if admin { self.connect_as_admin().await } else { self.connect().await };
        let (sender, connection) = handshake(TokioIo::new(stream)).await.expect("a connection");
        tokio::spawn(connection);
        sender
    }

    /// One request on a connection of its own, with these headers and no certificate.
    pub async fn ask(&self, method: &str, path: &str, headers: &[(&str, &[u8])], body: &[u8]) -> Reply {
        ask(&mut self.http(false).await, method, path, headers, body).await
    }

    /// One request of the administrator's, on a connection of its own.
    pub async fn ask_as_admin(&self, method: &str, path: &str, body: &Value) -> Reply {
        let body = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        ask(&mut self.http(true).await, method, path, &[("Content-Type", b"application/json")], &body).await
    }

    /// Sends bytes as they are and reads until the server closes; says `None` when it does not.
    pub async fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect_as_admin().await;
        // The server may close before it has read all.
        let _ = stream.write_all(bytes).await;
        let mut answer = Vec::new();
        let _ = limited("an end", stream.read_to_end(&mut answer)).await;
        String::from_utf8_lossy(&answer).into_owned()
    }

    /// Waits until the store holds an object that is as wanted, or none.
    pub async fn until(&self, plural: &str, namespace: &str, name: &str, wanted: impl Fn(Option<&Value>) -> bool) {
        let store = &self.simulator.plane().store;
        let key = Key::new(plural, namespace, name);
        let done = tokio::time::timeout(PATIENCE, store.wait_until(|| wanted(store.get(&key).as_deref()))).await;
        assert!(done.is_ok(), "{plural} {name} does not become what it should");
    }
}

/// One request on an open connection.
pub async fn ask(
    sender: &mut SendRequest<Full<Bytes>>,
    method: &str,
    path: &str,
    headers: &[(&str, &[u8])],
    body: &[u8],
) -> Reply {
    let mut request = Request::builder().method(method).uri(path).header("Host", "localhost");
    for (name, value) in headers {
        request = request.header(*name, http::HeaderValue::from_bytes(value).expect("a value"));
    }
    let request = request.body(Full::new(Bytes::copy_from_slice(body))).expect("a request");
    sender.ready().await.expect("open");
    let reply = limited("an answer", sender.send_request(request)).await.expect("an answer");
    let (parts, body) = reply.into_parts();
    let bytes = limited("the whole answer", body.collect()).await.expect("a body").to_bytes();
    Reply { code: parts.status.as_u16(), headers: parts.headers, text: String::from_utf8_lossy(&bytes).into_owned() }
}

/// Waits for something, with the limit.
pub async fn limited<T>(what: &str, future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.unwrap_or_else(|_| panic!("{what} did not come"))
}
