//! Tries the modes in turn, and remembers for a moment what went well. Upstream: …/filters/impersonation/{constrained_impersonation,cache}.go.
//!
//! A right that is taken away is noticed when the moment is over, as with tokens. The plain kind is not remembered.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;

use crate::apimachinery::Status;
use crate::rbac::{Attributes, User};
use crate::simulator::ControlPlane;
use crate::simulator::authentication::token_cache::SUCCESS;

use super::constrained::Mode;
use super::{Impersonated, plain};

/// How many successes are remembered at most.
const MOST: usize = 10_000;

/// What of a success is remembered: the whole request, or who acts as whom.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key(String);

/// The modes that went well lately.
#[derive(Default)]
pub struct Tracker(Mutex<Memory>);

#[derive(Default)]
struct Memory {
    /// The mode that did for a requestor the last time; none is the plain one.
    last: HashMap<String, Option<Mode>>,
    successes: HashMap<Key, (Timestamp, Impersonated)>,
}

impl Tracker {
    /// Remembers nothing.
    pub fn clear(&self) {
        self.with(|memory| *memory = Memory::default());
    }

    /// The user a request acts as: by the mode that did the last time, or the first that does.
    ///
    /// # Errors
    /// 403, in the words of the mode that was tried first.
    pub(super) fn impersonate(
        &self,
        plane: &ControlPlane,
        wanted: &User,
        attributes: &Attributes,
    ) -> Result<Impersonated, Status> {
        let requestor = &attributes.user.name;
        let last = self.with(|memory| memory.last.get(requestor).copied());
        let modes = Mode::ALL.into_iter().map(Some).chain([None]);
        let in_turn = last.into_iter().chain(modes.filter(|mode| Some(*mode) != last));
        let mut first = None;
        for mode in in_turn {
            match self.by(plane, mode, wanted, attributes) {
                Ok(Some(done)) => {
                    self.with(|memory| {
                        make_room(&mut memory.last);
                        memory.last.insert(requestor.clone(), mode)
                    });
                    return Ok(done);
                }
                Ok(None) => {}
                Err(status) => drop(first.get_or_insert(status)),
            }
        }
        Err(first.unwrap_or_else(|| Status::internal("all impersonation modes failed")))
    }

    /// What one mode says; nothing when it is not for such users.
    fn by(
        &self,
        plane: &ControlPlane,
        mode: Option<Mode>,
        wanted: &User,
        attributes: &Attributes,
    ) -> Result<Option<Impersonated>, Status> {
        let requestor = &attributes.user;
        let Some(mode) = mode else {
            let user = plain(plane, wanted, requestor)?;
            return Ok(Some(Impersonated { user, constraint: String::new() }));
        };
        if !mode.is_for(wanted, requestor) {
            return Ok(None);
        }
        let now = plane.clock.now();
        let (whom, what) = mode.remembered_by(wanted, attributes);
        let request = Key(format!("{mode:?} {whom:?} {what:?}"));
        let pair = Key(format!("{mode:?} {whom:?} {:?}", what.user));
        // Which node it is does not matter to the memory, so the name is the asked one.
        let named = |mut done: Impersonated| {
            done.user.name.clone_from(&wanted.name);
            done
        };
        if let Some(done) = self.recall(&request, now) {
            return Ok(Some(named(done)));
        }
        mode.check_request(plane, attributes)?;
        let done = match self.recall(&pair, now) {
            Some(done) => done,
            None => {
                let user = mode.check_user(plane, wanted, requestor)?;
                let done = Impersonated { user, constraint: mode.verb() };
                self.keep(pair, now, &done);
                done
            }
        };
        self.keep(request, now, &done);
        Ok(Some(named(done)))
    }

    fn recall(&self, key: &Key, now: Timestamp) -> Option<Impersonated> {
        self.with(|memory| memory.successes.get(key).filter(|(until, _)| now < *until).map(|(_, done)| done.clone()))
    }

    fn keep(&self, key: Key, now: Timestamp, done: &Impersonated) {
        let Ok(until) = now.checked_add(SUCCESS) else { return };
        self.with(|memory| {
            if memory.successes.len() >= MOST {
                memory.successes.retain(|_, (until, _)| now < *until);
            }
            make_room(&mut memory.successes);
            memory.successes.insert(key, (until, done.clone()))
        });
    }

    fn with<T>(&self, act: impl FnOnce(&mut Memory) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn make_room<K, V>(map: &mut HashMap<K, V>) {
    if map.len() >= MOST {
        map.clear();
    }
}
