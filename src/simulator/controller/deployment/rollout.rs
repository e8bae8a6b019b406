//! Brings up the new replica set and takes down the old ones, within the room the strategy leaves.
//! Upstream: pkg/controller/deployment/{sync,rolling,recreate}.go.

use super::*;
use crate::base::Order as _;

impl Turn<'_> {
    fn release(&self) -> crate::apimachinery::Release {
        self.context.settings.release
    }

    fn is_old(&self, index: usize) -> bool {
        self.new != Some(index)
    }

    fn old(&self) -> Vec<usize> {
        (0..self.sets.len()).filter(|index| self.is_old(*index)).collect()
    }

    fn sum(&self, indexes: &[usize], of: impl Fn(&Value) -> i64) -> i64 {
        indexes.iter().map(|index| of(&self.sets[*index])).sum()
    }

    /// One step of the rollout; each change brings us back for the next.
    pub(super) async fn roll_out(&mut self) -> Answer<()> {
        let recreate = self.deployment["spec"]["strategy"]["type"] == "Recreate";
        if recreate {
            for index in self.old() {
                self.scale(index, 0).await?;
            }
            if self.sum(&self.old(), |set| count(set, "replicas")) > 0 || self.old_pods_live().await? {
                return Ok(());
            }
        }
        self.ensure_new_set().await?;
        let Some(new) = self.new else { return Ok(()) };
        let wanted = self.size_of_new(Some(new));
        self.scale(new, wanted).await?;
        if !recreate {
            self.take_down_old(new).await?;
        }
        self.forget_history().await
    }

    /// A paused deployment keeps its sets, but its size may change while there is only one.
    pub(super) async fn scale_while_paused(&mut self) -> Answer<()> {
        let running: Vec<usize> = (0..self.sets.len()).filter(|index| replicas(&self.sets[*index]) > 0).collect();
        let only = match running.as_slice() {
            [] => self.new,
            [only] => Some(*only),
            _ => None,
        };
        match only {
            Some(index) => self.scale(index, replicas(&self.deployment)).await,
            None => Ok(()),
        }
    }

    /// How large the set with the present template may be now.
    fn size_of_new(&self, new: Option<usize>) -> i64 {
        let wanted = replicas(&self.deployment);
        if self.deployment["spec"]["strategy"]["type"] == "Recreate" {
            return wanted;
        }
        let (surge, _) = surge_and_unavailable(&self.deployment);
        let all: i64 = self.sets.iter().map(replicas).sum();
        let present = new.map_or(0, |index| replicas(&self.sets[index]));
        if present >= wanted {
            return wanted;
        }
        let room = (wanted + surge - all).max(0);
        present + room.min(wanted - present)
    }

    async fn ensure_new_set(&mut self) -> Answer<()> {
        let latest_old = self.old().iter().map(|index| revision(&self.sets[*index])).max().unwrap_or(0);
        match self.new {
            Some(index) => {
                if revision(&self.sets[index]) <= latest_old {
                    self.renew(index, latest_old + 1).await?;
                }
                let name = meta::name(&self.sets[index]).to_owned();
                if !self.conditions.iter().any(|condition| condition["type"] == "Progressing") {
                    self.progress("True", "FoundNewReplicaSet", &format!("Found new replica set {name:?}"));
                }
            }
            None => self.create_new(latest_old + 1).await?,
        }
        let Some(new) = self.new else { return Ok(()) };
        let latest = revision(&self.sets[new]);
        if revision(&self.deployment) != latest {
            // As upstream, the annotation goes with a status.
            meta::metadata_map_mut(&mut self.deployment, "annotations")
                .insert(REVISION.to_owned(), json!(latest.to_string()));
            self.deployment = self.context.api.update(DEPLOYMENTS, &self.deployment, "status").await?;
        }
        Ok(())
    }

    /// An older template is the present one again: its set gets a new revision and remembers the old.
    async fn renew(&mut self, index: usize, to: i64) -> Answer<()> {
        let set = &self.sets[index];
        let mut annotations = inherited_annotations(&self.deployment);
        let before = revision(set);
        if before > 0 {
            let history = match meta::annotation(set, REVISION_HISTORY) {
                Some(history) if !history.is_empty() => format!("{history},{before}"),
                _ => before.to_string(),
            };
            annotations.insert(REVISION_HISTORY.to_owned(), history.into());
        }
        annotations.insert(REVISION.to_owned(), to.to_string().into());
        let patch = json!({"metadata": {"annotations": annotations}});
        self.sets[index] = self.context.api.patch(&Key::of(REPLICASETS, set), "", &patch).await?;
        let name = meta::name(&self.sets[index]).to_owned();
        self.progress("True", "FoundNewReplicaSet", &format!("Found new replica set {name:?}"));
        Ok(())
    }

    async fn create_new(&mut self, revision: i64) -> Answer<()> {
        let collisions = self.deployment["status"]["collisionCount"].as_i64().unwrap_or(0);
        let hash = template_hash(self.release(), &self.deployment["spec"]["template"], collisions);
        let size = self.size_of_new(None);
        let set = new_set(&self.deployment, &hash, revision, size);
        let created = match self.context.api.create(REPLICASETS, meta::namespace(&self.deployment), &set).await {
            Ok(created) => created,
            Err(failure) if failure.is_exists() => {
                // Another's set has the name: the next hash is another.
                self.deployment["status"]["collisionCount"] = (collisions + 1).into();
                self.context.api.update(DEPLOYMENTS, &self.deployment, "status").await?;
                return Err(failure);
            }
            Err(failure) if failure.is_namespace_terminating() => return Err(failure),
            Err(failure) => return self.refuse(&set, failure).await,
        };
        let name = meta::name(&created).to_owned();
        if size > 0 {
            let message = scaled(self.release(), &name, 0, size, true);
            self.context.recorder.event(&self.deployment, Type::Normal, "ScalingReplicaSet", &message).await;
        }
        self.progress("True", "NewReplicaSetCreated", &format!("Created new replica set {name:?}"));
        self.sets.push(created);
        self.new = Some(self.sets.len() - 1);
        Ok(())
    }

    async fn refuse(&mut self, set: &Value, failure: Failure) -> Answer<()> {
        let message = format!("Failed to create new replica set {:?}: {}", meta::name(set), failure.message);
        self.context.recorder.event(&self.deployment, Type::Warning, "ReplicaSetCreateError", &message).await;
        self.progress("False", "ReplicaSetCreateError", &message);
        Err(failure)
    }

    /// Sets a replica set's size, and its note of how large the whole may be.
    async fn scale(&mut self, index: usize, to: i64) -> Answer<()> {
        let set = &self.sets[index];
        let from = replicas(set);
        let (surge, _) = surge_and_unavailable(&self.deployment);
        let wanted = replicas(&self.deployment);
        let (desired, most) = (wanted.to_string(), (wanted + surge).to_string());
        let noted = meta::annotation(set, DESIRED) == Some(&desired) && meta::annotation(set, MOST) == Some(&most);
        // Old sets that run nothing are left as they are.
        if from == to && (noted || to == 0) {
            return Ok(());
        }
        let patch = json!({"metadata": {"annotations": {DESIRED: desired, MOST: most}}, "spec": {"replicas": to}});
        let changed = self.context.api.patch(&Key::of(REPLICASETS, set), "", &patch).await?;
        if from != to {
            let message = scaled(self.release(), meta::name(&changed), from, to, false);
            self.context.recorder.event(&self.deployment, Type::Normal, "ScalingReplicaSet", &message).await;
        }
        self.sets[index] = changed;
        Ok(())
    }

    async fn take_down_old(&mut self, new: usize) -> Answer<()> {
        let old = self.old();
        let running = self.sum(&old, replicas);
        if running == 0 {
            return Ok(());
        }
        let (_, unavailable) = surge_and_unavailable(&self.deployment);
        let least = replicas(&self.deployment) - unavailable;
        let new_set = &self.sets[new];
        let new_waits = (replicas(new_set) - count(new_set, "availableReplicas")).max(0);
        let mut room = running + replicas(new_set) - least - new_waits;
        if room <= 0 {
            return Ok(());
        }
        // Pods that do not work go first: nobody misses them.
        for index in &old {
            let set = &self.sets[*index];
            let broken = (replicas(set) - count(set, "availableReplicas")).clamp(0, room);
            if broken > 0 && count(set, "observedGeneration") >= set["metadata"]["generation"].as_i64().unwrap_or(0) {
                room -= broken;
                self.scale(*index, replicas(&self.sets[*index]) - broken).await?;
            }
        }
        let available: i64 = self.sets.iter().map(|set| count(set, "availableReplicas").min(replicas(set))).sum();
        let mut spare = (available - least).max(0);
        for index in &old {
            let less = replicas(&self.sets[*index]).min(spare);
            if less > 0 {
                spare -= less;
                self.scale(*index, replicas(&self.sets[*index]) - less).await?;
            }
        }
        Ok(())
    }

    async fn old_pods_live(&self) -> Answer<bool> {
        let namespace = meta::namespace(&self.deployment);
        let old: Vec<&str> = self.old().iter().map(|index| meta::uid(&self.sets[*index])).collect();
        let pods = self.context.api.list(super::super::api::PODS, namespace, "").await?;
        Ok(pods.iter().any(|pod| {
            old.contains(&pods::controller_uid(pod))
                && !matches!(pod["status"]["phase"].as_str(), Some("Succeeded" | "Failed"))
        }))
    }

    /// Once the rollout is done, no more old sets are kept than asked for.
    async fn forget_history(&mut self) -> Answer<()> {
        let Some(limit) = self.deployment["spec"]["revisionHistoryLimit"].as_u64() else { return Ok(()) };
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        if !status::is_complete(&self.deployment) {
            return Ok(());
        }
        let mut idle: Vec<&Value> = self
            .old()
            .into_iter()
            .map(|index| &self.sets[index])
            .filter(|set| replicas(set) == 0 && count(set, "replicas") == 0 && meta::deleting_since(set).is_none())
            .collect();
        idle.order_by_key(|set| revision(set));
        for set in &idle[..idle.len().saturating_sub(limit)] {
            self.context.api.delete(&Key::of(REPLICASETS, set), meta::uid(set), None).await?;
        }
        Ok(())
    }

    /// Says how the rollout goes.
    pub(super) fn progress(&mut self, status: &str, reason: &str, message: &str) {
        let now = self.context.now();
        pods::set_condition(
            &mut self.conditions,
            json!({"type": "Progressing", "status": status, "lastUpdateTime": now, "lastTransitionTime": now,
                "reason": reason, "message": message}),
        );
    }
}
