//! The session's clock: moving it forward on a simulator, and telling what came of it.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::apimachinery::meta;
use crate::base::{Order as _, time_of_day};
use crate::course;
use crate::simulator::endpoints::clock::within_reach;
use crate::simulator::storage::{Key, Snapshot as Objects};
use crate::simulator::{Simulator, Upcoming};
use crate::tui::Msg;
use crate::tui::effect::Jump;
use crate::tui::msg::ClockNews;
use crate::tui::pane::clock::moved;

use super::undo::Moment;
use super::{Happening, Runtime};

/// How long the kubelet may take to renew what is due.
const RENEWAL: Duration = Duration::from_secs(5);
/// How often it is looked whether it has.
const LOOK: Duration = Duration::from_millis(20);
/// The kinds that are told of one by one.
const TOLD: &[(&str, &str)] =
    &[("pods", "pod"), ("secrets", "secret"), ("serviceaccounts", "service account"), ("configmaps", "config map")];

/// The clock was moved.
pub(super) struct Passed {
    before: Option<Moment>,
    after: Option<Moment>,
    what: String,
    news: ClockNews,
}

impl Runtime {
    /// Tells what will happen by itself, when that has changed.
    pub(super) fn foresee(&mut self) {
        let Some(stage) = &self.stage else { return };
        let news = match &stage.cluster.simulator {
            None => ClockNews::Comes { moves: false, ahead: 0, upcoming: Vec::new() },
            Some(simulator) => {
                let upcoming = self.coming(simulator).into_iter().map(|coming| (coming.at, coming.what)).collect();
                ClockNews::Comes { moves: true, ahead: stage.cluster.clock.ahead().as_secs(), upcoming }
            }
        };
        if self.foreseen.as_ref() != Some(&news) {
            self.foreseen = Some(news.clone());
            self.tell(Msg::clock(news));
        }
    }

    /// What will happen by itself, with the end of the tokens that were seen in this step.
    fn coming(&self, simulator: &Simulator) -> Vec<Upcoming> {
        let mut upcoming = simulator.upcoming();
        let now = self.session.bench.clock.now();
        let seen = self.judge.as_ref().map(|judge| judge.evidence().tokens).unwrap_or_default();
        upcoming.extend(ends(&seen).into_iter().filter(|coming| coming.at > now));
        upcoming.order_by(|one, other| one.at.cmp(&other.at));
        upcoming.dedup();
        upcoming
    }

    /// Moves the clock, waits until all is at rest, and tells what came of it.
    pub(super) fn advance(&mut self, jump: Jump) {
        let Some(stage) = self.stage.clone() else { return };
        let clock = stage.cluster.clock.clone();
        let from = clock.now();
        let refuse = |why: &str| {
            let news = ClockNews::Passed { from, to: from, lines: vec![why.to_owned()] };
            Msg::clock(news)
        };
        let Some(simulator) = stage.cluster.simulator.clone() else {
            self.tell(refuse("A real cluster's clock cannot be moved."));
            return;
        };
        let by = match jump {
            Jump::By(seconds) => SignedDuration::from_secs(seconds.max(0)),
            // What is due then has happened a moment after.
            Jump::To(at) => at.duration_since(from).max(SignedDuration::ZERO) + SignedDuration::from_secs(1),
        };
        if let Err(why) = within_reach(&clock, by) {
            self.tell(refuse(&why));
            return;
        }
        let tokens = self.judge.as_ref().map(|judge| judge.evidence().tokens).unwrap_or_default();
        self.turning = true;
        self.tell(Msg::Tick(from));
        let (sender, number, simulators, at) = (self.sender.clone(), self.number, self.simulators(), self.world.now);
        tokio::spawn(async move {
            let shell = stage.shell.lock().await;
            let before = Moment::take(at, &simulators, &shell).await;
            let (objects, lives) = (simulator.plane().store.snapshot(), lives(&simulator));
            clock.advance(by);
            let renewed = async {
                while simulator.token_lives().iter().any(|life| life.renewed < clock.now()) {
                    tokio::time::sleep(LOOK).await;
                }
            };
            // A token that cannot be renewed (its account is gone, say) is not waited for.
            let _ = tokio::time::timeout(RENEWAL, renewed).await;
            course::settle(&stage.evidence()).await;
            let to = clock.now();
            let mut lines = renewals(&simulator, &lives, to);
            let ended = ends(&tokens).into_iter().filter(|end| end.at > from && end.at <= to);
            lines.extend(ended.map(|end| format!("{}: from then on it is worth a 401", end.what)));
            lines.extend(differences(&objects, &simulator.plane().store.snapshot()));
            if lines.is_empty() {
                lines.push("nothing happened by itself".to_owned());
            }
            let after = Moment::take(at, &simulators, &shell).await;
            drop(shell);
            let what = format!("the clock, {} forward", moved(by.as_secs()));
            let passed = Passed { before, after, what, news: ClockNews::Passed { from, to, lines } };
            // A screen that is gone has no use for it.
            drop(sender.send(Happening::Passed(number, Box::new(passed))));
        });
    }

    /// The clock was moved: the screen hears of it.
    pub(super) fn passed(&mut self, passed: Passed) {
        let Passed { before, after, what, news } = passed;
        self.turning = false;
        self.done(&what, before, after.as_ref());
        self.tell(Msg::Tick(self.session.bench.clock.now()));
        self.tell(Msg::clock(news));
        self.foresee();
        if let Some(judge) = &self.judge {
            judge.look();
        }
    }
}

/// When the tokens seen end, and whose they are.
fn ends(tokens: &[Value]) -> Vec<Upcoming> {
    let end = |claims: &Value| {
        let at = Timestamp::from_second(claims["exp"].as_i64()?).ok()?;
        let account = claims["sub"].as_str()?.rsplit(':').next()?;
        Some(Upcoming { at, what: format!("the token of {account} that you have seen ends") })
    };
    tokens.iter().filter_map(end).collect()
}

/// Pod (by uid) → when its tokens are renewed.
fn lives(simulator: &Simulator) -> BTreeMap<String, Vec<Timestamp>> {
    let mut lives: BTreeMap<String, Vec<Timestamp>> = BTreeMap::new();
    for life in simulator.token_lives() {
        lives.entry(life.pod).or_default().push(life.renewed);
    }
    lives
}

/// Which pods' tokens are others than before.
fn renewals(simulator: &Simulator, before: &BTreeMap<String, Vec<Timestamp>>, now: Timestamp) -> Vec<String> {
    let (pods, _) = simulator.plane().store.list("pods", None);
    let line = |(uid, renewed): (&String, &Vec<Timestamp>)| {
        let pod = pods.iter().find(|pod| meta::uid(pod) == uid)?;
        let next = renewed.iter().min()?;
        if before.get(uid).is_none_or(|before| before == renewed) {
            return None;
        }
        Some(format!(
            "pod {}: the kubelet has written a new token, and will again at {}",
            meta::name(pod),
            time_of_day(*next, now)
        ))
    };
    lives(simulator).iter().filter_map(line).collect()
}

/// What is gone, new or another, in words.
fn differences(before: &Objects, after: &Objects) -> Vec<String> {
    let mut lines = Vec::new();
    let named = |key: &Key| {
        let kind = TOLD.iter().find(|(resource, _)| *resource == key.resource)?.1;
        Some(format!("{kind} {}", key.name)).filter(|_| !key.namespace.starts_with("kube-"))
    };
    for (key, old) in before.objects() {
        let Some(name) = named(key) else { continue };
        match after.get(key) {
            None => lines.push(format!("{name} is gone")),
            Some(new) if old["metadata"]["labels"] != new["metadata"]["labels"] => {
                let labels = new["metadata"]["labels"].as_object().into_iter().flatten();
                let fresh = labels.filter(|(label, value)| old["metadata"]["labels"].get(label) != Some(value));
                let fresh: Vec<String> =
                    fresh.map(|(label, value)| format!("{label}={}", value.as_str().unwrap_or_default())).collect();
                lines.push(format!("{name} carries a new label: {}", fresh.join(", ")));
            }
            Some(_) => {}
        }
    }
    lines.extend(
        after
            .objects()
            .filter(|(key, _)| before.get(key).is_none())
            .filter_map(|(key, _)| named(key).map(|name| format!("{name} is new"))),
    );
    let count = |objects: &Objects| objects.objects().filter(|(key, _)| key.resource == "events").count();
    let gone = before.objects().filter(|(key, _)| key.resource == "events" && after.get(key).is_none()).count();
    if gone > 0 {
        let all = if count(after) == 0 { "all " } else { "" };
        lines.push(format!("{all}{gone} events are forgotten: they are kept for an hour"));
    }
    lines
}
