//! Spans of time as Go reads and writes them: `1h30m`, `2m0s`.

use std::time::Duration;

use jiff::SignedDuration;

/// A duration as Go's `time.ParseDuration` reads it: whether it is negative, and its length.
///
/// # Errors
/// Go's complaint.
pub fn parse_duration(text: &str) -> Result<(bool, Duration), String> {
    let invalid = || format!("time: invalid duration {text:?}");
    let negative = text.starts_with('-');
    let mut left = text.strip_prefix(['-', '+']).unwrap_or(text);
    if left == "0" {
        return Ok((false, Duration::ZERO));
    }
    if left.is_empty() {
        return Err(invalid());
    }
    let mut seconds = 0.0_f64;
    while !left.is_empty() {
        let digits = left.len() - left.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.').len();
        let number: f64 = left[..digits].parse().map_err(|_| invalid())?;
        left = &left[digits..];
        let end = left.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(left.len());
        let unit = match &left[..end] {
            "" => return Err(format!("time: missing unit in duration {text:?}")),
            "ns" => 1e-9,
            "us" | "µs" | "μs" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            unknown => return Err(format!("time: unknown unit {unknown:?} in duration {text:?}")),
        };
        seconds += number * unit;
        left = &left[end..];
    }
    Duration::try_from_secs_f64(seconds).map(|span| (negative, span)).map_err(|_| invalid())
}

/// A span in whole seconds as Go's `Duration.String` writes it: `1h0m0s`, `2m30s`, `10s`.
pub fn format_duration(span: SignedDuration) -> String {
    let sign = if span.as_secs() < 0 { "-" } else { "" };
    let seconds = span.as_secs().unsigned_abs();
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    match (hours, minutes) {
        (0, 0) => format!("{sign}{seconds}s"),
        (0, _) => format!("{sign}{minutes}m{seconds}s"),
        _ => format!("{sign}{hours}h{minutes}m{seconds}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::{format_duration, parse_duration};
    use jiff::SignedDuration;
    use std::time::Duration;

    #[test]
    fn durations_read() {
        for (text, want) in [
            ("1h", Ok((false, 3600))),
            ("1h30m", Ok((false, 5400))),
            ("-5s", Ok((true, 5))),
            ("0", Ok((false, 0))),
            ("5", Err("time: missing unit in duration \"5\"")),
            ("1d", Err("time: unknown unit \"d\" in duration \"1d\"")),
            ("", Err("time: invalid duration \"\"")),
            ("99999999999999999999h", Err("time: invalid duration \"99999999999999999999h\"")),
        ] {
            let want = want.map(|(negative, seconds)| (negative, Duration::from_secs(seconds))).map_err(str::to_owned);
            assert_eq!(parse_duration(text), want, "{text}");
        }
    }

    #[test]
    fn durations_written() {
        for (seconds, want) in [(0, "0s"), (59, "59s"), (150, "2m30s"), (3600, "1h0m0s"), (90061, "25h1m1s")] {
            assert_eq!(format_duration(SignedDuration::from_secs(seconds)), want);
        }
    }
}
