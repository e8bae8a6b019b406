//! A token as plain text: what `sa-tutor token decode` prints.

use jiff::Timestamp;
use serde_json::{Map, Value};

use crate::base::{human_duration, sanitize};

use super::explain::date;
use super::life::life;
use super::{Token, Verdict, explain};

/// The header, the claims, each in plain words, how long the token lives, and what a signature check said, if there was one.
pub fn report(token: &Token, now: Timestamp, verdict: Option<Verdict>) -> String {
    let mut text = String::new();
    let mut section = |title: &str, body: &str| {
        if !text.is_empty() {
            text.push('\n');
        }
        text.push_str(title);
        text.push('\n');
        for line in body.lines() {
            text.push_str("  ");
            text.push_str(line);
            text.push('\n');
        }
    };
    section("Header", &pretty(&token.header));
    section("Claims", &pretty(&token.claims));
    let lines = explain(token, now);
    let width = lines.iter().map(|line| line.claim.chars().count()).max().unwrap_or_default();
    let meanings: Vec<String> = lines
        .iter()
        .map(|line| format!("{:width$}  {}\n{:width$}  {}", line.claim, line.value, "", line.meaning))
        .collect();
    section("In words", &meanings.join("\n"));
    section("Life", &lifetime(token, now));
    section("Signature", &signature(verdict));
    sanitize(&text).into_owned()
}

fn pretty(object: &Map<String, Value>) -> String {
    serde_json::to_string_pretty(object).unwrap_or_default()
}

fn lifetime(token: &Token, now: Timestamp) -> String {
    let age = life(token, now);
    let Some((expires, left)) = age.expires.zip(age.left) else {
        return "It has no end. Prefer a token that has one: kubectl create token".to_owned();
    };
    let mut lines = Vec::new();
    if let Some(issued) = age.issued {
        lines.push(format!("issued   {}", date(issued)));
    }
    if let Some(at) = age.refresh_at.filter(|_| token.pod().is_some()) {
        let done = if age.refresh_due { ", past" } else { "" };
        lines.push(format!("renewed  {} (by the kubelet, at the latest{done})", date(at)));
    }
    lines.push(format!("expires  {}", date(expires)));
    let spent = age.fraction.map(|part| format!(", {:.0} % of its life spent", part * 100.0)).unwrap_or_default();
    lines.push(match () {
        () if age.expired => format!("over for {}", human_duration(now.duration_since(expires))),
        () if age.not_yet => "not valid yet".to_owned(),
        () if age.stale => format!("{} left{spent}; it should long have been replaced", human_duration(left)),
        () => format!("{} left{spent}", human_duration(left)),
    });
    lines.join("\n")
}

fn signature(verdict: Option<Verdict>) -> String {
    match verdict {
        None => "Not checked: anyone can write a token, only the signature proves who did.".to_owned(),
        Some(Verdict::Verified { kid }) => format!("Right: made with the key {kid}."),
        Some(Verdict::Forged) => "Wrong: the key that the header names did not sign this.".to_owned(),
        Some(Verdict::UnknownKey { kid }) if kid.is_empty() => "Not known: the key set is empty.".to_owned(),
        Some(Verdict::UnknownKey { kid }) => format!("Not known: the key set has no key {kid}."),
        Some(Verdict::Unsupported { alg }) => format!("Refused: {alg:?} proves nothing about who signed."),
    }
}
