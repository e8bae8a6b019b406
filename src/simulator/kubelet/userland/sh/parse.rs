//! Reads a shell's text into commands. Words stay as typed; their quotes and variables are dealt with when they run.

/// How a pipeline hands on to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joint {
    /// `&&`
    And,
    /// `||`
    Or,
    /// `;` or a new line
    Then,
}

/// Pipelines one after another.
pub type List = Vec<(Pipeline, Joint)>;

/// Commands that feed each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pipeline {
    /// Whether `!` turns its result round.
    pub negated: bool,
    /// Its commands.
    pub commands: Vec<Command>,
}

/// One command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// `name=value program words > file`
    Simple { assignments: Vec<(String, String)>, words: Vec<String>, redirects: Vec<(String, String)> },
    /// `while …; do …; done`
    While { until: bool, condition: List, body: List },
    /// `for name in …; do …; done`
    For { name: String, words: Vec<String>, body: List },
    /// `if …; then …; fi`
    If { branches: Vec<(List, List)>, otherwise: Option<List> },
    /// `{ …; }` or `( … )`
    Group(List),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Word(String),
    Operator(String),
}

/// Reads a whole script.
pub fn parse(text: &str) -> Result<List, String> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0 };
    let list = parser.list(&[])?;
    match parser.peek() {
        None => Ok(list),
        Some(Token::Word(word) | Token::Operator(word)) => Err(format!("unexpected {word:?}")),
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        match c {
            ' ' | '\t' | '\r' => at += 1,
            '#' => {
                while chars.get(at).is_some_and(|c| *c != '\n') {
                    at += 1;
                }
            }
            '\n' | ';' | '&' | '|' | '<' | '>' | '(' | ')' => {
                let pair: String = chars[at..chars.len().min(at + 2)].iter().collect();
                let operator = match pair.as_str() {
                    "&&" | "||" | ">>" | ">&" | ";;" => pair,
                    _ => c.to_string(),
                };
                at += operator.chars().count();
                tokens.push(Token::Operator(if operator == "\n" { ";".to_owned() } else { operator }));
            }
            '2' | '1' if chars.get(at + 1) == Some(&'>') => {
                let mut operator = format!("{c}>");
                at += 2;
                if let Some(next) = chars.get(at).filter(|next| matches!(next, '>' | '&')) {
                    operator.push(*next);
                    at += 1;
                }
                tokens.push(Token::Operator(operator));
            }
            _ => {
                let (word, next) = word(&chars, at)?;
                tokens.push(Token::Word(word));
                at = next;
            }
        }
    }
    Ok(tokens)
}

fn word(chars: &[char], mut at: usize) -> Result<(String, usize), String> {
    let start = at;
    while let Some(&c) = chars.get(at) {
        match c {
            ' ' | '\t' | '\r' | '\n' | ';' | '&' | '|' | '<' | '>' | '(' | ')' => break,
            '\\' => at += 2,
            '\'' | '"' | '`' => at = closing(chars, at + 1, c).ok_or("unterminated quoted string")?,
            '$' if chars.get(at + 1) == Some(&'(') => {
                at = parenthesis(chars, at + 2).ok_or("unterminated $(")?;
            }
            _ => at += 1,
        }
    }
    let at = at.min(chars.len());
    Ok((chars[start..at].iter().collect(), at))
}

/// Where a quotation that began before `at` is over.
fn closing(chars: &[char], mut at: usize, quote: char) -> Option<usize> {
    while let Some(&c) = chars.get(at) {
        match c {
            c if c == quote => return Some(at + 1),
            '\\' if quote != '\'' => at += 2,
            '$' if quote == '"' && chars.get(at + 1) == Some(&'(') => at = parenthesis(chars, at + 2)?,
            _ => at += 1,
        }
    }
    None
}

/// Where a `$(` that began before `at` is over.
pub fn parenthesis(chars: &[char], mut at: usize) -> Option<usize> {
    let mut depth = 1;
    while let Some(&c) = chars.get(at) {
        match c {
            '(' => depth += 1,
            ')' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            '\'' | '"' => {
                at = closing(chars, at + 1, c)?;
                continue;
            }
            '\\' => at += 1,
            _ => {}
        }
        at += 1;
    }
    None
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at)
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Some(Token::Word(next)) if next == word)
    }

    fn is_operator(&self, operator: &str) -> bool {
        matches!(self.peek(), Some(Token::Operator(next)) if next == operator)
    }

    fn expect(&mut self, word: &str) -> Result<(), String> {
        if self.is_word(word) || self.is_operator(word) {
            self.at += 1;
            return Ok(());
        }
        match self.peek() {
            None => Err(format!("unexpected end of file (expecting {word:?})")),
            Some(Token::Word(found) | Token::Operator(found)) => {
                Err(format!("unexpected {found:?} (expecting {word:?})"))
            }
        }
    }

    fn list(&mut self, ends: &[&str]) -> Result<List, String> {
        let mut list = List::new();
        loop {
            while self.is_operator(";") {
                self.at += 1;
            }
            let ended = ends.iter().any(|end| self.is_word(end) || self.is_operator(end));
            if self.peek().is_none() || ended || self.is_operator(")") {
                return Ok(list);
            }
            let pipeline = self.pipeline()?;
            let joint = match self.peek() {
                Some(Token::Operator(operator)) if operator == "&&" => Joint::And,
                Some(Token::Operator(operator)) if operator == "||" => Joint::Or,
                Some(Token::Operator(operator)) if operator == "&" => {
                    return Err("background jobs are not supported here".to_owned());
                }
                _ => Joint::Then,
            };
            if joint != Joint::Then {
                self.at += 1;
            } else if !self.is_operator(";") && !self.is_operator(")") && self.peek().is_some() {
                let Some(Token::Word(found) | Token::Operator(found)) = self.peek() else { return Ok(list) };
                return Err(format!("unexpected {found:?}"));
            }
            list.push((pipeline, joint));
        }
    }

    fn pipeline(&mut self) -> Result<Pipeline, String> {
        let negated = self.is_word("!");
        if negated {
            self.at += 1;
        }
        let mut commands = vec![self.command()?];
        while self.is_operator("|") {
            self.at += 1;
            commands.push(self.command()?);
        }
        Ok(Pipeline { negated, commands })
    }

    fn body(&mut self) -> Result<List, String> {
        while self.is_operator(";") {
            self.at += 1;
        }
        self.expect("do")?;
        let body = self.list(&["done"])?;
        self.expect("done")?;
        Ok(body)
    }

    fn command(&mut self) -> Result<Command, String> {
        if self.is_word("while") || self.is_word("until") {
            let until = self.is_word("until");
            self.at += 1;
            let condition = self.list(&["do"])?;
            return Ok(Command::While { until, condition, body: self.body()? });
        }
        if self.is_word("for") {
            self.at += 1;
            let Some(Token::Word(name)) = self.peek().cloned() else { return Err("bad for loop variable".to_owned()) };
            self.at += 1;
            self.expect("in")?;
            let mut words = Vec::new();
            while let Some(Token::Word(word)) = self.peek().cloned() {
                words.push(word);
                self.at += 1;
            }
            return Ok(Command::For { name, words, body: self.body()? });
        }
        if self.is_word("if") {
            return self.conditional();
        }
        for (open, close) in [("{", "}"), ("(", ")")] {
            if self.is_word(open) || self.is_operator(open) {
                self.at += 1;
                let list = self.list(&[close])?;
                self.expect(close)?;
                return Ok(Command::Group(list));
            }
        }
        self.simple()
    }

    fn conditional(&mut self) -> Result<Command, String> {
        let mut branches = Vec::new();
        let mut otherwise = None;
        self.expect("if")?;
        loop {
            let condition = self.list(&["then"])?;
            self.expect("then")?;
            let body = self.list(&["elif", "else", "fi"])?;
            branches.push((condition, body));
            if self.is_word("elif") {
                self.at += 1;
                continue;
            }
            if self.is_word("else") {
                self.at += 1;
                otherwise = Some(self.list(&["fi"])?);
            }
            self.expect("fi")?;
            return Ok(Command::If { branches, otherwise });
        }
    }

    fn simple(&mut self) -> Result<Command, String> {
        let (mut assignments, mut words, mut redirects) = (Vec::new(), Vec::new(), Vec::new());
        loop {
            match self.peek().cloned() {
                Some(Token::Word(word)) => {
                    self.at += 1;
                    let assignment = word.split_once('=').filter(|(name, _)| {
                        words.is_empty()
                            && name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
                            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
                    });
                    match assignment {
                        Some((name, value)) => assignments.push((name.to_owned(), value.to_owned())),
                        None => words.push(word),
                    }
                }
                Some(Token::Operator(operator)) if operator.contains(['<', '>']) => {
                    self.at += 1;
                    let Some(Token::Word(target)) = self.peek().cloned() else {
                        return Err("unexpected end of a redirection".to_owned());
                    };
                    self.at += 1;
                    redirects.push((operator, target));
                }
                next => {
                    if assignments.is_empty() && words.is_empty() && redirects.is_empty() {
                        return Err(match next {
                            Some(Token::Word(found) | Token::Operator(found)) => format!("unexpected {found:?}"),
                            None => "unexpected end of file".to_owned(),
                        });
                    }
                    return Ok(Command::Simple { assignments, words, redirects });
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::parse;

    #[test]
    fn scripts_read_or_say_why_not() {
        for (script, good) in [
            ("ls -l && cat 'a b' | wc -l; echo $(date) > x 2>&1", true),
            ("while true; do date; sleep 5; done", true),
            ("for i in a b; do echo $i; done\nif [ -f x ]; then :; else exit 1; fi", true),
            ("{ echo a; echo b; }", true),
            ("(cd / && pwd)", true),
            ("", true),
            ("echo 'a", false),
            ("while true; do", false),
            ("sleep 5 &", false),
            ("| x", false),
            ("echo $(", false),
        ] {
            assert_eq!(parse(script).is_ok(), good, "{script}: {:?}", parse(script));
        }
    }
}
