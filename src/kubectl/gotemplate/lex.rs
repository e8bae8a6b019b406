//! A template's text cut into tokens. Upstream: text/template/parse/lex.go.

/// What a token is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Text(String),
    /// `{{`
    Left,
    /// `}}`
    Right,
    /// A word: a keyword, a function, a constant.
    Word(String),
    /// `.name`
    Field(String),
    /// `$name`
    Variable(String),
    Dot,
    String(String),
    Number(String),
    /// A rune's number.
    Char(i64),
    /// `|` `(` `)` `,` `=`
    Sign(char),
    Declare,
    Space,
}

/// A token, where it begins, and its own text.
#[derive(Clone, Debug)]
pub(super) struct Token {
    pub kind: Kind,
    pub at: usize,
    pub text: String,
}

/// Where something is wrong, and what.
pub(super) type Fault = (usize, String);

pub(super) fn lex(source: &str) -> Result<Vec<Token>, Fault> {
    let mut tokens = Vec::new();
    let mut at = 0;
    let mut trim = false;
    loop {
        let rest = &source[at..];
        let open = rest.find("{{");
        let mut text = &rest[..open.unwrap_or(rest.len())];
        let begin = at;
        if trim {
            text = text.trim_start_matches(is_space);
        }
        let Some(open) = open else {
            push(&mut tokens, Kind::Text(text.to_owned()), begin, text);
            return Ok(tokens);
        };
        at += open + 2;
        if trims_left(&source[at..]) {
            text = text.trim_end_matches(is_space);
            at += 1;
        }
        push(&mut tokens, Kind::Text(text.to_owned()), begin, text);
        let inside = source[at..].trim_start_matches(is_space);
        let start = source.len() - inside.len();
        let comment_start = if trims_left(&source[at.saturating_sub(1)..]) { start } else { at };
        if source[comment_start..].starts_with("/*") {
            let end = source[comment_start..].find("*/").ok_or((at, "unclosed comment".to_owned()))?;
            at = comment_start + end + 2;
            let (closed, trims) =
                close(&source[at..]).ok_or((at, "comment ends before closing delimiter".to_owned()))?;
            (at, trim) = (at + closed, trims);
            continue;
        }
        push(&mut tokens, Kind::Left, at - 2, "{{");
        (at, trim) = action(source, at, &mut tokens)?;
    }
}

fn push(tokens: &mut Vec<Token>, kind: Kind, at: usize, text: &str) {
    if !matches!(&kind, Kind::Text(text) if text.is_empty()) {
        tokens.push(Token { kind, at, text: text.to_owned() });
    }
}

fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// `- ` after the opening braces.
fn trims_left(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next() == Some('-') && chars.next().is_some_and(is_space)
}

/// The end of an action here: how long it is, and whether it trims what follows.
fn close(text: &str) -> Option<(usize, bool)> {
    if text.starts_with("}}") {
        return Some((2, false));
    }
    let mut chars = text.chars();
    (chars.next().is_some_and(is_space) && text[1..].starts_with("-}}")).then_some((4, true))
}

fn action(source: &str, mut at: usize, tokens: &mut Vec<Token>) -> Result<(usize, bool), Fault> {
    let mut depth = 0;
    loop {
        let rest = &source[at..];
        if let Some((length, trims)) = close(rest) {
            if depth > 0 {
                return Err((at, "unclosed left paren".to_owned()));
            }
            push(tokens, Kind::Right, at, "}}");
            return Ok((at + length, trims));
        }
        let Some(first) = rest.chars().next() else { return Err((at, "unclosed action".to_owned())) };
        let word = |text: &str| {
            text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').map(char::len_utf8).sum::<usize>()
        };
        let (kind, length) = match first {
            c if is_space(c) => {
                // A space before `-}}` belongs to the end.
                let spaces = rest.chars().take_while(|c| is_space(*c)).count();
                let spaces = if rest[spaces..].starts_with("-}}") { spaces - 1 } else { spaces };
                if spaces == 0 {
                    return Err((at, "unclosed action".to_owned()));
                }
                (Kind::Space, spaces)
            }
            '"' => {
                let length = quoted(rest, '"').ok_or((at, "unterminated quoted string".to_owned()))?;
                (Kind::String(unquote(&rest[1..length - 1])), length)
            }
            '`' => {
                let length = rest[1..].find('`').ok_or((at, "unterminated raw quoted string".to_owned()))? + 2;
                (Kind::String(rest[1..length - 1].to_owned()), length)
            }
            '\'' => {
                let length = quoted(rest, '\'').ok_or((at, "unterminated character constant".to_owned()))?;
                let inner = unquote(&rest[1..length - 1]);
                (Kind::Char(inner.chars().next().map_or(0, |c| i64::from(u32::from(c)))), length)
            }
            ':' if rest.starts_with(":=") => (Kind::Declare, 2),
            ':' => return Err((at, "expected :=".to_owned())),
            '$' => {
                let length = 1 + word(&rest[1..]);
                (Kind::Variable(rest[..length].to_owned()), length)
            }
            '.' if !rest[1..].starts_with(|c: char| c.is_ascii_digit()) => {
                let length = 1 + word(&rest[1..]);
                if length == 1 { (Kind::Dot, 1) } else { (Kind::Field(rest[1..length].to_owned()), length) }
            }
            c if c.is_ascii_digit() || matches!(c, '+' | '-' | '.') => {
                let length = number(rest);
                (Kind::Number(rest[..length].to_owned()), length)
            }
            c if c.is_alphanumeric() || c == '_' => {
                let length = word(rest);
                (Kind::Word(rest[..length].to_owned()), length)
            }
            c @ ('|' | ',' | '=') => (Kind::Sign(c), 1),
            '(' => {
                depth += 1;
                (Kind::Sign('('), 1)
            }
            ')' => {
                depth -= 1;
                if depth < 0 {
                    return Err((at, "unexpected right paren".to_owned()));
                }
                (Kind::Sign(')'), 1)
            }
            c => return Err((at, format!("unrecognized character in action: U+{:04X} {c:?}", u32::from(c)))),
        };
        push(tokens, kind, at, &rest[..length]);
        at += length;
    }
}

fn number(text: &str) -> usize {
    let mut before = ' ';
    let mut length = 0;
    for c in text.chars() {
        let sign = matches!(c, '+' | '-') && (length == 0 || matches!(before, 'e' | 'E'));
        if !(sign || c.is_ascii_alphanumeric() || c == '.' || c == '_') {
            break;
        }
        before = c;
        length += 1;
    }
    length
}

fn quoted(text: &str, quote: char) -> Option<usize> {
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => _ = chars.next(),
            '\n' => return None,
            c if c == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

fn unquote(text: &str) -> String {
    let mut out = String::new();
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        let code = |chars: &mut std::str::Chars<'_>, digits: usize| {
            let text: String = chars.by_ref().take(digits).collect();
            u32::from_str_radix(&text, 16).ok().and_then(char::from_u32)
        };
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('a') => out.push('\u{7}'),
            Some('x') => out.extend(code(&mut chars, 2)),
            Some('u') => out.extend(code(&mut chars, 4)),
            Some(other) => out.push(other),
            None => {}
        }
    }
    out
}
