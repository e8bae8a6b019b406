//! `sed`: `s///`, `p`, `d` and `q`, with addresses.

use regex::bytes::Regex;

use super::regexp::{self, Syntax};
use super::{Call, Program, Run, args, chomp, lines};

pub(super) const SED: Program = Program {
    name: "sed",
    summary: "edits text line by line",
    usage: "[-n] [-E] [-i] [-e SCRIPT] SCRIPT [FILE]...",
    run: Run::Now(run),
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
    Quit,
    Substitute { find: Regex, with: Vec<Part>, all: bool, which: usize, print: bool },
}

/// A piece of a replacement.
enum Part {
    Text(Vec<u8>),
    Group(usize),
}

fn run(call: &mut Call<'_>) -> i32 {
    let long = [("quiet", 'n'), ("silent", 'n'), ("regexp-extended", 'E'), ("in-place", 'i'), ("expression", 'e')];
    let parsed = match args::parse(call.args, "nErie:", &long) {
        Ok(parsed) => parsed,
        Err(fault) => return call.misused(&fault, 1),
    };
    let mut rest = parsed.rest.as_slice();
    let script = match parsed.has('e') {
        true => {
            let scripts = parsed.options.iter().filter(|(letter, _)| *letter == 'e').map(|(_, value)| value.as_str());
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
    let (inputs, fine) = call.inputs(rest);
    let in_place = parsed.has('i') && !rest.is_empty();
    let together = [("-".to_owned(), inputs.iter().flat_map(|(_, content)| content.clone()).collect::<Vec<u8>>())];
    let mut status = if fine { 0 } else { 2 };
    for (path, content) in if in_place { &inputs[..] } else { &together[..] } {
        let out = edit(content, &mut steps, parsed.has('n'));
        if !in_place {
            call.write(&out);
        } else if let Err(error) = call.shell.files.write(path, &out) {
            call.complain(&format!("couldn't write {path}: {error}"));
            status = 4;
        }
    }
    status
}

fn edit(content: &[u8], steps: &mut [Step], quiet: bool) -> Vec<u8> {
    let all: Vec<&[u8]> = lines(content).collect();
    let mut out = Vec::new();
    'lines: for (index, raw) in all.iter().enumerate() {
        let mut line = chomp(raw).to_vec();
        let newline = raw.ends_with(b"\n");
        let mut quit = false;
        let last = index + 1 == all.len();
        let emit = |out: &mut Vec<u8>, line: &[u8]| {
            out.extend_from_slice(line);
            if newline || !last {
                out.push(b'\n');
            }
        };
        for step in steps.iter_mut() {
            if !step.applies(index + 1, last, &line) {
                continue;
            }
            match &step.action {
                Action::Print => emit(&mut out, &line),
                Action::Delete => continue 'lines,
                Action::Quit => {
                    quit = true;
                    break;
                }
                Action::Substitute { find, with, all, which, print } => {
                    if let Some(new) = substitute(&line, find, with, *all, *which) {
                        line = new;
                        if *print {
                            emit(&mut out, &line);
                        }
                    }
                }
            }
            if line.len() > OUTPUT_LIMIT {
                return out;
            }
        }
        if !quiet {
            emit(&mut out, &line);
        }
        if quit || out.len() > OUTPUT_LIMIT {
            break;
        }
    }
    out
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

    fn script(mut self) -> Read<Vec<Step>> {
        let mut steps = Vec::new();
        loop {
            self.skip(&[';']);
            if self.peek().is_none() {
                return Ok(steps);
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
                Some('q') => Action::Quit,
                Some('s') => self.substitute()?,
                None => return self.fault("missing command"),
                Some(c) => return self.fault(&format!("unknown command: `{c}'")),
            };
            steps.push(Step { from, to, negated, action, inside: false });
            while self.peek().is_some_and(|c| c == ' ' || c == '\t') {
                self.at += 1;
            }
            if !matches!(self.peek(), None | Some(';' | '\n' | '}')) {
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
