//! `/sim/clock`: the simulated time, shown and moved forward, for the administrator alone. Not part of Kubernetes:
//! it stands outside `/apis`, in no discovery document, and is the same in every release.

use http::{Method, Request};
use hyper::body::Incoming;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::apimachinery::Status;
use crate::base::{Clock, format_duration, parse_duration};
use crate::rbac::{Attributes, User};
use crate::simulator::authorization::{MASTERS, forbidden};

use super::body;
use super::respond::Answer;

/// Where it is.
pub const PATH: &str = "/sim/clock";
/// How far the clock may be moved in all: a century.
const FURTHEST: SignedDuration = SignedDuration::from_hours(100 * 365 * 24);

/// Whether a user known by certificate may move the clock.
pub fn is_admin(user: &User) -> bool {
    user.groups.iter().any(|group| group == MASTERS || group == crate::simulator::ADMIN_GROUP)
}

/// Answers a request about the clock.
pub(super) async fn answer(
    clock: &Clock,
    is_admin: bool,
    request: Request<Incoming>,
    attributes: &Attributes,
) -> Result<Answer, Status> {
    if !is_admin {
        let why = "only the administrator's certificate shows and moves the simulated clock";
        return Err(forbidden(attributes, why));
    }
    match *request.method() {
        Method::GET | Method::HEAD => Ok(Answer::ok(shown(clock))),
        Method::POST => {
            let (bytes, _) = body::bytes(request).await?;
            let by = span(&bytes).and_then(|by| within_reach(clock, by)).map_err(Status::bad_request)?;
            clock.advance(by);
            tracing::info!(%by, "the simulated clock was moved");
            Ok(Answer::ok(shown(clock)))
        }
        _ => Err(Status::method_not_allowed()),
    }
}

fn shown(clock: &Clock) -> Value {
    json!({"now": micros(clock.now()), "ahead": format_duration(clock.ahead())})
}

fn micros(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string()
}

/// How far a body asks to go.
fn span(bytes: &[u8]) -> Result<SignedDuration, String> {
    const WANTED: &str = "the body must be a JSON object such as {\"advance\": \"1h30m\"}";
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(format!("{WANTED}; it is empty"));
    }
    let body: Value = serde_json::from_slice(bytes).map_err(|error| format!("{WANTED}; this is no JSON: {error}"))?;
    let Value::Object(fields) = body else { return Err(WANTED.to_owned()) };
    if let Some(unknown) = fields.keys().find(|key| *key != "advance") {
        return Err(format!("{WANTED}; the field {unknown:?} is not known"));
    }
    let text = match fields.get("advance") {
        Some(Value::String(text)) => text,
        Some(_) => return Err(format!("{WANTED}; \"advance\" must be a text: a number and a unit, h, m or s")),
        None => return Err(format!("{WANTED}; \"advance\" is missing")),
    };
    let (is_negative, span) = parse_duration(text)
        .map_err(|why| format!("{text:?} is no duration ({why}); write \"90s\", \"15m\" or \"24h\""))?;
    if is_negative && !span.is_zero() {
        return Err(format!("the clock cannot be moved back ({text}); time only goes forward"));
    }
    SignedDuration::try_from(span).map_err(|_| too_far(text))
}

fn too_far(what: &str) -> String {
    format!("{what} is too far: the clock may be at most a hundred years (876000h) ahead")
}

/// The same span, when the clock may be moved that much further.
///
/// # Errors
/// Why it may not.
pub fn within_reach(clock: &Clock, by: SignedDuration) -> Result<SignedDuration, String> {
    let all = clock.ahead().checked_add(by).filter(|all| *all <= FURTHEST);
    all.map(|_| by).ok_or_else(|| too_far(&format_duration(by)))
}

#[cfg(test)]
mod tests {
    use super::{span, within_reach};
    use crate::base::Clock;
    use jiff::{SignedDuration, Timestamp};

    #[test]
    fn bodies() {
        for (body, want) in [
            (r#"{"advance":"1h"}"#, Ok(3600)),
            (r#"{"advance":"1h30m"}"#, Ok(5400)),
            (r#"{"advance":"0s"}"#, Ok(0)),
            ("", Err("it is empty")),
            ("advance=1h", Err("this is no JSON")),
            ("[]", Err("must be a JSON object")),
            ("{}", Err("\"advance\" is missing")),
            (r#"{"advance":60}"#, Err("must be a text")),
            (r#"{"advance":"1h","back":true}"#, Err("\"back\" is not known")),
            (r#"{"advance":"soon"}"#, Err("\"soon\" is no duration")),
            (r#"{"advance":"5d"}"#, Err("unknown unit \"d\"")),
            (r#"{"advance":"-1h"}"#, Err("cannot be moved back (-1h)")),
            (r#"{"advance":"9999999999999h"}"#, Err("too far")),
        ] {
            let clock = Clock::still(Timestamp::UNIX_EPOCH);
            match (span(body.as_bytes()).and_then(|by| within_reach(&clock, by)), want) {
                (Ok(by), Ok(seconds)) => assert_eq!(by.as_secs(), seconds, "{body}"),
                (Err(said), Err(want)) => assert!(said.contains(want), "{body}: {said}"),
                (got, want) => panic!("{body}: {got:?}, not {want:?}"),
            }
        }
    }

    #[test]
    fn many_steps_go_no_further_than_one() {
        let clock = Clock::still(Timestamp::UNIX_EPOCH);
        let fifty_years = SignedDuration::from_hours(50 * 365 * 24);
        for _ in 0..2 {
            clock.advance(within_reach(&clock, fifty_years).expect("near enough"));
        }
        assert!(within_reach(&clock, SignedDuration::from_secs(1)).is_err());
    }
}
