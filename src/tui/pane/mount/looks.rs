//! Looking into a container: what is asked for, what is seen, and when it is looked again.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::listing::Listing;
use super::spec::{Key, Pod, Pods, Source, State};
use super::{Spot, at, promise, shown, spots};
use crate::tui::effect::Effect;
use crate::tui::world::World;

/// After a change it is looked again so much later: what changes takes the kubelet a moment.
const SOON: SignedDuration = SignedDuration::from_secs(2);
/// How old may be what is seen.
const STALE: SignedDuration = SignedDuration::from_secs(30);

/// What is to be looked at inside a container.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// The pod's namespace.
    pub namespace: String,
    /// The pod.
    pub pod: String,
    /// Its uid: another one may get its name.
    pub uid: String,
    /// The container.
    pub container: String,
    /// Where the mount is.
    pub path: String,
    /// Whether folders below are wanted too. Only what the kubelet fills is known to be small.
    pub deep: bool,
    /// The files that hold a token, by their whole paths.
    pub tokens: Vec<String>,
}

impl Look {
    /// The whole path of a file of the mount.
    pub(super) fn file(&self, below: &str) -> String {
        if below.is_empty() { self.path.clone() } else { format!("{}/{below}", self.path.trim_end_matches('/')) }
    }
}

/// What was seen there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    /// What was looked at.
    pub of: Look,
    /// The tree, or why there is none to show.
    pub tree: Result<Listing, Unseen>,
    /// The lives of the tokens, by the files that hold them. The tokens themselves stay outside.
    pub lives: BTreeMap<String, Life>,
}

/// Why a tree could not be looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unseen {
    /// The image has no `ls`.
    NoList,
    /// Something else.
    Said(String),
}

/// When a token was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Life {
    /// Its claim `iat`.
    pub issued: Timestamp,
}

/// A look that was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) look: Look,
    /// The version of the pod's object.
    version: String,
    at: Timestamp,
    /// When it is asked for again, whatever happens.
    due: Timestamp,
}

/// What is to be looked at to show a mount.
pub(super) fn look(pods: &Pods, world: &World, key: &Key, pod: &Pod, spot: Spot<'_>) -> Option<Look> {
    let mount = spot.mount?;
    let volume = promise::volume(pod, mount);
    let mut look = Look {
        namespace: key.0.clone(),
        pod: key.1.clone(),
        uid: pod.uid.clone(),
        container: spot.container.name.clone(),
        path: mount.path.clone(),
        deep: volume.is_some_and(|volume| !volume.sources.is_empty()),
        tokens: Vec::new(),
    };
    if volume.is_some_and(|volume| volume.sources.iter().any(|source| matches!(source, Source::Token { .. }))) {
        let files = promise::files(pods, &world.panes.objects.index, key, pod, mount);
        let tokens = files.iter().filter(|file| matches!(file.next, promise::Next::Renewed(_)));
        look.tokens = tokens.map(|file| look.file(&file.path)).collect();
    }
    Some(look)
}

/// Looks at the mount that is shown when something may have changed: the pod, the choice, after a command, in time.
pub(super) fn wishes(world: &mut World, on_screen: bool) -> Vec<Effect> {
    if !on_screen || world.lesson.as_ref().is_some_and(|open| open.asking.is_some()) {
        // What is shown anew is looked at anew.
        world.panes.mount.asked = None;
        return Vec::new();
    }
    let now = world.now;
    let wanted = shown(world).and_then(|(key, pod)| {
        let spots = spots(pod);
        let spot = spots.get(at(world, key, spots.len())).filter(|spot| spot.container.state == State::Running)?;
        Some((look(&world.panes.mount.pods, world, key, pod, *spot)?, pod.version.clone()))
    });
    let is_running = world.panes.terminal.running.is_some();
    let state = &mut world.panes.mount;
    let Some((look, version)) = wanted else {
        state.asked = None;
        return Vec::new();
    };
    let same = state.asked.as_ref().filter(|asked| asked.look == look && asked.version == version);
    let is_fresh = same.is_none() || (state.stale && !is_running);
    let is_due = same.is_some_and(|asked| now >= asked.due || now < asked.at);
    if !is_fresh && !is_due {
        return Vec::new();
    }
    // A jump of the clock is a change: the kubelet has something to do, and it is looked again soon after.
    let jumped = same.is_some_and(|asked| now.duration_since(asked.due).abs() > STALE);
    let pause = if is_fresh || jumped { SOON } else { STALE };
    state.stale = state.stale && is_running;
    let due = now.checked_add(pause).unwrap_or(now);
    state.asked = Some(Asked { look: look.clone(), version, at: now, due });
    vec![Effect::LookInto(Box::new(look))]
}
