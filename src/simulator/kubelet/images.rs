//! Which images there are, and what they run.
//!
//! Everything that reads as an image reference can be pulled, except a name that says it is not there: one that
//! contains `nosuch`, `no-such`, `does-not-exist`, `doesnotexist`, `nonexistent` or `not-found`, in repository or tag.

use aws_lc_rs::digest::{SHA256, digest};
use jiff::Timestamp;

use super::program;
use crate::apimachinery::Release;
use crate::simulator::release;
use crate::unix::{Content, Machine, Make, Node, Program, Tree};

const ABSENT: &[&str] = &["nosuch", "no-such", "does-not-exist", "doesnotexist", "nonexistent", "not-found"];
/// The size of the dashboard's image, as it was recorded.
const DASHBOARD_SIZE: u64 = 1_036_959;

/// An image on the node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// With registry and tag.
    pub reference: String,
    /// With its digest.
    pub id: String,
    /// In bytes.
    pub size: u64,
    /// What always runs.
    pub entrypoint: Vec<String>,
    /// What runs, or is handed to the entry point, unless the pod says otherwise.
    pub command: Vec<String>,
    /// Whose programs it holds.
    pub make: Make,
    /// Whether it holds programs that can be run by name.
    has_programs: bool,
}

impl Image {
    /// The programs in it.
    pub fn programs(&self) -> Vec<&'static Program> {
        let own = |program: &&&'static Program| {
            self.has_programs || self.entrypoint.first().is_some_and(|name| name == program.name)
        };
        program::all().iter().filter(own).copied().collect()
    }

    /// What runs when a pod has only arguments, or nothing. They go to the entry point; many of those hand on to a program that
    /// is named first.
    pub fn run_with(&self, arguments: Vec<String>) -> Vec<String> {
        let first = arguments.first().and_then(|name| Machine::bare(name));
        let names_program =
            first.is_some_and(|name| self.programs().iter().any(|program| program.name == name && program.is_file()));
        let is_server = self.entrypoint == ["serve"];
        match arguments.is_empty() {
            true => self.entrypoint.iter().chain(&self.command).cloned().collect(),
            false if is_server && names_program => arguments,
            false => self.entrypoint.iter().cloned().chain(arguments).collect(),
        }
    }

    /// The files in it.
    pub fn files(&self, now: Timestamp) -> Tree {
        let base = Tree::new(0o755, now);
        for path in ["bin", "dev", "dev/fd", "etc", "home", "proc", "run", "usr", "usr/bin", "var"] {
            base.put(path, Node::directory(now));
        }
        base.put("var/run", Node::new(Content::Link("/run".to_owned()), 0o777, now));
        base.put("root", Node::new(Content::Directory, 0o700, now));
        base.put("tmp", Node::new(Content::Directory, 0o1777, now));
        base.put("dev/null", Node::new(Content::Null, 0o666, now));
        let shell = if self.make == Make::Gnu { "/bin/bash" } else { "/bin/sh" };
        base.put("etc/passwd", Node::file(format!("root:x:0:0:root:/root:{shell}\n").as_bytes(), now));
        base.put("etc/group", Node::file(b"root:x:0:\n", now));
        base
    }
}

/// Why there is no image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PullError {
    /// The reference cannot be read.
    InvalidName(String),
    /// The registry has none.
    Absent(String),
}

/// The image that a reference names.
pub fn pull(name: &str, release: Release) -> Result<Image, PullError> {
    let (repository, tag) = parse(name).ok_or_else(|| {
        PullError::InvalidName(format!(
            "Failed to apply default image tag {name:?}: couldn't parse image name {name:?}: invalid reference format"
        ))
    })?;
    let reference = format!("{repository}{tag}");
    if ABSENT.iter().any(|word| reference.contains(word)) {
        let rpc = if release::PULL_ERROR_RPC.holds(release) { "rpc error: code = Unknown desc = " } else { "" };
        return Err(PullError::Absent(format!(
            "{rpc}failed to pull and unpack image {reference:?}: failed to resolve reference {reference:?}: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed"
        )));
    }
    let sum = digest(&SHA256, reference.as_bytes());
    let sum: String = sum.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    let short = repository.rsplit('/').next().unwrap_or(&repository).to_owned();
    let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    let (entrypoint, command) = match short.as_str() {
        "my-kubernetes-dashboard" => (vec![], words(&["my-kubernetes-dashboard"])),
        "busybox" | "alpine" | "ubuntu" | "debian" | "python" | "node" | "golang" | "bash" => (vec![], words(&["sh"])),
        "curl" => (words(&["curl"]), vec![]),
        "pause" => (words(&["pause"]), vec![]),
        _ => (words(&["serve"]), vec![]),
    };
    let make = match short.as_str() {
        "ubuntu" | "debian" | "nginx" | "httpd" | "python" | "node" | "golang" | "bash" => Make::Gnu,
        _ => Make::Busybox,
    };
    let size = match short.as_str() {
        "my-kubernetes-dashboard" => DASHBOARD_SIZE,
        _ => 2_000_000 + u64::from_str_radix(&sum[..6], 16).unwrap_or(0) * 3,
    };
    let id = format!("{repository}@sha256:{sum}");
    Ok(Image { reference, id, size, entrypoint, command, make, has_programs: short != "pause" })
}

/// The reference as Docker shows it: without its own registry and the library there.
pub fn short_name(reference: &str) -> &str {
    let path = reference.strip_prefix("docker.io/").unwrap_or(reference);
    path.strip_prefix("library/").unwrap_or(path)
}

/// The repository with its registry, and the tag or digest with its sign.
fn parse(name: &str) -> Option<(String, String)> {
    let (plain, digest) = match name.split_once('@') {
        Some((plain, digest)) if digest.len() == 71 && digest.starts_with("sha256:") => (plain, Some(digest)),
        Some(_) => return None,
        None => (name, None),
    };
    let after_slash = plain.rfind('/').map_or(0, |at| at + 1);
    let (repository, tag) = match plain[after_slash..].split_once(':') {
        Some((short, tag)) => (&plain[..after_slash + short.len()], Some(tag)),
        None => (plain, None),
    };
    let is_tag = |tag: &str| {
        !tag.is_empty()
            && tag.len() <= 128
            && !tag.starts_with(['.', '-'])
            && tag.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c))
    };
    if tag.is_some_and(|tag| !is_tag(tag)) {
        return None;
    }
    let (host, path) = match repository.split_once('/') {
        Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => (host, path),
        _ => ("docker.io", repository),
    };
    let is_part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && part.ends_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "._-".contains(c))
    };
    if !path.split('/').all(is_part) {
        return None;
    }
    let library = if host == "docker.io" && !path.contains('/') { "library/" } else { "" };
    let tag = match (digest, tag) {
        (Some(digest), _) => format!("@{digest}"),
        (None, tag) => format!(":{}", tag.unwrap_or("latest")),
    };
    Some((format!("{host}/{library}{path}"), tag))
}

#[cfg(test)]
mod tests {
    use super::{PullError, parse, pull};
    use crate::apimachinery::Release;

    #[test]
    fn references() {
        for (name, want) in [
            ("my-kubernetes-dashboard", Some("docker.io/library/my-kubernetes-dashboard:latest")),
            ("curlimages/curl:8.1", Some("docker.io/curlimages/curl:8.1")),
            ("registry.k8s.io/pause:3.9", Some("registry.k8s.io/pause:3.9")),
            ("localhost:5000/a/b", Some("localhost:5000/a/b:latest")),
            ("Bad Name", None),
            ("Upper", None),
            ("x:", None),
            ("a@b", None),
        ] {
            assert_eq!(parse(name).map(|(a, b)| a + &b).as_deref(), want, "{name}");
        }
    }

    #[test]
    fn pulling() {
        assert!(matches!(pull("NOPE", Release::DEFAULT), Err(PullError::InvalidName(_))));
        assert!(matches!(pull("nosuch/x", Release::DEFAULT), Err(PullError::Absent(_))));
        let image = pull("my-kubernetes-dashboard", Release::DEFAULT).expect("there");
        assert_eq!(image.size, 1_036_959);
    }
}
