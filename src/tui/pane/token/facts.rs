//! What the claims of a token say, in whichever of the two shapes they come.

use jiff::Timestamp;
use serde_json::Value;

use crate::base::sanitize_line;

/// What the claims say.
#[derive(Debug, Default)]
pub struct Facts {
    /// The namespace of its account.
    pub namespace: String,
    /// Its account: name and uid.
    pub account: Option<(String, String)>,
    /// The pod it is bound to.
    pub pod: Option<(String, String)>,
    /// The secret it is bound to, or kept in.
    pub secret: Option<(String, String)>,
    /// The node it names.
    pub node: Option<(String, String)>,
    /// When it was issued.
    pub issued: Option<Timestamp>,
    /// When it ends.
    pub expires: Option<Timestamp>,
    /// When it begins.
    pub not_before: Option<Timestamp>,
    /// After which its use is logged as stale.
    pub warn_after: Option<Timestamp>,
}

impl Facts {
    /// Reads them.
    pub fn read(claims: &Value) -> Self {
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(|text| sanitize_line(text).into_owned());
        let legacy = |key: &str| text(claims.get(format!("kubernetes.io/serviceaccount/{key}")));
        let bound = claims.get("kubernetes.io");
        let object = |kind: &str| {
            let object = bound?.get(kind)?;
            Some((text(object.get("name"))?, text(object.get("uid")).unwrap_or_default()))
        };
        let time = |value: Option<&Value>| {
            let seconds = value.and_then(|value| value.as_i64().or_else(|| value.as_f64().map(whole)))?;
            Timestamp::from_second(seconds).ok()
        };
        Self {
            namespace: text(bound.and_then(|bound| bound.get("namespace")))
                .or_else(|| legacy("namespace"))
                .unwrap_or_default(),
            account: object("serviceaccount")
                .or_else(|| Some((legacy("service-account.name")?, legacy("service-account.uid").unwrap_or_default()))),
            pod: object("pod"),
            secret: object("secret").or_else(|| Some((legacy("secret.name")?, String::new()))),
            node: object("node"),
            issued: time(claims.get("iat")),
            expires: time(claims.get("exp")),
            not_before: time(claims.get("nbf")),
            warn_after: time(bound.and_then(|bound| bound.get("warnafter"))),
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "a float beyond the range is no date either way")]
fn whole(seconds: f64) -> i64 {
    seconds as i64
}
