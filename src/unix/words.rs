//! A command line as its words, for whoever looks at what was typed rather than runs it.

use brush_parser::Token;

use super::parse;

/// The words of a line without their quotes, operators among them; variables and `$(…)` stay as typed. Never fails: what bash
/// could not read is cut at its blanks.
pub fn plain(line: &str) -> Vec<String> {
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
