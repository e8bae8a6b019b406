//! What errors mean, in plain words: one entry an error, in the order they are looked for.

mod access;
mod call;
mod container;
mod flags;
mod here;
pub mod kinds;
mod lookalike;
mod object;
mod program;
mod typed;

/// An error that can be explained.
pub struct Entry {
    /// What it is called here.
    pub title: &'static str,
    /// What the error's text has; any of them is enough. Of JSON they are written without blanks after the colons.
    /// Where there are none, it is this error when `here` has something to say.
    pub signs: &'static [&'static str],
    /// What it means; each line is a paragraph.
    pub say: &'static str,
    /// What to try.
    pub attempt: &'static str,
    /// What this very error names.
    pub here: Option<fn(&Outcome) -> Option<String>>,
}

const fn entry(title: &'static str, signs: &'static [&'static str], say: &'static str, attempt: &'static str) -> Entry {
    Entry { title, signs, say, attempt, here: None }
}

impl Entry {
    const fn naming(mut self, here: fn(&Outcome) -> Option<String>) -> Self {
        self.here = Some(here);
        self
    }

    /// What this very error names, in a sentence.
    pub fn here(&self, outcome: &Outcome) -> Option<String> {
        self.here.and_then(|here| here(&outcome.last()))
    }

    fn fits(&self, outcome: &Outcome, text: &str) -> bool {
        match self.signs {
            [] => self.here(outcome).is_some(),
            signs => signs.iter().any(|sign| text.contains(sign)),
        }
    }
}

/// What was typed, and what came of it.
#[derive(Clone, Copy, Debug)]
pub struct Outcome<'a> {
    /// The exit code.
    pub status: i32,
    /// What was typed.
    pub line: &'a str,
    /// What came on standard output.
    pub out: &'a str,
    /// What came on standard error.
    pub err: &'a str,
}

impl Outcome<'_> {
    /// Of several commands on one line: the error that was printed last, which stands above the prompt.
    fn last(mut self) -> Self {
        if self.line.contains([';', '\n']) || self.line.contains("&&") || self.line.contains("||") {
            let mut heads = self.err.match_indices('\n').map(|(at, _)| at + 1);
            let begins = |at: &usize| self.err.get(*at..).is_some_and(is_head);
            self.err = heads.rfind(begins).and_then(|at| self.err.get(at..)).unwrap_or(self.err);
        }
        self
    }

    /// Whether the line did not do what it should.
    pub fn failed(&self) -> bool {
        self.status != 0 || is_refusal(self.out)
    }

    /// Where to look for the error. What a command printed before another one ended well is no error, but for what it
    /// complained of, and for the API server's refusal, which `curl` prints as it prints everything.
    fn text(&self) -> String {
        let out = if self.failed() { self.out } else { "" };
        format!("{}\n{out}", self.err).replace("\\\"", "\"").replace("\": \"", "\":\"")
    }
}

/// Whether an error begins here.
fn is_head(text: &str) -> bool {
    const HEADS: [&str; 8] =
        ["error: ", "Error: ", "Error from server", "bash: ", "curl: (", "The connection", "Unable to connect", "The "];
    HEADS.iter().any(|head| text.starts_with(head))
}

/// Whether this is what an API server answers when it does not do what it was asked.
pub fn is_refusal(out: &str) -> bool {
    const SIGNS: [&str; 3] = ["\"status\": \"Failure\"", "\"status\":\"Failure\"", "HTTP request to an HTTPS server"];
    SIGNS.iter().any(|sign| out.contains(sign))
        || out.trim_end().ends_with("404 page not found")
        || out.lines().any(|line| {
            line.starts_with("HTTP/") && line.split(' ').nth(1).is_some_and(|code| matches!(code, "401" | "403"))
        })
}

/// What errors are about, in the order they are looked for: the narrow ones stand before the wide ones.
const GROUPS: &[&[Entry]] = &[
    typed::ENTRIES,
    access::ENTRIES,
    container::ENTRIES,
    call::ENTRIES,
    object::ENTRIES,
    flags::ENTRIES,
    program::ENTRIES,
];

/// All errors, in the order they are looked for.
pub fn entries() -> impl Iterator<Item = &'static Entry> {
    GROUPS.iter().copied().flatten()
}

/// The place of the entry for what came of a line. What was stopped with Ctrl-C is no error.
pub fn find(outcome: &Outcome) -> Option<usize> {
    if outcome.status == 130 || (outcome.err.is_empty() && !outcome.failed()) {
        return None;
    }
    let outcome = &outcome.last();
    let text = outcome.text();
    entries().position(|entry| entry.fits(outcome, &text))
}
