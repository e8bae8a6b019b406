//! A row of YAML in colours: keys, texts, numbers.

use ratatui::text::{Line, Span};

use crate::tui::theme::{Meaning, Theme};

/// A row as styled text. Nothing of it is left out.
pub fn yaml(row: &str, theme: Theme) -> Line<'_> {
    let style = |meaning| theme.style(meaning);
    let mut spans = Vec::new();
    let mut rest = row;
    // Spaces, and the dash of each list that begins here.
    while let Some(at) = rest.find(|c: char| c != ' ') {
        let is_dash = rest.get(at..).is_some_and(|from| from.starts_with("- ") || from == "-");
        let (lead, from) = rest.split_at(at + usize::from(is_dash));
        spans.push(Span::styled(lead, style(Meaning::Dim)));
        rest = from;
        if !is_dash {
            break;
        }
    }
    let key = rest.find(": ").or_else(|| rest.strip_suffix(':').map(str::len));
    let key = key.filter(|at| *at > 0 && !rest.starts_with(['"', '\'', '{', '[']));
    if let Some((key, after)) = key.and_then(|at| rest.split_at_checked(at)) {
        let (colon, after) = after.split_at(after.find(|c: char| c != ':' && c != ' ').unwrap_or(after.len()));
        spans.push(Span::styled(key, style(Meaning::Code)));
        spans.push(Span::styled(colon, style(Meaning::Dim)));
        rest = after;
    }
    let is_number = rest.parse::<f64>().is_ok() || matches!(rest, "true" | "false" | "null" | "{}" | "[]");
    spans.push(Span::styled(rest, style(if is_number { Meaning::Title } else { Meaning::Plain })));
    Line::from(spans)
}

#[cfg(test)]
mod tests {
    use super::yaml;
    use crate::tui::theme::{Meaning, Theme};

    #[test]
    fn rows_are_taken_apart() {
        let theme = Theme { colour: true, many: true, ..Theme::default() };
        let name = |style| Meaning::ALL.iter().find(|meaning| theme.style(**meaning) == style).copied();
        for (row, want) in [
            ("kind: Pod", "<Code kind><Dim : ><Plain Pod>"),
            ("  - name: web", "<Dim   -><Dim  ><Code name><Dim : ><Plain web>"),
            ("    expirationSeconds: 3607", "<Dim     ><Code expirationSeconds><Dim : ><Title 3607>"),
            ("- list", "<Dim -><Dim  ><Plain list>"),
            ("metadata:", "<Code metadata><Dim :>"),
            ("  \"quoted: x\"", "<Dim   ><Plain \"quoted: x\">"),
            ("secure: true", "<Code secure><Dim : ><Title true>"),
            ("", ""),
            ("   ", "<Plain    >"),
            ("at: 2026-11-23T10:30:00Z", "<Code at><Dim : ><Plain 2026-11-23T10:30:00Z>"),
        ] {
            let line = yaml(row, theme);
            assert_eq!(line.to_string(), row);
            let told = line.spans.iter().filter(|span| !span.content.is_empty());
            let told: String = told.map(|span| format!("<{:?} {}>", name(span.style).unwrap(), span.content)).collect();
            assert_eq!(told, want, "{row}");
        }
    }
}
