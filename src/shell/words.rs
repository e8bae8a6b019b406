//! A command line as its words, for whoever looks at what was typed rather than runs it.

use crate::unix::words;

/// The words of a line without their quotes, operators among them; variables and `$(…)` stay as typed.
///
/// `k` where a command begins is `kubectl`, so that both spellings are the same words. Never fails: what bash could
/// not read is cut at its blanks.
pub fn split(line: &str) -> Vec<String> {
    let mut words = words::plain(line);
    let mut first = true;
    for word in &mut words {
        if first && word == "k" {
            *word = "kubectl".to_owned();
        }
        first = matches!(word.as_str(), "|" | "||" | "&&" | ";" | "|&" | "&" | "(" | "{" | "!" | "do" | "then" | "\n");
    }
    words
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn lines() {
        let rows: &[(&str, &[&str])] = &[
            ("kubectl get sa", &["kubectl", "get", "sa"]),
            ("k get  sa|k get po", &["kubectl", "get", "sa", "|", "kubectl", "get", "po"]),
            ("echo k", &["echo", "k"]),
            ("kubectl get 'sa' -o \"jsonpath={.x y}\"", &["kubectl", "get", "sa", "-o", "jsonpath={.x y}"]),
            ("T=$(kubectl create token x)", &["T=$(kubectl create token x)"]),
            ("jq . <<< $T", &["jq", ".", "<<<", "$T"]),
            ("echo 'open", &["echo", "'open"]),
            ("", &[]),
        ];
        for (line, want) in rows {
            assert_eq!(split(line), *want, "{line}");
        }
    }
}
