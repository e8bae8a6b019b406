//! Whether a command line is the one a lesson means, however it is spelled.
//!
//! `kubectl describe sa/x`, `kubectl -n shop describe serviceaccount x` and `kubectl describe sa x | head` all say
//! `kubectl describe sa x`.

use super::objects::Kind;

/// Whether `line` has the words of `pattern`, in that order, with anything between them.
///
/// A word of the pattern may list alternatives: `get|describe`.
pub(super) fn says(line: &str, pattern: &str) -> bool {
    let words = words(line);
    let mut rest = words.iter();
    pattern.split_whitespace().flat_map(spellings).all(|wanted| rest.any(|word| wanted.contains(word)))
}

/// The words of a pattern's word: usually one, more for `pod/x`; each with its alternatives.
fn spellings(word: &str) -> Vec<Vec<String>> {
    let alternatives: Vec<Vec<String>> = word.split('|').map(normal).collect();
    let longest = alternatives.iter().map(Vec::len).max().unwrap_or(0);
    (0..longest).map(|at| alternatives.iter().filter_map(|words| words.get(at).cloned()).collect()).collect()
}

/// Words of kubectl that say what is done.
const VERBS: &[&str] = &[
    "get",
    "describe",
    "create",
    "apply",
    "edit",
    "patch",
    "set",
    "delete",
    "replace",
    "run",
    "expose",
    "label",
    "annotate",
    "rollout",
    "scale",
    "autoscale",
    "exec",
    "logs",
    "cp",
    "auth",
    "explain",
    "wait",
    "debug",
    "config",
];

/// Whether a command of one line does what one of the other's does, to the same type of object.
pub(super) fn does_as(line: &str, other: &str) -> bool {
    let known = deeds(other);
    deeds(line).iter().any(|deed| known.contains(deed))
}

/// What the `kubectl`s of a line do, and to which type; of a line without one, its first word.
fn deeds(line: &str) -> Vec<(String, Option<&'static str>)> {
    let words = words(line);
    let mut deeds: Vec<(String, Option<&'static str>)> = Vec::new();
    for command in words.split(|word| word == "kubectl").skip(1) {
        let Some(at) = command.iter().position(|word| VERBS.contains(&word.as_str())) else { continue };
        let rest = command.get(at + 1..).unwrap_or_default();
        // A file's name is no type.
        let mut rest = rest.iter().take_while(|word| !matches!(word.as_str(), "-f" | "--filename"));
        let kind = rest.find_map(|word| Kind::spoken(word)).map(|kind| kind.kind);
        deeds.extend(command.get(at).map(|verb| (verb.clone(), kind)));
    }
    if deeds.is_empty() {
        deeds.extend(words.into_iter().next().map(|program| (program, None)));
    }
    deeds
}

/// The line without `-n NAMESPACE` where that is the namespace it works in anyway.
pub(super) fn at_home(line: &str, namespace: &str) -> String {
    let mut words = words(line);
    while let Some(at) = words.windows(2).position(|pair| pair[0] == "-n" && pair[1] == namespace) {
        words.drain(at..at + 2);
    }
    words.join(" ")
}

/// A command line's words in their one spelling.
fn words(line: &str) -> Vec<String> {
    split(line).iter().flat_map(|word| normal(word)).collect()
}

/// Splits at spaces and at the shell's operators; quotes hold words together and are dropped.
fn split(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote = None;
    // Within double quotes `$(…)` is a command of its own: how many parentheses are open there, once for each such quote.
    let mut inner: Vec<usize> = Vec::new();
    let mut before = ' ';
    for c in line.chars() {
        let last = std::mem::replace(&mut before, c);
        match quote {
            Some('"') if c == '(' && last == '$' => {
                word.pop();
                words.push(std::mem::take(&mut word));
                inner.push(0);
                quote = None;
            }
            None if c == ')' && inner.last() == Some(&0) => {
                words.push(std::mem::take(&mut word));
                inner.pop();
                quote = Some('"');
            }
            Some(open) if c == open => quote = None,
            Some(_) => word.push(c),
            None if c == '\'' || c == '"' => quote = Some(c),
            None if c == '(' || c == ')' => {
                if let Some(depth) = inner.last_mut() {
                    *depth = if c == '(' { *depth + 1 } else { depth.saturating_sub(1) };
                }
                words.push(std::mem::take(&mut word));
            }
            None if c.is_whitespace() || "|;&()<>`".contains(c) => words.push(std::mem::take(&mut word)),
            None => word.push(c),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// One spelling for what can be written in several: `--output=yaml`, `-oyaml` and `-o yaml`; `sa/x` and `sa x`.
fn normal(word: &str) -> Vec<String> {
    let one = |word: &str| match Kind::spoken(word) {
        Some(kind) => kind.plural.to_owned(),
        // The learner's shell has this alias from the start.
        None if word == "k" => "kubectl".to_owned(),
        None => word.to_owned(),
    };
    if let Some((flag, value)) = word.split_once('=').filter(|_| word.starts_with('-')) {
        return vec![flag_name(flag), value.to_owned()];
    }
    if word.starts_with("--") {
        return vec![flag_name(word)];
    }
    if let Some(value) = word.strip_prefix("-o").filter(|value| !value.is_empty()) {
        return vec!["-o".to_owned(), value.to_owned()];
    }
    match word.split_once('/') {
        Some((kind, name)) if Kind::spoken(kind).is_some() => vec![one(kind), name.to_owned()],
        _ => vec![one(word)],
    }
}

fn flag_name(flag: &str) -> String {
    match flag {
        "--output" => "-o",
        "--filename" => "-f",
        "--namespace" => "-n",
        "--all-namespaces" => "-A",
        other => other,
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::{at_home, does_as, says};

    #[test]
    fn what_a_line_does() {
        for (line, other, want) in [
            ("kubectl get pods", "kubectl auth can-i list pods --as=x", false),
            ("kubectl get pods", "kubectl get sa", false),
            ("kubectl --as=x -n shop get po web", "kubectl get pods", true),
            ("k create sa x -o yaml", "kubectl create serviceaccount Dashboard_SA", true),
            ("kubectl apply -f a.yaml", "kubectl apply -f pod.yaml", true),
            ("cat pod.yaml", "kubectl apply -f pod.yaml", false),
            ("cat a; kubectl apply -f a", "kubectl apply -f pod.yaml", true),
            ("curl -k x", "curl -sk y", true),
        ] {
            assert_eq!(does_as(line, other), want, "{line} {other}");
        }
    }

    #[test]
    fn the_own_namespace_may_be_named() {
        for (line, without) in [
            ("kubectl get sa -n shop", true),
            ("kubectl --namespace=shop get sa", true),
            ("kubectl get sa -n other", false),
            ("kubectl get sa -n shopping", false),
        ] {
            assert_eq!(!says(&at_home(line, "shop"), "-n"), without, "{line}");
            assert!(says(&at_home(line, "shop"), "kubectl get sa"), "{line}");
        }
    }

    #[test]
    fn spellings_of_one_command() {
        let rows = [
            ("kubectl describe sa x", "kubectl describe serviceaccount x", true),
            ("kubectl describe sa/x", "kubectl describe sa x", true),
            ("kubectl describe serviceaccounts x | head -3", "kubectl describe sa/x", true),
            ("kubectl -n shop get pods -oyaml", "kubectl get pod -o yaml", true),
            ("kubectl get pods --output=yaml", "kubectl get pods -o yaml", true),
            ("T=$(kubectl create token x)", "kubectl create token x", true),
            ("kubectl describe pod web", "kubectl get|describe pod web", true),
            ("kubectl delete pod web", "kubectl get|describe pod web", false),
            ("kubectl get pod web", "kubectl get", true),
            ("kubectl get deploy/web", "kubectl get deployments.apps web", true),
            ("echo kubectl", "kubectl get", false),
            ("kubectl exec web -- cat '/a b'", "cat '/a", false),
            ("kubectl create token x --duration=10m", "kubectl create token --duration", true),
            ("k get sa", "kubectl get sa", true),
            ("curl -H \"Authorization: Bearer $(kubectl create token x)\" https://a", "kubectl create token x", true),
            ("curl -H \"Bearer $(kubectl create token x)\" https://a", "curl kubectl create token x https://a", true),
            ("echo \"$(echo $(kubectl get sa) \" x)\" | jq .", "kubectl get sa jq", true),
            ("echo 'Bearer $(kubectl get sa)'", "kubectl get sa", false),
            ("", "kubectl", false),
            ("anything", "", true),
        ];
        for (line, pattern, want) in rows {
            assert_eq!(says(line, pattern), want, "{line:?} says {pattern:?}");
        }
    }
}
