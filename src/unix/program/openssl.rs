//! `openssl`: what a certificate says (`x509`) and digests (`dgst`). Words as OpenSSL 3.0's.

mod certificate;

use std::io::Write;

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures::FutureExt;
use futures::future::BoxFuture;

use super::{Call, Program, Run};
use certificate::Certificate;

pub(super) const OPENSSL: Program = Program {
    name: "openssl",
    summary: "shows certificates and digests",
    usage: "x509 [-in FILE] [-noout] [-text] [-subject] [-issuer] [-dates] [-serial] [-fingerprint] | dgst [-sha256] [FILE]...",
    run: Run::Later(run),
};

fn run<'a>(call: &'a mut Call<'_>) -> BoxFuture<'a, i32> {
    async move {
        match call.args.split_first() {
            Some((name, args)) if name == "x509" => x509(call, args).await,
            Some((name, args)) if name == "dgst" => dgst(call, None, args).await,
            Some((name, args)) if algorithm(name).is_some() => dgst(call, Some(name), args).await,
            Some((name, _)) if name == "version" => {
                call.print("OpenSSL 3.0.19 27 Jan 2026 (Library: OpenSSL 3.0.19 27 Jan 2026)\n");
                0
            }
            Some((name, _))
                if matches!(
                    name.as_str(),
                    "s_client" | "s_server" | "req" | "genrsa" | "genpkey" | "verify" | "rsa" | "enc" | "ca"
                ) =>
            {
                call.complain(&format!("{name} is not part of this shell; x509 and dgst are"));
                1
            }
            Some((name, _)) => {
                let _ = writeln!(call.stderr, "Invalid command '{name}'; type \"help\" for a list.");
                1
            }
            None => {
                call.print("help:\n\nCommands here: dgst version x509\n");
                0
            }
        }
    }
    .boxed()
}

/// A digest by its name, and the name that OpenSSL prints.
fn algorithm(name: &str) -> Option<(&'static digest::Algorithm, &'static str)> {
    Some(match name {
        "sha1" => (&digest::SHA1_FOR_LEGACY_USE_ONLY, "SHA1"),
        "sha224" => (&digest::SHA224, "SHA2-224"),
        "sha256" => (&digest::SHA256, "SHA2-256"),
        "sha384" => (&digest::SHA384, "SHA2-384"),
        "sha512" => (&digest::SHA512, "SHA2-512"),
        _ => return None,
    })
}

fn hex(bytes: &[u8], separator: &str) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(separator)
}

async fn dgst(call: &mut Call<'_>, name: Option<&str>, args: &[String]) -> i32 {
    let mut chosen = algorithm(name.unwrap_or("sha256"));
    let (mut reversed, mut binary) = (false, false);
    let mut paths = Vec::new();
    for arg in args {
        match arg.strip_prefix('-') {
            Some("r") => reversed = true,
            Some("hex") => {}
            Some("binary") => binary = true,
            Some(option) if algorithm(option).is_some() => chosen = algorithm(option),
            Some(option) => {
                let _ = writeln!(
                    call.stderr,
                    "dgst: Unknown option or message digest: {option}\ndgst: Use -help for summary."
                );
                return 1;
            }
            None => paths.push(arg.clone()),
        }
    }
    let Some((algorithm, title)) = chosen else { return 1 };
    let mut status = 0;
    if paths.is_empty() {
        paths.push(String::new());
    }
    for path in paths {
        let content = match path.as_str() {
            "" => call.stdin.all().await.unwrap_or_default(),
            path => match call.shell.files.read(path) {
                Ok(content) => content,
                Err(error) => {
                    let _ = writeln!(call.stderr, "dgst: {path}: {error}");
                    status = 1;
                    continue;
                }
            },
        };
        let sum = digest::digest(algorithm, &content);
        let sum = sum.as_ref();
        let path = if path.is_empty() { "stdin" } else { &path };
        match (binary, reversed) {
            (true, _) => call.write(sum),
            (false, true) => call.print(&format!("{} *{path}\n", hex(sum, ""))),
            (false, false) => call.print(&format!("{title}({path})= {}\n", hex(sum, ""))),
        }
    }
    status
}

async fn x509(call: &mut Call<'_>, args: &[String]) -> i32 {
    let mut path = None;
    let mut shown = true;
    let mut wishes: Vec<&str> = Vec::new();
    let mut sum = "sha1";
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.trim_start_matches('-') {
            "in" => path = args.next().cloned(),
            "inform" | "outform" | "nameopt" | "certopt" => drop(args.next()),
            "noout" => shown = false,
            "checkend" => {
                wishes.push("checkend");
                wishes.push(args.next().map_or("0", String::as_str));
            }
            "ext" => {
                wishes.push("ext");
                wishes.push(args.next().map_or("", String::as_str));
            }
            wish @ ("text" | "subject" | "issuer" | "dates" | "startdate" | "enddate" | "serial" | "fingerprint"
            | "pubkey" | "modulus") => wishes.push(wish),
            other if algorithm(other).is_some() => sum = other,
            other => {
                let _ = writeln!(call.stderr, "x509: Unknown option: -{other}\nx509: Use -help for summary.");
                return 1;
            }
        }
    }
    let content = match &path {
        None => call.stdin.all().await.unwrap_or_default(),
        Some(path) => match call.shell.files.read(path) {
            Ok(content) => content,
            Err(error) => {
                let _ = writeln!(
                    call.stderr,
                    "Could not open file or uri for loading certificate from {path}: {error}\nUnable to load certificate"
                );
                return 1;
            }
        },
    };
    let Some(certificate) = decoded(&content).and_then(Certificate::read) else {
        let name = path.as_deref().unwrap_or("<stdin>");
        let _ = writeln!(call.stderr, "Could not read certificate from {name}\nUnable to load certificate");
        return 1;
    };
    let mut status = 0;
    let mut wishes = wishes.into_iter();
    while let Some(wish) = wishes.next() {
        let text = match wish {
            "text" => certificate.text(),
            "subject" => format!("subject={}\n", certificate.subject),
            "issuer" => format!("issuer={}\n", certificate.issuer),
            "startdate" => format!("notBefore={}\n", certificate.from),
            "enddate" => format!("notAfter={}\n", certificate.until),
            "dates" => format!("notBefore={}\nnotAfter={}\n", certificate.from, certificate.until),
            "serial" => format!("serial={}\n", hex(&certificate.serial, "").to_uppercase()),
            "modulus" => format!(
                "Modulus={}\n",
                hex(certificate.modulus.strip_prefix(&[0]).unwrap_or(&certificate.modulus), "").to_uppercase()
            ),
            "pubkey" => pem("PUBLIC KEY", &certificate.key),
            "fingerprint" => match algorithm(sum) {
                Some((algorithm, _)) => {
                    let digest = digest::digest(algorithm, &certificate.der);
                    format!("{sum} Fingerprint={}\n", hex(digest.as_ref(), ":").to_uppercase())
                }
                None => String::new(),
            },
            "ext" => certificate.extension(wishes.next().unwrap_or_default()),
            "checkend" => {
                let seconds = wishes.next().and_then(|text| text.parse::<i64>().ok()).unwrap_or(0);
                let now = call.shell.machine.clock.now().as_second();
                let ends = certificate.ends.is_some_and(|end| end < now.saturating_add(seconds));
                status = i32::from(ends);
                format!("Certificate will {}expire\n", if ends { "" } else { "not " })
            }
            _ => String::new(),
        };
        call.print(&text);
    }
    if shown {
        call.print(&pem("CERTIFICATE", &certificate.der));
    }
    status
}

/// The first certificate of a PEM text, or DER as it is.
fn decoded(content: &[u8]) -> Option<Vec<u8>> {
    if content.first() == Some(&0x30) {
        return Some(content.to_vec());
    }
    let text = String::from_utf8_lossy(content);
    let (_, rest) = text.split_once("-----BEGIN CERTIFICATE-----")?;
    let (body, _) = rest.split_once("-----END CERTIFICATE-----")?;
    STANDARD.decode(body.split_whitespace().collect::<String>()).ok()
}

fn pem(title: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines = text.as_bytes().chunks(64).map(|line| String::from_utf8_lossy(line).into_owned() + "\n");
    format!("-----BEGIN {title}-----\n{}-----END {title}-----\n", lines.collect::<String>())
}
