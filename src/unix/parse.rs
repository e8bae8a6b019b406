//! From a line to bash's syntax tree, and bash's words for what is wrong with a line.

use brush_parser::{ParseError, ParserOptions, Token, TokenizerError, ast};

use super::{heredoc, limits};

/// Words that cannot begin a command.
const CLOSING: &[&str] = &["then", "elif", "else", "fi", "do", "done", "esac", "}"];

/// Reads a line. The error is what follows `bash: `.
pub(super) fn parse(line: &str) -> Result<ast::Program, String> {
    if line.len() > limits::LINE {
        return Err("line too long".to_owned());
    }
    if depth(line) > limits::BRACKETS {
        return Err("brackets are nested too deeply for this shell".to_owned());
    }
    if heredoc::tidy(line) == Err(heredoc::Wrong::End) {
        return Err("`<<': the word that ends a here-document is a plain one in this shell".to_owned());
    }
    let tokens = tokenize(line).map_err(|e| unfinished(&e))?;
    brush_parser::parse_tokens(&tokens, &options()).map_err(|error| match error {
        ParseError::ParsingNear(position) => {
            let token = tokens.iter().find(|token| token.location().start.index >= position.index);
            near(token.or(tokens.last()))
        }
        ParseError::ParsingAtEndOfInput => match tokens.last() {
            Some(Token::Operator(..)) if !line.contains('(') => near(None),
            Some(Token::Word(word, _)) if tokens.len() == 1 && CLOSING.contains(&word.as_str()) => near(tokens.last()),
            _ => "syntax error: unexpected end of file".to_owned(),
        },
        ParseError::Tokenizing { inner, .. } => unfinished(&inner),
    })
}

/// How words and lines are read.
pub(super) fn options() -> ParserOptions {
    ParserOptions::default()
}

/// Whether more lines have to follow before this can be read: an open quote, bracket or here-document.
pub(super) fn is_incomplete(line: &str) -> bool {
    match tokenize(line) {
        Err(error) => error.is_incomplete() && heredoc::tidy(line) != Err(heredoc::Wrong::End),
        Ok(tokens) => {
            let fits = line.len() <= limits::LINE && depth(line) <= limits::BRACKETS;
            // A line that ends in `|`, `&&` or `do` is read on by bash as well.
            let open = |error| matches!(error, ParseError::ParsingAtEndOfInput);
            fits && brush_parser::parse_tokens(&tokens, &options()).is_err_and(open)
        }
    }
}

/// The tokens of a line. What the tokenizer cannot be given is refused in its own words.
pub(super) fn tokenize(line: &str) -> Result<Vec<Token>, TokenizerError> {
    // A blank behind the last word means nothing, and behind a here-document's it sends the tokenizer on without end.
    let trimmed = line.trim_end_matches([' ', '\t']);
    let line = if line.contains("<<") { trimmed } else { line };
    let Ok(tidied) = heredoc::tidy(line) else {
        return Err(TokenizerError::UnterminatedHereDocuments(String::new(), String::new()));
    };
    if line.len() == trimmed.len() && line.contains("<<") && line.ends_with('\\') {
        return Err(TokenizerError::UnterminatedHereDocuments(String::new(), String::new()));
    }
    brush_parser::uncached_tokenize_str(&tidied, &options().tokenizer_options())
}

fn near(token: Option<&Token>) -> String {
    let text = match token.map(Token::to_str) {
        None | Some("\n") => "newline",
        Some(text) => text,
    };
    format!("syntax error near unexpected token `{text}'")
}

fn unfinished(error: &TokenizerError) -> String {
    let sign = match error {
        TokenizerError::UnterminatedSingleQuote(_) | TokenizerError::UnterminatedAnsiCQuote(_) => "'",
        TokenizerError::UnterminatedDoubleQuote(_) => "\"",
        TokenizerError::UnterminatedBackquote(_) => "`",
        TokenizerError::UnterminatedCommandSubstitution | TokenizerError::UnterminatedExpansion => ")",
        TokenizerError::UnterminatedVariable => "}",
        TokenizerError::UnterminatedHereDocuments(tag, _) => {
            return format!("here-document delimited by end-of-file (wanted `{}')", tag.trim());
        }
        _ => return "syntax error: unexpected end of file".to_owned(),
    };
    format!("unexpected EOF while looking for matching `{sign}'")
}

/// An upper bound of how deep brackets and keywords are nested.
fn depth(line: &str) -> usize {
    let (mut depth, mut deepest) = (0usize, 0);
    for c in line.chars() {
        match c {
            '(' | '{' | '[' => depth += 1,
            ')' | '}' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    let word = |wanted: &str| line.split(|c: char| !c.is_alphanumeric()).filter(|word| *word == wanted).count();
    let keywords = ["if", "for", "while", "until", "case"].map(word).iter().sum::<usize>();
    deepest + keywords / 2
}
