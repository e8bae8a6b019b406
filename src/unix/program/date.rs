//! `date`, by the session's clock and in UTC.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::{Call, Program, Run, args};

pub(super) const DATE: Program = Program {
    name: "date",
    summary: "shows the session's time, or another one",
    usage: "[-u] [-Iseconds] [-d @SECONDS|TIME] [+FORMAT]",
    run: Run::Now(run),
};

fn run(call: &mut Call<'_>) -> i32 {
    let long = [("utc", 'u'), ("date", 'd'), ("rfc-3339", 'r'), ("universal", 'u'), ("rfc-email", 'R')];
    let iso = |arg: &String| arg.strip_prefix("-I").or(arg.strip_prefix("--iso-8601")).map(str::to_owned);
    let style = call.args.iter().find_map(iso);
    let others: Vec<String> = call.args.iter().filter(|arg| iso(arg).is_none()).cloned().collect();
    let parsed = match args::parse(&others, "ud:r:R", &long) {
        Ok(parsed) => parsed,
        Err(fault) => return call.misused(&fault, 1),
    };
    let now = call.shell.machine.clock.now();
    let time = match parsed.value('d') {
        None => Some(now),
        Some(text) => moment(text, now),
    };
    let Some(time) = time else {
        call.complain(&format!("invalid date ‘{}’", parsed.value('d').unwrap_or_default()));
        return 1;
    };
    let format = match (parsed.rest.as_slice(), style.as_deref()) {
        ([format, ..], _) if format.starts_with('+') => format[1..].to_owned(),
        ([other, ..], _) => {
            call.complain(&format!("invalid date ‘{other}’"));
            return 1;
        }
        ([], Some("" | "date" | "=date")) => "%Y-%m-%d".to_owned(),
        ([], Some(_)) => "%Y-%m-%dT%H:%M:%S+00:00".to_owned(),
        ([], None) if parsed.value('r').is_some() => "%Y-%m-%d %H:%M:%S+00:00".to_owned(),
        ([], None) if parsed.has('R') => "%a, %d %b %Y %H:%M:%S +0000".to_owned(),
        ([], None) => "%a %b %e %H:%M:%S UTC %Y".to_owned(),
    };
    match jiff::fmt::strtime::format(&format, &time.to_zoned(TimeZone::UTC)) {
        Ok(text) => {
            call.print(&format!("{text}\n"));
            0
        }
        Err(_) => {
            call.complain(&format!("this date does not know the format '{format}'"));
            1
        }
    }
}

/// `@1700000000`, an RFC 3339 time, `now`, `+1 hour`, `2 days ago`.
fn moment(text: &str, now: Timestamp) -> Option<Timestamp> {
    let text = text.trim();
    if let Some(seconds) = text.strip_prefix('@') {
        return Timestamp::from_second(seconds.parse::<f64>().ok()? as i64).ok();
    }
    if text == "now" {
        return Some(now);
    }
    if let Ok(time) = text.parse::<Timestamp>() {
        return Some(time);
    }
    if let Ok(day) = text.parse::<jiff::civil::DateTime>() {
        return day.to_zoned(TimeZone::UTC).ok().map(|time| time.timestamp());
    }
    // `2024-02-28 +2 days`: a time, and how far from it.
    if let Some(at) = text.rfind(" +").or(text.rfind(" -")).filter(|at| *at > 0 && text.len() < 100)
        && let Some(start) = moment(&text[..at], now)
    {
        return moment(&text[at + 1..], start);
    }
    let ago = text.ends_with(" ago");
    let mut words = text.trim_end_matches(" ago").split_whitespace();
    let count: i64 = words.next()?.parse().ok()?;
    let unit = match words.next()?.trim_end_matches('s') {
        "second" | "sec" => 1,
        "minute" | "min" => 60,
        "hour" => 3600,
        "day" => 86400,
        "week" => 7 * 86400,
        _ => return None,
    };
    let seconds = count.checked_mul(unit)?;
    now.checked_add(jiff::SignedDuration::from_secs(if ago { seconds.checked_neg()? } else { seconds })).ok()
}
