//! From words as typed to words as meant: quotes, variables, `$(…)`, `~`, braces, globs.

use brush_parser::ast::Word;
use brush_parser::word::{
    self, BraceExpressionMember, BraceExpressionOrText, Parameter, ParameterExpr, ParameterTestType, SpecialParameter,
    SubstringMatchKind, TildeExpr, WordPiece, WordPieceWithSource,
};
use futures::FutureExt;
use futures::future::BoxFuture;

use super::execute::Io;
use super::files::HOME;
use super::{Shell, ansi, parse, pattern};

/// The most that one word may become, in bytes.
const WORD_LIMIT: usize = 1 << 20;
/// How many words a line's braces or globs may give.
const COUNT_LIMIT: usize = 5000;
/// How deep `${A:-${B:-…}}` may go.
const DEPTH_LIMIT: usize = 16;

/// Why a command is not run: what follows `bash: `.
pub(super) type Fault = String;

/// One word in the making.
#[derive(Clone, Default)]
struct Field {
    text: String,
    /// The same, as a glob pattern in which quoted signs are plain.
    pattern: String,
}

/// The words in the making.
#[derive(Default)]
struct Fields {
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

    /// The value of an unquoted expansion: it ends words where it has blanks.
    fn split(&mut self, text: &str) {
        if text.starts_with([' ', '\t', '\n']) {
            self.done.extend(self.current.take());
        }
        for (number, part) in text.split_ascii_whitespace().enumerate() {
            if number > 0 {
                self.done.extend(self.current.take());
            }
            self.plain(part);
        }
        if text.ends_with([' ', '\t', '\n']) {
            self.done.extend(self.current.take());
        }
    }
}

/// How the pieces of a word are put together.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
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
                match pattern::is_pattern(&field.pattern) {
                    true => words.extend(self.glob(&field)),
                    false => words.push(field.text),
                }
            }
            if words.len() > COUNT_LIMIT {
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

    async fn whole(&mut self, text: &str, io: &Io<'_>, depth: usize) -> Result<Field, Fault> {
        let mut fields = Fields::default();
        self.pieces(&read(text)?, Mode::Whole, &mut fields, io, depth).await?;
        Ok(fields.current.unwrap_or_default())
    }

    fn pieces<'a>(
        &'a mut self,
        pieces: &'a [WordPieceWithSource],
        mode: Mode,
        fields: &'a mut Fields,
        io: &'a Io<'_>,
        depth: usize,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        async move {
            if depth > DEPTH_LIMIT {
                return Err("expansions are nested too deeply for this shell".to_owned());
            }
            let value = |text: &str, fields: &mut Fields| match mode {
                Mode::Argument => fields.split(text),
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
                        // An empty pair of quotes is a word as well.
                        fields.quoted("");
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
                        if let Some(text) = self.parameter(expression, mode, fields, io, depth).await? {
                            value(&text, fields);
                        }
                    }
                    WordPiece::ArithmeticExpression(_) => {
                        return Err("arithmetic is not part of this shell".to_owned());
                    }
                }
                if fields.size > WORD_LIMIT {
                    return Err("argument list too long".to_owned());
                }
            }
            Ok(())
        }
        .boxed()
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

    /// The value of a parameter. `None` for one that is not set.
    fn value(&self, parameter: &Parameter) -> Result<Option<String>, Fault> {
        Ok(match parameter {
            Parameter::Named(name) if name == "PWD" => Some(self.files.current()),
            Parameter::Named(name) => self.variables.get(name).cloned(),
            Parameter::Positional(0) | Parameter::Special(SpecialParameter::ShellName) => Some("bash".to_owned()),
            Parameter::Positional(_) => None,
            Parameter::Special(special) => match special {
                SpecialParameter::LastExitStatus => Some(self.status.to_string()),
                SpecialParameter::PositionalParameterCount => Some("0".to_owned()),
                SpecialParameter::ProcessId => Some("1".to_owned()),
                SpecialParameter::CurrentOptionFlags => Some("i".to_owned()),
                _ => None,
            },
            Parameter::NamedWithIndex { .. } | Parameter::NamedWithAllIndices { .. } => {
                return Err("arrays are not part of this shell".to_owned());
            }
        })
    }

    /// What `${…}` gives; `None` when the default's own pieces were added to `fields` already.
    async fn parameter(
        &mut self,
        expression: &ParameterExpr,
        mode: Mode,
        fields: &mut Fields,
        io: &Io<'_>,
        depth: usize,
    ) -> Result<Option<String>, Fault> {
        use ParameterExpr as P;
        let is_set = |value: &Option<String>, test: &ParameterTestType| match test {
            ParameterTestType::Unset => value.is_some(),
            ParameterTestType::UnsetOrNull => value.as_ref().is_some_and(|value| !value.is_empty()),
        };
        let (parameter, indirect) = match expression {
            P::Parameter { parameter, indirect }
            | P::UseDefaultValues { parameter, indirect, .. }
            | P::AssignDefaultValues { parameter, indirect, .. }
            | P::IndicateErrorIfNullOrUnset { parameter, indirect, .. }
            | P::UseAlternativeValue { parameter, indirect, .. }
            | P::ParameterLength { parameter, indirect }
            | P::RemoveSmallestSuffixPattern { parameter, indirect, .. }
            | P::RemoveLargestSuffixPattern { parameter, indirect, .. }
            | P::RemoveSmallestPrefixPattern { parameter, indirect, .. }
            | P::RemoveLargestPrefixPattern { parameter, indirect, .. }
            | P::ReplaceSubstring { parameter, indirect, .. }
            | P::UppercasePattern { parameter, indirect, .. }
            | P::LowercasePattern { parameter, indirect, .. } => (parameter, indirect),
            _ => return Err("this expansion is not part of this shell".to_owned()),
        };
        let mut value = self.value(parameter)?;
        if *indirect {
            value = match value {
                Some(name) => self.value(&Parameter::Named(name))?,
                None => None,
            };
        }
        Ok(Some(match expression {
            P::UseDefaultValues { test_type, default_value, .. } => match value {
                value if is_set(&value, test_type) => value.unwrap_or_default(),
                _ => {
                    let pieces = default_value.as_deref().map(read).transpose()?.unwrap_or_default();
                    self.pieces(&pieces, mode, fields, io, depth + 1).await?;
                    return Ok(None);
                }
            },
            P::UseAlternativeValue { test_type, alternative_value, .. } => {
                if is_set(&value, test_type) {
                    let pieces = alternative_value.as_deref().map(read).transpose()?.unwrap_or_default();
                    self.pieces(&pieces, mode, fields, io, depth + 1).await?;
                }
                return Ok(None);
            }
            P::AssignDefaultValues { test_type, default_value, .. } => match value {
                value if is_set(&value, test_type) => value.unwrap_or_default(),
                _ => {
                    let text = self.whole(default_value.as_deref().unwrap_or_default(), io, depth + 1).await?.text;
                    if let Parameter::Named(name) = parameter {
                        self.assign(name, text.clone())?;
                    }
                    text
                }
            },
            P::IndicateErrorIfNullOrUnset { test_type, error_message, .. } => match value {
                value if is_set(&value, test_type) => value.unwrap_or_default(),
                _ => {
                    let message = error_message.as_deref().unwrap_or("parameter null or not set");
                    let name = match parameter {
                        Parameter::Named(name) => name.clone(),
                        other => other.to_string(),
                    };
                    return Err(format!("{name}: {}", self.whole(message, io, depth + 1).await?.text));
                }
            },
            P::ParameterLength { .. } => value.unwrap_or_default().chars().count().to_string(),
            P::RemoveSmallestSuffixPattern { pattern, .. } => {
                self.remove(value, pattern, false, false, io, depth).await?
            }
            P::RemoveLargestSuffixPattern { pattern, .. } => {
                self.remove(value, pattern, false, true, io, depth).await?
            }
            P::RemoveSmallestPrefixPattern { pattern, .. } => {
                self.remove(value, pattern, true, false, io, depth).await?
            }
            P::RemoveLargestPrefixPattern { pattern, .. } => self.remove(value, pattern, true, true, io, depth).await?,
            P::ReplaceSubstring { pattern, replacement, match_kind, .. } => {
                let pattern = self.whole(pattern, io, depth + 1).await?.pattern;
                let by = self.whole(replacement.as_deref().unwrap_or_default(), io, depth + 1).await?.text;
                replace(&value.unwrap_or_default(), &pattern, &by, match_kind)?
            }
            P::UppercasePattern { .. } => value.unwrap_or_default().to_uppercase(),
            P::LowercasePattern { .. } => value.unwrap_or_default().to_lowercase(),
            _ => value.unwrap_or_default(),
        }))
    }

    /// `${A%…}`, `${A##…}` and their like.
    async fn remove(
        &mut self,
        value: Option<String>,
        pattern: &Option<String>,
        prefix: bool,
        largest: bool,
        io: &Io<'_>,
        depth: usize,
    ) -> Result<String, Fault> {
        let value = value.unwrap_or_default();
        let pattern = self.whole(pattern.as_deref().unwrap_or_default(), io, depth + 1).await?.pattern;
        within_reach(&value)?;
        let mut cuts: Vec<usize> = value.char_indices().map(|(at, _)| at).chain([value.len()]).collect();
        if prefix == largest {
            cuts.reverse();
        }
        Ok(match prefix {
            true => cuts.into_iter().find(|&at| pattern::matches(&pattern, &value[..at])).map(|at| &value[at..]),
            false => cuts.into_iter().find(|&at| pattern::matches(&pattern, &value[at..])).map(|at| &value[..at]),
        }
        .unwrap_or(&value)
        .to_owned())
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
            if found.len() > COUNT_LIMIT {
                break;
            }
        }
        if found.is_empty() { vec![field.text.clone()] } else { found }
    }
}

fn read(text: &str) -> Result<Vec<WordPieceWithSource>, Fault> {
    word::parse(text, &parse::options()).map_err(|_| bad(text))
}

fn bad(text: &str) -> Fault {
    format!("{text}: bad substitution")
}

/// Matching at each place of a value is quadratic: only reasonable values are looked through.
fn within_reach(value: &str) -> Result<(), Fault> {
    if value.len() > 16 << 10 { Err("the value is too long for this expansion".to_owned()) } else { Ok(()) }
}

fn replace(value: &str, pattern: &str, by: &str, kind: &SubstringMatchKind) -> Result<String, Fault> {
    // Each start is tried with each end, the farthest first.
    if value.len() > 1 << 10 {
        return Err("the value is too long for this expansion".to_owned());
    }
    if pattern.is_empty() {
        return Ok(value.to_owned());
    }
    let ends: Vec<usize> = value.char_indices().map(|(at, _)| at).chain([value.len()]).collect();
    let mut out = String::new();
    let mut at = 0;
    while at < value.len() {
        let allowed = match kind {
            SubstringMatchKind::Prefix => at == 0,
            _ => true,
        };
        let fits = |end: &&usize| {
            **end > at
                && (!matches!(kind, SubstringMatchKind::Suffix) || **end == value.len())
                && pattern::matches(pattern, &value[at..**end])
        };
        match ends.iter().rev().find(fits).filter(|_| allowed) {
            Some(&end) => {
                out.push_str(by);
                at = end;
                if !matches!(kind, SubstringMatchKind::Anywhere) {
                    break;
                }
            }
            None => {
                let c = value[at..].chars().next().unwrap_or_default();
                out.push(c);
                at += c.len_utf8();
            }
        }
    }
    out.push_str(&value[at..]);
    Ok(out)
}

/// `a{b,c}` and `{1..3}`, before anything else is looked at.
fn braces(text: &str) -> Result<Vec<String>, Fault> {
    if !text.contains('{') {
        return Ok(vec![text.to_owned()]);
    }
    match word::parse_brace_expansions(text, &parse::options()) {
        Ok(Some(pieces)) => alternatives(&pieces),
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
                            sequence(*start, *end, *increment).map(|n| n.to_string()).take(COUNT_LIMIT + 1).collect()
                        }
                        BraceExpressionMember::CharSequence { start, end, increment } => {
                            sequence(i64::from(u32::from(*start)), i64::from(u32::from(*end)), *increment)
                                .filter_map(|n| u32::try_from(n).ok().and_then(char::from_u32))
                                .map(String::from)
                                .take(COUNT_LIMIT + 1)
                                .collect()
                        }
                    });
                    if choices.len() > COUNT_LIMIT {
                        return Err(too_many());
                    }
                }
                choices
            }
        };
        if words.len().saturating_mul(choices.len()) > COUNT_LIMIT {
            return Err(too_many());
        }
        words = words.iter().flat_map(|word| choices.iter().map(move |choice| format!("{word}{choice}"))).collect();
        if words.iter().map(String::len).sum::<usize>() > WORD_LIMIT {
            return Err(too_many());
        }
    }
    Ok(words)
}

fn sequence(start: i64, end: i64, increment: i64) -> impl Iterator<Item = i64> {
    let step = increment.checked_abs().unwrap_or(i64::MAX).max(1);
    std::iter::successors(Some(start), move |&at| {
        let next = if start <= end { at.checked_add(step) } else { at.checked_sub(step) };
        next.filter(|next| if start <= end { *next <= end } else { *next >= end })
    })
}
