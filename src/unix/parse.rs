//! From a line to bash's syntax tree, and bash's words for what is wrong with a line.

use brush_parser::{ParseError, ParserOptions, Token, TokenizerError, ast};

/// Longer lines are not read: a script belongs in a file, and this shell has none.
const LINE_LIMIT: usize = 64 << 10;
/// How deep brackets may be nested; the parser goes down one step of its own for each.
const DEPTH_LIMIT: usize = 24;

/// Words that cannot begin a command.
const CLOSING: &[&str] = &["then", "elif", "else", "fi", "do", "done", "esac", "}"];

/// Reads a line. The error is what follows `bash: `.
pub(super) fn parse(line: &str) -> Result<ast::Program, String> {
    if line.len() > LINE_LIMIT {
        return Err("line too long".to_owned());
    }
    if depth(line) > DEPTH_LIMIT {
        return Err("brackets are nested too deeply for this shell".to_owned());
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
        Err(error) => error.is_incomplete(),
        Ok(tokens) => {
            let fits = line.len() <= LINE_LIMIT && depth(line) <= DEPTH_LIMIT;
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
    if wants_empty_line(line) || (line.len() == trimmed.len() && line.contains("<<") && line.ends_with('\\')) {
        return Err(TokenizerError::UnterminatedHereDocuments(String::new(), String::new()));
    }
    brush_parser::uncached_tokenize_str(line, &options().tokenizer_options())
}

/// Whether a here-document ends at an empty line (`cat <<''`) that is not there: at such an end the tokenizer takes memory
/// without end.
fn wants_empty_line(line: &str) -> bool {
    let is_empty_tag = |rest: &str| {
        let word = rest.strip_prefix('-').unwrap_or(rest).trim_start_matches([' ', '\t']);
        let quotes = word.len() - word.trim_start_matches(['\'', '"']).len();
        let after = word[quotes..].chars().next();
        quotes >= 2 && after.is_none_or(|c| c.is_whitespace() || ";|&<>()#".contains(c))
    };
    line.match_indices("<<").any(|(at, _)| {
        let rest = &line[at + 2..];
        !line[..at].ends_with('<') && is_empty_tag(rest) && !rest.contains("\n\n")
    })
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
