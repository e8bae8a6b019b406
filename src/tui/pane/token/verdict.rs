//! What the API server would say of the token now, in words: the checks it makes, in its order, on what is known here.

use jiff::{SignedDuration, Timestamp};

use super::facts::Facts;
use crate::base::{human_duration, sanitize_line, time_of_day};
use crate::tui::msg::{TokenSeen, Verdict};
use crate::tui::theme::Meaning;
use crate::tui::world::World;

/// How far clocks may differ for the API server. Upstream: go-jose's jwt.DefaultLeeway.
const LEEWAY: SignedDuration = SignedDuration::from_secs(60);
/// What is said of an object that was deleted: the API server remembers a token it took.
const SEEN: &str = "seen in up to 10 s";

/// The verdict, as a sentence with its sign, and what it means.
pub fn verdict(token: &TokenSeen, facts: &Facts, world: &World) -> (Meaning, String) {
    let refused = |why: String| (Meaning::Refused, format!("✘ 401: {why}"));
    match &token.verdict {
        Verdict::Wrong(why) => return refused(sanitize_line(why).into_owned()),
        Verdict::Unknown(why) => return (Meaning::Change, format!("? It cannot be told: {}", sanitize_line(why))),
        Verdict::Verified => {}
    }
    let audiences = audiences(token);
    if !token.api.is_empty() && !audiences.is_empty() && !audiences.iter().any(|named| token.api.contains(named)) {
        return refused(format!("it is for {}, not for the API server", audiences.join(", ")));
    }
    if let Some(why) = time(facts, world.now) {
        return refused(why);
    }
    match object(world, facts, "ServiceAccount", facts.account.as_ref()) {
        Found::Gone => return refused(format!("its service account is gone ({SEEN})")),
        Found::Another => return refused("its service account was deleted; another one has the name now".to_owned()),
        Found::Same | Found::Unknown => {}
    }
    for (kind, word, bound) in [("Secret", "secret", &facts.secret), ("Pod", "pod", &facts.pod)] {
        match object(world, facts, kind, bound.as_ref()) {
            Found::Gone => return refused(format!("its {word} is gone ({SEEN})")),
            Found::Another => return refused(format!("its {word} is gone; another one has the name now")),
            Found::Same | Found::Unknown => {}
        }
    }
    let until = match facts.expires {
        Some(at) if at <= world.now => "a little longer: clocks may differ by a minute".to_owned(),
        Some(at) => format!("until {}", time_of_day(at, world.now)),
        None => "for ever: it has no end".to_owned(),
    };
    if token.api.is_empty() {
        return (Meaning::Good, format!("✔ It is good {until}, for whom it is meant."));
    }
    if object(world, facts, "ServiceAccount", facts.account.as_ref()) == Found::Unknown {
        let say =
            format!("✔ The API server takes it {until}, if its account is still there: that is not followed here.");
        return (Meaning::Good, say);
    }
    (Meaning::Good, format!("✔ The API server takes it {until}."))
}

fn audiences(token: &TokenSeen) -> Vec<String> {
    match token.claims.get("aud") {
        Some(serde_json::Value::String(one)) => vec![sanitize_line(one).into_owned()],
        Some(serde_json::Value::Array(all)) => {
            all.iter().filter_map(|one| one.as_str()).map(|one| sanitize_line(one).into_owned()).collect()
        }
        _ => Vec::new(),
    }
}

fn time(facts: &Facts, now: Timestamp) -> Option<String> {
    let begins = facts.not_before.filter(|at| now.checked_add(LEEWAY).is_ok_and(|now| now < *at));
    if let Some(begins) = begins {
        return Some(format!("it is not valid before {}", time_of_day(begins, now)));
    }
    let ended = facts.expires.filter(|at| now.checked_sub(LEEWAY).is_ok_and(|now| now > *at))?;
    Some(format!("it ended {} ago", human_duration(now.duration_since(ended))))
}

/// What became of an object that a token names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Found {
    /// It is there.
    Same,
    /// It is not there.
    Gone,
    /// One of this name is there, and it is not the one.
    Another,
    /// It is not known here, or the token names none.
    Unknown,
}

/// Looks an object up that a token names, by its name and uid.
pub fn object(world: &World, facts: &Facts, kind: &str, named: Option<&(String, String)>) -> Found {
    let index = &world.panes.objects.index;
    let here = world.cluster.as_ref().is_none_or(|cluster| cluster.namespace == facts.namespace);
    let Some((name, uid)) = named.filter(|_| index.ready && here) else { return Found::Unknown };
    match index.get(&facts.namespace, kind, name) {
        None => Found::Gone,
        Some(object) if uid.is_empty() || object.uid == *uid => Found::Same,
        Some(_) => Found::Another,
    }
}
