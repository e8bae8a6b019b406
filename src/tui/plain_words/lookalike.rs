//! Characters that come along when a line is copied from a web page: some cannot be seen, some look like others.

/// Such a character, what it is called, and what belongs there.
const CHARACTERS: &[(char, &str, &str)] = &[
    ('\u{a0}', "a no-break space", " "),
    ('\u{1680}', "a wide space", " "),
    ('\u{2000}', "a wide space", " "),
    ('\u{2001}', "a wide space", " "),
    ('\u{2002}', "a wide space", " "),
    ('\u{2003}', "a wide space", " "),
    ('\u{2004}', "a wide space", " "),
    ('\u{2005}', "a wide space", " "),
    ('\u{2006}', "a thin space", " "),
    ('\u{2007}', "a space as wide as a digit", " "),
    ('\u{2008}', "a thin space", " "),
    ('\u{2009}', "a thin space", " "),
    ('\u{200a}', "a thin space", " "),
    ('\u{202f}', "a narrow no-break space", " "),
    ('\u{205f}', "a thin space", " "),
    ('\u{3000}', "a wide space", " "),
    ('\u{2028}', "a line separator", " "),
    ('\u{2029}', "a paragraph separator", " "),
    ('\u{200b}', "a zero-width space", ""),
    ('\u{200c}', "a zero-width non-joiner", ""),
    ('\u{200d}', "a zero-width joiner", ""),
    ('\u{2060}', "a word joiner", ""),
    ('\u{feff}', "a byte order mark", ""),
    ('\u{ad}', "a soft hyphen", ""),
    ('\u{2018}', "a curly single quote", "'"),
    ('\u{2019}', "a curly single quote", "'"),
    ('\u{201a}', "a low single quote", "'"),
    ('\u{201b}', "a curly single quote", "'"),
    ('\u{201c}', "a curly double quote", "\""),
    ('\u{201d}', "a curly double quote", "\""),
    ('\u{201e}', "a low double quote", "\""),
    ('\u{201f}', "a curly double quote", "\""),
    ('\u{2010}', "a typographic hyphen", "-"),
    ('\u{2011}', "a no-break hyphen", "-"),
    ('\u{2012}', "a figure dash", "-"),
    ('\u{2013}', "an en dash", "-"),
    ('\u{2014}', "an em dash", "-"),
    ('\u{2212}', "a minus sign", "-"),
];

/// How many are told one by one.
const TOLD: usize = 4;

/// Where in a line such characters stand, what each is, and the line without them.
pub fn find(line: &str) -> Option<String> {
    let (mut places, mut clean) = (Vec::new(), String::new());
    let (mut row, mut column, mut quote) = (1, 0, None);
    let rows = line.contains('\n');
    for (at, c) in line.char_indices() {
        (row, column) = if c == '\n' { (row + 1, 0) } else { (row, column + 1) };
        match quote {
            Some(open) if open == c => quote = None,
            None if matches!(c, '\'' | '"') => quote = Some(c),
            _ => {}
        }
        let found = CHARACTERS.iter().find(|(known, ..)| *known == c);
        // Within quotes a curly quote or a dash may be meant; what cannot be seen hardly ever is.
        let Some((_, name, plain)) = found.filter(|(.., plain)| quote.is_none() || plain.trim().is_empty()) else {
            clean.push(c);
            continue;
        };
        let place = if rows { format!("Row {row}, column {column}") } else { format!("Column {column}") };
        let instead = match *plain {
            "" => "nothing belongs there".to_owned(),
            " " => "a plain space belongs there".to_owned(),
            plain => format!("a plain {plain} belongs there"),
        };
        let begins = clean.is_empty() || clean.ends_with(char::is_whitespace);
        if matches!(c, '\u{2013}' | '\u{2014}') && begins && is_long(&line[at + c.len_utf8()..]) {
            clean.push_str("--");
            places.push(format!("{place}: {name} (U+{:04X}); two plain dashes -- belong there.", u32::from(c)));
        } else {
            clean.push_str(plain);
            places.push(format!("{place}: {name} (U+{:04X}); {instead}.", u32::from(c)));
        }
    }
    if places.is_empty() {
        return None;
    }
    let more = places.len().saturating_sub(TOLD);
    places.truncate(TOLD);
    if more > 0 {
        places.push(format!("… and {more} more."));
    }
    places.push(format!("In plain characters the line is: {clean}"));
    Some(places.join("\n"))
}

/// Whether one long dash stands for the two short ones of a long flag, or of `--` alone.
fn is_long(rest: &str) -> bool {
    let flag: String = rest.chars().take_while(|c| c.is_alphanumeric() || *c == '-').collect();
    !matches!(flag.as_str(), "it" | "ti") && flag.chars().count() != 1
}

#[cfg(test)]
mod tests {
    use super::find;

    #[track_caller]
    fn check(line: &str, want: &[&str]) {
        let want = (!want.is_empty()).then(|| want.join("\n"));
        assert_eq!(find(line), want, "{line:?}");
    }

    #[test]
    fn each_is_told_with_its_column() {
        check("kubectl get sa -o jsonpath='{.items}'", &[]);
        check("kubectl annotate sa a note='that’s — fine'", &[]);
        check("grep é", &[]);
        check(
            "kubectl\u{a0}get sa",
            &[
                "Column 8: a no-break space (U+00A0); a plain space belongs there.",
                "In plain characters the line is: kubectl get sa",
            ],
        );
        check(
            "kubectl get\u{200b} sa",
            &[
                "Column 12: a zero-width space (U+200B); nothing belongs there.",
                "In plain characters the line is: kubectl get sa",
            ],
        );
        check(
            "curl -H 'A:\u{a0}b'",
            &[
                "Column 12: a no-break space (U+00A0); a plain space belongs there.",
                "In plain characters the line is: curl -H 'A: b'",
            ],
        );
        check(
            "get –n x –it —watch — a",
            &[
                "Column 5: an en dash (U+2013); a plain - belongs there.",
                "Column 10: an en dash (U+2013); a plain - belongs there.",
                "Column 14: an em dash (U+2014); two plain dashes -- belong there.",
                "Column 21: an em dash (U+2014); two plain dashes -- belong there.",
                "In plain characters the line is: get -n x -it --watch -- a",
            ],
        );
        check(
            "a\n“b”",
            &[
                "Row 2, column 1: a curly double quote (U+201C); a plain \" belongs there.",
                "Row 2, column 3: a curly double quote (U+201D); a plain \" belongs there.",
                "In plain characters the line is: a\n\"b\"",
            ],
        );
    }
}
