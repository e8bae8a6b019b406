//! From words as typed to words as meant: quotes, variables, `$(…)`, `~`, braces, globs.

use brush_parser::ast::Word;
use brush_parser::word::{
    self, BraceExpressionMember, BraceExpressionOrText, TildeExpr, WordPiece, WordPieceWithSource,
};
use futures::FutureExt;
use futures::future::BoxFuture;

use super::execute::Io;
use super::files::HOME;
use super::{Shell, ansi, limits, parse, pattern};

/// Why a command is not run: what follows `bash: `.
pub(super) type Fault = String;

/// One word in the making.
#[derive(Clone, Default)]
pub(super) struct Field {
    pub text: String,
    /// The same, as a glob pattern in which quoted signs are plain.
    pub pattern: String,
}

/// The words in the making.
#[derive(Default)]
pub(super) struct Fields {
    done: Vec<Field>,
    current: Option<Field>,
    size: usize,
}

impl Fields {
    fn plain(&mut self, text: &str) {
        self.size += text.len();
        let field = self.current.get_or_insert_default();
        field.text.push_str(text);
        field.pattern.push_str(text);
    }

    fn quoted(&mut self, text: &str) {
        self.size += text.len();
        let field = self.current.get_or_insert_default();
        field.text.push_str(text);
        field.pattern.push_str(&pattern::literal(text));
    }

    /// The value of an unquoted expansion: it ends words where it has separators.
    fn split(&mut self, text: &str, separators: &str) {
        let divided = divide(text, separators, usize::MAX);
        if divided.begins {
            self.done.extend(self.current.take());
        }
        for (number, part) in divided.parts.iter().enumerate() {
            if number > 0 {
                self.done.extend(self.current.take());
            }
            self.plain(part);
        }
        if divided.ends {
            self.done.extend(self.current.take());
        }
    }

    /// What follows is a word of its own.
    fn part(&mut self) {
        self.done.extend(self.current.take());
    }
}

/// A text cut at its separators.
pub(super) struct Divided {
    pub parts: Vec<String>,
    /// Whether a separator stands at the beginning, or at the end.
    begins: bool,
    ends: bool,
}

/// Cuts a text as `$IFS` says: blanks among the separators count once, any other one each time.
pub(super) fn divide(text: &str, separators: &str, most: usize) -> Divided {
    let is_blank = |c: char| matches!(c, ' ' | '\t' | '\n') && separators.contains(c);
    let trimmed = text.trim_start_matches(is_blank);
    let begins = trimmed.len() < text.len();
    let ends = text.ends_with(|c| separators.contains(c));
    let mut rest = trimmed.trim_end_matches(is_blank);
    let mut parts = Vec::new();
    while !rest.is_empty() {
        if parts.len() + 1 == most {
            parts.push(rest.to_owned());
            break;
        }
        let Some(at) = rest.find(|c| separators.contains(c)) else {
            parts.push(rest.to_owned());
            break;
        };
        parts.push(rest[..at].to_owned());
        rest = rest[at..].trim_start_matches(is_blank);
        if let Some(c) = rest.chars().next().filter(|c| separators.contains(*c)) {
            rest = rest[c.len_utf8()..].trim_start_matches(is_blank);
        }
    }
    Divided { parts, begins, ends }
}

/// How the pieces of a word are put together.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// An argument: unquoted values are split.
    Argument,
    /// A value, a pattern or a file name: one word whatever is in it.
    Whole,
    /// Inside double quotes or a here-document.
    Quoted,
}

impl Shell {
    /// The words that one word as typed becomes: none, one or more.
    pub(super) async fn expand(&mut self, word: &Word, io: &Io<'_>) -> Result<Vec<String>, Fault> {
        let mut words = Vec::new();
        for text in braces(&word.value)? {
            let mut fields = Fields::default();
            self.pieces(&read(&text)?, Mode::Argument, &mut fields, io, 0).await?;
            fields.done.extend(fields.current.take());
            for field in fields.done {
                match !self.options.noglob && pattern::is_pattern(&field.pattern) {
                    true => words.extend(self.glob(&field)),
                    false => words.push(field.text),
                }
            }
            if words.len() > limits::WORDS {
                return Err("argument list too long".to_owned());
            }
        }
        Ok(words)
    }

    /// One word, neither split nor globbed: the value of an assignment, a here-string, a redirection's target.
    pub(super) async fn expand_whole(&mut self, word: &Word, io: &Io<'_>) -> Result<String, Fault> {
        Ok(self.whole(&word.value, io, 0).await?.text)
    }

    /// A word as a glob pattern, for `case`.
    pub(super) async fn expand_pattern(&mut self, word: &Word, io: &Io<'_>) -> Result<String, Fault> {
        Ok(self.whole(&word.value, io, 0).await?.pattern)
    }

    /// The body of a here-document whose tag was not quoted.
    pub(super) async fn expand_document(&mut self, text: &str, io: &Io<'_>) -> Result<String, Fault> {
        let pieces = word::parse_heredoc(text, &parse::options()).map_err(|_| bad(text))?;
        let mut fields = Fields::default();
        self.pieces(&pieces, Mode::Quoted, &mut fields, io, 0).await?;
        Ok(fields.current.unwrap_or_default().text)
    }

    pub(super) async fn whole(&mut self, text: &str, io: &Io<'_>, depth: usize) -> Result<Field, Fault> {
        let mut fields = Fields::default();
        self.pieces(&read(text)?, Mode::Whole, &mut fields, io, depth).await?;
        Ok(fields.current.unwrap_or_default())
    }

    pub(super) fn pieces<'a>(
        &'a mut self,
        pieces: &'a [WordPieceWithSource],
        mode: Mode,
        fields: &'a mut Fields,
        io: &'a Io<'_>,
        depth: usize,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        async move {
            if depth > limits::EXPANSIONS {
                return Err("expansions are nested too deeply for this shell".to_owned());
            }
            let separators = self.separators();
            let value = |text: &str, fields: &mut Fields| match mode {
                Mode::Argument => fields.split(text, &separators),
                Mode::Whole => fields.plain(text),
                Mode::Quoted => fields.quoted(text),
            };
            for piece in pieces {
                match &piece.piece {
                    WordPiece::Text(text) if mode == Mode::Quoted => fields.quoted(text),
                    WordPiece::Text(text) => fields.plain(text),
                    WordPiece::SingleQuotedText(text) => fields.quoted(text),
                    WordPiece::AnsiCQuotedText(text) => fields.quoted(&ansi::unescape(text, ansi::Kind::Quote).0),
                    WordPiece::EscapeSequence(text) => {
                        let plain = text.strip_prefix('\\').unwrap_or(text);
                        match plain {
                            "\n" => {}
                            _ => fields.quoted(plain),
                        }
                    }
                    WordPiece::DoubleQuotedSequence(inner) | WordPiece::GettextDoubleQuotedSequence(inner) => {
                        // An empty pair of quotes is a word as well; a list without values is none.
                        if !self.is_empty_list(inner) {
                            fields.quoted("");
                        }
                        self.pieces(inner, Mode::Quoted, fields, io, depth + 1).await?;
                    }
                    WordPiece::TildeExpansion(tilde) => fields.quoted(&self.tilde(tilde)),
                    WordPiece::CommandSubstitution(line) => {
                        let output = self.substitute(line, io).await?;
                        value(&output, fields);
                    }
                    WordPiece::BackquotedCommandSubstitution(line) => {
                        let line = line.replace("\\`", "`").replace("\\$", "$").replace("\\\\", "\\");
                        let output = self.substitute(&line, io).await?;
                        value(&output, fields);
                    }
                    WordPiece::ParameterExpansion(expression) => {
                        if let Some((values, joined)) = self.list_of(expression)? {
                            if joined || mode == Mode::Whole {
                                let between = separators.chars().next().map(String::from).unwrap_or_default();
                                let between = if mode == Mode::Quoted && joined { between } else { " ".to_owned() };
                                value(&values.join(&between), fields);
                                continue;
                            }
                            for (number, text) in values.iter().enumerate() {
                                if number > 0 {
                                    fields.part();
                                }
                                value(text, fields);
                            }
                            continue;
                        }
                        if let Some(text) = self.parameter(expression, mode, fields, io, depth).await? {
                            value(&text, fields);
                        }
                    }
                    WordPiece::ArithmeticExpression(expression) => {
                        let number = self.arithmetic(&expression.value, io).await?;
                        value(&number.to_string(), fields);
                    }
                }
                if fields.size > limits::WORD {
                    return Err("argument list too long".to_owned());
                }
            }
            Ok(())
        }
        .boxed()
    }

    /// `$IFS`
    pub(super) fn separators(&self) -> String {
        self.variables.get("IFS").cloned().unwrap_or_else(|| " \t\n".to_owned())
    }

    fn tilde(&self, tilde: &TildeExpr) -> String {
        match tilde {
            TildeExpr::Home => self.variables.get("HOME").cloned().unwrap_or_else(|| HOME.to_owned()),
            TildeExpr::UserHome(user) if user == "learner" => HOME.to_owned(),
            TildeExpr::UserHome(user) => format!("~{user}"),
            TildeExpr::OldWorkingDir => self.variables.get("OLDPWD").cloned().unwrap_or_else(|| "~-".to_owned()),
            _ => self.files.current(),
        }
    }

    /// The paths a pattern matches, or the word itself when there are none.
    fn glob(&self, field: &Field) -> Vec<String> {
        let absolute = field.pattern.starts_with('/');
        let mut found = vec![if absolute { "/".to_owned() } else { String::new() }];
        for part in field.pattern.split('/').filter(|part| !part.is_empty()) {
            let mut next = Vec::new();
            for base in &found {
                let names = self.files.list(if base.is_empty() { "." } else { base }).unwrap_or_default();
                let special = ["..".to_owned(), ".".to_owned()];
                let names = special.iter().filter(|name| *name == part).chain(&names);
                let hidden = part.starts_with('.');
                let fits = |name: &&String| (hidden || !name.starts_with('.')) && pattern::matches(part, name);
                let join = |name: &String| match base.as_str() {
                    "" => name.clone(),
                    base => format!("{}/{name}", base.trim_end_matches('/')),
                };
                next.extend(names.filter(fits).map(join));
            }
            found = next;
            if found.len() > limits::WORDS {
                break;
            }
        }
        if found.is_empty() { vec![field.text.clone()] } else { found }
    }
}

pub(super) fn read(text: &str) -> Result<Vec<WordPieceWithSource>, Fault> {
    word::parse(text, &parse::options()).map_err(|_| bad(text))
}

fn bad(text: &str) -> Fault {
    format!("{text}: bad substitution")
}

/// `a{b,c}` and `{1..3}`, before anything else is looked at.
fn braces(text: &str) -> Result<Vec<String>, Fault> {
    if !text.contains('{') {
        return Ok(vec![text.to_owned()]);
    }
    match word::parse_brace_expansions(text, &parse::options()) {
        Ok(Some(pieces)) => alternatives(&pieces).map(|words| padded(text, words)),
        _ => Ok(vec![text.to_owned()]),
    }
}

fn alternatives(pieces: &[BraceExpressionOrText]) -> Result<Vec<String>, Fault> {
    let too_many = || "argument list too long".to_owned();
    let mut words = vec![String::new()];
    for piece in pieces {
        let choices: Vec<String> = match piece {
            BraceExpressionOrText::Text(text) => vec![text.clone()],
            BraceExpressionOrText::Expr(members) => {
                let mut choices = Vec::new();
                for member in members {
                    choices.extend(match member {
                        BraceExpressionMember::Child(pieces) => alternatives(pieces)?,
                        BraceExpressionMember::NumberSequence { start, end, increment } => {
                            sequence(*start, *end, *increment).map(|n| n.to_string()).take(limits::WORDS + 1).collect()
                        }
                        BraceExpressionMember::CharSequence { start, end, increment } => {
                            sequence(i64::from(u32::from(*start)), i64::from(u32::from(*end)), *increment)
                                .filter_map(|n| u32::try_from(n).ok().and_then(char::from_u32))
                                .map(String::from)
                                .take(limits::WORDS + 1)
                                .collect()
                        }
                    });
                    if choices.len() > limits::WORDS {
                        return Err(too_many());
                    }
                }
                choices
            }
        };
        if words.len().saturating_mul(choices.len()) > limits::WORDS {
            return Err(too_many());
        }
        words = words.iter().flat_map(|word| choices.iter().map(move |choice| format!("{word}{choice}"))).collect();
        if words.iter().map(String::len).sum::<usize>() > limits::WORD {
            return Err(too_many());
        }
    }
    Ok(words)
}

/// `{01..10}` gives numbers of one width. The parser keeps only the numbers, so the text is looked at again.
fn padded(text: &str, words: Vec<String>) -> Vec<String> {
    let ends = text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')).map(|inner| inner.split("..").take(2));
    let Some(ends) = ends else { return words };
    let digits = |end: &str| end.trim_start_matches('-').bytes().all(|byte| byte.is_ascii_digit());
    let ends: Vec<&str> = ends.collect();
    let zero = |end: &&str| end.trim_start_matches('-').starts_with('0') && end.trim_start_matches('-').len() > 1;
    if !ends.iter().all(|end| digits(end)) || !ends.iter().any(zero) {
        return words;
    }
    let width = ends.iter().map(|end| end.len()).max().unwrap_or(0);
    words.into_iter().map(|word| word.parse::<i64>().map_or(word, |number| format!("{number:0width$}"))).collect()
}

fn sequence(start: i64, end: i64, increment: i64) -> impl Iterator<Item = i64> {
    let step = increment.checked_abs().unwrap_or(i64::MAX).max(1);
    std::iter::successors(Some(start), move |&at| {
        let next = if start <= end { at.checked_add(step) } else { at.checked_sub(step) };
        next.filter(|next| if start <= end { *next <= end } else { *next >= end })
    })
}
