//! Turns words as typed into words as meant: quotes, variables, `$(…)` and `$((…))`.

use super::parse::parenthesis;
use super::{Shell, collector, take};
use crate::base::arithmetic::{Variables, evaluate};

impl Variables for Shell {
    fn text(&self, name: &str, _index: Option<i64>) -> String {
        self.variable(name)
    }

    fn assign(&mut self, name: &str, index: Option<i64>, value: i64) -> Result<(), String> {
        // This shell has no arrays.
        if index.is_some() {
            return Err("syntax error".to_owned());
        }
        self.process.env.insert(name.to_owned(), value.to_string());
        Ok(())
    }
}

impl Shell {
    /// The words that some typed words become; what stands unquoted is split at blanks.
    pub(super) async fn expand(&mut self, typed: &[String]) -> Vec<String> {
        let mut words = Vec::new();
        for word in typed {
            words.extend(self.walk(word, true).await);
        }
        words
    }

    /// The one text that a typed word becomes.
    pub(super) async fn expand_one(&mut self, typed: &str) -> String {
        self.walk(typed, false).await.concat()
    }

    async fn walk(&mut self, typed: &str, split: bool) -> Vec<String> {
        let chars: Vec<char> = typed.chars().collect();
        let mut words = Vec::new();
        let mut word = String::new();
        let (mut at, mut in_double, mut has_quotes) = (0, false, false);
        while let Some(&c) = chars.get(at) {
            at += 1;
            match c {
                '\'' if !in_double => {
                    has_quotes = true;
                    while let Some(&c) = chars.get(at).filter(|c| **c != '\'') {
                        word.push(c);
                        at += 1;
                    }
                    at += 1;
                }
                '"' => {
                    has_quotes = true;
                    in_double = !in_double;
                }
                '\\' => {
                    if let Some(&next) = chars.get(at) {
                        if in_double && !"$\"\\`".contains(next) {
                            word.push('\\');
                        }
                        word.push(next);
                        at += 1;
                    }
                }
                '$' | '`' => {
                    let (value, next) = self.value(&chars, at - 1).await;
                    at = next;
                    if in_double || !split {
                        word.push_str(&value);
                        continue;
                    }
                    let mut parts = value.split([' ', '\t', '\n']).filter(|part| !part.is_empty()).peekable();
                    if value.starts_with([' ', '\t', '\n']) && !word.is_empty() {
                        words.push(std::mem::take(&mut word));
                    }
                    while let Some(part) = parts.next() {
                        word.push_str(part);
                        if parts.peek().is_some() || value.ends_with([' ', '\t', '\n']) {
                            words.push(std::mem::take(&mut word));
                        }
                    }
                }
                c => word.push(c),
            }
        }
        if !word.is_empty() || has_quotes {
            words.push(word);
        }
        words
    }

    /// What stands at a `$` or a backquote, and where it ends.
    async fn value(&mut self, chars: &[char], at: usize) -> (String, usize) {
        let rest =
            |from: usize, to: usize| chars[from.min(chars.len())..to.min(chars.len())].iter().collect::<String>();
        if chars.get(at) == Some(&'`') {
            let end = (at + 1..chars.len()).find(|i| chars[*i] == '`').unwrap_or(chars.len());
            return (self.substitute(&rest(at + 1, end)).await, end + 1);
        }
        match chars.get(at + 1) {
            Some('(') => {
                let end = parenthesis(chars, at + 2).unwrap_or(chars.len() + 1);
                let inner = rest(at + 2, end.saturating_sub(1));
                let value = match inner.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
                    Some(expression) => self.arithmetic(expression).await,
                    None => self.substitute(&inner).await,
                };
                (value, end)
            }
            Some('{') => {
                let end = (at..chars.len()).find(|i| chars[*i] == '}').unwrap_or(chars.len());
                let inner = rest(at + 2, end);
                let (name, default) = inner.split_once(":-").unwrap_or((&inner, ""));
                let value = self.variable(name);
                (if value.is_empty() { default.to_owned() } else { value }, end + 1)
            }
            Some(c @ ('?' | '$' | '#')) => (self.variable(&c.to_string()), at + 2),
            Some(c) if c.is_ascii_alphanumeric() || *c == '_' => {
                let is_name = |i: &usize| chars[*i].is_ascii_alphanumeric() || chars[*i] == '_';
                let end = (at + 1..chars.len()).find(|i| !is_name(i)).unwrap_or(chars.len());
                (self.variable(&rest(at + 1, end)), end)
            }
            _ => ("$".to_owned(), at + 1),
        }
    }

    /// The value of `$((…))`; one that has none ends the script, as in busybox.
    async fn arithmetic(&mut self, expression: &str) -> String {
        let text = Box::pin(self.expand_one(expression)).await;
        match evaluate(&text, self) {
            Ok(number) => number.to_string(),
            Err(why) => {
                let why = if why.contains("division by 0") { "divide by zero" } else { "arithmetic syntax error" };
                self.refuse(why);
                self.leaving = Some(2);
                String::new()
            }
        }
    }

    fn variable(&self, name: &str) -> String {
        match name {
            "?" => self.status.to_string(),
            "$" => "1".to_owned(),
            "#" => "0".to_owned(),
            "PWD" => self.process.files.current(),
            name => self.process.env.get(name).cloned().unwrap_or_default(),
        }
    }

    async fn substitute(&mut self, script: &str) -> String {
        let (output, collected) = collector();
        let mut inner = Shell { process: self.process.clone(), status: self.status, leaving: None };
        inner.process.stdout = output;
        self.status = Box::pin(inner.script(script)).await;
        String::from_utf8_lossy(&take(&collected)).trim_end_matches('\n').to_owned()
    }
}
