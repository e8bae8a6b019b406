//! Here-documents before the grammar's crate sees them.
//!
//! Its tokenizer goes into what stands where a here-document's end word should be, takes what it finds there for the word, and
//! where that is empty it takes memory without end. So the end words are looked at here first, and only plain ones go on. Inside
//! `$(…)` it takes a blank in front of the word for the word: blanks there are left out.

use std::borrow::Cow;

/// What is wrong with the here-documents of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// What ends one is not a plain word.
    End,
    /// One ends at an empty line that has not come yet.
    Open,
}

/// What one is inside of.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    /// Brackets, a substitution: up to this sign.
    Commands(char),
    Quotes,
    /// `$((`: what looks like a here-document shifts bits.
    Arithmetic,
}

/// The line as the tokenizer may have it.
pub(super) fn tidy(line: &str) -> Result<Cow<'_, str>, Wrong> {
    if !line.contains("<<") {
        return Ok(line.into());
    }
    let mut tidied = String::new();
    // What of the line is in `tidied`.
    let mut taken = 0;
    let mut inside: Vec<Inside> = Vec::new();
    // The end words of the documents that begin at the next line.
    let mut ends: Vec<String> = Vec::new();
    let mut rest = line;
    let mut at_word_start = true;
    while let Some(c) = rest.chars().next() {
        let after = &rest[c.len_utf8()..];
        let top = inside.last().copied();
        let quoted = top == Some(Inside::Quotes);
        let word_began = std::mem::replace(&mut at_word_start, c.is_whitespace() || ";|&()<>".contains(c));
        match c {
            '\\' => {
                rest = after.get(after.chars().next().map_or(0, char::len_utf8)..).unwrap_or_default();
                continue;
            }
            '\'' if !quoted => {
                rest = after.find('\'').map_or("", |end| &after[end + 1..]);
                continue;
            }
            // Inside of something the tokenizer reads on in a comment.
            '#' if word_began && inside.is_empty() => {
                rest = after.find('\n').map_or("", |end| &after[end..]);
                continue;
            }
            '"' if quoted => drop(inside.pop()),
            '"' => inside.push(Inside::Quotes),
            // What is in them is read when it is run, whatever quotes it has.
            '`' => {
                rest = closing_backquote(after).map_or("", |end| &after[end + 1..]);
                continue;
            }
            '$' if after.starts_with("((") => {
                inside.push(Inside::Arithmetic);
                rest = &after[2..];
                continue;
            }
            '$' if after.starts_with(['(', '{']) => {
                inside.push(Inside::Commands(if after.starts_with('(') { ')' } else { '}' }));
                at_word_start = true;
                rest = &after[1..];
                continue;
            }
            '(' if !quoted => inside.push(Inside::Commands(')')),
            ')' if top == Some(Inside::Arithmetic) => {
                inside.pop();
                rest = after.strip_prefix(')').unwrap_or(after);
                continue;
            }
            c if top == Some(Inside::Commands(c)) => drop(inside.pop()),
            '<' if rest.starts_with("<<<") => {
                rest = &rest[3..];
                continue;
            }
            '<' if rest.starts_with("<<") && !quoted && top != Some(Inside::Arithmetic) => {
                let operator = if rest.starts_with("<<-") { 3 } else { 2 };
                let from = rest[operator..].trim_start_matches([' ', '\t']);
                let (end, word) = end_word(from).ok_or(Wrong::End)?;
                let at = line.len() - rest.len();
                tidied.push_str(&line[taken..at + operator]);
                taken = line.len() - from.len();
                ends.push(end);
                rest = &from[word..];
                continue;
            }
            '\n' if !ends.is_empty() => {
                rest = after;
                for end in ends.drain(..) {
                    rest = skip(rest, &end)?;
                }
                continue;
            }
            _ => {}
        }
        rest = after;
    }
    if ends.iter().any(String::is_empty) {
        return Err(Wrong::Open);
    }
    tidied.push_str(&line[taken..]);
    Ok(tidied.into())
}

fn closing_backquote(text: &str) -> Option<usize> {
    let mut escaped = false;
    text.char_indices()
        .find(|(_, c)| {
            let found = *c == '`' && !escaped;
            escaped = *c == '\\' && !escaped;
            found
        })
        .map(|(at, _)| at)
}

/// The word that ends a document, without its quotes, and how long it is as written.
fn end_word(text: &str) -> Option<(String, usize)> {
    let mut word = String::new();
    let mut rest = text;
    let is_plain = |c: char| !c.is_whitespace() && !";|&<>()$`\\'\"{}[]*?!#~".contains(c);
    while let Some(c) = rest.chars().next() {
        match c {
            '\'' | '"' => {
                let inner = &rest[1..];
                let end = inner.find(c)?;
                if inner[..end].contains(['\n', '$', '`', '\\']) {
                    return None;
                }
                word.push_str(&inner[..end]);
                rest = &inner[end + 1..];
            }
            '\\' => {
                let next = rest[1..].chars().next().filter(|next| is_plain(*next))?;
                word.push(next);
                rest = &rest[1 + next.len_utf8()..];
            }
            c if is_plain(c) => {
                word.push(c);
                rest = &rest[c.len_utf8()..];
            }
            c if c.is_whitespace() || ";|&<>)".contains(c) => break,
            _ => return None,
        }
    }
    let length = text.len() - rest.len();
    (length > 0).then_some((word, length))
}

/// What follows a document. One that does not end is the tokenizer's to complain about, but for one that ends at an empty line.
fn skip<'a>(text: &'a str, end: &str) -> Result<&'a str, Wrong> {
    let mut rest = text;
    loop {
        let (line, after) = rest.split_once('\n').unwrap_or((rest, ""));
        if line.trim_start_matches('\t') == end && !(end.is_empty() && after.is_empty() && !rest.ends_with('\n')) {
            return Ok(after);
        }
        if after.is_empty() {
            return if end.is_empty() { Err(Wrong::Open) } else { Ok("") };
        }
        rest = after;
    }
}

#[cfg(test)]
mod tests {
    use super::{Wrong, tidy};

    #[test]
    fn end_words() {
        let rows = [
            ("cat <<EOF\n$(x)\nEOF", Ok(())),
            ("cat <<'E F' <<\\X\nE F\nX\n", Ok(())),
            ("cat <<-\"EOF\" | tr a b\n\ta\n\tEOF", Ok(())),
            ("echo '<<' \"<< $(b)\" # << $(c)", Ok(())),
            ("echo $((1 << ${n}))", Ok(())),
            ("jq . <<< $(x)", Ok(())),
            ("cat <<EOF\ndon't << ${x}\nEOF\necho", Ok(())),
            ("cat <<$(x)\n", Err(Wrong::End)),
            ("cat << \"a$(b\n\"", Err(Wrong::End)),
            ("cat <<- # why", Err(Wrong::End)),
            ("echo \"$(cat <<`x`)\"", Err(Wrong::End)),
            ("`'` $(cat <<- $(x) )", Err(Wrong::End)),
            ("$( # EOF<< ;", Err(Wrong::End)),
            ("cat <<''\nx\n", Err(Wrong::Open)),
            ("cat <<''\nx\n\n", Ok(())),
        ];
        for (line, want) in rows {
            assert_eq!(tidy(line).map(drop), want, "{line}");
        }
        assert_eq!(tidy("A=$(cat <<-  EOF <<\t'X' \n").as_deref(), Ok("A=$(cat <<-EOF <<'X' \n"));
    }
}
