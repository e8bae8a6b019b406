//! What made a difference between two releases: the enhancements of Kubernetes, and smaller changes, each found by what
//! it left in a command's output or in an object.
//!
//! A row holds between the release it came with and the one before. Where there was an enhancement (a KEP) its number
//! names it; else the pull request, or the part that changed.

use std::sync::LazyLock;

use regex::Regex;

use crate::apimachinery::Release;

/// A change of Kubernetes that can be seen.
#[derive(Debug, PartialEq, Eq)]
pub struct Change {
    /// `KEP-1205`
    pub name: &'static str,
    /// The first release that has it by default.
    pub since: Release,
    /// What it changed, in a sentence.
    pub say: &'static str,
    /// What it left in outputs: a pattern of the command line, and one of the line printed.
    lines: &'static [(&'static str, &'static str)],
    /// What it left in objects: a pattern of `kind name path`.
    fields: &'static [&'static str],
}

/// A command about pods, or about what runs in them.
const PODS: &str = r"(^|\s)(po|pods?|exec|run|logs|all|deploy(ment)?s?|apply|create -f)(\s|/|,|$)";
/// A command about accounts or their secrets.
const ACCOUNTS: &str = r"(^|\s)(sa|serviceaccounts?|secrets?|all)(\s|/|,|$)";

/// The changes, in the order of their releases.
pub const CHANGES: &[Change] = &[
    Change {
        name: "KEP-1205",
        since: Release::minor(21),
        say: "a pod's token comes in a projected volume, has an end, and is bound to the pod; before, it was the account's secret.",
        lines: &[
            (
                PODS,
                r"kube-api-access-|-token-[a-z0-9]{5}\b|Projected \(a volume|Secret \(a volume|SecretName:|TokenExpirationSeconds|ConfigMapName|ConfigMapOptional|DownwardAPI|Optional:|QoS Class:",
            ),
            (
                PODS,
                r"\b(projected|serviceAccountToken|downwardAPI|secretName|expirationSeconds|defaultMode|sources|fieldRef|fieldPath|items|path|key|apiVersion|configMap|kube-root-ca\.crt|secret):?",
            ),
            ("", r"<token: (no end|a year)|No API token found"),
            ("jq", r#""(aud|exp|iat|nbf|warnafter|pod|kubernetes\.io.*)":|"iss":|null|AGE"#),
        ],
        fields: &[r"^pod .* \.spec\.volumes|^pod .* \.spec\..*volumeMounts"],
    },
    Change {
        name: "kubectl 1.21",
        since: Release::minor(21),
        say: "it hides managed fields, and puts refusals of `create` into its own words.",
        lines: &[("", r"managedFields|error: failed to create|Error from server \(AlreadyExists\)")],
        fields: &[],
    },
    Change {
        name: "PR 100926",
        since: Release::minor(22),
        say: "`kube-root-ca.crt` says what it is for.",
        lines: &[("", r"kubernetes\.io/description|Contains a CA bundle")],
        fields: &[r"^configmap kube-root-ca\.crt \.metadata\.annotations"],
    },
    Change {
        name: "KEP-2799",
        since: Release::minor(24),
        say: "no secret with a token is made for a new account any more.",
        lines: &[
            (
                ACCOUNTS,
                r"-token-[a-z0-9]{5}\b|kubernetes\.io/service-account-token|No resources found|^secrets:|^NAME +TYPE",
            ),
            (ACCOUNTS, r"^\S+ +[01] +\S+$|(Mountable secrets|Tokens): +"),
        ],
        // The secret itself: it says nothing of what differs within it.
        fields: &[r"^secret \S+-token-\S* $", r"^sa .* \.secrets"],
    },
    Change {
        name: "PR 107880",
        since: Release::minor(24),
        say: "kubectl has `create token`, which asks the API for a token that is stored nowhere.",
        lines: &[(
            r"create token",
            r#"<token: |unknown command "token|must specify one of -f|kubectl create -h|^Error: |^.exit 1.$"#,
        )],
        fields: &[],
    },
    Change {
        name: "kubectl 1.24",
        since: Release::minor(24),
        say: "lists that it prints have no `selfLink` any more.",
        lines: &[("", r"selfLink")],
        fields: &[],
    },
    Change {
        name: "kubectl 1.25",
        since: Release::minor(25),
        say: "`describe pod` names the service account.",
        lines: &[("describe", r"^Service Account:")],
        fields: &[],
    },
    Change {
        name: "KEP-3325",
        since: Release::minor(27),
        say: "`kubectl auth whoami` asks the API who it takes you for.",
        lines: &[("whoami", r".")],
        fields: &[],
    },
    Change {
        name: "KEP-2799",
        since: Release::minor(27),
        say: "the last use of a secret's token is written on the secret.",
        lines: &[("", r"legacy-token-last-used|Use tokens from the TokenRequest API")],
        fields: &[r"^secret .* \.metadata\.labels"],
    },
    Change {
        name: "KEP-2799",
        since: Release::minor(29),
        say: "the token of a secret made for an account, unused for a year, is marked invalid, and a year later the secret is deleted.",
        lines: &[("", r"legacy-token-invalid-since")],
        fields: &[],
    },
    Change {
        name: "Kubernetes 1.29",
        since: Release::minor(29),
        say: "a pod's status lists the addresses of its node, and says whether its sandbox is ready.",
        lines: &[(PODS, r"hostIPs|PodReadyToStartContainers")],
        fields: &[],
    },
    Change {
        name: "KEP-4193",
        since: Release::minor(30),
        say: "a token has a name of its own (`jti`), and a pod's token says on which node the pod runs.",
        lines: &[("", r#"has a jti|on node |"jti"|credential-id|node-name|node-uid|"node":"#)],
        fields: &[],
    },
    Change {
        name: "KEP-4193",
        since: Release::minor(31),
        say: "a token can be bound to a node.",
        lines: &[("", r"bound to node |--bound-object-kind values are|cannot bind token to")],
        fields: &[],
    },
    Change {
        name: "Kubernetes 1.31",
        since: Release::minor(31),
        say: "a container's status lists its mounts.",
        lines: &[(PODS, r"recursiveReadOnly")],
        fields: &[],
    },
    Change {
        name: "kubectl 1.33",
        since: Release::minor(33),
        say: "`describe` words a projected config map anew.",
        lines: &[("describe", r"ConfigMapOptional|Optional:")],
        fields: &[],
    },
    Change {
        name: "Kubernetes 1.33",
        since: Release::minor(33),
        say: "a pod has a generation, which counts the changes of its spec.",
        lines: &[(PODS, r"^ *generation:")],
        fields: &[],
    },
    Change {
        name: "kubectl 1.34",
        since: Release::minor(34),
        say: "`delete` says from which namespace.",
        lines: &[("delete", r#"" (force )?deleted"#)],
        fields: &[],
    },
    Change {
        name: "Kubernetes 1.34",
        since: Release::minor(34),
        say: "a creation time that is not set is left out; before, it was written as null.",
        lines: &[("", r"creationTimestamp: null")],
        fields: &[],
    },
    Change {
        name: "Kubernetes 1.34",
        since: Release::minor(34),
        say: "the refusal of a change to a pod shows the difference as JSON.",
        lines: &[(PODS, r"^@@ |ServiceAccountName|identical fields|core\.PodSpec")],
        fields: &[],
    },
    Change {
        name: "Kubernetes 1.34",
        since: Release::minor(34),
        say: "a pod's status says of which generation it speaks.",
        lines: &[(PODS, r"observedGeneration")],
        fields: &[],
    },
    Change {
        name: "kubectl 1.35",
        since: Release::minor(35),
        say: "an event in `describe` begins with the field that it is about.",
        lines: &[("describe", r"spec\.containers\{")],
        fields: &[],
    },
    Change {
        name: "PR 117160",
        since: Release::minor(35),
        say: "the table and the description of an account no longer speak of secrets, for nothing fills that field since 1.24.",
        lines: &[(ACCOUNTS, r"^NAME +(SECRETS +)?AGE$|^\S+ +([01] +)?[0-9smhdy]+$|Mountable secrets|^Tokens:")],
        fields: &[],
    },
];

/// The table's patterns, read once: of lines, and of fields.
type Patterns = (Vec<(Regex, Regex)>, Vec<Regex>);

static PATTERNS: LazyLock<Vec<Patterns>> = LazyLock::new(|| {
    let read = |change: &Change| {
        let lines =
            change.lines.iter().filter_map(|(command, line)| Regex::new(command).ok().zip(Regex::new(line).ok()));
        (lines.collect(), change.fields.iter().filter_map(|field| Regex::new(field).ok()).collect())
    };
    CHANGES.iter().map(read).collect()
});

/// What differs between some releases.
pub enum Seen<'a> {
    /// A line that a command printed.
    Line {
        /// The command.
        command: &'a str,
    },
    /// A field of an object, as `kind name path`; an object itself without the path.
    Field(&'a str),
}

/// The changes that made a difference: what each release shows (nothing, where it shows nothing), and what is compared of
/// it, oldest release first.
pub fn made(
    seen: &Seen<'_>,
    releases: &[Release],
    texts: &[Option<&str>],
    keys: &[Option<&str>],
) -> Vec<&'static Change> {
    // A release that lacks the object says nothing of its fields.
    let is_inside = matches!(seen, Seen::Field(field) if !field.ends_with(' '));
    let speak: Vec<usize> =
        (0..releases.len()).filter(|at| !is_inside || keys.get(*at).is_some_and(Option::is_some)).collect();
    let is_made_by = |(change, (lines, fields)): &(&'static Change, &Patterns)| {
        // The last release before the change, and the first that has it.
        let is_after = |at: &&usize| releases.get(**at).is_some_and(|release| *release >= change.since);
        let (Some(after), Some(before)) =
            (speak.iter().find(is_after).copied(), speak.iter().rfind(|at| !is_after(at)).copied())
        else {
            return false;
        };
        if keys.get(before) == keys.get(after) {
            return false;
        }
        let mut shown = [before, after].into_iter().filter_map(|at| texts.get(at).copied().flatten());
        match seen {
            Seen::Line { command } => {
                shown.any(|text| lines.iter().any(|(on, line)| on.is_match(command) && line.is_match(text)))
            }
            Seen::Field(field) => fields.iter().any(|pattern| pattern.is_match(field)),
        }
    };
    CHANGES.iter().zip(PATTERNS.iter()).filter(is_made_by).map(|(change, _)| change).collect()
}

#[cfg(test)]
mod tests {
    use super::{CHANGES, PATTERNS};

    #[test]
    fn every_pattern_can_be_read_and_the_table_is_in_order() {
        for (change, (lines, fields)) in CHANGES.iter().zip(PATTERNS.iter()) {
            assert_eq!((lines.len(), fields.len()), (change.lines.len(), change.fields.len()), "{change:?}");
            assert!(change.say.ends_with('.') && !change.say.starts_with(char::is_uppercase), "{}", change.say);
        }
        assert!(CHANGES.is_sorted_by_key(|change| change.since));
    }
}
