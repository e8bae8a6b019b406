//! What an error says of itself: the words it named, put into a sentence or a command to try.

use super::kinds::{self, KINDS, Kind};
use super::{Outcome, lookalike};
use crate::base::nearest;

/// The part of a text between two others.
fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    text.split_once(before)?.1.split_once(after).map(|(part, _)| part)
}

/// The word that the server has no type for.
fn no_type(text: &str) -> Option<&str> {
    between(text, "have a resource type \"", "\"").or_else(|| between(text, "have a resource type '", "'"))
}

/// Kind and version of a manifest that the server has no type for.
fn no_match(text: &str) -> Option<(&str, &str)> {
    Some((between(text, "no matches for kind \"", "\"")?, between(text, "\" in version \"", "\"")?))
}

/// Characters that are not what they look like.
pub fn lookalikes(outcome: &Outcome) -> Option<String> {
    outcome.failed().then(|| lookalike::find(outcome.line))?
}

/// A command that stands behind another one, with nothing between them.
pub fn second_command(outcome: &Outcome) -> Option<String> {
    let is_kubectl = |word: &&str| matches!(*word, "kubectl" | "k");
    outcome.failed().then_some(())?;
    outcome.line.split([';', '|', '&', '\n']).find_map(|command| {
        let words: Vec<&str> = command.split_whitespace().take_while(|word| *word != "--").collect();
        let (first, rest) = words.split_first()?;
        let at = rest.iter().position(|word| *word == "kubectl").filter(|_| is_kubectl(first))?;
        let second = rest.get(at..).filter(|second| second.len() > 1)?.join(" ");
        Some(format!("The second command of the line is: {second}"))
    })
}

/// A type that real clusters have, and this one not.
pub fn elsewhere(outcome: &Outcome) -> Option<String> {
    let text = outcome.text();
    let kind = match (no_type(&text), no_match(&text)) {
        (Some(word), _) => kinds::find(word)?,
        (None, Some((kind, version))) => kinds::find(kind).filter(|kind| kind.version == version)?,
        (None, None) => return None,
    };
    if kind.here {
        return None;
    }
    let here: Vec<&str> = KINDS.iter().filter(|kind| kind.here).map(|kind| kind.plural).collect();
    Some(format!("The type is {} ({}). This simulator has: {}.", kind.kind, kind.version, here.join(", ")))
}

/// A type that is asked for in the wrong version.
pub fn version(outcome: &Outcome) -> Option<String> {
    let text = outcome.text();
    let (kind, version) = no_match(&text)?;
    let known = KINDS.iter().find(|known| known.kind == kind && known.version != version)?;
    let and = if known.here { "" } else { " Real clusters have this type; this simulator does not." };
    Some(format!("{kind} belongs to apiVersion: {}; here it says {version}.{and}", known.version))
}

/// A name that stands where the type belongs.
pub fn type_missing(outcome: &Outcome) -> Option<String> {
    const VERBS: [&str; 7] = ["get", "describe", "delete", "edit", "label", "annotate", "patch"];
    let text = outcome.text();
    let name = no_type(&text)?;
    if !is_strange(name) || name.is_empty() {
        return None;
    }
    let words: Vec<&str> = outcome.line.split_whitespace().collect();
    let verb = words.windows(2).find_map(|pair| VERBS.contains(&pair[0]).then_some(pair[0]))?;
    words.contains(&name).then(|| {
        format!(
            "kubectl takes the first word after {verb} for a type, and that is {name} here. If {name} is the name of a \
             service account, the line is: kubectl {verb} serviceaccount {name}"
        )
    })
}

/// Whether a word is no type, nearly no type, and nothing that people take for one.
fn is_strange(word: &str) -> bool {
    kinds::find(word).is_none() && kinds::near(word).is_none() && !is_person(word)
}

fn is_person(word: &str) -> bool {
    matches!(word.to_lowercase().as_str(), "user" | "users" | "group" | "groups")
}

/// The type that is meant, when one is near.
pub fn near_type(outcome: &Outcome) -> Option<String> {
    let text = outcome.text();
    let word = no_type(&text).or_else(|| no_match(&text).map(|(kind, _)| kind))?;
    if is_person(word) {
        let say = "Kubernetes keeps no objects for users and groups. They are names: a certificate or a token brings \
                   them, and a binding gives them a role.";
        return Some(say.to_owned());
    }
    let Kind { kind, plural, version, short, .. } = kinds::near(word)?;
    let short = short.first().map_or_else(String::new, |short| format!(", or {short}"));
    Some(match no_type(&text) {
        Some(_) => format!("The nearest type here is: {plural}{short}"),
        None => format!("The nearest type here is kind: {kind} with apiVersion: {version}. Capital letters count."),
    })
}

/// The roles that are named and not there.
pub fn role_missing(outcome: &Outcome) -> Option<String> {
    let text = outcome.text();
    let (before, rest) = text.split_once(": RBAC: ")?;
    let place = between(before, "in the namespace \"", "\"");
    let parts: Vec<&str> = rest.lines().next()?.split("role.rbac.authorization.k8s.io \"").collect();
    let named: Vec<String> = parts
        .windows(2)
        .filter_map(|pair| {
            let (name, _) = pair[1].split_once("\" not found")?;
            Some(match place.filter(|_| !pair[0].ends_with("cluster")) {
                Some(place) => format!("the Role {name} in the namespace {place}"),
                None => format!("the ClusterRole {name}"),
            })
        })
        .collect();
    (!named.is_empty()).then(|| format!("What is missing is {}.", named.join(", and ")))
}

/// The question that asks the same as what was refused.
pub fn can_i(outcome: &Outcome) -> Option<String> {
    let text = outcome.text();
    let (_, rest) = text.split_once("forbidden: User \"")?;
    let (user, rest) = rest.split_once("\" cannot ")?;
    let (verb, rest) = rest.split_once(' ')?;
    if let Some(rest) = rest.strip_prefix("path \"") {
        let (path, _) = rest.split_once('"')?;
        return Some(format!("As a question: kubectl auth can-i {verb} {path} --as {user}"));
    }
    let (resource, rest) = rest.strip_prefix("resource \"")?.split_once('"')?;
    let (resource, part) = resource.split_once('/').map_or((resource, None), |(all, part)| (all, Some(part)));
    let group = between(rest, "in API group \"", "\"").filter(|group| !group.is_empty());
    let group = group.map_or_else(String::new, |group| format!(".{group}"));
    let part = part.map_or_else(String::new, |part| format!(" --subresource {part}"));
    let place = between(rest, "in the namespace \"", "\"").map_or_else(|| "-A".to_owned(), |name| format!("-n {name}"));
    Some(format!("As a question: kubectl auth can-i {verb} {resource}{group}{part} {place} --as {user}"))
}

/// What is wrong with a token that stands in the line itself.
pub fn sent(outcome: &Outcome) -> Option<String> {
    let (before, after) = outcome.line.split_once("Bearer ")?;
    let sent: String = after.chars().take_while(|c| !c.is_whitespace() && !matches!(c, '\'' | '"' | ')')).collect();
    let open = before.chars().fold(None, |open, c| match open {
        None if matches!(c, '\'' | '"') => Some(c),
        Some(quote) if quote == c => None,
        open => open,
    });
    if sent.starts_with('$') {
        // What a variable holds cannot be known here.
        return (open == Some('\'')).then(|| {
            format!(
                "In the line, {sent} stands in single quotes. There the shell leaves it as it is, and the server was \
                 shown these letters instead of the token. Use double quotes."
            )
        });
    }
    (!sent.is_empty() && sent.split('.').count() != 3).then(|| {
        format!("What the line sends is {sent}. That has not three parts with dots between them, so it fails at 1.")
    })
}

/// Why curl failed without a word. Upstream: curl's manual page, EXIT CODES.
pub fn silent(outcome: &Outcome) -> Option<String> {
    let is_curl = outcome.line.split_whitespace().any(|word| word.trim_start_matches(['$', '(', '"']) == "curl");
    if !is_curl || !outcome.out.is_empty() || !outcome.err.is_empty() {
        return None;
    }
    let why = match outcome.status {
        1 => "the address begins with a protocol that curl does not speak",
        2 => "the line has no address, or a flag that curl does not have",
        3 => "the address is not well formed",
        6 => "no server has the name in the address",
        7 => "nobody listens at the address",
        22 => "the server answered with an error, such as 401 or 403",
        26 => "a file that is to be sent cannot be read",
        35 => "no TLS connection came about",
        60 => "the server's certificate is not trusted",
        77 => "the file with the authority cannot be read",
        _ => return None,
    };
    Some(format!("Exit code {}: {why}.", outcome.status))
}

/// Of an object that was not found, whether it is the namespace.
pub fn namespace_missing(outcome: &Outcome) -> Option<String> {
    let text = outcome.text();
    let name = between(&text, "namespaces \"", "\" not found")?;
    Some(format!("What is missing is the namespace {name} itself. kubectl get namespaces lists those there are."))
}

/// The flag and the value that do not fit.
pub fn value(outcome: &Outcome) -> Option<String> {
    let text = outcome.text();
    let value = between(&text, "invalid argument \"", "\" for")?;
    let flag = between(&text, "\" for \"", "\" flag")?;
    Some(format!("Here {flag} was given the value {value}."))
}

/// The flags that are asked for.
pub fn flags_missing(outcome: &Outcome) -> Option<String> {
    let text = outcome.text();
    let named = between(&text, "required flag(s) ", " not set")?;
    let flags: Vec<String> = named.split(", ").map(|flag| format!("--{}=…", flag.trim_matches('"'))).collect();
    Some(format!("Add to the line: {}", flags.join(" ")))
}

/// How many names were given.
pub fn names(outcome: &Outcome) -> Option<String> {
    let text = outcome.text();
    let (_, rest) = text.split_once("exactly one NAME is required, got ")?;
    let count: usize = rest.split_whitespace().next()?.parse().ok()?;
    Some(match count {
        0 => "Here there was none: the name is missing at the end of the line.".to_owned(),
        count => {
            format!("Here there were {count}. A blank ends a name; for several objects, give the command once each.")
        }
    })
}

/// The file that may be meant by a word too many.
pub fn too_many(outcome: &Outcome) -> Option<String> {
    let text = outcome.text();
    let extra = between(&text, "Unexpected args: [", "]")?.split_whitespace().next()?;
    let is_file = [".yaml", ".yml", ".json"].iter().any(|end| extra.ends_with(end));
    Some(if is_file { format!("A file stands after -f: -f {extra}") } else { format!("The word is: {extra}") })
}

/// The output format that is meant.
pub fn format(outcome: &Outcome) -> Option<String> {
    let text = outcome.text();
    let given = between(&text, "suitable for the output format \"", "\"")?;
    let (_, known) = text.split_once("allowed formats are: ")?;
    let meant = nearest(given, known.lines().next()?.split(',').map(str::trim))?;
    Some(format!("The nearest is: -o {meant}"))
}

/// The field that has the wrong kind of value, and the kind it takes.
pub fn kind_of_value(outcome: &Outcome) -> Option<String> {
    let text = outcome.text();
    let (sent, rest) = text.split_once("json: cannot unmarshal ")?.1.split_once(" into Go struct field ")?;
    let (field, kind) = rest.lines().next()?.split_once(" of type ")?;
    let wanted = match kind.trim_end_matches(['"', ',']) {
        "bool" => "true or false",
        "string" => "a text",
        kind if kind.starts_with("int") => "a number",
        kind if kind.starts_with("[]") => "a list",
        _ => "an object with fields of its own",
    };
    Some(format!("{field} takes {wanted}; what came is of the kind {sent}."))
}

/// What was meant by a word that is no program.
pub fn program(outcome: &Outcome) -> Option<String> {
    let text = outcome.text();
    let name = between(&text, "bash: ", ": command not found")?.lines().last()?;
    let name = name.strip_prefix("bash: ").unwrap_or(name);
    let words: Vec<&str> = outcome.line.split_whitespace().collect();
    let assigned = words.windows(2).any(|pair| pair[0] == name && pair[1].starts_with('='));
    Some(match name {
        name if assigned => {
            format!("To fill a variable, write it without blanks around the equals sign: {name}=VALUE")
        }
        "sa-tutor" => "sa-tutor is a program of your own terminal, outside of this one.".to_owned(),
        name if name.starts_with("eyJ") => {
            "What was run as a command is a token. To print what a variable holds: echo $TOKEN".to_owned()
        }
        name if name.starts_with('-') => {
            "A flag stands alone at the beginning: the command before it is missing.".to_owned()
        }
        _ => return None,
    })
}

/// What the shell waits for.
pub fn quote(outcome: &Outcome) -> Option<String> {
    let text = outcome.text();
    let (_, rest) = text.split_once("while looking for matching `")?;
    let sign = rest.chars().next()?;
    Some(format!("A {sign} was opened and not closed."))
}
