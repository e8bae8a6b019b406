//! What a node runs at a moment, and going back to it. A program that runs on is left alone; one that has ended since
//! begins anew, for nobody can keep a program's insides.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use jiff::Timestamp;

use super::Kubelet;
use super::containers::Container;
use super::logs::{Lines, Log};
use super::pods::Running;
use super::status::Seen;
use super::token_manager::Held;
use super::volume::Volume;
use crate::simulator::controller::api::Key;
use crate::unix::{Node, Process};

/// What a node runs at a moment: pods with their files, containers and logs, and the tokens held for them.
#[derive(Clone)]
pub struct Snapshot {
    pods: BTreeMap<Key, Pod>,
    tokens: BTreeMap<String, Held>,
}

#[derive(Clone)]
struct Pod {
    uid: String,
    volumes: BTreeMap<String, (Volume, BTreeMap<String, Node>)>,
    containers: BTreeMap<String, Kept>,
    ip: String,
    unmounted_since: Option<Timestamp>,
    mount_failures: u32,
}

/// A container without its program.
#[derive(Clone)]
struct Kept {
    seen: Seen,
    log: Lines,
    previous: Option<Lines>,
    template: Option<(Process, BTreeMap<String, Node>)>,
    was_started: bool,
    failures: u32,
    retry: Option<Timestamp>,
}

impl Snapshot {
    /// Whether the containers that are in both hold the same files: what a program in a container has changed there.
    pub fn has_same_files(&self, other: &Self) -> bool {
        let there = other.files();
        self.files().iter().all(|(id, files)| there.get(id).is_none_or(|there| there == files))
    }

    /// Container id → what its own files are.
    fn files(&self) -> BTreeMap<&str, &BTreeMap<String, Node>> {
        let containers = self.pods.values().flat_map(|pod| pod.containers.values());
        containers.filter_map(|kept| Some((kept.seen.id.as_str(), &kept.template.as_ref()?.1))).collect()
    }
}

impl Kept {
    fn of(container: &Container) -> Self {
        Self {
            seen: container.seen.clone(),
            log: container.log.all(),
            previous: container.previous.as_ref().map(Log::all),
            template: container.template.clone().map(|template| {
                let files = template.files.view().base().all();
                (template, files)
            }),
            was_started: container.task.is_some(),
            failures: container.failures,
            retry: container.retry,
        }
    }
}

impl Kubelet {
    /// What runs now.
    pub async fn snapshot(&self) -> Snapshot {
        let slots: Vec<_> = {
            let pods = self.pods.lock().unwrap_or_else(PoisonError::into_inner);
            pods.iter().map(|(key, slot)| (key.clone(), Arc::clone(slot))).collect()
        };
        let mut pods = BTreeMap::new();
        for (key, slot) in slots {
            let running = slot.lock().await;
            let volume = |(name, volume): (&String, &Volume)| (name.clone(), (volume.clone(), volume.tree.all()));
            let pod = Pod {
                uid: running.uid.clone(),
                volumes: running.volumes.iter().map(volume).collect(),
                containers: running.containers.iter().map(|(name, it)| (name.clone(), Kept::of(it))).collect(),
                ip: running.ip.clone(),
                unmounted_since: running.unmounted_since,
                mount_failures: running.mount_failures,
            };
            pods.insert(key, pod);
        }
        Snapshot { pods, tokens: self.tokens.all() }
    }

    /// Goes back to what ran then. [`Kubelet::run`] must not be running.
    pub async fn restore(&self, snapshot: &Snapshot) {
        self.tokens.set(snapshot.tokens.clone());
        let known = std::mem::take(&mut *self.pods.lock().unwrap_or_else(PoisonError::into_inner));
        let mut restored = BTreeMap::new();
        for (key, pod) in &snapshot.pods {
            let mut old = match known.get(key) {
                Some(slot) => std::mem::take(&mut *slot.lock().await),
                None => Running::default(),
            };
            if old.uid != pod.uid {
                old = Running::default();
            }
            restored.insert(key.clone(), Arc::new(tokio::sync::Mutex::new(self.revive(key, pod, old))));
        }
        *self.pods.lock().unwrap_or_else(PoisonError::into_inner) = restored;
        for slot in known.into_values() {
            slot.lock().await.containers.clear();
        }
    }

    /// One pod as it was, with those of its programs that still run.
    fn revive(&self, key: &Key, pod: &Pod, mut old: Running) -> Running {
        let volume = |(name, (volume, files)): (&String, &(Volume, BTreeMap<String, Node>))| {
            volume.tree.set(files.clone());
            (name.clone(), volume.clone())
        };
        let volumes = pod.volumes.iter().map(volume).collect();
        let container = |(name, kept): (&String, &Kept)| {
            (name.clone(), self.revive_container(key, kept, old.containers.remove(name)))
        };
        Running {
            uid: pod.uid.clone(),
            volumes,
            containers: pod.containers.iter().map(container).collect(),
            ip: pod.ip.clone(),
            unmounted_since: pod.unmounted_since,
            mount_failures: pod.mount_failures,
        }
    }

    fn revive_container(&self, key: &Key, kept: &Kept, old: Option<Container>) -> Container {
        if let Some((template, files)) = &kept.template {
            template.files.view().base().set(files.clone());
        }
        let log = |lines: &Lines| {
            let log = Log::default();
            log.set(lines.clone());
            log
        };
        let runs_on = |old: &Container| {
            let has_ended = old.exit.lock().unwrap_or_else(PoisonError::into_inner).is_some();
            old.seen.id == kept.seen.id && old.seen.state.is_running() && !has_ended
        };
        let mut container = match old.filter(|old| kept.seen.state.is_running() && runs_on(old)) {
            Some(old) => {
                // It has gone on writing meanwhile, and that stays.
                old.log.forget_after(self.settings.clock.now());
                old
            }
            None => {
                let mut anew = Container::default();
                anew.log = log(&kept.log);
                anew
            }
        };
        container.seen = kept.seen.clone();
        container.previous = kept.previous.as_ref().map(log);
        (container.failures, container.retry) = (kept.failures, kept.retry);
        if container.task.is_some() || !kept.was_started {
            return container;
        }
        let template = kept.template.as_ref().map(|(template, _)| template.clone());
        let can_run = template.as_ref().is_some_and(|template| template.program().is_some());
        if let (Some(template), true, true) = (template.clone(), can_run, kept.seen.state.is_running()) {
            self.launch(key, &mut container, template);
        } else {
            container.template = template;
            // It ran, and has ended: that is what the next start goes by.
            container.task = Some(tokio::spawn(std::future::ready(())).abort_handle());
        }
        container
    }
}
