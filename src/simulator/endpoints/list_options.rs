//! Which moment a list shows, and where it goes on. Upstream: apimachinery/pkg/apis/meta/internalversion/validation and
//! apiserver/pkg/storage (continue.go, errors.go, etcd3/store.go).

use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, NO_PAD, URL_SAFE_NO_PAD};
use base64::{DecodeError, Engine as _};
use http::StatusCode;
use serde_json::{Value, json};

use crate::apimachinery::field::{Errors, Path};
use crate::apimachinery::{Cause, Status, StatusReason};
use crate::simulator::release;

use super::Call;
use super::respond::Answer;

/// Go's decoder does not mind bits that are left over.
const LENIENT: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, NO_PAD.with_decode_allow_trailing_bits(true));

const EXACT: &str = "Exact";
const NOT_OLDER: &str = "NotOlderThan";

/// Refuses combinations of options that make no sense, of a list or a watch.
///
/// # Errors
/// 422 with each of them.
pub(super) fn validate(call: &Call<'_>, is_watch: bool) -> Result<(), Status> {
    let param = |name: &str| call.info.param(name).unwrap_or_default();
    let (matched, version, token) = (param("resourceVersionMatch"), param("resourceVersion"), param("continue"));
    let asks_initial = call.info.param("sendInitialEvents").is_some();
    let (path, initial) = (Path::new("resourceVersionMatch"), Path::new("sendInitialEvents"));
    let mut errors = Errors::default();
    if is_watch {
        if asks_initial && matched != NOT_OLDER {
            errors.forbidden(&path, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
        }
        if asks_initial && !call.api.plane.does(release::WATCH_LIST) {
            errors.forbidden(
                &initial,
                "sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled",
            );
        }
        if !matched.is_empty() && !asks_initial {
            errors.forbidden(&path, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided");
        }
        if !matched.is_empty() && matched != NOT_OLDER {
            errors.not_supported(&path, &json!(matched), &[NOT_OLDER]);
        }
    } else {
        if !matched.is_empty() && version.is_empty() {
            errors.forbidden(&path, "resourceVersionMatch is forbidden unless resourceVersion is provided");
        }
        if !matched.is_empty() && ![EXACT, NOT_OLDER].contains(&matched) {
            errors.not_supported(&path, &json!(matched), &[EXACT, NOT_OLDER, ""]);
        }
        if matched == EXACT && version == "0" {
            errors.forbidden(&path, "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
        }
        if asks_initial {
            errors.forbidden(&initial, "sendInitialEvents is forbidden for list");
        }
    }
    if !matched.is_empty() && !token.is_empty() {
        errors.forbidden(&path, "resourceVersionMatch is forbidden when continue is provided");
    }
    if errors.is_empty() { Ok(()) } else { Err(Status::invalid("meta.k8s.io", "ListOptions", "", errors)) }
}

/// What part of what moment a list wants.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Moment {
    /// The revision to show; none is the present.
    pub revision: Option<u64>,
    /// The key (`namespace/name`, or the name in a list of one namespace) after which it goes on.
    pub after: Option<String>,
}

/// Reads the moment from a list's options; `current` is the store's revision.
///
/// # Errors
/// 400 for what cannot be read, 504 for a revision that is still to come.
pub(super) fn moment(call: &Call<'_>, current: u64) -> Result<Moment, Status> {
    let param = |name: &str| call.info.param(name).unwrap_or_default();
    let version = param("resourceVersion");
    let number = match version {
        "" => 0,
        text => text.parse::<u64>().map_err(|_| {
            Status::bad_request(format!(
                "invalid resource version: resourceVersion: Invalid value: {text:?}: strconv.ParseUint: parsing {text:?}: invalid syntax"
            ))
        })?,
    };
    if let Some(token) = call.info.param("continue").filter(|token| !token.is_empty()) {
        if number > 0 {
            return Err(Status::bad_request("specifying resource version is not allowed when using continue"));
        }
        let (revision, after) = read_continue(token)?;
        return Ok(Moment { revision, after: Some(after) });
    }
    if number > current {
        return Err(too_large(number, current));
    }
    let is_limited = call.info.number("limit")?.is_some_and(|limit| limit > 0);
    // A limit with a revision and no word about it means exactly that revision, as it did before there was such a word.
    let exact = param("resourceVersionMatch") == EXACT || (param("resourceVersionMatch").is_empty() && is_limited);
    Ok(Moment { revision: (number > 0 && exact).then_some(number), after: None })
}

fn too_large(asked: u64, current: u64) -> Status {
    let text = format!("Timeout: Too large resource version: {asked}, current: {current}");
    let cause = Cause {
        reason: "ResourceVersionTooLarge".to_owned(),
        message: "Too large resource version".to_owned(),
        ..Cause::default()
    };
    Status { causes: vec![cause], retry_after: 1, ..Status::failure(StatusReason::Timeout, text) }
}

/// 410: what the list is to show is no longer remembered. A list that was begun can be ended with what is there now.
pub(super) fn expired(moment: &Moment) -> Answer {
    let text = match moment.after {
        Some(_) => {
            "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list."
        }
        None => "The resourceVersion for the provided list is too old.",
    };
    let mut status = Status::failure(StatusReason::Expired, text).to_value();
    if let Some(after) = &moment.after {
        status["metadata"]["continue"] = json!(write_continue(-1, after));
    }
    Answer::with_code(StatusCode::GONE, status)
}

/// The token that goes on after `key`; a revision of -1 takes things as they are then.
pub(super) fn write_continue(revision: i64, key: &str) -> String {
    URL_SAFE_NO_PAD.encode(json!({"v": "meta.k8s.io/v1", "rv": revision, "start": format!("{key}\0")}).to_string())
}

fn read_continue(token: &str) -> Result<(Option<u64>, String), Status> {
    let bad = |why: String| Status::bad_request(format!("invalid continue token: {why}"));
    let invalid = |why: String| bad(format!("continue key is not valid: {why}"));
    let bytes = LENIENT.decode(token).map_err(|error| {
        let at = match error {
            DecodeError::InvalidByte(at, _) | DecodeError::InvalidLastSymbol(at, _) => at,
            DecodeError::InvalidLength(length) => length,
            DecodeError::InvalidPadding => token.len(),
        };
        invalid(format!("illegal base64 data at input byte {at}"))
    })?;
    let value: Value = serde_json::from_slice(&bytes).map_err(|_| {
        invalid(match bytes.first() {
            Some(first) => format!("invalid character '{}' looking for beginning of value", char::from(*first)),
            None => "unexpected end of JSON input".to_owned(),
        })
    })?;
    if value["v"] != "meta.k8s.io/v1" {
        let version = value["v"].as_str().unwrap_or_default();
        return Err(invalid(format!("server does not recognize this encoded version {version:?}")));
    }
    let start = value["start"].as_str().unwrap_or_default();
    let revision = match value["rv"].as_i64().unwrap_or_default() {
        0 => return Err(bad("incorrect encoded start resourceVersion (version meta.k8s.io/v1)".to_owned())),
        revision => u64::try_from(revision).ok(),
    };
    if start.is_empty() {
        return Err(bad("continue key is not valid: encoded start key empty (version meta.k8s.io/v1)".to_owned()));
    }
    // Keys are joined to paths upstream, which must not lead elsewhere.
    if start.starts_with('/') || start.split('/').any(|part| part == ".." || part == ".") {
        return Err(invalid(start.to_owned()));
    }
    Ok((revision, start.trim_end_matches('\0').to_owned()))
}
