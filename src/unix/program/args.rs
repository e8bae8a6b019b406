//! Options as GNU's programs read them: `-n`, `-n5`, `-abc`, `--name`, `--name=value`, `--`.

/// The options found (a letter and its value), and what else there was.
pub(super) struct Parsed {
    pub options: Vec<(char, String)>,
    pub rest: Vec<String>,
}

impl Parsed {
    pub fn has(&self, letter: char) -> bool {
        self.options.iter().any(|(found, _)| *found == letter)
    }

    /// The last value given for an option.
    pub fn value(&self, letter: char) -> Option<&str> {
        self.options.iter().rev().find(|(found, _)| *found == letter).map(|(_, value)| value.as_str())
    }
}

/// Reads arguments. `short` is as for getopt: `"nd:"` is a flag and an option with a value; `long` names letters.
///
/// Options may stand after other arguments.
pub(super) fn parse(args: &[String], short: &str, long: &[(&str, char)]) -> Result<Parsed, String> {
    let takes = |letter: char| {
        let mut after = short.chars().skip_while(|known| *known != letter);
        after.next().map(|_| after.next() == Some(':'))
    };
    let mut parsed = Parsed { options: Vec::new(), rest: Vec::new() };
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        if arg == "--" {
            parsed.rest.extend(args.by_ref().cloned());
        } else if let Some(name) = arg.strip_prefix("--") {
            let (name, value) = match name.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (name, None),
            };
            let letter = long.iter().find(|(known, _)| *known == name).map(|(_, letter)| *letter);
            let letter = letter.ok_or_else(|| format!("unrecognized option '--{name}'"))?;
            let value = match (takes(letter), value) {
                (Some(true), None) => {
                    args.next().cloned().ok_or_else(|| format!("option '--{name}' requires an argument"))?
                }
                (Some(true), Some(value)) => value,
                (_, Some(_)) => return Err(format!("option '--{name}' doesn't allow an argument")),
                _ => String::new(),
            };
            parsed.options.push((letter, value));
        } else if arg.len() > 1 && arg.starts_with('-') {
            let mut letters = arg[1..].chars();
            while let Some(letter) = letters.next() {
                match takes(letter) {
                    Some(true) => {
                        let value = match letters.as_str() {
                            "" => args
                                .next()
                                .cloned()
                                .ok_or_else(|| format!("option requires an argument -- '{letter}'"))?,
                            rest => rest.to_owned(),
                        };
                        parsed.options.push((letter, value));
                        break;
                    }
                    Some(false) if letter != ':' => parsed.options.push((letter, String::new())),
                    _ => return Err(format!("invalid option -- '{letter}'")),
                }
            }
        } else {
            parsed.rest.push(arg.clone());
        }
    }
    Ok(parsed)
}
