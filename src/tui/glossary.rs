//! The words of the course on the screen: which one is asked for, and all of them to be read.

use super::effect::Effect;
use super::overlay::palette;
use super::overlay::word::Word;
use super::pane::PaneId;
use super::pane::terminal::{Said, Voice};
use super::world::{Focus, Screen, World};
use crate::course::glossary::{ALL, find, marked};

/// Explains what the cursor stands on; where that is no word of the course, offers those of the line and of the step.
pub fn what_is(world: &mut World) -> Vec<Effect> {
    let named = named(world);
    if let Some(at) = named.iter().find_map(|word| find(word)) {
        world.open(Word { at });
        return Vec::new();
    }
    let words = step_words(world);
    palette::open_words(world, &words)
}

/// What the cursor stands on, the closest word first.
fn named(world: &World) -> Vec<String> {
    match world.focus {
        _ if world.screen != Screen::Workbench || !world.over.is_empty() || world.asks() => Vec::new(),
        Focus::Prompt => words_at(world.panes.terminal.prompt.text(), world.panes.terminal.prompt.cursor()),
        Focus::Pane(id) => id.pane().named(world),
    }
}

/// The words of the course that are in the line, and those that the step marks or writes as code; each once.
pub fn step_words(world: &World) -> Vec<usize> {
    let mut words: Vec<usize> = Vec::new();
    let mut add = |at: Option<usize>| {
        if let Some(at) = at.filter(|at| !words.contains(at)) {
            words.push(at);
        }
    };
    let line = world.panes.terminal.prompt.text();
    let ends = line.char_indices().map(|(at, _)| at).chain([line.len()]);
    ends.for_each(|cursor| add(words_at(line, cursor).iter().find_map(|word| find(word))));
    if world.focus == Focus::Pane(PaneId::Token) {
        let claims = world.panes.token.seen.iter().filter_map(|token| token.claims.as_object());
        claims.flat_map(|claims| claims.keys()).for_each(|claim| add(find(claim)));
    }
    let Some((open, step)) = world.lesson.as_ref().and_then(|open| Some((open, open.step()?))) else { return words };
    let mut texts = vec![step.text.as_str()];
    if let Some(predict) = &step.predict {
        texts.push(&predict.ask);
    }
    if open.asking.is_none() {
        texts.push(&step.task);
    }
    if open.is_done() {
        texts.push(&step.debrief);
    }
    texts.iter().flat_map(|text| marked(text)).for_each(|word| add(word.ok()));
    texts.iter().flat_map(|text| text.split('`').skip(1).step_by(2)).for_each(|code| add(find(code)));
    texts.iter().flat_map(|text| within(text)).for_each(|at| add(Some(at)));
    words
}

/// The most words that an entry of the glossary has.
const LONGEST: usize = 3;

/// The words of the course that a text has, marked or not, in their order; of two at one place the longer.
fn within(text: &str) -> Vec<usize> {
    let is_part = |c: char| c.is_alphanumeric() || "-_./".contains(c);
    let bare = |word: &str| word.trim_matches(|c: char| !is_part(c) || c == '.').trim_end_matches("'s").to_owned();
    let words: Vec<String> = text.split_whitespace().map(bare).collect();
    let longest = |rest: &[String]| {
        let lengths = (1..=LONGEST.min(rest.len())).rev();
        lengths.into_iter().find_map(|length| find(&rest.get(..length)?.join(" ")))
    };
    (0..words.len()).filter_map(|from| words.get(from..).and_then(longest)).collect()
}

/// The word of a command line at the cursor, or before it: whole, then the part of it that the cursor is in.
fn words_at(line: &str, cursor: usize) -> Vec<String> {
    let Some(word) = part_at(line, cursor, |c| c.is_whitespace()) else { return Vec::new() };
    let (word, cursor) = (&line[word.clone()], cursor.saturating_sub(word.start));
    let is_mark = |c: char| "=,/{}[]()<>'\"`:|;&$@*".contains(c);
    let cuts: [&dyn Fn(char) -> bool; 2] = [&is_mark, &|c| is_mark(c) || c == '.'];
    let parts = cuts.iter().filter_map(|cut| part_at(word, cursor, cut)).filter_map(|part| word.get(part));
    let all = [word].into_iter().chain(parts);
    all.flat_map(|part| [part, part.trim_start_matches('-')]).map(str::to_owned).collect()
}

/// Where the part stands that the cursor is in, or the last one before it.
fn part_at(text: &str, cursor: usize, ends: impl Fn(char) -> bool) -> Option<std::ops::Range<usize>> {
    let mut parts = Vec::new();
    let mut from = 0;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        if at == text.len() || ends(c) {
            if at > from {
                parts.push(from..at);
            }
            from = at + c.len_utf8();
        }
    }
    let before = parts.iter().rposition(|part| part.start <= cursor);
    parts.into_iter().nth(before.unwrap_or(0))
}

/// The words as lines to be read.
pub fn lines() -> Vec<Said> {
    let said = |voice, text: String| Said { voice, text };
    let mut lines = Vec::new();
    for entry in ALL.iter() {
        let text = entry.say.split_whitespace().collect::<Vec<_>>().join(" ");
        lines.push(said(Voice::Typed, entry.word.clone()));
        lines.push(said(Voice::Plain, text.replace('`', "")));
        lines.push(said(Voice::Note, String::new()));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::words_at;
    use crate::course::glossary::{ALL, find};

    #[track_caller]
    fn check(line: &str, want: Option<&str>) {
        let cursor = line.find('█').expect("a cursor");
        let found = words_at(&line.replace('█', ""), cursor).iter().find_map(|word| find(word));
        assert_eq!(found.and_then(|at| ALL.get(at)).map(|entry| entry.word.as_str()), want, "{line}");
    }

    #[test]
    fn the_word_at_the_cursor() {
        check("kubectl get sa█", Some("service account"));
        check("kubectl get █sa", Some("service account"));
        check("kubectl get sa █", Some("service account"));
        check("kubectl get sa default█", None);
        check("kubectl get pod web -o jsonpath='{.spec.serviceAccountName}'█", Some("service account"));
        check("kubectl get pod web -o jsonpath='{.metadata.u█id}'", Some("uid"));
        check("kubectl create token x --audience█=vault", Some("aud"));
        check("kubectl create token x --aud█ience", Some("aud"));
        check("kubectl create rolebinding█ x", Some("binding"));
        check("kubectl explain pod.spec.imagePull█Secrets", Some("imagePullSecrets"));
        check("cat /var/run/secrets/kubernetes.io/serviceaccount/ca.crt█", Some("ca.crt"));
        check("é █", None);
        check("█", None);
    }
}
