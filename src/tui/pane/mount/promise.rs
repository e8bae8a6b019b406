//! The files a mount is to have: where each comes from, and when it is written next, in plain words.

use jiff::{SignedDuration, Timestamp};

use super::spec::{Key, Mount, Pod, Pods, Source, Volume};
use super::{Life, Look};
use crate::base::{human_duration, time_of_day};
use crate::tui::pane::objects::{Detail, Index};
use crate::tui::theme::Meaning;
use crate::tui::world::World;

/// The most keys of one config map or secret that are named one by one.
const MOST: usize = 40;
/// However long a token lives, the kubelet renews it after a day.
const DAY: i64 = 86_400;

/// A file that is to be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promise {
    /// Its path below the mount; empty when the mount is the file itself, `*` for those that cannot be named.
    pub path: String,
    /// Where it comes from.
    pub from: String,
    /// When it is written next.
    pub next: Next,
}

/// When a file is written next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// A token, asked for so many seconds.
    Renewed(i64),
    /// When what it comes from changes: a sentence.
    Changes(String),
    /// Never: why.
    Never(String),
    /// Something is missing: what that means.
    Missing(String),
}

/// The volume of a mount.
pub fn volume<'a>(pod: &'a Pod, mount: &Mount) -> Option<&'a Volume> {
    pod.volumes.iter().find(|volume| volume.name == mount.volume)
}

/// The files a mount is to have.
pub fn files(pods: &Pods, index: &Index, (namespace, _): &Key, pod: &Pod, mount: &Mount) -> Vec<Promise> {
    let sources = volume(pod, mount).map_or(&[][..], |volume| volume.sources.as_slice());
    let all = sources.iter().flat_map(|source| of_source(pods, index, namespace, source));
    let Some(part) = &mount.part else { return all.collect() };
    // Of a part the paths begin where the part ends.
    let below = |path: &str| match path.strip_prefix(part.trim_end_matches('/')) {
        Some("") => Some(String::new()),
        Some(rest) => rest.strip_prefix('/').map(str::to_owned),
        None => None,
    };
    all.filter_map(|promise| {
        let next = match promise.next {
            missing @ Next::Missing(_) => missing,
            _ => Next::Never("never written again while the container runs: subPath gets no updates".to_owned()),
        };
        let path = if promise.path == "*" { Some(promise.path) } else { below(&promise.path) };
        Some(Promise { path: path?, from: promise.from, next })
    })
    .collect()
}

fn of_source(pods: &Pods, index: &Index, namespace: &str, source: &Source) -> Vec<Promise> {
    match source {
        Source::Token { path, audience, seconds } => {
            let audience = if audience.is_empty() { "the API server" } else { audience };
            let from = format!("asked of the API server by the kubelet: {seconds} s, audience {audience}");
            vec![Promise { path: path.clone(), from, next: Next::Renewed(*seconds) }]
        }
        Source::Field { path, field } => {
            vec![Promise { path: path.clone(), from: field_words(field), next: field_next(field) }]
        }
        Source::Other(path, from) => {
            let next = Next::Changes("again when it changes or ends".to_owned());
            vec![Promise { path: path.clone(), from: from.clone(), next }]
        }
        Source::Keys { kind, name, items, optional } => of_keys(pods, index, namespace, kind, name, items, *optional),
    }
}

fn of_keys(
    pods: &Pods,
    index: &Index,
    namespace: &str,
    kind: &'static str,
    name: &str,
    items: &[(String, String)],
    optional: bool,
) -> Vec<Promise> {
    let (word, long) = if kind == "Secret" { ("secret", "secret") } else { ("cm", "config map") };
    let from = format!("from {word} {name}");
    let found = pods.keys(kind, namespace, name);
    let is_token = holds_token(index, namespace, kind, name);
    let next = match found {
        None if index.ready && optional => Next::Missing(format!("there is no {word} {name}, and it may be missing")),
        None if index.ready => Next::Missing(format!("there is no {word} {name}")),
        Some(keys) if keys.immutable => Next::Never(format!("never written again: the {long} is immutable")),
        _ => Next::Changes("again a minute or so after it changes".to_owned()),
    };
    let promise = |path: &str, key: &str, next: &Next| Promise {
        path: path.to_owned(),
        from: if key == path || key.is_empty() { from.clone() } else { format!("{from}, key {key}") },
        next: match next {
            Next::Changes(_) if key == "token" && is_token => {
                Next::Never("never renewed: such a token has no end".to_owned())
            }
            next => next.clone(),
        },
    };
    if !items.is_empty() {
        let is_missing = |key: &str| found.is_some_and(|keys| !keys.names.iter().any(|name| name == key));
        let each = items.iter().map(|(key, path)| match is_missing(key) {
            true => promise(path, key, &Next::Missing(format!("the {long} has no key {key}"))),
            false => promise(path, key, &next),
        });
        return each.collect();
    }
    match found.filter(|keys| keys.names.len() <= MOST) {
        Some(keys) => keys.names.iter().map(|key| promise(key, key, &next)).collect(),
        None => vec![Promise { path: "*".to_owned(), from: format!("{from}: a file for each key"), next }],
    }
}

/// Whether an object is a secret that holds the token of an account.
fn holds_token(index: &Index, namespace: &str, kind: &str, name: &str) -> bool {
    kind == "Secret"
        && index
            .get(namespace, kind, name)
            .is_some_and(|object| matches!(&object.detail, Detail::Secret { account: Some(_), .. }))
}

/// Whether a volume brings a token.
pub fn brings_token(index: &Index, namespace: &str, volume: &Volume) -> bool {
    volume.sources.iter().any(|source| match source {
        Source::Token { .. } => true,
        Source::Keys { kind, name, .. } => holds_token(index, namespace, kind, name),
        Source::Field { .. } | Source::Other(..) => false,
    })
}

fn field_words(field: &str) -> String {
    let quoted = |name: &str| {
        let key = field.strip_prefix(&format!("metadata.{name}['"))?.strip_suffix("']")?;
        Some(key.to_owned())
    };
    let what = match field {
        "metadata.namespace" => "its namespace's name".to_owned(),
        "metadata.name" => "its name".to_owned(),
        "metadata.uid" => "its uid".to_owned(),
        "metadata.labels" => "its labels".to_owned(),
        "metadata.annotations" => "its annotations".to_owned(),
        _ => match (quoted("labels"), quoted("annotations")) {
            (Some(key), _) => format!("its label {key}"),
            (_, Some(key)) => format!("its annotation {key}"),
            _ if field.contains("limits.") || field.contains("requests.") => format!("the container's {field}"),
            _ => field.to_owned(),
        },
    };
    format!("{what}, from the pod (downward API)")
}

fn field_next(field: &str) -> Next {
    match field {
        _ if field.starts_with("metadata.labels") || field.starts_with("metadata.annotations") => {
            Next::Changes("again a minute or so after it changes".to_owned())
        }
        _ if field.starts_with("metadata.") || field.starts_with("spec.") => {
            Next::Never("never written again".to_owned())
        }
        _ => Next::Changes("again when it changes".to_owned()),
    }
}

/// What is said of the next writing, and how it looks.
pub fn next_words(world: &World, look: &Look, pod: &Pod, promise: &Promise) -> (Meaning, String) {
    match &promise.next {
        Next::Changes(say) | Next::Never(say) => (Meaning::Dim, say.clone()),
        Next::Missing(say) => (Meaning::Refused, format!("✘ {say}")),
        Next::Renewed(seconds) => {
            let index = &world.panes.objects.index;
            if index.ready && index.get(&look.namespace, "ServiceAccount", &pod.account).is_none() {
                return (Meaning::Refused, format!("✘ no new one: sa {} is gone", pod.account));
            }
            let seen = world.panes.mount.seen.as_ref().filter(|seen| seen.of == *look);
            let life = seen.and_then(|seen| seen.lives.get(&look.file(&promise.path)));
            renewal(life, *seconds, world.now)
        }
    }
}

/// When the kubelet writes a new token: after 80 % of the life asked for, a day at most.
fn renewal(life: Option<&Life>, seconds: i64, now: Timestamp) -> (Meaning, String) {
    let asked = seconds.max(0);
    let after = SignedDuration::from_secs((asked - asked / 5).min(DAY));
    let rule = if after.as_secs() == DAY { "after a day".to_owned() } else { "after 80 % of its life".to_owned() };
    match life.and_then(|life| life.issued.checked_add(after).ok()) {
        Some(at) if at > now => (Meaning::Change, format!("a new one at about {}, {rule}", time_of_day(at, now))),
        Some(_) => (Meaning::Change, "a new one is due: the kubelet looks about once a minute".to_owned()),
        None => (Meaning::Dim, format!("a new one every {}, {rule}", human_duration(after))),
    }
}
