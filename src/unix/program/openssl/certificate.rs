//! What an X.509 certificate says, from its DER, laid out as `openssl x509 -text` does. RFC 5280.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::hex;

/// A certificate's parts.
pub(super) struct Certificate {
    pub der: Vec<u8>,
    pub subject: String,
    pub issuer: String,
    pub serial: Vec<u8>,
    pub from: String,
    pub until: String,
    /// Until when, in seconds.
    pub ends: Option<i64>,
    /// The public key with its algorithm, as DER.
    pub key: Vec<u8>,
    /// An RSA key's modulus, with the zero in front if it has one.
    pub modulus: Vec<u8>,
    version: u8,
    algorithm: String,
    key_text: String,
    extensions: Vec<Extension>,
    signature: Vec<u8>,
}

struct Extension {
    short: &'static str,
    title: String,
    critical: bool,
    value: String,
}

/// A tag, its content, and what follows.
type Part<'d> = (u8, &'d [u8], &'d [u8]);

/// Reads one part of DER.
fn part(der: &[u8]) -> Option<Part<'_>> {
    let (&tag, rest) = der.split_first()?;
    let (&first, mut rest) = rest.split_first()?;
    let mut length = usize::from(first);
    if first >= 0x80 {
        let count = usize::from(first & 0x7f);
        if count == 0 || count > 4 {
            return None;
        }
        length = rest.get(..count)?.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
        rest = rest.get(count..)?;
    }
    Some((tag, rest.get(..length)?, rest.get(length..)?))
}

/// All parts of a content.
fn parts(mut der: &[u8]) -> Vec<(u8, &[u8])> {
    let mut found = Vec::new();
    while let Some((tag, content, rest)) = part(der) {
        found.push((tag, content));
        der = rest;
    }
    found
}

/// `2.5.4.3`
fn identifier(content: &[u8]) -> String {
    let mut numbers: Vec<u64> = Vec::new();
    let mut number = 0u64;
    for byte in content {
        number = number.wrapping_shl(7) | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            if numbers.is_empty() {
                let first = (number / 40).min(2);
                numbers.extend([first, number - first * 40]);
            } else {
                numbers.push(number);
            }
            number = 0;
        }
    }
    numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(".")
}

fn name(content: &[u8]) -> String {
    let mut fields = Vec::new();
    for (_, set) in parts(content) {
        for (_, pair) in parts(set) {
            if let [(_, key), (_, value)] = parts(pair).as_slice() {
                let key = match identifier(key).as_str() {
                    "2.5.4.3" => "CN".to_owned(),
                    "2.5.4.6" => "C".to_owned(),
                    "2.5.4.7" => "L".to_owned(),
                    "2.5.4.8" => "ST".to_owned(),
                    "2.5.4.10" => "O".to_owned(),
                    "2.5.4.11" => "OU".to_owned(),
                    other => other.to_owned(),
                };
                fields.push(format!("{key} = {}", String::from_utf8_lossy(value)));
            }
        }
    }
    fields.join(", ")
}

/// A time as OpenSSL prints it, and in seconds.
fn time(tag: u8, content: &[u8]) -> Option<(String, i64)> {
    let text = std::str::from_utf8(content).ok()?.trim_end_matches('Z');
    let text = match (tag, text.get(..2)?.parse::<u8>().ok()?) {
        (0x17, year) if year >= 50 => format!("19{text}"),
        (0x17, _) => format!("20{text}"),
        _ => text.to_owned(),
    };
    let time = DateTime::strptime("%Y%m%d%H%M%S", &text).ok()?;
    let seconds = time.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second();
    Some((time.strftime("%b %e %H:%M:%S %Y GMT").to_string(), seconds))
}

fn signature_name(id: &str) -> String {
    match id {
        "1.2.840.113549.1.1.5" => "sha1WithRSAEncryption",
        "1.2.840.113549.1.1.11" => "sha256WithRSAEncryption",
        "1.2.840.113549.1.1.12" => "sha384WithRSAEncryption",
        "1.2.840.113549.1.1.13" => "sha512WithRSAEncryption",
        "1.2.840.10045.4.3.2" => "ecdsa-with-SHA256",
        "1.2.840.10045.4.3.3" => "ecdsa-with-SHA384",
        "1.2.840.10045.4.3.4" => "ecdsa-with-SHA512",
        "1.3.101.112" => "ED25519",
        other => return other.to_owned(),
    }
    .to_owned()
}

/// Bytes in lines, with a colon after each but the last.
fn block(bytes: &[u8], width: usize, indent: usize) -> String {
    let lines: Vec<String> = bytes.chunks(width).map(|line| format!("{:indent$}{}", "", hex(line, ":"))).collect();
    lines.join(":\n") + "\n"
}

impl Certificate {
    /// Reads DER. `None` when it is no certificate.
    pub fn read(der: Vec<u8>) -> Option<Self> {
        let (0x30, outer, _) = part(&der)? else { return None };
        let [(0x30, inner), (0x30, algorithm), (0x03, signature)] = parts(outer)[..] else { return None };
        let mut fields = parts(inner).into_iter().peekable();
        let version = match fields.next_if(|(tag, _)| *tag == 0xa0) {
            Some((_, version)) => version.last()? + 1,
            None => 1,
        };
        let (_, serial) = fields.next()?;
        fields.next()?;
        let (_, issuer) = fields.next()?;
        let (_, validity) = fields.next()?;
        let (_, subject) = fields.next()?;
        let (_, key) = fields.next()?;
        let [(from_tag, from), (until_tag, until)] = parts(validity)[..] else { return None };
        let (until, ends) = time(until_tag, until)?;
        let (modulus, key_text) = key_text(key)?;
        let mut extensions = Vec::new();
        for (_, list) in fields.filter(|(tag, _)| *tag == 0xa3) {
            for (_, list) in parts(list) {
                extensions.extend(parts(list).into_iter().filter_map(|(_, entry)| extension(entry)));
            }
        }
        Some(Self {
            subject: name(subject),
            issuer: name(issuer),
            serial: serial.strip_prefix(&[0]).unwrap_or(serial).to_vec(),
            from: time(from_tag, from)?.0,
            until,
            ends: Some(ends),
            key: wrapped(key),
            modulus,
            version,
            algorithm: signature_name(&identifier(part(algorithm)?.1)),
            key_text,
            extensions,
            signature: signature.get(1..)?.to_vec(),
            der,
        })
    }

    /// All of it.
    pub fn text(&self) -> String {
        let serial = match <[u8; 8]>::try_from(pad(&self.serial)) {
            Ok(bytes) if self.serial.len() <= 8 => {
                let number = u64::from_be_bytes(bytes);
                format!(" {number} (0x{number:x})")
            }
            _ => format!("\n            {}", hex(&self.serial, ":")),
        };
        let mut text = format!(
            "Certificate:\n    Data:\n        Version: {} (0x{:x})\n        Serial Number:{serial}\n        Signature Algorithm: {}\n        Issuer: {}\n        Validity\n            Not Before: {}\n            Not After : {}\n        Subject: {}\n        Subject Public Key Info:\n{}",
            self.version,
            self.version.saturating_sub(1),
            self.algorithm,
            self.issuer,
            self.from,
            self.until,
            self.subject,
            self.key_text,
        );
        if !self.extensions.is_empty() {
            text.push_str("        X509v3 extensions:\n");
        }
        for extension in &self.extensions {
            text.push_str(&extension.text(12));
        }
        let algorithm = &self.algorithm;
        text + &format!("    Signature Algorithm: {algorithm}\n    Signature Value:\n") + &block(&self.signature, 18, 8)
    }

    /// Some of its extensions, by OpenSSL's short names.
    pub fn extension(&self, names: &str) -> String {
        let wanted: Vec<&str> = names.split(',').collect();
        let chosen: Vec<&Extension> = self.extensions.iter().filter(|found| wanted.contains(&found.short)).collect();
        match chosen.as_slice() {
            [] => "No extensions matching \"".to_owned() + names + "\" found in certificate\n",
            chosen => chosen.iter().map(|found| found.text(0)).collect(),
        }
    }
}

impl Extension {
    fn text(&self, indent: usize) -> String {
        let critical = if self.critical { "critical" } else { "" };
        format!("{:indent$}{}: {critical}\n{:indent$}    {}\n", "", self.title, "", self.value)
    }
}

fn pad(bytes: &[u8]) -> Vec<u8> {
    let mut padded = vec![0; 8usize.saturating_sub(bytes.len())];
    padded.extend_from_slice(bytes);
    padded
}

/// The content as a sequence again.
fn wrapped(content: &[u8]) -> Vec<u8> {
    let mut der = vec![0x30];
    match content.len() {
        length @ 0..0x80 => der.push(length as u8),
        length @ 0x80..0x100 => der.extend([0x81, length as u8]),
        length => der.extend([0x82, (length >> 8) as u8, length as u8]),
    }
    der.extend_from_slice(content);
    der
}

/// An RSA key's modulus, and the key as `-text` shows it.
fn key_text(content: &[u8]) -> Option<(Vec<u8>, String)> {
    let [(_, algorithm), (_, bits)] = parts(content)[..] else { return None };
    let ids: Vec<String> = parts(algorithm).into_iter().map(|(_, id)| identifier(id)).collect();
    let bits = bits.get(1..)?;
    Some(match ids.first()?.as_str() {
        "1.2.840.113549.1.1.1" => {
            let [(_, modulus), (_, exponent)] = parts(part(bits)?.1)[..] else { return None };
            let exponent = exponent.iter().fold(0u64, |number, byte| number.wrapping_shl(8) | u64::from(*byte));
            let length = modulus.strip_prefix(&[0]).unwrap_or(modulus).len() * 8;
            let text = format!(
                "            Public Key Algorithm: rsaEncryption\n                Public-Key: ({length} bit)\n                Modulus:\n{}                Exponent: {exponent} (0x{exponent:x})\n",
                block(modulus, 15, 20)
            );
            (modulus.to_vec(), text)
        }
        "1.2.840.10045.2.1" => {
            let (curve, nist, length) = match ids.get(1).map(String::as_str) {
                Some("1.2.840.10045.3.1.7") => ("prime256v1", "P-256", 256),
                Some("1.3.132.0.34") => ("secp384r1", "P-384", 384),
                _ => ("secp521r1", "P-521", 521),
            };
            let text = format!(
                "            Public Key Algorithm: id-ecPublicKey\n                Public-Key: ({length} bit)\n                pub:\n{}                ASN1 OID: {curve}\n                NIST CURVE: {nist}\n",
                block(bits, 15, 20)
            );
            (Vec::new(), text)
        }
        "1.3.101.112" => {
            let text = format!(
                "            Public Key Algorithm: ED25519\n                ED25519 Public-Key:\n                pub:\n{}",
                block(bits, 15, 20)
            );
            (Vec::new(), text)
        }
        other => (Vec::new(), format!("            Public Key Algorithm: {other}\n")),
    })
}

fn extension(entry: &[u8]) -> Option<Extension> {
    let fields = parts(entry);
    let (_, id) = fields.first()?;
    let critical = fields.get(1).is_some_and(|(tag, value)| *tag == 1 && value.first() == Some(&0xff));
    let (_, content) = fields.last()?;
    let upper = |bytes: &[u8]| hex(bytes, ":").to_uppercase();
    let id = identifier(id);
    let inner = part(content);
    let (short, title, value) = match id.as_str() {
        "2.5.29.14" => ("subjectKeyIdentifier", "X509v3 Subject Key Identifier", upper(inner?.1)),
        "2.5.29.35" => {
            let (_, key) = parts(inner?.1).into_iter().find(|(tag, _)| *tag == 0x80)?;
            ("authorityKeyIdentifier", "X509v3 Authority Key Identifier", upper(key))
        }
        "2.5.29.19" => {
            let fields = parts(inner?.1);
            let is_authority = fields.first().is_some_and(|(tag, value)| *tag == 1 && value.first() == Some(&0xff));
            let length = fields.iter().find(|(tag, _)| *tag == 2).and_then(|(_, value)| value.last());
            let length = length.map(|length| format!(", pathlen:{length}")).unwrap_or_default();
            let value = format!("CA:{}{length}", if is_authority { "TRUE" } else { "FALSE" });
            ("basicConstraints", "X509v3 Basic Constraints", value)
        }
        "2.5.29.15" => {
            const USES: [&str; 8] = [
                "Digital Signature",
                "Non Repudiation",
                "Key Encipherment",
                "Data Encipherment",
                "Key Agreement",
                "Certificate Sign",
                "CRL Sign",
                "Encipher Only",
            ];
            let bits = *inner?.1.get(1)?;
            let uses = USES.iter().enumerate().filter(|(at, _)| bits & (0x80 >> at) != 0).map(|(_, name)| *name);
            ("keyUsage", "X509v3 Key Usage", uses.collect::<Vec<_>>().join(", "))
        }
        "2.5.29.37" => {
            let uses = parts(inner?.1).into_iter().map(|(_, id)| match identifier(id).as_str() {
                "1.3.6.1.5.5.7.3.1" => "TLS Web Server Authentication".to_owned(),
                "1.3.6.1.5.5.7.3.2" => "TLS Web Client Authentication".to_owned(),
                other => other.to_owned(),
            });
            ("extendedKeyUsage", "X509v3 Extended Key Usage", uses.collect::<Vec<_>>().join(", "))
        }
        "2.5.29.17" => {
            let names = parts(inner?.1).into_iter().map(|(tag, value)| match (tag, value) {
                (0x82, value) => format!("DNS:{}", String::from_utf8_lossy(value)),
                (0x87, [a, b, c, d]) => format!("IP Address:{a}.{b}.{c}.{d}"),
                (0x87, value) if value.len() == 16 => {
                    let groups =
                        value.chunks(2).map(|pair| format!("{:X}", u16::from(pair[0]) << 8 | u16::from(pair[1])));
                    format!("IP Address:{}", groups.collect::<Vec<_>>().join(":"))
                }
                (0x86, value) => format!("URI:{}", String::from_utf8_lossy(value)),
                (_, value) => String::from_utf8_lossy(value).into_owned(),
            });
            ("subjectAltName", "X509v3 Subject Alternative Name", names.collect::<Vec<_>>().join(", "))
        }
        other => return Some(Extension { short: "", title: other.to_owned(), critical, value: upper(content) }),
    };
    Some(Extension { short, title: title.to_owned(), critical, value })
}
