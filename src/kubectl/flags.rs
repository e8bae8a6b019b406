//! Flags as kubectl reads them, with pflag's own complaints. Upstream: github.com/spf13/pflag.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::base::parse_duration;

/// What a flag takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `--quiet`, `--quiet=false`
    Bool,
    /// One text.
    Text,
    /// One text which may be left out: `--dry-run`; the field is what it then means.
    OptionalText(&'static str),
    /// Several texts, by comma or by repeating.
    List,
    /// Several `key=value`, by comma or by repeating.
    Pairs,
    /// Several texts, by repeating only.
    Array,
    /// A whole number.
    Int,
    /// `10m`, `1h30m`
    Duration,
}

/// A flag of a command.
#[derive(Clone, Copy, Debug)]
pub struct Flag {
    /// Without the dashes.
    pub name: &'static str,
    /// The letter, if there is one.
    pub short: Option<char>,
    /// What it takes.
    pub kind: Kind,
    /// As help shows it; also the value when the flag is not given.
    pub default: &'static str,
    /// One sentence for help.
    pub usage: &'static str,
}

impl Flag {
    /// A flag without a letter.
    pub const fn new(name: &'static str, kind: Kind, default: &'static str, usage: &'static str) -> Self {
        Self { name, short: None, kind, default, usage }
    }

    /// A flag with a letter.
    pub const fn short(
        name: &'static str,
        short: char,
        kind: Kind,
        default: &'static str,
        usage: &'static str,
    ) -> Self {
        Self { name, short: Some(short), kind, default, usage }
    }

    /// Whether the next word is this flag's value, when it has none of its own.
    pub fn takes_next(&self) -> bool {
        !matches!(self.kind, Kind::Bool | Kind::OptionalText(_))
    }

    fn shown(&self) -> String {
        self.short.map_or_else(|| format!("--{}", self.name), |short| format!("-{short}, --{}", self.name))
    }
}

/// What was given on a command line.
#[derive(Clone, Debug, Default)]
pub struct Given {
    values: BTreeMap<&'static str, Vec<String>>,
    defaults: BTreeMap<&'static str, &'static str>,
    /// What is not a flag.
    pub args: Vec<String>,
    /// How many of `args` stood before `--`, if there was one.
    pub dash: Option<usize>,
}

impl Given {
    /// Whether the flag was given.
    pub fn changed(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// What was given to all but these flags: a command's own `--user` is not the kubeconfig's.
    pub fn without(&self, flags: &[&[Flag]]) -> Self {
        let mut rest = self.clone();
        rest.values.retain(|name, _| !flags.iter().copied().flatten().any(|flag| flag.name == *name));
        rest
    }

    /// The last text given, or the default.
    pub fn text(&self, name: &str) -> &str {
        match self.values.get(name).and_then(|values| values.last()) {
            Some(value) => value,
            None => self.defaults.get(name).copied().unwrap_or_default(),
        }
    }

    /// Whether the flag is on.
    pub fn bool(&self, name: &str) -> bool {
        parse_bool(self.text(name)).unwrap_or(false)
    }

    /// All that was given to a list or array.
    pub fn list(&self, name: &str) -> &[String] {
        self.values.get(name).map_or(&[], Vec::as_slice)
    }

    /// The number, if one was given or there is a default.
    pub fn int(&self, name: &str) -> Option<i64> {
        self.text(name).parse().ok()
    }

    /// The duration, zero when nothing was given.
    pub fn duration(&self, name: &str) -> Duration {
        parse_duration(self.text(name))
            .map_or(Duration::ZERO, |(negative, span)| if negative { Duration::ZERO } else { span })
    }

    /// Whether a negative duration was given.
    pub fn negative_duration(&self, name: &str) -> bool {
        parse_duration(self.text(name)).is_ok_and(|(negative, span)| negative && !span.is_zero())
    }
}

/// Reads a command line against the flags that are allowed there.
///
/// # Errors
/// pflag's complaint, without prefix.
pub fn parse(args: &[String], flags: &[&[Flag]]) -> Result<Given, String> {
    let all = || flags.iter().copied().flatten();
    let mut given = Given { defaults: all().map(|flag| (flag.name, flag.default)).collect(), ..Given::default() };
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        if arg == "--" {
            given.dash = Some(given.args.len());
            given.args.extend(rest.cloned());
            break;
        }
        if let Some(long) = arg.strip_prefix("--") {
            let (name, value) = match long.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (long, None),
            };
            if name.is_empty() || name.starts_with('-') {
                return Err(format!("bad flag syntax: {arg}"));
            }
            let flag = all().find(|flag| flag.name == name).ok_or_else(|| format!("unknown flag: --{name}"))?;
            let value = match (value, flag.kind) {
                (Some(value), _) => value,
                (None, Kind::Bool) => "true".to_owned(),
                (None, Kind::OptionalText(value)) => value.to_owned(),
                (None, _) => rest.next().cloned().ok_or_else(|| format!("flag needs an argument: --{name}"))?,
            };
            set(&mut given, flag, &value)?;
        } else if let Some(letters) = arg.strip_prefix('-').filter(|letters| !letters.is_empty()) {
            shorts(letters, all, &mut rest, &mut given)?;
        } else {
            given.args.push(arg.clone());
        }
    }
    Ok(given)
}

fn shorts<'f, I: Iterator<Item = &'f Flag>>(
    letters: &str,
    all: impl Fn() -> I,
    rest: &mut std::slice::Iter<'_, String>,
    given: &mut Given,
) -> Result<(), String> {
    let mut left = letters;
    while let Some(letter) = left.chars().next() {
        let after = &left[letter.len_utf8()..];
        let flag = all()
            .find(|flag| flag.short == Some(letter))
            .ok_or_else(|| format!("unknown shorthand flag: {letter:?} in -{left}"))?;
        let (value, next) = if let Some(value) = after.strip_prefix('=').filter(|_| after.len() > 1) {
            (value.to_owned(), "")
        } else {
            match flag.kind {
                Kind::Bool => ("true".to_owned(), after),
                Kind::OptionalText(value) => (value.to_owned(), after),
                _ if !after.is_empty() => (after.to_owned(), ""),
                _ => {
                    let value = rest.next().cloned();
                    (value.ok_or_else(|| format!("flag needs an argument: {letter:?} in -{left}"))?, "")
                }
            }
        };
        set(given, flag, &value)?;
        left = next;
    }
    Ok(())
}

fn set(given: &mut Given, flag: &Flag, value: &str) -> Result<(), String> {
    let fault = match flag.kind {
        Kind::Bool => {
            parse_bool(value).is_none().then(|| format!("strconv.ParseBool: parsing {value:?}: invalid syntax"))
        }
        Kind::Int => {
            value.parse::<i64>().is_err().then(|| format!("strconv.ParseInt: parsing {value:?}: invalid syntax"))
        }
        Kind::Duration => parse_duration(value).err(),
        Kind::Pairs => {
            value.split(',').any(|pair| !pair.contains('=')).then(|| "malformed pair, expect string=string".to_owned())
        }
        Kind::Text | Kind::OptionalText(_) | Kind::List | Kind::Array => None,
    };
    if let Some(fault) = fault {
        return Err(format!("invalid argument {value:?} for {:?} flag: {fault}", flag.shown()));
    }
    let values = given.values.entry(flag.name).or_default();
    match flag.kind {
        Kind::List if value.is_empty() => {}
        Kind::List | Kind::Pairs => values.extend(value.split(',').map(str::to_owned)),
        Kind::Array => values.push(value.to_owned()),
        _ => *values = vec![value.to_owned()],
    }
    Ok(())
}

fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Flag, Kind, parse};
    use proptest::prelude::*;

    const FLAGS: &[Flag] = &[
        Flag::short("namespace", 'n', Kind::Text, "", ""),
        Flag::new("quiet", Kind::Bool, "false", ""),
        Flag::short("all", 'A', Kind::Bool, "false", ""),
        Flag::new("replicas", Kind::Int, "1", ""),
        Flag::new("dry-run", Kind::OptionalText("unchanged"), "none", ""),
        Flag::new("verb", Kind::List, "", ""),
        Flag::new("from-literal", Kind::Array, "", ""),
        Flag::new("timeout", Kind::Duration, "0s", ""),
    ];

    fn args(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn complaints() {
        for (line, want) in [
            ("--foo", "unknown flag: --foo"),
            ("-x", "unknown shorthand flag: 'x' in -x"),
            ("-Ax", "unknown shorthand flag: 'x' in -x"),
            ("--namespace", "flag needs an argument: --namespace"),
            ("-n", "flag needs an argument: 'n' in -n"),
            ("--=x", "bad flag syntax: --=x"),
            (
                "--replicas=x",
                "invalid argument \"x\" for \"--replicas\" flag: strconv.ParseInt: parsing \"x\": invalid syntax",
            ),
            (
                "--quiet=x",
                "invalid argument \"x\" for \"--quiet\" flag: strconv.ParseBool: parsing \"x\": invalid syntax",
            ),
            ("-A=x", "invalid argument \"x\" for \"-A, --all\" flag: strconv.ParseBool: parsing \"x\": invalid syntax"),
            ("--timeout=5", "invalid argument \"5\" for \"--timeout\" flag: time: missing unit in duration \"5\""),
            ("--timeout=x", "invalid argument \"x\" for \"--timeout\" flag: time: invalid duration \"x\""),
        ] {
            assert_eq!(parse(&args(line), &[FLAGS]).err().as_deref(), Some(want), "{line}");
        }
    }

    #[test]
    fn values() {
        let given = parse(
            &args("a -nshop --verb=get,list --verb watch --from-literal=a=b,c -A b --timeout=1m30s -- --quiet"),
            &[FLAGS],
        )
        .unwrap();
        assert_eq!(given.args, ["a", "b", "--quiet"]);
        assert_eq!(given.dash, Some(2));
        assert_eq!(given.text("namespace"), "shop");
        assert_eq!(given.list("verb"), ["get", "list", "watch"]);
        assert_eq!(given.list("from-literal"), ["a=b,c"]);
        assert!(given.bool("all") && !given.bool("quiet"));
        assert_eq!(given.duration("timeout").as_secs(), 90);
        assert_eq!(given.text("dry-run"), "none");
        assert_eq!(parse(&args("--dry-run"), &[FLAGS]).unwrap().text("dry-run"), "unchanged");
    }

    proptest! {
        #[test]
        fn nothing_typed_panics(line in prop::collection::vec("(--?[a-zA-Z=é]{0,8}|[ -~é]{0,10})", 0..8)) {
            let _ = parse(&line, &[FLAGS]);
        }
    }
}
