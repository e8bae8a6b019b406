//! Keeps one pod as it should be: volumes, containers, status, its end. Upstream: pkg/kubelet/kubelet.go:SyncPod.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::Kubelet;
use super::containers::Container;
use super::status::{self, Facts, HOST_IP, State};
use super::volume::{Filler, Volume};
use crate::apimachinery::meta;
use crate::simulator::controller::api::{Answer, Key, PODS};
use crate::simulator::controller::recorder::Type;
use crate::simulator::release;

/// A pod is looked at this often, though nothing happens: its volumes are brought up to date.
const RESYNC: i64 = 60;
/// Volumes that are not there after this long are an event of their own.
const MOUNT_TIMEOUT: i64 = 123;

/// What runs of one pod.
#[derive(Default)]
pub struct Running {
    /// Whose it is.
    pub uid: String,
    /// Its volumes by name.
    pub volumes: BTreeMap<String, Volume>,
    /// Its containers by name.
    pub containers: BTreeMap<String, Container>,
    pub(super) ip: String,
    pub(super) unmounted_since: Option<Timestamp>,
    pub(super) mount_failures: u32,
}

impl Kubelet {
    /// Makes one pod as it should be; gives when to look again.
    pub(super) async fn sync(&self, key: &Key) -> Answer<Option<Timestamp>> {
        let pod = self.api.get(key).await?.filter(|pod| pod["spec"]["nodeName"] == self.settings.node.as_str());
        let Some(pod) = pod else {
            self.forget(key).await;
            return Ok(None);
        };
        let slot = {
            let mut pods = self.pods.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(pods.entry(key.clone()).or_default())
        };
        let mut running = slot.lock().await;
        if running.uid != meta::uid(&pod) {
            self.tokens.forget(&running.uid);
            *running = Running { uid: meta::uid(&pod).to_owned(), ..Running::default() };
        }
        if meta::deleting_since(&pod).is_some() {
            for (name, container) in &running.containers {
                if container.seen.state.is_running() {
                    let path = format!("spec.containers{{{name}}}");
                    let text = format!("Stopping container {name}");
                    self.recorder.event_at(&pod, &path, Type::Normal, "Killing", &text).await;
                }
            }
            drop(running);
            self.forget(key).await;
            self.api.delete(key, meta::uid(&pod), Some(0)).await?;
            return Ok(None);
        }
        if matches!(pod["status"]["phase"].as_str(), Some("Succeeded" | "Failed")) {
            return Ok(None);
        }
        // Whoever looks while volumes and containers are made sees what the pod waits for.
        let pod = if running.containers.is_empty() { self.write_status(pod, &running, false).await? } else { pod };
        let mounted = self.mount(&pod, &mut running).await;
        let now = self.settings.clock.now();
        let mut again = now.checked_add(SignedDuration::from_secs(RESYNC)).ok();
        if let Err(retry) = mounted {
            again = Some(retry);
        }
        if mounted.is_ok() || !running.containers.is_empty() {
            if running.ip.is_empty() {
                running.ip = self.address(&pod);
            }
            self.step_all(key, &pod, &mut running).await;
        }
        self.write_status(pod, &running, mounted.is_ok()).await?;
        let due = running.containers.values().filter_map(Container::retry).filter(|at| *at > now);
        Ok(due.chain(again).chain(self.tokens.next_refresh(&running.uid).filter(|at| *at > now)).min())
    }

    async fn forget(&self, key: &Key) {
        let gone = self.pods.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
        if let Some(gone) = gone {
            let mut running = gone.lock().await;
            self.tokens.forget(&running.uid);
            running.containers.clear();
        }
    }

    /// An address that no pod of the node has: the one it had before, or the next.
    fn address(&self, pod: &Value) -> String {
        if let Some(known) = pod["status"]["podIP"].as_str() {
            return known.to_owned();
        }
        format!("10.244.0.{}", self.next_address.fetch_add(1, std::sync::atomic::Ordering::Relaxed) % 252 + 2)
    }

    /// Fills all volumes; on failure says when to try again.
    async fn mount(&self, pod: &Value, running: &mut Running) -> Result<(), Timestamp> {
        let now = self.settings.clock.now();
        let filler = Filler { api: &self.api, tokens: &self.tokens, now, ids: &self.settings.ids };
        let mut missing = Vec::new();
        for spec in pod["spec"]["volumes"].as_array().into_iter().flatten() {
            let name = spec["name"].as_str().unwrap_or_default();
            match filler.set_up(pod, spec, running.volumes.get(name).cloned()).await {
                Ok(volume) => drop(running.volumes.insert(name.to_owned(), volume)),
                Err(why) => {
                    let text = format!("MountVolume.SetUp failed for volume {name:?} : {why}");
                    self.recorder.event(pod, Type::Warning, "FailedMount", &text).await;
                    missing.push(name);
                }
            }
        }
        if missing.is_empty() {
            running.unmounted_since = None;
            running.mount_failures = 0;
            return Ok(());
        }
        let since = *running.unmounted_since.get_or_insert(now);
        if now.duration_since(since).as_secs() >= MOUNT_TIMEOUT {
            running.unmounted_since = Some(now);
            let names = missing.join(" ");
            let rest = match release::UNMOUNTED_FAILED_TO_PROCESS.holds(self.settings.release) {
                true => "unattached volumes=[], failed to process volumes=[]".to_owned(),
                false => format!("unattached volumes=[{names}]"),
            };
            let text = format!(
                "Unable to attach or mount volumes: unmounted volumes=[{names}], {rest}: timed out waiting for the condition"
            );
            self.recorder.event(pod, Type::Warning, "FailedMount", &text).await;
        }
        let pause = SignedDuration::from_millis((500_i64 << running.mount_failures.min(8)).min(122_000));
        running.mount_failures += 1;
        Err(now.checked_add(pause).unwrap_or(now))
    }

    /// Init containers one after another, then all the others.
    async fn step_all(&self, key: &Key, pod: &Value, running: &mut Running) {
        for spec in pod["spec"]["initContainers"].as_array().into_iter().flatten() {
            self.step(key, pod, spec, running, true).await;
            let name = spec["name"].as_str().unwrap_or_default();
            let state = running.containers.get(name).map(|container| &container.seen.state);
            if !matches!(state, Some(State::Ended(ended)) if ended.code == 0) {
                return;
            }
        }
        for spec in pod["spec"]["containers"].as_array().into_iter().flatten() {
            self.step(key, pod, spec, running, false).await;
        }
    }

    /// Writes what is seen of the pod, and gives the pod as it then is.
    async fn write_status(&self, pod: Value, running: &Running, sandbox: bool) -> Answer<Value> {
        let release = self.settings.release;
        let now = self.settings.clock.now();
        let all = |list: &'static str| pod["spec"][list].as_array().into_iter().flatten();
        let (blank, held) = (Container::default(), Container::waiting("PodInitializing"));
        let has_init = all("initContainers").next().is_some();
        let seen = |spec: &Value| {
            let name = spec["name"].as_str().unwrap_or_default();
            let is_init = all("initContainers").any(|init| init["name"] == name);
            let unknown = if has_init && !is_init { &held } else { &blank };
            &running.containers.get(name).unwrap_or(unknown).seen
        };
        let name = |spec: &Value| spec["name"].as_str().unwrap_or_default().to_owned();
        let done = |spec: &&Value| matches!(&seen(spec).state, State::Ended(ended) if ended.code == 0);
        let states: Vec<&State> = all("containers").map(|spec| &seen(spec).state).collect();
        let init: Vec<&State> = all("initContainers").map(|spec| &seen(spec).state).collect();
        let policy = pod["spec"]["restartPolicy"].as_str().unwrap_or("Always");
        let facts = Facts {
            phase: status::phase(policy, &states, &init),
            sandbox: sandbox || !running.ip.is_empty(),
            uninitialized: all("initContainers").filter(|spec| !done(spec)).map(name).collect(),
            unready: all("containers").filter(|spec| !seen(spec).state.is_running()).map(name).collect(),
            now,
        };
        let mut new =
            json!({"phase": facts.phase, "conditions": status::conditions(&pod, &facts, release), "hostIP": HOST_IP});
        if release::HOST_IPS.holds(release) {
            new["hostIPs"] = json!([{"ip": HOST_IP}]);
        }
        if release::POD_OBSERVED_GENERATION.holds(release) && !pod["metadata"]["generation"].is_null() {
            new["observedGeneration"] = pod["metadata"]["generation"].clone();
        }
        if release::POD_STATUS_RESOURCES.holds(release) {
            new["resources"] = json!({});
        }
        if !running.ip.is_empty() {
            new["podIP"] = running.ip.as_str().into();
            new["podIPs"] = json!([{"ip": running.ip}]);
        }
        new["startTime"] = pod["status"].get("startTime").cloned().unwrap_or_else(|| meta::time(now).into());
        for (list, field, is_init) in
            [("initContainers", "initContainerStatuses", true), ("containers", "containerStatuses", false)]
        {
            let entries: Vec<Value> =
                all(list).map(|spec| status::container(spec, seen(spec), is_init, release)).collect();
            if !entries.is_empty() {
                new[field] = entries.into();
            }
        }
        new["qosClass"] = status::qos_class(&pod).into();
        if new == pod["status"] {
            return Ok(pod);
        }
        let mut changed = pod;
        changed["status"] = new;
        self.api.update(PODS, &changed, "status").await
    }
}
