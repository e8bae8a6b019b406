//! When two lines are alike: what differs from one cluster to the next by chance or by the clock is left out of account.

use std::sync::LazyLock;

use regex::Regex;

/// What is drawn anew for each cluster or told by the clock, and what stands in its place. Earlier rows go first.
const CHANCE: &[(&str, &str)] = &[
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?", "TIME"),
    (r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}", "TIME"),
    (r"\.\.\d{4}(_\d\d){5}\.\d+", "..TIME"),
    (r"\b[EWIF]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ ", "LOG "),
    (r"\b\d{4}-\d\d-\d\d\b", "DAY"),
    (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "UID"),
    (r"\b[0-9a-f]{64}\b", "ID"),
    (r#"(resourceVersion"?: *)"?\d+"?"#, "${1}VERSION"),
    (r"\b1[5-9]\d{8}\b", "TIME"),
    (r"\b10\.244\.\d+\.\d+\b", "ADDRESS"),
    (r" \(x\d+ over [^)]*\)", ""),
    // Names drawn by Kubernetes: a template's hash, then five letters of the 27 that it draws from.
    (r"-[bcdf-hj-np-tv-xz2456789]{8,10}(-[bcdf-hj-np-tv-xz2456789]{5})?\b", "-HASH$1"),
    (r"-[bcdf-hj-np-tv-xz2456789]{5}\b", "-RANDOM"),
    // Ages, and how long something took: a word of its own.
    (r"(^|[\s(])(\d+(\.\d+)?(ms|µs|y|d|h|m|s))+($|[\s),.])", "${1}AGE${5}"),
    (r"<unknown>|<invalid>", "AGE"),
    (r"\b\d+ bytes\b", "BYTES"),
    (r"-{3,}", "---"),
    (r"[\s\u{a0}]+", " "),
];

static PATTERNS: LazyLock<Vec<(Regex, &'static str)>> = LazyLock::new(|| {
    CHANCE.iter().filter_map(|(pattern, instead)| Regex::new(pattern).ok().map(|regex| (regex, *instead))).collect()
});

/// What is compared of a line.
pub fn key(line: &str) -> String {
    let mut key = line.to_owned();
    for (regex, instead) in PATTERNS.iter() {
        if regex.is_match(&key) {
            key = regex.replace_all(&key, *instead).into_owned();
        }
    }
    key.trim().to_owned()
}

/// A line and what is compared of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// As it was printed.
    pub text: String,
    /// What is compared.
    pub key: String,
}

/// The lines of an output, each compared as it stands.
pub fn to_the_letter(output: &str) -> Vec<Line> {
    output.lines().map(|text| Line { text: text.to_owned(), key: text.to_owned() }).collect()
}

/// The lines of an output, made ready to be compared: managed fields and certificates are one line each, and of what was
/// logged again and again one line stands for all.
pub fn lines(output: &str) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut hidden: Option<usize> = None;
    let mut in_certificate = false;
    for text in output.lines() {
        let indent = text.len() - text.trim_start().len();
        if let Some(of) = hidden {
            if indent > of || (indent == of && text.trim_start().starts_with("- ")) {
                continue;
            }
            hidden = None;
        }
        if in_certificate {
            in_certificate = !text.contains("-----END CERTIFICATE");
            continue;
        }
        let mut text = text.to_owned();
        if text.trim() == "managedFields:" {
            hidden = Some(indent);
            text.push_str(" …");
        }
        if let Some(at) = text.find("-----BEGIN CERTIFICATE") {
            in_certificate = !text.contains("-----END CERTIFICATE");
            text.replace_range(at.., "<certificate>");
        }
        let key = key(&text);
        let is_logged = key.contains("TIME");
        if is_logged && lines.last().is_some_and(|last| last.key == key) {
            continue;
        }
        lines.push(Line { text, key });
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::{CHANCE, PATTERNS, key, lines};

    #[test]
    fn what_is_chance_makes_no_difference() {
        assert_eq!(PATTERNS.len(), CHANCE.len(), "every pattern can be read");
        for (one, other) in [
            ("default   1         5s", "default 1 3m20s"),
            ("  uid: 0d4691ed-659b-4935-a832-355f77ee47cc", "  uid: 7ee52be0-9045-4653-aa5e-0da57b8dccdc"),
            ("  creationTimestamp: \"2026-11-29T10:00:00Z\"", "  creationTimestamp: \"2026-11-29T10:00:09Z\""),
            ("kube-api-access-x7k2p", "kube-api-access-6mtg8"),
            ("pod/web-6d4cf56db6-x7k2p", "pod/web-7f5b8c9d4-6mtg8"),
            ("  resourceVersion: \"7\"", "  resourceVersion: \"412\""),
            ("  \"exp\": 1731536000,", "  \"exp\": 1731539607,"),
            ("2026-11-29 10:00:03 GET pods 403", "2026-11-29 10:04:03 GET pods 403"),
            ("Start Time:   Mon, 02 Nov 2026 15:04:05 +0000", "Start Time: Tue, 03 Nov 2026 15:04:05 +0000"),
            (
                "  Normal  Pulled  3s (x4 over 7s)  kubelet  in 40ms (40ms including waiting)",
                "  Normal  Pulled  2s  kubelet  in 71ms (71ms including waiting)",
            ),
            ("NAME      SECRETS   AGE", "NAME           SECRETS   AGE"),
        ] {
            assert_eq!(key(one), key(other));
        }
        for (one, other) in [
            ("default   1         5s", "default   0         5s"),
            ("default-token-x7k2p", "kube-api-access-x7k2p"),
            ("node.kubernetes.io/not-ready:NoExecute", "node.kubernetes.io/unreachable:NoExecute"),
            ("    TokenExpirationSeconds:  3607", "    TokenExpirationSeconds:  600"),
            ("<token: a year, bound to pod web>", "<token: one hour, bound to nothing>"),
            ("dashboard-sa", "dashboard-pods"),
        ] {
            assert_ne!(key(one), key(other));
        }
    }

    #[test]
    fn blocks_become_lines() {
        let yaml = "metadata:\n  managedFields:\n  - manager: x\n    time: y\n  name: a\nca: |\n  -----BEGIN CERTIFICATE-----\n  MII\n  -----END CERTIFICATE-----\nkind: B\n";
        let texts = |output: &str| lines(output).into_iter().map(|line| line.text).collect::<Vec<_>>();
        assert_eq!(
            texts(yaml),
            ["metadata:", "  managedFields: …", "  name: a", "ca: |", "  <certificate>", "kind: B"]
        );
        assert_eq!(texts("2026-11-29 10:00:03 a\n2026-11-29 10:00:04 a\nb\nb\n"), ["2026-11-29 10:00:03 a", "b", "b"]);
    }
}
