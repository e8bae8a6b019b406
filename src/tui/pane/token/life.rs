//! The life of a token as a bar: when it was issued, when the kubelet renews it, after when its use is logged, when it ends.

use jiff::{SignedDuration, Timestamp};
use ratatui::text::{Line, Span};

use super::facts::Facts;
use crate::base::human_duration;
use crate::tui::pane::objects::life_text;
use crate::tui::theme::{Meaning, Theme};
use crate::tui::widget::{cells, life_bar, wrap_plain, wrap_spans};

/// How much of the bar is for the time that was asked for, when the token got a year instead: an hour of a year could not be seen.
const ASKED: f64 = 0.7;
/// The kubelet renews a token after a day at the latest, in seconds.
const DAY: i64 = 86_400;

/// The rows of the life.
pub fn life(rows: &mut Vec<Line<'static>>, facts: &Facts, now: Timestamp, theme: Theme, width: usize) {
    let dim = theme.style(Meaning::Dim);
    let Some(expires) = facts.expires else {
        let text = "! never expires: it works until its secret or its account is deleted";
        rows.extend(wrap_plain(text, theme.style(Meaning::Change), width, 2));
        return;
    };
    let left = expires.duration_since(now);
    let (text, meaning) = if left > SignedDuration::ZERO {
        (format!("{} left", countdown(left)), Meaning::Good)
    } else {
        (format!("✘ expired {} ago", human_duration(-left)), Meaning::Refused)
    };
    let Some(issued) = facts.issued else {
        rows.push(Line::from(vec![Span::raw("life "), Span::styled(text, theme.style(meaning))]));
        return;
    };
    let (renewal, say) = renewal(facts, issued, expires);
    let part = |at: Timestamp| place(at, issued, facts.warn_after, expires);
    let marks: Vec<(f64, char)> = [(renewal, '┊'), (facts.warn_after, '╎')]
        .into_iter()
        .filter_map(|(at, sign)| Some((part(at?), sign)))
        .collect();
    let room = width.saturating_sub(10 + cells(&text) + 2).clamp(4, 40);
    rows.push(Line::from(vec![
        Span::styled("iat ├", dim),
        Span::styled(life_bar(room, part(now), &marks), theme.style(meaning)),
        Span::styled("┤ exp  ", dim),
        Span::styled(text, theme.style(meaning)),
    ]));
    for say in say {
        rows.extend(wrap_spans(&[Span::styled(say, dim)], width, &[Span::raw("    ")], 6));
    }
}

/// Where a moment stands on the bar. The time that was asked for gets the larger part of it.
fn place(at: Timestamp, issued: Timestamp, warn_after: Option<Timestamp>, expires: Timestamp) -> f64 {
    let part = |from: Timestamp, until: Timestamp| {
        let whole = until.duration_since(from).as_secs_f64();
        if whole > 0.0 { (at.duration_since(from).as_secs_f64() / whole).clamp(0.0, 1.0) } else { 1.0 }
    };
    match warn_after {
        Some(warn) if at <= warn => ASKED * part(issued, warn),
        Some(warn) => ASKED + (1.0 - ASKED) * part(warn, expires),
        None => part(issued, expires),
    }
}

/// When the kubelet asks for a fresh token, after 80 % of the life asked for, a day at most; and what the signs on the bar mean.
fn renewal(facts: &Facts, issued: Timestamp, expires: Timestamp) -> (Option<Timestamp>, Vec<String>) {
    if facts.pod.is_none() {
        return (None, vec!["nobody renews it: ask for a new one when it ends".to_owned()]);
    }
    let asked = facts.warn_after.unwrap_or(expires).duration_since(issued).as_secs();
    let share = asked / 5 * 4 + asked % 5 * 4 / 5;
    let after = share.clamp(0, DAY);
    let at = issued.checked_add(SignedDuration::from_secs(after)).ok();
    let why = if share <= DAY { "80 %" } else { "a day at most" };
    let mut say = vec![format!("┊ the kubelet renews it after {} ({why})", life_text(after))];
    if let Some(warn) = facts.warn_after {
        let warn = life_text(warn.duration_since(issued).as_secs());
        say.push(format!("╎ warnafter: logged as stale after {warn} (not to scale)"));
    }
    (at, say)
}

/// Time left, to the second: `364d 23:59:58`, `0:59:58`.
fn countdown(left: SignedDuration) -> String {
    let seconds = left.as_secs();
    let (days, hours, minutes, rest) = (seconds / 86_400, seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
    let clock = format!("{hours}:{minutes:02}:{rest:02}");
    if days > 0 { format!("{days}d {clock}") } else { clock }
}
