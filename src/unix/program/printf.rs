//! `printf`: the format is used again until no argument is left.

use std::io::Write;

use super::{Call, Program, Run};
use crate::unix::ansi;

/// The widest a field may be.
const WIDTH_LIMIT: usize = 10_000;

pub(super) const PRINTF: Program =
    Program { name: "printf", summary: "shows formatted text", usage: "FORMAT [ARGUMENT]...", run: Run::Now(run) };

fn run(call: &mut Call<'_>) -> i32 {
    let (variable, args) = match call.args {
        [first, rest @ ..] if first == "--" => (None, rest),
        [first, name, rest @ ..] if first == "-v" => (Some(name), rest),
        all => (None, all),
    };
    let mut whole = String::new();
    let Some((format, mut args)) = args.split_first() else {
        let _ = writeln!(call.stderr, "printf: usage: printf [-v var] format [arguments]");
        return 2;
    };
    let mut status = 0;
    loop {
        let before = args.len();
        let mut out = String::new();
        let ended = once(format, &mut args, &mut out, &mut |fault: String| {
            call.fault(&format!("printf: {fault}"));
            status = 1;
        });
        match variable {
            Some(_) => whole.push_str(&out),
            None => call.print(&out),
        }
        if ended || args.is_empty() || args.len() == before {
            if let Some(name) = variable
                && let Err(fault) = call.shell.assign(name, whole)
            {
                call.fault(&format!("printf: {fault}"));
                return 1;
            }
            return status;
        }
    }
}

/// Goes through the format once. Gives back whether the output ends here.
fn once(format: &str, args: &mut &[String], out: &mut String, complain: &mut dyn FnMut(String)) -> bool {
    let mut rest = format;
    while let Some(at) = rest.find('%') {
        out.push_str(&ansi::unescape(&rest[..at], ansi::Kind::Format).0);
        rest = &rest[at + 1..];
        let length = rest.find(|c: char| !"-+ #0123456789.*".contains(c)).unwrap_or(rest.len());
        let (flags, after) = rest.split_at(length);
        let Some(letter) = after.chars().next() else {
            complain(format!("`%{flags}': missing format character"));
            return true;
        };
        rest = &after[letter.len_utf8()..];
        if letter == '%' {
            out.push('%');
            continue;
        }
        let mut next = || match args.split_first() {
            Some((first, others)) => {
                *args = others;
                first.clone()
            }
            None => String::new(),
        };
        let spec = Spec::read(flags, &mut next);
        let argument = next();
        let mut integer = |text: &str| match number(text) {
            Some(value) => value,
            None => {
                complain(format!("{text}: invalid number"));
                0
            }
        };
        let text = match letter {
            's' => spec.cut(&argument),
            'b' => {
                let (text, ended) = ansi::unescape(&argument, ansi::Kind::Echo);
                if ended {
                    out.push_str(&spec.pad(&text, false));
                    return true;
                }
                spec.cut(&text)
            }
            'q' => quoted(&argument),
            'c' => argument.chars().take(1).collect(),
            'd' | 'i' => spec.sign(integer(&argument)),
            'u' => integer(&argument).to_string(),
            'x' => format!("{:x}", integer(&argument)),
            'X' => format!("{:X}", integer(&argument)),
            'o' => format!("{:o}", integer(&argument)),
            'e' | 'E' => {
                let value = argument.trim().parse::<f64>().unwrap_or_default();
                let text = format!("{value:.*e}", spec.precision.unwrap_or(6).min(50));
                // C writes at least two digits and a sign.
                let (number, exponent) = text.split_once('e').unwrap_or((&text, "0"));
                let exponent = exponent.parse::<i32>().unwrap_or_default();
                let sign = if exponent < 0 { '-' } else { '+' };
                format!("{number}{letter}{sign}{:02}", exponent.unsigned_abs())
            }
            'f' | 'F' | 'g' => {
                let value = argument.trim().parse::<f64>().unwrap_or_default();
                format!("{value:.*}", spec.precision.unwrap_or(6).min(50))
            }
            other => {
                complain(format!("`{other}': invalid format character"));
                return true;
            }
        };
        out.push_str(&spec.pad(&text, !matches!(letter, 's' | 'b' | 'q' | 'c')));
    }
    out.push_str(&ansi::unescape(rest, ansi::Kind::Format).0);
    false
}

/// What stands between `%` and the letter.
struct Spec {
    left: bool,
    zero: bool,
    plus: bool,
    width: usize,
    precision: Option<usize>,
}

impl Spec {
    fn read(flags: &str, next: &mut impl FnMut() -> String) -> Self {
        let end = flags.find(|c: char| !"-+ #0".contains(c)).unwrap_or(flags.len());
        let (signs, sizes) = flags.split_at(end);
        let mut size = |text: &str| match text {
            "*" => next().parse().unwrap_or(0),
            text => text.parse().unwrap_or(0),
        };
        let (width, precision) = match sizes.split_once('.') {
            Some((width, precision)) => (size(width), Some(size(precision).min(WIDTH_LIMIT))),
            None => (size(sizes), None),
        };
        Self {
            left: signs.contains('-'),
            zero: signs.contains('0'),
            plus: signs.contains('+'),
            width: width.min(WIDTH_LIMIT),
            precision,
        }
    }

    fn cut(&self, text: &str) -> String {
        text.chars().take(self.precision.unwrap_or(usize::MAX)).collect()
    }

    fn sign(&self, value: i64) -> String {
        if self.plus && value >= 0 { format!("+{value}") } else { value.to_string() }
    }

    fn pad(&self, text: &str, is_number: bool) -> String {
        let missing = self.width.saturating_sub(text.chars().count());
        match (self.left, self.zero && is_number) {
            (true, _) => text.to_owned() + &" ".repeat(missing),
            (false, true) => {
                let (sign, digits) = text.split_at(usize::from(text.starts_with(['-', '+'])));
                format!("{sign}{}{digits}", "0".repeat(missing))
            }
            (false, false) => " ".repeat(missing) + text,
        }
    }
}

/// A number as C writes it, or `'x` for a character's code. Nothing is zero.
fn number(text: &str) -> Option<i64> {
    if let Some(sign) = text.strip_prefix(['\'', '"']) {
        return Some(sign.chars().next().map_or(0, |c| i64::from(u32::from(c))));
    }
    let text = text.trim();
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let value = match digits {
        "" => 0,
        digits if digits.starts_with("0x") => i64::from_str_radix(&digits[2..], 16).ok()?,
        digits if digits.len() > 1 && digits.starts_with('0') => i64::from_str_radix(digits, 8).ok()?,
        digits => digits.parse().ok()?,
    };
    Some(if negative { -value } else { value })
}

/// A text as one could type it.
fn quoted(text: &str) -> String {
    if text.is_empty() {
        return "''".to_owned();
    }
    let mut out = String::new();
    for c in text.chars() {
        if !c.is_alphanumeric() && !"_-./:=@%+,".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
