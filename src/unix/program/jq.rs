//! `jq`: its options, its input and its output. The language is jaq's, see [`filter`].

mod filter;
mod meter;

use std::io::Write;
use std::thread;

use jaq_json::write::Pp;

use futures::FutureExt;
use futures::future::BoxFuture;

use super::{Call, Program, Run};
use crate::unix::limits;
use crate::unix::pipe::SIGPIPE;
use filter::{Finished, Job};

pub(super) const JQ: Program = Program {
    name: "jq",
    summary: "picks values out of JSON",
    usage: "[-rRcnsejSa] [--arg NAME VALUE] [--argjson NAME JSON] FILTER [FILE]...",
    run: Run::Later(run),
};

/// Filters may go deep; the thread they run on has room for that.
const STACK: usize = 256 << 20;

/// What was asked for on the command line.
#[derive(Default)]
struct Options {
    raw_output: bool,
    join: bool,
    raw_input: bool,
    null_input: bool,
    slurp: bool,
    exit_status: bool,
    sort_keys: bool,
    ascii: bool,
    indent: Option<String>,
    /// Name and value of `$name`.
    variables: Vec<(String, String)>,
    filter: Option<String>,
    files: Vec<String>,
}

fn run<'a>(call: &'a mut Call<'_>) -> BoxFuture<'a, i32> {
    async move {
        let mut options = match read(call) {
            Ok(options) => options,
            Err((fault, status)) => {
                call.complain(&fault);
                if status == 2 {
                    let _ = writeln!(call.stderr, "Use jq --help for help with command-line options,");
                    let _ =
                        writeln!(call.stderr, "or see the jq manpage, or online docs  at https://jqlang.github.io/jq");
                }
                return status;
            }
        };
        let (mut content, mut status) = (Vec::new(), 0);
        // Where values are looked at one by one, each is when it is there: what comes before may never end.
        let by_and_by = options.files.is_empty() && !options.slurp && !options.null_input;
        let by_and_by = by_and_by && !options.filter.as_deref().unwrap_or_default().contains("input");
        if options.files.is_empty() && !by_and_by {
            content = call.stdin.all().await.unwrap_or_default();
        }
        for path in &options.files {
            match call.shell.files.read(path) {
                Ok(bytes) => content.extend(bytes),
                Err(error) => {
                    call.complain(&format!("error: Could not open {path}: {error}"));
                    status = 2;
                }
            }
        }
        let exported = call.shell.exported.iter().filter_map(|name| Some((name, call.shell.variables.get(name)?)));
        let environment = serde_json::to_string(&exported.collect::<std::collections::BTreeMap<_, _>>());
        let environment = environment.unwrap_or_else(|_| "{}".to_owned());
        let named: Vec<String> =
            options.variables.iter().map(|(name, value)| format!("{}:{value}", serde_json::json!(name))).collect();
        let arguments = format!("{{\"positional\":[],\"named\":{{{}}}}}", named.join(","));
        options.variables.push(("ENV".to_owned(), environment.clone()));
        options.variables.push(("__prog_args".to_owned(), "[]".to_owned()));
        options.variables.push(("ARGS".to_owned(), arguments));
        let (mut ended, mut last, mut more) = (0, None, by_and_by);
        let mut values = Values { raw: options.raw_input, ..Values::default() };
        loop {
            if more {
                match call.stdin.chunk().await {
                    Some(chunk) => content = values.add(&chunk),
                    None => (content, more) = (values.rest(), false),
                }
                if content.is_empty() && (more || values.seen) {
                    if more {
                        continue;
                    }
                    break;
                }
                values.seen = true;
            }
            let job = Job {
                code: options.filter.as_deref().unwrap_or("."),
                variables: &options.variables,
                content: &content,
                from_file: options.files.last().map(String::as_str),
                raw_input: options.raw_input,
                null_input: options.null_input,
                slurp: options.slurp,
                now: call.shell.machine.clock.now().as_millisecond() as f64 / 1000.0,
                environment: &environment,
                pretty: Pp {
                    sep_space: options.indent.is_some(),
                    indent: options.indent.clone(),
                    sort_keys: options.sort_keys,
                    ..Pp::default()
                },
                raw_output: options.raw_output,
                join: options.join,
                ascii: options.ascii,
            };
            let finished = thread::scope(|scope| {
                let worker = thread::Builder::new().name("jq".to_owned()).stack_size(STACK);
                worker.spawn_scoped(scope, || filter::run(&job)).ok().and_then(|thread| thread.join().ok())
            });
            let Some(finished) = finished else {
                call.complain("error: this filter cannot be run here");
                return 5;
            };
            let Finished { stdout, stderr, status: now, last: latest } = finished;
            let _ = call.stderr.write_all(&stderr);
            if call.stdout.write_all(&stdout).is_err() {
                return SIGPIPE;
            }
            last = latest.or(last);
            ended = if now == 0 { ended } else { now };
            // Of a filter or an input that is wrong there is nothing more to tell.
            if !more || matches!(now, 2 | 3) {
                break;
            }
        }
        match (ended, options.exit_status) {
            (0, true) => match last {
                Some(true) => status,
                Some(false) => 1,
                None => 4,
            },
            (0, false) => status,
            (ended, _) => ended,
        }
    }
    .boxed()
}

/// Input as it comes, given on in whole values (or lines).
#[derive(Default)]
struct Values {
    raw: bool,
    /// Whether anything was given on.
    seen: bool,
    held: Vec<u8>,
    /// How much of what is held was looked at.
    looked: usize,
    depth: usize,
    in_text: bool,
    escaped: bool,
}

impl Values {
    /// Takes more, and gives what is whole: up to the last end of a line that is in no bracket and no text.
    fn add(&mut self, more: &[u8]) -> Vec<u8> {
        self.held.extend_from_slice(more);
        let mut whole = 0;
        for at in self.looked..self.held.len() {
            match self.held[at] {
                b'\n' if self.raw || (self.depth == 0 && !self.in_text) => whole = at + 1,
                _ if self.raw => {}
                _ if self.escaped => self.escaped = false,
                b'\\' if self.in_text => self.escaped = true,
                b'"' => self.in_text = !self.in_text,
                b'[' | b'{' if !self.in_text => self.depth += 1,
                b']' | b'}' if !self.in_text => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
        // What never becomes whole is given on as it is, for jq to say so.
        if self.held.len() > limits::INPUT {
            whole = self.held.len();
        }
        let rest = self.held.split_off(whole);
        self.looked = rest.len();
        std::mem::replace(&mut self.held, rest)
    }

    /// What is left at the end.
    fn rest(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.held)
    }
}

/// Reads the arguments. A fault comes with its exit code.
fn read(call: &Call<'_>) -> Result<Options, (String, i32)> {
    let mut options = Options { indent: Some("  ".to_owned()), ..Options::default() };
    let mut args = call.args.iter();
    let mut only_operands = false;
    let operand = |options: &mut Options, arg: &String| match options.filter {
        None => options.filter = Some(arg.clone()),
        Some(_) => options.files.push(arg.clone()),
    };
    while let Some(arg) = args.next() {
        if only_operands || !arg.starts_with('-') || arg == "-" {
            operand(&mut options, arg);
            continue;
        }
        let mut take = |count: usize| -> Result<Vec<String>, (String, i32)> {
            let taken: Vec<String> = args.by_ref().take(count).cloned().collect();
            let what = if count == 2 { "two parameters (e.g. --arg varname value)" } else { "one parameter" };
            if taken.len() == count { Ok(taken) } else { Err((format!("error: {arg} takes {what}"), 2)) }
        };
        let long = match arg.strip_prefix("--") {
            Some("") => {
                only_operands = true;
                continue;
            }
            Some("arg") => {
                let pair = take(2)?;
                options.variables.push((pair[0].clone(), serde_json::json!(pair[1]).to_string()));
                continue;
            }
            Some("argjson") => {
                let pair = take(2)?;
                if jaq_json::read::parse_single(pair[1].as_bytes()).is_err() {
                    return Err((format!("Invalid JSON text passed to --{}", &arg[2..]), 2));
                }
                options.variables.push((pair[0].clone(), pair[1].clone()));
                continue;
            }
            Some("rawfile" | "slurpfile") => {
                let pair = take(2)?;
                let content = call.shell.files.read(&pair[1]).map_err(|error| {
                    (
                        format!(
                            "error: Bad JSON in --{} {} {}: Could not open {}: {error}",
                            &arg[2..],
                            pair[0],
                            pair[1],
                            pair[1]
                        ),
                        2,
                    )
                })?;
                let text = String::from_utf8_lossy(&content);
                let value = match arg.as_str() {
                    "--rawfile" => serde_json::json!(text).to_string(),
                    _ => {
                        let values: Result<Vec<_>, _> = jaq_json::read::parse_many(&content).collect();
                        let values = values.map_err(|error| (format!("error: Bad JSON in {arg}: {error}"), 2))?;
                        let values: Vec<String> = values.iter().map(ToString::to_string).collect();
                        format!("[{}]", values.join(","))
                    }
                };
                options.variables.push((pair[0].clone(), value));
                continue;
            }
            Some("indent") => {
                let count = take(1)?[0].parse::<usize>().ok().filter(|count| *count <= 7);
                let count = count.ok_or_else(|| ("error: Cannot indent more than 7 characters".to_owned(), 2))?;
                options.indent = (count > 0).then(|| " ".repeat(count));
                continue;
            }
            Some("tab") => {
                options.indent = Some("\t".to_owned());
                continue;
            }
            Some(long) => match LONG.iter().find(|(name, _)| *name == long) {
                Some((_, letter)) => letter.to_string(),
                None => return Err((format!("error: Unknown option: {arg}"), 2)),
            },
            None => arg[1..].to_owned(),
        };
        for letter in long.chars() {
            match letter {
                'r' => options.raw_output = true,
                'j' => (options.raw_output, options.join) = (true, true),
                'R' => options.raw_input = true,
                'c' => options.indent = None,
                'n' => options.null_input = true,
                's' => options.slurp = true,
                'e' => options.exit_status = true,
                'S' => options.sort_keys = true,
                'a' => options.ascii = true,
                'C' | 'M' => {}
                'f' => {
                    let path = match options.filter.take() {
                        Some(path) => path,
                        None => take(1)?.remove(0),
                    };
                    let code = call
                        .shell
                        .files
                        .read(&path)
                        .map_err(|error| (format!("error: Could not open {path}: {error}"), 2))?;
                    options.filter = Some(String::from_utf8_lossy(&code).into_owned());
                }
                _ => return Err((format!("error: Unknown option: {arg}"), 2)),
            }
        }
    }
    let is_name = |name: &str| {
        name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !name.starts_with(|c: char| c.is_ascii_digit())
    };
    if let Some((name, _)) = options.variables.iter().find(|(name, _)| name.is_empty() || !is_name(name)) {
        return Err((format!("error: '{name}' is not a name for a variable"), 2));
    }
    // A name that is given twice keeps its first value, as in jq.
    let mut seen = std::collections::BTreeSet::new();
    options.variables.retain(|(name, _)| seen.insert(name.clone()));
    Ok(options)
}

const LONG: &[(&str, char)] = &[
    ("raw-output", 'r'),
    ("join-output", 'j'),
    ("raw-input", 'R'),
    ("compact-output", 'c'),
    ("null-input", 'n'),
    ("slurp", 's'),
    ("exit-status", 'e'),
    ("sort-keys", 'S'),
    ("ascii-output", 'a'),
    ("color-output", 'C'),
    ("monochrome-output", 'M'),
    ("from-file", 'f'),
];

#[cfg(test)]
mod tests {
    use super::Values;

    #[test]
    fn values_are_given_on_when_they_are_whole() {
        let given = |raw: bool, chunks: &[&str]| -> Vec<String> {
            let mut values = Values { raw, ..Values::default() };
            let mut given: Vec<Vec<u8>> = chunks.iter().map(|chunk| values.add(chunk.as_bytes())).collect();
            given.push(values.rest());
            given.into_iter().map(|bytes| String::from_utf8(bytes).unwrap()).collect()
        };
        let rows: &[(bool, &[&str], &[&str])] = &[
            (false, &["{\n", "\"a\": 1\n}\n{", "}\n"], &["", "{\n\"a\": 1\n}\n", "{}\n", ""]),
            (false, &["\"}\\\"{\" ", "\n1"], &["", "\"}\\\"{\" \n", "1"]),
            (false, &["]\n", "x\n"], &["]\n", "x\n", ""]),
            (true, &["{\n[", "\n"], &["{\n", "[\n", ""]),
        ];
        for (raw, chunks, want) in rows {
            assert_eq!(given(*raw, chunks), *want, "{chunks:?}");
        }
    }
}
