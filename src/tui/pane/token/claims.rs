//! Each claim of a token in a line, tied to the live object it names.

use jiff::Timestamp;
use ratatui::text::{Line, Span};
use serde_json::Value;

use super::facts::Facts;
use super::verdict::{Found, object};
use crate::base::sanitize_line;
use crate::tui::msg::TokenSeen;
use crate::tui::theme::Meaning;
use crate::tui::widget::{cells, cut};
use crate::tui::world::World;

/// The rows of the claims.
pub fn claims(rows: &mut Vec<Line<'static>>, token: &TokenSeen, facts: &Facts, world: &World, width: usize) {
    let theme = world.theme;
    let mut row = |name: &str, value: &str, tie: Option<(String, Meaning)>| {
        let mut spans = vec![Span::styled(format!("{name:<8}"), theme.style(Meaning::Dim))];
        // Who is asked for matters more than the name of what it fits.
        let fits = |text: &str| 8 + cells(value) + 2 + cells(text) <= width;
        let tie = tie.map(|(text, meaning)| match text.strip_prefix("✔ ") {
            Some(_) if !fits(&text) => ("✔".to_owned(), meaning),
            _ => (text, meaning),
        });
        let tie_cells = tie.as_ref().map_or(0, |(text, _)| cells(text) + 2);
        let room = width.saturating_sub(8 + tie_cells).max(8);
        spans.push(Span::raw(cut(value, room).into_owned()));
        if let Some((text, meaning)) = tie {
            spans.push(Span::styled(format!("  {text}"), theme.style(meaning)));
        }
        rows.push(Line::from(spans));
    };
    let string = |value: &Value| match value {
        Value::String(text) => sanitize_line(text).into_owned(),
        Value::Array(items) => items
            .iter()
            .map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned))
            .collect::<Vec<_>>()
            .join(", "),
        other => other.to_string(),
    };
    let get = |name: &str| token.claims.get(name).map(&string).map(|text| sanitize_line(&text).into_owned());
    if let Some(sub) = get("sub") {
        row("sub", &sub, facts.account.as_ref().map(|account| tie(world, facts, "ServiceAccount", "sa", account)));
    }
    match get("aud") {
        Some(aud) => {
            let named = |named: &str| token.api.iter().any(|api| api == named);
            let fits = match token.claims.get("aud") {
                Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).any(named),
                Some(one) => one.as_str().is_some_and(named),
                None => true,
            };
            let tied = match (token.api.is_empty(), fits) {
                (true, _) => None,
                (false, true) => Some(("✔ this API".to_owned(), Meaning::Good)),
                (false, false) => Some(("✘ not this API".to_owned(), Meaning::Refused)),
            };
            row("aud", &aud, tied);
        }
        None => row("aud", "none: the API server takes it", None),
    }
    let objects = [("pod", "Pod", &facts.pod), ("secret", "Secret", &facts.secret), ("node", "Node", &facts.node)];
    for (word, kind, found) in objects {
        if let Some(found) = found {
            let tied = (kind != "Node").then(|| tie(world, facts, kind, word, found));
            row(word, &found.0, tied);
        }
    }
    let date = |at: Timestamp| at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string();
    for (name, at) in [("iat", facts.issued), ("nbf", facts.not_before), ("exp", facts.expires)] {
        // `nbf` says nothing new while it equals `iat`.
        if let Some(at) = at.filter(|at| name != "nbf" || Some(*at) != facts.issued) {
            row(name, &date(at), None);
        }
    }
    for name in ["iss", "jti"] {
        if let Some(text) = get(name) {
            row(name, &text, None);
        }
    }
    if let Some(key) = token.header.get("kid") {
        let key = string(key);
        row("kid", if key.is_empty() { "(empty)" } else { &key }, None);
    }
    let known = ["sub", "aud", "iat", "nbf", "exp", "iss", "jti", "kubernetes.io"];
    for (name, value) in token.claims.as_object().into_iter().flatten() {
        if !known.contains(&name.as_str()) && !name.starts_with("kubernetes.io/serviceaccount/") {
            row(&sanitize_line(name), &sanitize_line(&string(value)), None);
        }
    }
}

/// How a claim fits the live object it names.
fn tie(world: &World, facts: &Facts, kind: &str, word: &str, (name, uid): &(String, String)) -> (String, Meaning) {
    if !world.panes.objects.index.ready {
        return (format!("? {word} not looked up yet"), Meaning::Dim);
    }
    // Objects are followed in the lesson's namespace only.
    if world.cluster.as_ref().is_some_and(|cluster| cluster.namespace != facts.namespace) {
        return (format!("? {word} of another namespace"), Meaning::Dim);
    }
    let found = object(world, facts, kind, Some(&(name.clone(), uid.clone())));
    match (found, word) {
        (Found::Gone, "sa") => (format!("✘ sa {name} is gone"), Meaning::Refused),
        (Found::Gone, _) => (format!("✘ the {word} is gone"), Meaning::Refused),
        (Found::Same, "sa") => (format!("✔ sa {name}"), Meaning::Good),
        (Found::Same, _) if uid.is_empty() => ("✔ is there".to_owned(), Meaning::Good),
        (Found::Same, _) => ("✔ uid matches".to_owned(), Meaning::Good),
        (Found::Another, _) => (format!("✘ another {word} has this name now"), Meaning::Refused),
        (Found::Unknown, _) => (format!("? {word} not looked up"), Meaning::Dim),
    }
}
