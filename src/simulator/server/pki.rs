//! The cluster's certificates: one authority, the server's certificate, one certificate for the administrator.

use std::net::IpAddr;

use aws_lc_rs::digest::{SHA256, digest};
use jiff::{SignedDuration, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, SanType,
};

use crate::base::Clock;
use crate::rbac::User;

/// How long kubeadm's authority lives.
const AUTHORITY_DAYS: i64 = 3650;
/// How long the certificates it signs live.
const CERTIFICATE_DAYS: i64 = 365;
/// Clocks may differ a little.
const BACKDATE: SignedDuration = SignedDuration::from_mins(5);

/// Why certificates could not be made.
#[derive(Debug, thiserror::Error)]
#[error("cannot make the cluster's certificates")]
pub struct PkiError(#[from] rcgen::Error);

/// The certificate authority of one cluster. Its key never leaves the process.
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

/// A certificate with its private key.
pub struct Pair {
    /// The certificate as PEM.
    pub certificate: String,
    /// Its key as PEM.
    pub key: String,
    /// SHA-256 of the certificate, in lower-case hexadecimal.
    pub fingerprint: String,
}

impl Authority {
    /// A new authority called `kubernetes`, as kubeadm's.
    ///
    /// # Errors
    /// When the crypto library refuses.
    pub fn new(clock: &Clock) -> Result<Self, PkiError> {
        let mut params = lasting(CertificateParams::default(), clock, AUTHORITY_DAYS);
        params.distinguished_name = named("kubernetes", None);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.key_usages =
            vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment, KeyUsagePurpose::KeyCertSign];
        params.subject_alt_names = vec![SanType::DnsName("kubernetes".try_into()?)];
        Ok(Self { issuer: CertifiedIssuer::self_signed(params, KeyPair::generate()?)? })
    }

    /// The authority's certificate as PEM: what `kube-root-ca.crt` publishes.
    pub fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// A certificate for the server under these addresses, and under the names it has inside a cluster.
    ///
    /// # Errors
    /// When the crypto library refuses.
    pub fn server(&self, clock: &Clock, addresses: &[IpAddr]) -> Result<Pair, PkiError> {
        let names = [
            "localhost",
            "kubernetes",
            "kubernetes.default",
            "kubernetes.default.svc",
            "kubernetes.default.svc.cluster.local",
        ];
        let mut params = lasting(CertificateParams::new(names.map(str::to_owned).to_vec())?, clock, CERTIFICATE_DAYS);
        params.subject_alt_names.extend(addresses.iter().copied().map(SanType::IpAddress));
        params.distinguished_name = named("kube-apiserver", None);
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        self.sign(params)
    }

    /// A client certificate that names a user: the common name is the user's, each organisation a group.
    ///
    /// # Errors
    /// When the crypto library refuses.
    pub fn client(&self, clock: &Clock, user: &User) -> Result<Pair, PkiError> {
        let mut params = lasting(CertificateParams::default(), clock, CERTIFICATE_DAYS);
        params.distinguished_name = named(&user.name, user.groups.first().map(String::as_str));
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        self.sign(params)
    }

    fn sign(&self, mut params: CertificateParams) -> Result<Pair, PkiError> {
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature, KeyUsagePurpose::KeyEncipherment];
        let key = KeyPair::generate()?;
        let certificate = params.signed_by(&key, &self.issuer)?;
        Ok(Pair {
            fingerprint: fingerprint(certificate.der()),
            certificate: certificate.pem(),
            key: key.serialize_pem(),
        })
    }
}

/// SHA-256 of a certificate, in lower-case hexadecimal: what credential ids are made of.
pub fn fingerprint(der: &[u8]) -> String {
    digest(&SHA256, der).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn named(common: &str, organisation: Option<&str>) -> DistinguishedName {
    let mut name = DistinguishedName::new();
    if let Some(organisation) = organisation {
        name.push(DnType::OrganizationName, organisation);
    }
    name.push(DnType::CommonName, common);
    name
}

fn lasting(mut params: CertificateParams, clock: &Clock, days: i64) -> CertificateParams {
    // Programs outside look at them, by the time outside.
    let now = clock.outside();
    let moment = |at: Timestamp| {
        time::OffsetDateTime::from_unix_timestamp(at.as_second()).unwrap_or(time::OffsetDateTime::UNIX_EPOCH)
    };
    params.not_before = moment(now.checked_sub(BACKDATE).unwrap_or(now));
    params.not_after = moment(now.checked_add(SignedDuration::from_hours(24 * days)).unwrap_or(now));
    params
}
