//! How old a token is, and what that means for those who use it. Upstream: pkg/kubelet/token/token_manager.go.

use jiff::{SignedDuration, Timestamp};

use super::Token;

/// The kubelet fetches a new token after a day even if the old one lives longer.
const MAX_AGE: SignedDuration = SignedDuration::from_hours(24);

/// A token's age at one moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Life {
    /// When it was issued.
    pub issued: Option<Timestamp>,
    /// When it ends; `None` for a token that never does.
    pub expires: Option<Timestamp>,
    /// How much of its life is spent, from 0 to 1; `None` for a token that never ends.
    pub fraction: Option<f64>,
    /// How long it has to live; zero when it is over.
    pub left: Option<SignedDuration>,
    /// It is over.
    pub expired: bool,
    /// It has not begun.
    pub not_yet: bool,
    /// It works by courtesy alone: a client that reads the file anew would have a younger one.
    pub stale: bool,
    /// When the kubelet puts a new one in its place, if it is one of a pod's.
    pub refresh_at: Option<Timestamp>,
    /// That moment is past.
    pub refresh_due: bool,
}

/// A token's age at `now`.
pub fn life(token: &Token, now: Timestamp) -> Life {
    let issued = token.iat().or_else(|| token.nbf());
    let expires = token.exp();
    let span = issued.zip(expires).map(|(from, until)| until.duration_since(from));
    let fraction = issued.zip(span).map(|(from, span)| part(now.duration_since(from), span));
    // The kubelet was told of the hour it asked for, and knows nothing of the year the token got instead.
    let promised = token.warnafter().or(expires);
    let refresh_at = issued.zip(promised).and_then(|(from, until)| {
        let span = until.duration_since(from);
        let early = SignedDuration::from_secs(span.as_secs() / 5 * 4 + span.as_secs() % 5 * 4 / 5);
        from.checked_add(early.min(MAX_AGE)).ok()
    });
    Life {
        issued,
        expires,
        fraction,
        left: expires.map(|until| until.duration_since(now).max(SignedDuration::ZERO)),
        expired: expires.is_some_and(|until| now >= until),
        not_yet: token.nbf().is_some_and(|from| now < from),
        stale: token.warnafter().is_some_and(|at| now > at),
        refresh_at,
        refresh_due: refresh_at.is_some_and(|at| now >= at),
    }
}

fn part(spent: SignedDuration, whole: SignedDuration) -> f64 {
    if whole <= SignedDuration::ZERO {
        return 1.0;
    }
    (spent.as_secs_f64() / whole.as_secs_f64()).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::life;
    use crate::token::Token;
    use jiff::Timestamp;
    use serde_json::{Map, Value, json};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    #[track_caller]
    fn check(claims: Value, now: i64, want: &str) {
        let Value::Object(claims) = claims else { panic!("claims are an object") };
        let token = Token { raw: String::new(), header: Map::new(), claims, signature: Vec::new() };
        let life = life(&token, at(now));
        let mut words = vec![match life.left {
            Some(left) => format!("{} left", left.as_secs()),
            None => "endless".to_owned(),
        }];
        if let Some(fraction) = life.fraction {
            words.push(format!("{:.0} %", fraction * 100.0));
        }
        if let Some(refresh) = life.refresh_at {
            words.push(format!("refresh {}", refresh.as_second()));
        }
        for (is, word) in
            [(life.expired, "expired"), (life.not_yet, "not yet"), (life.stale, "stale"), (life.refresh_due, "due")]
        {
            if is {
                words.push(word.to_owned());
            }
        }
        assert_eq!(words.join(", "), want);
    }

    #[test]
    fn lives() {
        let hour = json!({"iat": 0, "nbf": 0, "exp": 3600});
        check(hour.clone(), -1, "3601 left, 0 %, refresh 2880, not yet");
        check(hour.clone(), 900, "2700 left, 25 %, refresh 2880");
        check(hour.clone(), 2880, "720 left, 80 %, refresh 2880, due");
        check(hour, 3600, "0 left, 100 %, refresh 2880, expired, due");
        let year = json!({"iat": 0, "nbf": 0, "exp": 31_536_000, "kubernetes.io": {"warnafter": 3607}});
        check(year.clone(), 2885, "31533115 left, 0 %, refresh 2885, due");
        check(year.clone(), 3607, "31532393 left, 0 %, refresh 2885, due");
        check(year, 3608, "31532392 left, 0 %, refresh 2885, stale, due");
        check(json!({"iat": 0, "exp": 172_800}), 0, "172800 left, 0 %, refresh 86400");
        check(json!({"iat": 10, "exp": 10}), 10, "0 left, 100 %, refresh 10, expired, due");
        check(json!({}), 10, "endless");
        check(json!({"exp": 20}), 10, "10 left");
        check(json!({"iat": i64::MIN, "exp": i64::MAX}), 0, "endless");
    }
}
