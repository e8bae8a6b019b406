//! A command line as its words, for whoever looks at what was typed rather than runs it.

use brush_parser::Token;

use super::parse;

/// The words of a line without their quotes, operators among them; variables and `$(…)` stay as typed.
///
/// `k` where a command begins is `kubectl`, so that both spellings are the same words. Never fails: what bash could
/// not read is cut at its blanks.
pub fn split(line: &str) -> Vec<String> {
    let mut words = plain(line);
    let mut first = true;
    for word in &mut words {
        if first && word == "k" {
            *word = "kubectl".to_owned();
        }
        first = matches!(word.as_str(), "|" | "||" | "&&" | ";" | "|&" | "&" | "(" | "{" | "!" | "do" | "then" | "\n");
    }
    words
}

/// The words of a line as they stand.
pub(super) fn plain(line: &str) -> Vec<String> {
    match parse::tokenize(line) {
        Ok(tokens) => tokens
            .iter()
            .map(|token| match token {
                Token::Word(text, _) => brush_parser::unquote_str(text),
                Token::Operator(text, _) => text.clone(),
            })
            .collect(),
        Err(_) => line.split_whitespace().map(str::to_owned).collect(),
    }
}

/// Whether a text is more than one simple command: it has operators.
pub(super) fn is_list(text: &str) -> bool {
    parse::tokenize(text).is_ok_and(|tokens| {
        tokens.iter().any(|token| matches!(token, Token::Operator(..))) || text.contains(['$', '='])
    })
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
