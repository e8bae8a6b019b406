//! A namespace: its objects, and how they hang together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::detail::{Detail, Volume};
use super::index::{Id, Object, is_gone};

/// A service account, whether it exists or is only named, and what hangs on it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Account {
    /// Pods that run as it, and their volumes.
    pub pods: BTreeMap<Arc<Id>, Arc<[Volume]>>,
    /// Secrets that hold tokens of it.
    pub secrets: BTreeSet<Arc<Id>>,
    /// Role bindings that reach it.
    pub bindings: BTreeSet<Arc<Id>>,
    /// Whether the account itself is there.
    pub exists: bool,
}

/// A namespace.
#[derive(Clone, Debug, Default)]
pub struct Space {
    /// Everything in it.
    pub objects: BTreeMap<Arc<Id>, Object>,
    /// Service accounts by name.
    pub accounts: BTreeMap<String, Account>,
    /// Owner → the replica sets (of a deployment) or pods (of a replica set) it made.
    pub owned: BTreeMap<Id, BTreeSet<Arc<Id>>>,
    /// What hangs on nothing.
    pub loose: BTreeSet<Arc<Id>>,
}

impl Space {
    /// Takes an object in, in the place of one of its name.
    pub fn put(&mut self, id: Arc<Id>, object: Object) {
        let linked = self.objects.get(&id).is_some_and(|before| before.detail.links_as(&object.detail));
        if !linked {
            self.unlink(&id);
            self.link(&id, &object.detail);
        }
        if let Detail::Account { .. } = object.detail {
            self.accounts.entry(id.name.clone()).or_default().exists = !is_gone(&object);
        }
        self.objects.insert(id, object);
    }

    /// Takes it out.
    pub fn remove(&mut self, id: &Id) {
        self.unlink(id);
        self.objects.remove(id);
    }

    fn link(&mut self, id: &Arc<Id>, detail: &Detail) {
        let mut hangs = false;
        if let Some(account) = detail.account() {
            let account = self.accounts.entry(account.to_owned()).or_default();
            match detail {
                Detail::Pod { volumes, .. } => _ = account.pods.insert(Arc::clone(id), Arc::clone(volumes)),
                Detail::Binding { .. } => _ = account.bindings.insert(Arc::clone(id)),
                _ => _ = account.secrets.insert(Arc::clone(id)),
            }
            hangs = true;
        }
        if let Some(owner) = detail.owner() {
            self.owned.entry(owner.clone()).or_default().insert(Arc::clone(id));
            hangs |= matches!(detail, Detail::ReplicaSet { .. });
        }
        if !hangs && !matches!(detail, Detail::Account { .. }) {
            self.loose.insert(Arc::clone(id));
        }
    }

    fn unlink(&mut self, id: &Id) {
        let Some(before) = self.objects.get(id) else { return };
        let name = match (&before.detail, before.detail.account()) {
            (Detail::Account { .. }, _) => Some(id.name.clone()),
            (_, account) => account.map(str::to_owned),
        };
        if let Some(name) = name
            && let Some(account) = self.accounts.get_mut(&name)
        {
            match before.detail {
                Detail::Account { .. } => account.exists = false,
                Detail::Pod { .. } => _ = account.pods.remove(id),
                Detail::Binding { .. } => _ = account.bindings.remove(id),
                _ => _ = account.secrets.remove(id),
            }
            if *account == Account::default() {
                self.accounts.remove(&name);
            }
        }
        if let Some(owner) = before.detail.owner()
            && let Some(owned) = self.owned.get_mut(owner)
        {
            owned.remove(id);
            if owned.is_empty() {
                self.owned.remove(&owner.clone());
            }
        }
        self.loose.remove(id);
    }
}
