//! `test` and `[`: comparisons for `if` and `while`.

use super::Call;
use crate::unix::Access;

/// The longest expression: each sign of it may be one step deeper.
const ARGUMENTS_LIMIT: usize = 64;

pub(super) fn run(call: &mut Call<'_>) -> i32 {
    let mut args: Vec<&str> = call.args.iter().map(String::as_str).collect();
    if call.name == "[" && args.pop() != Some("]") {
        call.fault("[: missing `]'");
        return 2;
    }
    match evaluate(call, &args) {
        Ok(true) => 0,
        Ok(false) => 1,
        Err(fault) => {
            call.fault(&format!("{}: {fault}", call.name));
            2
        }
    }
}

fn evaluate(call: &Call<'_>, args: &[&str]) -> Result<bool, String> {
    if args.len() > ARGUMENTS_LIMIT {
        return Err("too many arguments".to_owned());
    }
    if args.len() > 3 {
        for (joint, both) in [("-o", false), ("-a", true)] {
            if let Some(at) = args.iter().position(|arg| *arg == joint) {
                let left = evaluate(call, &args[..at])?;
                let right = evaluate(call, &args[at + 1..])?;
                return Ok(if both { left && right } else { left || right });
            }
        }
    }
    let kind = |path: &str| call.shell.files.metadata(path).ok();
    match args {
        [] => Ok(false),
        [text] => Ok(!text.is_empty()),
        ["!", rest @ ..] if rest.len() != 2 || !is_binary(rest[0]) => Ok(!evaluate(call, rest)?),
        ["-n", text] => Ok(!text.is_empty()),
        ["-z", text] => Ok(text.is_empty()),
        ["-e", path] => Ok(kind(path).is_some()),
        ["-f", path] => Ok(kind(path).is_some_and(|found| !found.directory)),
        ["-d", path] => Ok(kind(path).is_some_and(|found| found.directory)),
        ["-s", path] => Ok(kind(path).is_some_and(|found| found.size > 0)),
        ["-r", path] => Ok(call.shell.files.may(path, Access::Read)),
        ["-w", path] => Ok(call.shell.files.may(path, Access::Write)),
        ["-x", path] => Ok(call.shell.files.may(path, Access::Enter)),
        ["-L" | "-h", path] => Ok(call.shell.files.is_link(path)),
        [operator, _] => Err(format!("{operator}: unary operator expected")),
        [left, "=" | "==", right] => Ok(left == right),
        [left, "!=", right] => Ok(left != right),
        [left, "<", right] => Ok(left < right),
        [left, ">", right] => Ok(left > right),
        [left, operator, right] if is_binary(operator) => {
            let number =
                |text: &str| text.trim().parse::<i64>().map_err(|_| format!("{text}: integer expression expected"));
            let order = number(left)?.cmp(&number(right)?);
            Ok(match *operator {
                "-eq" => order.is_eq(),
                "-ne" => order.is_ne(),
                "-lt" => order.is_lt(),
                "-le" => order.is_le(),
                "-gt" => order.is_gt(),
                _ => order.is_ge(),
            })
        }
        [_, operator, _] => Err(format!("{operator}: binary operator expected")),
        _ => Err("too many arguments".to_owned()),
    }
}

fn is_binary(operator: &str) -> bool {
    matches!(operator, "=" | "==" | "!=" | "<" | ">" | "-eq" | "-ne" | "-lt" | "-le" | "-gt" | "-ge")
}
