//! Compiles a filter and runs it over its inputs, in the words of jq 1.7 where something is wrong.

use std::cell::{Cell, RefCell};

use jaq_core::load::parse::{Def, Term};
use jaq_core::load::{Arena, File, Lexer, Loader, Parser};
use jaq_core::{Compiler, Ctx, Vars};
use jaq_json::write::Pp;
use jaq_json::{Val, read, write};
use jaq_std::input::RcIter;

use super::meter::{self, Data, EXHAUSTED, Kind, Meter};

/// The deepest JSON that is read, as jq.
const DEPTH_LIMIT: usize = 10_000;
/// The longest filter, in bytes: each of its parts may be one step deeper.
const CODE_LIMIT: usize = 8 << 10;
/// How deep brackets of a filter may be.
const CODE_DEPTH_LIMIT: usize = 200;
/// The most that is printed.
const OUTPUT_LIMIT: usize = 4 << 20;

/// One run of jq.
pub(super) struct Job<'a> {
    pub code: &'a str,
    pub variables: &'a [(String, String)],
    pub content: &'a [u8],
    pub from_file: Option<&'a str>,
    pub raw_input: bool,
    pub null_input: bool,
    pub slurp: bool,
    pub now: f64,
    pub environment: &'a str,
    pub pretty: Pp,
    pub raw_output: bool,
    pub join: bool,
    pub ascii: bool,
}

/// How it went.
#[derive(Default)]
pub(super) struct Finished {
    pub stdout: Vec<u8>,
    pub stderr: Vec<u8>,
    pub status: i32,
    /// Whether the last value printed was neither `false` nor `null`.
    pub last: Option<bool>,
}

impl Finished {
    fn fault(&mut self, text: &str, status: i32) {
        self.stderr.extend_from_slice(format!("jq: {text}\n").as_bytes());
        self.status = status;
    }
}

/// jq's functions that jaq has not, or has otherwise.
const DEFINITIONS: &str = r#"
def join($s): reduce .[] as $x (null;
  (if . == null then "" else . + $s end) +
  ($x | if . == null then "" elif type == "string" then . else tojson end)) // "";
def leaf_paths: paths(scalars);
def @csv: map(if type == "string" then "\"" + (split("\"") | join("\"\"")) + "\""
  elif . == null then "" else tojson end) | join(",");
def @tsv: map(if type == "string" then
    (split("\\") | join("\\\\") | split("\t") | join("\\t") | split("\n") | join("\\n") | split("\r") | join("\\r"))
  elif . == null then "" else tojson end) | join("\t");
def ascii: [.] | implode;
def todate: strftime("%Y-%m-%dT%H:%M:%SZ");
def tostream: path(def r: (.[]?|r), .; r) as $p | getpath($p) | reduce path(.[]?) as $q ([$p, .]; [$p + $q]);
"#;

pub(super) fn run(job: &Job<'_>) -> Finished {
    let mut done = Finished::default();
    if job.code.len() > CODE_LIMIT || deepest(job.code.as_bytes()) > CODE_DEPTH_LIMIT {
        done.fault("error: this filter is too long or nested too deeply for this shell", 3);
        return done;
    }
    if !job.raw_input && deepest(job.content) > DEPTH_LIMIT {
        done.fault("parse error: Exceeds depth limit for parsing at line 1, column 0", 2);
        return done;
    }
    // The filter becomes a definition, so that what it calls can be counted like everything else.
    let tokens = Lexer::new(job.code).lex();
    let body: Result<Term<&str>, Option<String>> = match &tokens {
        Ok(tokens) if tokens.is_empty() => Ok(Default::default()),
        Ok(tokens) => Parser::new(tokens)
            .parse(|p| p.term())
            .map_err(|faults| faults.first().and_then(|(_, found)| found.map(|token| token.0)).map(str::to_owned)),
        Err(faults) => Err(faults.first().map(|(_, rest)| rest.chars().take(1).collect())),
    };
    let body = match body {
        Ok(body) => body,
        Err(found) => {
            let found = match found.filter(|found| !found.is_empty()) {
                Some(found) => format!("'{}'", found.chars().take(20).collect::<String>()),
                None => "end of file".to_owned(),
            };
            let why = format!("syntax error, unexpected {found} (Unix shell quoting issues?)");
            compile_error(&mut done, &why, job.code);
            return done;
        }
    };
    let names: Vec<String> = job.variables.iter().map(|(name, _)| format!("${name}")).collect();
    let main = Def { name: "main_", args: names.iter().map(String::as_str).collect(), body };
    let call = match names.is_empty() {
        true => "main_".to_owned(),
        false => format!("main_({})", names.join("; ")),
    };
    let own = jaq_core::load::parse(DEFINITIONS, |p| p.defs()).unwrap_or_default();
    let theirs = jaq_core::defs().chain(jaq_std::defs()).chain(jaq_json::defs()).chain(own);
    let mut definitions: Vec<Def<&str>> = Vec::new();
    for def in theirs {
        definitions.push(def);
    }
    definitions.push(main);
    let arena = Arena::default();
    let loaded =
        Loader::new(definitions.into_iter().map(meter::count)).load(&arena, File { code: call.as_str(), path: () });
    let compiled = loaded.map_err(|_| None).and_then(|modules| {
        let compiler = Compiler::<_, Kind>::default().with_funs(meter::functions());
        let compiler = compiler.with_global_vars(names.iter().map(String::as_str));
        compiler.compile(modules).map_err(|faults| {
            let fault = faults.into_iter().flat_map(|(_, faults)| faults).next();
            fault.map(|(name, undefined)| match undefined {
                jaq_core::compile::Undefined::Filter(arity) => format!("{name}/{arity} is not defined"),
                jaq_core::compile::Undefined::Var => format!("{name} is not defined"),
                other => format!("{} {name} is not defined", other.as_str()),
            })
        })
    });
    let filter = match compiled {
        Ok(filter) => filter,
        Err(why) => {
            compile_error(&mut done, why.as_deref().unwrap_or("this filter cannot be compiled"), job.code);
            return done;
        }
    };
    let parse = |text: &str| read::parse_single(text.as_bytes()).unwrap_or_default();
    let values: Vec<Val> = job.variables.iter().map(|(_, value)| parse(value)).collect();
    let meter = Meter::new(job.now, parse(job.environment));
    let faults: RefCell<Option<String>> = RefCell::default();
    let line = Cell::new(0);
    let inputs = RcIter::new(inputs(job, &faults, &line));
    let data = Data { lut: &filter.lut, inputs: &inputs, meter: &meter };
    let null = job.null_input.then_some(Val::Null);
    let all = null.into_iter().map(Ok).chain(std::iter::once(()).filter(|()| !job.null_input).flat_map(|()| &inputs));
    for input in all {
        let Ok(input) = input else { break };
        let context = Ctx::<Kind>::new(data.clone(), Vars::new(values.clone()));
        for output in filter.id.run((context, input)) {
            done.stderr.append(&mut meter.stderr.borrow_mut());
            match output {
                Ok(value) => {
                    done.last = Some(!matches!(value, Val::Null | Val::Bool(false)));
                    print(job, &value, &mut done.stdout);
                }
                Err(exception) => match exception.get_halt() {
                    Ok(EXHAUSTED) => {
                        done.fault("error: this filter takes more time or memory than this shell gives", 5);
                        return done;
                    }
                    Ok(status) => {
                        done.status = status;
                        return done;
                    }
                    Err(exception) => {
                        if let Ok(error) = exception.get_err() {
                            let place = match (job.null_input, job.from_file) {
                                (true, _) => "<unknown>".to_owned(),
                                (false, path) => format!("{}:{}", path.unwrap_or("<stdin>"), line.get()),
                            };
                            let text = worded(&error.into_val());
                            done.fault(&format!("error (at {place}){text}"), 5);
                        }
                        break;
                    }
                },
            }
            if done.stdout.len() > OUTPUT_LIMIT {
                done.fault("error: this filter prints more than this shell shows", 5);
                return done;
            }
        }
        done.stderr.append(&mut meter.stderr.borrow_mut());
    }
    let fault = faults.take();
    if let Some(fault) = fault {
        done.fault(&fault, 2);
    }
    done
}

fn compile_error(done: &mut Finished, why: &str, code: &str) {
    done.fault(&format!("error: {why} at <top-level>, line 1:"), 3);
    done.stderr.extend_from_slice(format!("{code}\njq: 1 compile error\n").as_bytes());
}

fn inputs<'a>(
    job: &'a Job<'_>,
    faults: &'a RefCell<Option<String>>,
    line: &'a Cell<usize>,
) -> Box<dyn Iterator<Item = Result<Val, String>> + 'a> {
    let newlines = job.content.iter().filter(|byte| **byte == b'\n').count();
    let text = |bytes: &[u8]| Val::from(String::from_utf8_lossy(bytes).into_owned());
    if job.raw_input && job.slurp {
        line.set(newlines);
        return Box::new(std::iter::once(Ok(text(job.content))));
    }
    if job.raw_input {
        let lines = job.content.split_inclusive(|byte| *byte == b'\n');
        return Box::new(lines.map(move |content| {
            line.set(line.get() + usize::from(content.ends_with(b"\n")));
            Ok(text(content.strip_suffix(b"\n").unwrap_or(content)))
        }));
    }
    let values = read::parse_many(job.content).map_while(move |value| {
        line.set(newlines);
        value.map_err(|error| *faults.borrow_mut() = Some(misread(job.content, &error.to_string()))).ok()
    });
    if !job.slurp {
        return Box::new(values.map(Ok));
    }
    let all: Vec<Val> = values.collect();
    // What cannot be read ends everything before the filter has seen anything.
    match faults.borrow().is_some() {
        true => Box::new(std::iter::empty()),
        false => Box::new(std::iter::once(Ok(all.into_iter().collect()))),
    }
}

/// jq's words for JSON that cannot be read; the error begins with `byte offset N:`.
fn misread(content: &[u8], error: &str) -> String {
    let digits = error.trim_start_matches("byte offset ").split(':').next().unwrap_or_default();
    let at = digits.parse::<usize>().unwrap_or(0).min(content.len());
    let is_end = |byte: &u8| byte.is_ascii_whitespace() || b"[]{}:,\"".contains(byte);
    // jq notices a bad word where it ends.
    let end = content[at..].iter().position(is_end).map_or(content.len(), |length| at + length);
    let line = content[..end].iter().filter(|byte| **byte == b'\n').count() + 1;
    let column = end - content[..end].iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1) + 1;
    match end >= content.len() && content[at..].iter().all(u8::is_ascii_whitespace) {
        true => format!("parse error: Unfinished JSON term at EOF at line {line}, column {}", column.saturating_sub(1)),
        false => format!("parse error: Invalid numeric literal at line {line}, column {column}"),
    }
}

/// jq's words for what went wrong while running.
fn worded(error: &Val) -> String {
    let Val::TStr(bytes) = error else {
        return format!(" (not a string): {error}");
    };
    let text = String::from_utf8_lossy(bytes).into_owned();
    let kind = |json: &str| match json.as_bytes().first() {
        Some(b'"') => "string",
        Some(b'[') => "array",
        Some(b'{') => "object",
        Some(b'n') => "null",
        Some(b't' | b'f') => "boolean",
        _ => "number",
    };
    let short = |json: &str| match json.chars().count() {
        0..=14 => json.to_owned(),
        _ => json.chars().take(11).collect::<String>() + "...",
    };
    if let Some((value, key)) = text.strip_prefix("cannot index ").and_then(|rest| rest.rsplit_once(" with ")) {
        let key = if key.starts_with('"') { key } else { kind(key) };
        return format!(": Cannot index {} with {key}", kind(value));
    }
    let used = text.strip_prefix("cannot use ").and_then(|rest| rest.split_once(" as iterable (array or object)"));
    if let Some((value, _)) = used {
        return format!(": Cannot iterate over {} ({})", kind(value), short(value));
    }
    format!(": {text}")
}

fn print(job: &Job<'_>, value: &Val, out: &mut Vec<u8>) {
    match value {
        Val::TStr(text) if job.raw_output => out.extend_from_slice(text),
        value => {
            let mut bytes = Vec::new();
            // Writing to a vector does not fail.
            let _ = write::write(&mut bytes, &job.pretty, 0, value);
            match job.ascii {
                false => out.extend(bytes),
                true => {
                    for c in String::from_utf8_lossy(&bytes).chars() {
                        match c.is_ascii() {
                            true => out.push(c as u8),
                            false => {
                                for unit in c.encode_utf16(&mut [0; 2]) {
                                    out.extend_from_slice(format!("\\u{unit:04x}").as_bytes());
                                }
                            }
                        }
                    }
                }
            }
        }
    }
    if !job.join {
        out.push(b'\n');
    }
}

fn deepest(text: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0usize, 0);
    for byte in text {
        match byte {
            b'[' | b'{' | b'(' => depth += 1,
            b']' | b'}' | b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
    }
    deepest
}
