//! Makes two transcripts comparable: what differs from run to run on one cluster is made alike on both sides.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use fancy_regex::{Captures, Regex};
use serde_json::{Map, Value, json};

/// What stands for what, in this order. Times and ages come after all that may hold digits of its own.
const ALIKE: &[(&str, &str)] = &[
    (r"-----BEGIN [A-Z ]+-----[\s\S]+?-----END [A-Z ]+-----", "<pem>"),
    (r#"("(?:gitCommit|goVersion|gitTreeState|buildDate|platform|compiler)": )"[^"]*""#, r#"${1}"<build>""#),
    (r#"("gitVersion": "v\d+\.\d+)[^"]*""#, r#"${1}.<patch>""#),
    (r"\bLS0tLS1CRUdJTi[A-Za-z0-9+/=]{40,}", "<base64 pem>"),
    (r"(?m)^([IWEF])\d{4} \d\d:\d\d:\d\d\.\d{6} +\d+ ", "${1} "),
    (r"\b(LIVE|MERGED)-\d+\b", "${1}-<n>"),
    (r"\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{9} [+-]\d{4}", "<time>"),
    (r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d \w{3} \d{4} \d\d:\d\d:\d\d [+-]\d{4}", "<time>"),
    (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)", "<time>"),
    (r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b", "<uid>"),
    (r#"(resourceVersion"?:\s*)"?\d+"?"#, "${1}<version>"),
    (r"(kube-api-access|default-token|[a-z0-9-]+-token)-[bcdfghjklmnpqrstvwxz2456789]{5}\b", "${1}-<drawn>"),
    (r"(-[bcdfghjklmnpqrstvwxz2456789]{6,10})-[bcdfghjklmnpqrstvwxz2456789]{5}\b", "${1}-<drawn>"),
    (r"\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b", "<ip>"),
    (r"((?:containerd|docker)://|sha256:)[0-9a-f]{64}", "${1}<id>"),
    (r"X509SHA256=[0-9a-f]{64}", "X509SHA256=<id>"),
    (r#"start exec "[0-9a-f]{64}""#, "start exec <id>"),
    (r"\.\.\d{4}_\d\d_\d\d_\d\d_\d\d_\d\d\.\d+", "..<stamp>"),
    (r"(?m)^(l[rwx-]{9} .*?)\s\d+ (\w{3} +\d+ \d\d:\d\d \.\.data)", "${1} <n> ${2}"),
    (r"\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) +\d+ \d\d:\d\d\b", "<time>"),
    (r"(ca\.crt:\s*)\d+ bytes", "${1}<n> bytes"),
    (r"\(x\d+ over [^)]*\)", ""),
    (r"(?<![\w.:/-])(?=\d)(?:\d+y)?(?:\d+d)?(?:\d+h)?(?:\d+m)?(?:\d+s)(?![\w.:/-])", "<age>"),
    (r"(?<![\w.:/-])(?=\d)(?:\d+y)?(?:\d+d)?(?:\d+h)?(?:\d+m)(?![\w.:/-])", "<age>"),
    (r"(?<=\S)[ \t]{2,}", "  "),
];

/// The older recordings are of real control planes whose pods were marked as running by a stand-in for the kubelet.
/// It posted no events and named itself `fakenode`.
const STAND_IN: &[(&str, &str)] = &[
    ("manager: (?:fakenode|kubelet)", "manager: <kubelet>"),
    (r"(?m)^  event Normal (?:Pulling|Pulled|Created|Started)\n?", ""),
];

static RULES: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| compiled(ALIKE));
static STAND_IN_RULES: LazyLock<Vec<(Regex, &str)>> = LazyLock::new(|| compiled(STAND_IN));
static JWT: LazyLock<Regex> = LazyLock::new(|| regex(r"\beyJ[\w-]{10,}\.[\w-]+\.[\w-]+"));
static BASE64_JWT: LazyLock<Regex> = LazyLock::new(|| regex(r"\bZXlK[A-Za-z0-9+/=]{100,}"));
static EVENT: LazyLock<Regex> = LazyLock::new(|| regex(r"^  (Normal|Warning)\s+(\S+)"));
static HEADING: LazyLock<Regex> = LazyLock::new(|| regex(r"^  (Type\s+Reason\s+Age|----\s)"));

fn compiled(rules: &[(&str, &'static str)]) -> Vec<(Regex, &'static str)> {
    rules.iter().map(|(pattern, with)| (regex(pattern), *with)).collect()
}

fn regex(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a pattern")
}

/// The text with all that is a matter of chance, place and time made alike.
pub fn normalise(text: &str, stand_in: bool) -> String {
    let text = text.replace('\u{a0}', " ");
    let text = BASE64_JWT.replace_all(&text, |found: &Captures<'_, str>| {
        let token = STANDARD.decode(&found[0]).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        token.map_or_else(|| found[0].to_owned(), |token| format!("<base64 {}>", shape(&token)))
    });
    let text = JWT.replace_all(&text, |found: &Captures<'_, str>| shape(&found[0]));
    let mut text = events(&apply(&RULES, text.into_owned()));
    if stand_in {
        text = apply(&STAND_IN_RULES, text);
    }
    let text = in_order(&text);
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    lines.join("\n").trim_matches('\n').to_owned()
}

fn apply(rules: &[(Regex, &str)], text: String) -> String {
    rules.iter().fold(text, |text, (rule, with)| rule.replace_all(&text, *with).into_owned())
}

/// Sorts what has no order of its own: the entries of `managedFields` of one second, and the keys of a secret, which
/// kubectl before 1.24 shows in the order of a Go map.
fn in_order(text: &str) -> String {
    let mut out: Vec<String> = Vec::new();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        out.push(line.to_owned());
        let mut entries: Vec<String> = Vec::new();
        if line.trim_start() == "managedFields:" {
            let dash = line.replace("managedFields:", "- ");
            let inner = line.replace("managedFields:", "  ");
            while let Some(next) = lines.next_if(|next| next.starts_with(&dash) || next.starts_with(&inner)) {
                match entries.last_mut() {
                    Some(entry) if !next.starts_with(&dash) => *entry += &format!("\n{next}"),
                    _ => entries.push(next.to_owned()),
                }
            }
        } else if line == "====" {
            while let Some(next) = lines.next_if(|next| !next.starts_with('[')) {
                entries.push(next.to_owned());
            }
        }
        entries.sort();
        out.extend(entries);
    }
    out.join("\n") + "\n"
}

/// Below `Events:`, each kind of event once, as its type and its reason.
fn events(text: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut within = false;
    for line in text.lines() {
        if line.starts_with("Events:") {
            within = !line.contains("<none>");
        }
        let event = EVENT.captures(line).ok().flatten().filter(|_| within);
        let line = event.map_or_else(|| line.to_owned(), |found| format!("  event {} {}", &found[1], &found[2]));
        let heading = within && HEADING.is_match(&line).unwrap_or(false);
        let again = line.starts_with("  event ") && lines.contains(&line);
        if !heading && !again {
            lines.push(line);
        }
    }
    // Events of one second have no order.
    let mut sorted: Vec<String> = lines.iter().filter(|line| line.starts_with("  event ")).cloned().collect();
    sorted.sort();
    let mut sorted = sorted.into_iter();
    for line in lines.iter_mut().filter(|line| line.starts_with("  event ")) {
        *line = sorted.next().unwrap_or_default();
    }
    lines.join("\n") + "\n"
}

/// A token by what it says: algorithm, names of claims, audience, issuer, subject and seconds of life.
fn shape(token: &str) -> String {
    let part = |index: usize| -> Option<Value> {
        let bytes = URL_SAFE_NO_PAD.decode(token.split('.').nth(index)?).ok()?;
        serde_json::from_slice(&bytes).ok()
    };
    let (Some(header), Some(claims)) = (part(0), part(1)) else { return "<unreadable token>".to_owned() };
    let life = claims["exp"].as_i64().zip(claims["iat"].as_i64()).map(|(end, start)| end - start);
    let shown = json!({
        "header": names(&header), "alg": header["alg"], "claims": names(&claims), "aud": claims["aud"],
        "iss": claims["iss"], "sub": claims["sub"], "lifetime": life,
    });
    format!("<token {shown}>")
}

fn names(value: &Value) -> Value {
    let Value::Object(map) = value else { return Value::Null };
    let mut keys: Vec<&String> = map.keys().collect();
    keys.sort();
    keys.into_iter().map(|key| (key.clone(), names(&map[key]))).collect::<Map<_, _>>().into()
}
