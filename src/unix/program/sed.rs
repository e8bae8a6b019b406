//! `sed`: `s///`, `p`, `d` and `q`, with addresses.

use std::io::Write;

use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;
use regex::bytes::Regex;

use super::regexp::{self, Syntax};
use super::{Call, Program, Run, args, chomp};
use crate::unix::ansi;
use crate::unix::pipe::Source;

pub(super) const SED: Program = Program {
    name: "sed",
    summary: "edits text line by line",
    usage: "[-n] [-E] [-i] [-e SCRIPT] SCRIPT [FILE]...",
    run: Run::Later(run),
};

/// The most that one input may become.
const OUTPUT_LIMIT: usize = 4 << 20;

enum Address {
    Line(usize),
    Last,
    Match(Regex),
}

struct Step {
    from: Option<Address>,
    to: Option<Address>,
    negated: bool,
    action: Action,
    /// Whether a range is open.
    inside: bool,
}

enum Action {
    Print,
    Delete,
    /// `{`: where to go on when it is not for this line.
    Block(usize),
    /// `=`
    Number,
    /// `q` and `Q`
    Quit(i32, bool),
    Append(Vec<u8>),
    Insert(Vec<u8>),
    Change(Vec<u8>),
    Transliterate(Vec<char>, Vec<char>),
    Substitute {
        find: Regex,
        with: Vec<Part>,
        all: bool,
        which: usize,
        print: bool,
    },
}

/// A piece of a replacement.
enum Part {
    Text(Vec<u8>),
    Group(usize),
}

fn run<'a>(call: &'a mut Call<'_>) -> BoxFuture<'a, i32> {
    async move {
        let long = [("quiet", 'n'), ("silent", 'n'), ("regexp-extended", 'E'), ("in-place", 'i'), ("expression", 'e')];
        // `-i.bak`: the old text is kept under a longer name.
        let suffix = call.args.iter().find_map(|arg| arg.strip_prefix("-i").or(arg.strip_prefix("--in-place=")));
        let suffix = suffix.filter(|suffix| !suffix.is_empty()).unwrap_or_default().to_owned();
        let given = call.args.iter().map(|arg| match arg.starts_with("-i") || arg.starts_with("--in-place=") {
            true => "-i".to_owned(),
            false => arg.clone(),
        });
        let given: Vec<String> = given.collect();
        let parsed = match args::parse(&given, "nErie:", &long) {
            Ok(parsed) => parsed,
            Err(fault) => return call.misused(&fault, 1),
        };
        let mut rest = parsed.rest.as_slice();
        let script = match parsed.has('e') {
            true => {
                let scripts =
                    parsed.options.iter().filter(|(letter, _)| *letter == 'e').map(|(_, value)| value.as_str());
                scripts.collect::<Vec<_>>().join("\n")
            }
            false => match rest.split_first() {
                Some((first, others)) => {
                    rest = others;
                    first.clone()
                }
                None => {
                    let _ = writeln!(call.stderr, "Usage: sed {}", SED.usage);
                    return 1;
                }
            },
        };
        let syntax = if parsed.has('E') || parsed.has('r') { Syntax::Extended } else { Syntax::Basic };
        let mut steps = match (Reader { chars: script.chars().collect(), at: 0, syntax }).script() {
            Ok(steps) => steps,
            Err((at, fault)) => {
                call.complain(&format!("-e expression #1, char {at}: {fault}"));
                return 1;
            }
        };
        let in_place = parsed.has('i') && !rest.is_empty();
        let (sources, fine) = call.sources(rest);
        let mut status = if fine { 0 } else { 2 };
        let quiet = parsed.has('n');
        if in_place {
            for (path, source) in sources {
                let mut editor = Editor::new(&mut steps, quiet);
                let mut out = Vec::new();
                editor.all(vec![source], |bytes| out.extend_from_slice(bytes)).await;
                for step in editor.steps.iter_mut() {
                    step.inside = false;
                }
                let old = call.shell.files.read(&path).unwrap_or_default();
                let kept = match suffix.as_str() {
                    "" => Ok(()),
                    suffix => call.shell.files.write(&format!("{path}{suffix}"), &old),
                };
                if let Err(error) = kept.and_then(|()| call.shell.files.write(&path, &out)) {
                    call.complain(&format!("couldn't write {path}: {error}"));
                    status = 4;
                }
            }
            return status;
        }
        let mut editor = Editor::new(&mut steps, quiet);
        let sources = sources.into_iter().map(|(_, source)| source).collect();
        if let Some(asked) = editor.all(sources, |bytes| call.write(bytes)).await {
            status = asked;
        }
        status
    }
    .boxed()
}

/// Goes through lines with a script.
struct Editor<'s> {
    steps: &'s mut [Step],
    quiet: bool,
    number: usize,
    /// The last line had no newline; one is due before the next.
    owes: bool,
}

impl<'s> Editor<'s> {
    fn new(steps: &'s mut [Step], quiet: bool) -> Self {
        Self { steps, quiet, number: 0, owes: false }
    }

    /// Edits all lines of these, which count as one text. Gives the status that `q` asked for.
    async fn all(&mut self, sources: Vec<Source>, mut write: impl FnMut(&[u8]) + Send) -> Option<i32> {
        // Only a script that asks which line is the last has to look ahead.
        let looks_ahead = self
            .steps
            .iter()
            .any(|step| [&step.from, &step.to].iter().any(|address| matches!(address, Some(Address::Last))));
        let mut waiting: Option<Bytes> = None;
        let mut sent = 0;
        for source in sources {
            while let Some(raw) = source.line().await {
                let next = if looks_ahead { waiting.replace(raw) } else { Some(raw) };
                let Some(raw) = next else { continue };
                let ends = self.line(&raw, false, &mut |bytes: &[u8]| {
                    sent += bytes.len();
                    write(bytes);
                });
                if ends.is_some() {
                    return ends;
                }
            }
        }
        waiting.and_then(|raw| self.line(&raw, true, &mut write))
    }

    fn line(&mut self, raw: &[u8], last: bool, write: &mut dyn FnMut(&[u8])) -> Option<i32> {
        self.number += 1;
        let mut line = chomp(raw).to_vec();
        let newline = raw.ends_with(b"\n");
        let mut owes = self.owes;
        let mut emit = |line: &[u8], newline: bool| {
            if std::mem::replace(&mut owes, !newline) {
                write(b"\n");
            }
            write(line);
            if newline {
                write(b"\n");
            }
        };
        let mut after: Vec<u8> = Vec::new();
        let mut ends = None;
        let mut shows = !self.quiet;
        let mut at = 0;
        while let Some(step) = self.steps.get_mut(at) {
            at += 1;
            if !step.applies(self.number, last, &line) {
                if let Action::Block(end) = step.action {
                    at = end;
                }
                continue;
            }
            match &step.action {
                Action::Block(_) => {}
                Action::Print => emit(&line, newline),
                Action::Number => emit(self.number.to_string().as_bytes(), true),
                Action::Delete => {
                    shows = false;
                    break;
                }
                Action::Quit(status, silent) => {
                    ends = Some(*status);
                    shows &= !silent;
                    break;
                }
                Action::Append(text) => after.extend_from_slice(text),
                Action::Insert(text) => emit(chomp(text), true),
                Action::Change(text) => {
                    emit(chomp(text), true);
                    shows = false;
                    break;
                }
                Action::Transliterate(from, to) => {
                    let text = String::from_utf8_lossy(&line).into_owned();
                    let change = |c: char| from.iter().position(|known| *known == c).map_or(c, |at| to[at]);
                    line = text.chars().map(change).collect::<String>().into_bytes();
                }
                Action::Substitute { find, with, all, which, print } => {
                    if let Some(new) = substitute(&line, find, with, *all, *which) {
                        line = new;
                        if *print {
                            emit(&line, newline);
                        }
                    }
                }
            }
            line.truncate(OUTPUT_LIMIT);
        }
        if shows {
            emit(&line, newline);
        }
        if !after.is_empty() {
            emit(chomp(&after), true);
        }
        self.owes = owes;
        ends
    }
}

fn substitute(line: &[u8], find: &Regex, with: &[Part], all: bool, which: usize) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut done = 0;
    let mut changed = false;
    for (number, found) in find.captures_iter(line).enumerate() {
        if number + 1 < which {
            continue;
        }
        let whole = found.get(0)?;
        out.extend_from_slice(&line[done..whole.start()]);
        for part in with {
            match part {
                Part::Text(text) => out.extend_from_slice(text),
                Part::Group(group) => out.extend_from_slice(found.get(*group).map_or(&b""[..], |part| part.as_bytes())),
            }
        }
        done = whole.end();
        changed = true;
        if !all || out.len() > OUTPUT_LIMIT {
            break;
        }
    }
    out.extend_from_slice(&line[done..]);
    changed.then_some(out)
}

impl Address {
    fn fits(&self, number: usize, last: bool, line: &[u8]) -> bool {
        match self {
            Self::Line(wanted) => *wanted == number,
            Self::Last => last,
            Self::Match(expression) => expression.is_match(line),
        }
    }
}

impl Step {
    fn applies(&mut self, number: usize, last: bool, line: &[u8]) -> bool {
        let chosen = match (&self.from, &self.to) {
            (None, _) => true,
            (Some(from), None) => from.fits(number, last, line),
            (Some(_), Some(to)) if self.inside => {
                let past = matches!(to, Address::Line(end) if number >= *end);
                self.inside = !(past || to.fits(number, last, line));
                !matches!(to, Address::Line(end) if number > *end)
            }
            (Some(from), Some(to)) => {
                let starts = from.fits(number, last, line);
                self.inside = starts && !matches!(to, Address::Line(end) if *end <= number);
                starts
            }
        };
        chosen != self.negated
    }
}

/// Reads a script. Errors carry the place, counted in characters from one.
struct Reader {
    chars: Vec<char>,
    at: usize,
    syntax: Syntax,
}

type Read<T> = Result<T, (usize, String)>;

impl Reader {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek();
        self.at += usize::from(c.is_some());
        c
    }

    fn fault<T>(&self, text: &str) -> Read<T> {
        Err((self.at, text.to_owned()))
    }

    fn skip(&mut self, also: &[char]) {
        while self.peek().is_some_and(|c| c.is_whitespace() || also.contains(&c)) {
            self.at += 1;
        }
    }

    fn skip_blanks(&mut self) {
        while self.peek().is_some_and(|c| c == ' ' || c == '\t') {
            self.at += 1;
        }
    }

    /// The text of `a`, `i` and `c`: the rest of the line; a backslash at its end continues it.
    fn text(&mut self) -> Read<Vec<u8>> {
        self.skip_blanks();
        if self.peek() == Some('\\') && self.chars.get(self.at + 1) == Some(&'\n') {
            self.at += 2;
        } else if self.peek() == Some('\\') {
            self.at += 1;
        }
        let mut text = String::new();
        while let Some(c) = self.next() {
            match c {
                '\n' => break,
                '\\' => text.extend(self.next()),
                c => text.push(c),
            }
        }
        if text.is_empty() {
            return self.fault("expected \\ after `a', `c' or `i'");
        }
        text.push('\n');
        Ok(text.into_bytes())
    }

    fn transliterate(&mut self) -> Read<Action> {
        const OPEN: &str = "unterminated `y' command";
        let Some(end) = self.next() else { return self.fault(OPEN) };
        let plain = |text: String| ansi::unescape(&text, ansi::Kind::Format).0.chars().collect::<Vec<char>>();
        let (from, to) = (plain(self.until(end, OPEN)?), plain(self.until(end, OPEN)?));
        if from.len() != to.len() {
            return self.fault("strings for `y' command are different lengths");
        }
        Ok(Action::Transliterate(from, to))
    }

    fn script(mut self) -> Read<Vec<Step>> {
        let mut steps: Vec<Step> = Vec::new();
        let mut open: Vec<usize> = Vec::new();
        loop {
            self.skip(&[';']);
            match self.peek() {
                None if open.is_empty() => return Ok(steps),
                None => return Err((0, "unmatched `{'".to_owned())),
                Some('}') => {
                    self.at += 1;
                    let end = steps.len();
                    match open.pop().and_then(|at| steps.get_mut(at)) {
                        Some(step) => step.action = Action::Block(end),
                        None => return self.fault("unexpected `}'"),
                    }
                    continue;
                }
                Some('#') => {
                    while self.next().is_some_and(|c| c != '\n') {}
                    continue;
                }
                Some(_) => {}
            }
            let from = self.address()?;
            let to = match self.peek() {
                Some(',') => {
                    self.at += 1;
                    match self.address()? {
                        Some(to) => Some(to),
                        None => return self.fault("unexpected `,'"),
                    }
                }
                _ => None,
            };
            self.skip(&[]);
            let negated = self.peek() == Some('!');
            self.at += usize::from(negated);
            let action = match self.next() {
                Some('p') => Action::Print,
                Some('d') => Action::Delete,
                Some('{') => {
                    open.push(steps.len());
                    steps.push(Step { from, to, negated, action: Action::Block(usize::MAX), inside: false });
                    continue;
                }
                Some('=') => Action::Number,
                Some(c @ ('q' | 'Q')) => {
                    let mut digits = String::new();
                    self.skip_blanks();
                    while let Some(digit) = self.peek().filter(char::is_ascii_digit) {
                        digits.push(digit);
                        self.at += 1;
                    }
                    Action::Quit(digits.parse::<u8>().unwrap_or(0).into(), c == 'Q')
                }
                Some('a') => Action::Append(self.text()?),
                Some('i') => Action::Insert(self.text()?),
                Some('c') => Action::Change(self.text()?),
                Some('y') => self.transliterate()?,
                Some('s') => self.substitute()?,
                None => return self.fault("missing command"),
                Some(c) => return self.fault(&format!("unknown command: `{c}'")),
            };
            steps.push(Step { from, to, negated, action, inside: false });
            self.skip_blanks();
            let ended = matches!(
                steps.last(),
                Some(Step { action: Action::Append(_) | Action::Insert(_) | Action::Change(_), .. })
            );
            if !ended && !matches!(self.peek(), None | Some(';' | '\n' | '}')) {
                self.at += 1;
                return self.fault("extra characters after command");
            }
        }
    }

    fn address(&mut self) -> Read<Option<Address>> {
        self.skip(&[]);
        match self.peek() {
            Some('$') => {
                self.at += 1;
                Ok(Some(Address::Last))
            }
            Some(c) if c.is_ascii_digit() => {
                let mut number = 0usize;
                while let Some(digit) = self.peek().and_then(|c| c.to_digit(10)) {
                    number = number.saturating_mul(10).saturating_add(digit as usize);
                    self.at += 1;
                }
                Ok(Some(Address::Line(number)))
            }
            Some('/') => {
                self.at += 1;
                let pattern = self.until('/', "unterminated address regex")?;
                let expression = regexp::build(&pattern, self.syntax, false).map_err(|fault| (self.at, fault))?;
                Ok(Some(Address::Match(expression)))
            }
            _ => Ok(None),
        }
    }

    /// The text up to a delimiter; a delimiter with a backslash is plain.
    fn until(&mut self, end: char, missing: &str) -> Read<String> {
        let mut text = String::new();
        loop {
            match self.next() {
                None => return self.fault(missing),
                Some(c) if c == end => return Ok(text),
                Some('\\') => match self.next() {
                    Some(c) if c == end => text.push(c),
                    Some(c) => text.extend(['\\', c]),
                    None => return self.fault(missing),
                },
                Some(c) => text.push(c),
            }
        }
    }

    fn substitute(&mut self) -> Read<Action> {
        const OPEN: &str = "unterminated `s' command";
        let Some(end) = self.next() else { return self.fault(OPEN) };
        let pattern = self.until(end, OPEN)?;
        let replacement = self.until(end, OPEN)?;
        let (mut all, mut which, mut print, mut ignore_case) = (false, 1, false, false);
        while let Some(c) = self.peek() {
            match c {
                'g' => all = true,
                'p' => print = true,
                'i' | 'I' => ignore_case = true,
                c if c.is_ascii_digit() && c != '0' => which = c.to_digit(10).unwrap_or(1) as usize,
                ';' | '\n' | ' ' | '\t' | '}' => break,
                _ => {
                    self.at += 1;
                    return self.fault("unknown option to `s'");
                }
            }
            self.at += 1;
        }
        let find = regexp::build(&pattern, self.syntax, ignore_case).map_err(|fault| (self.at, fault))?;
        let with = parts(&replacement);
        if let Some(group) = with.iter().find_map(|part| match part {
            Part::Group(group) if *group >= find.captures_len() => Some(*group),
            _ => None,
        }) {
            return self.fault(&format!("invalid reference \\{group} on `s' command's RHS"));
        }
        Ok(Action::Substitute { find, with, all, which, print })
    }
}

/// `&`, `\1` and plain text.
fn parts(replacement: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut text = Vec::new();
    let mut chars = replacement.chars();
    let mut push = |text: &mut Vec<u8>, group| {
        parts.push(Part::Text(std::mem::take(text)));
        parts.push(Part::Group(group));
    };
    while let Some(c) = chars.next() {
        let plain = match c {
            '&' => {
                push(&mut text, 0);
                continue;
            }
            '\\' => match chars.next() {
                Some(digit) if digit.is_ascii_digit() => {
                    push(&mut text, digit.to_digit(10).unwrap_or(0) as usize);
                    continue;
                }
                Some('n') => '\n',
                Some('t') => '\t',
                Some(c) => c,
                None => '\\',
            },
            c => c,
        };
        text.extend_from_slice(plain.encode_utf8(&mut [0; 4]).as_bytes());
    }
    parts.push(Part::Text(text));
    parts
}
