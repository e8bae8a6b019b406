//! Looks at the step's checks whenever something may have changed, and tells how they stand.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::JoinHandle;

use crate::course::{self, Evidence, Needs, Ran, Step, Test};
use crate::tui::Msg;

use super::Happening;

/// Changes come in bunches; one look is enough for all that come within this time.
const BUNCH: Duration = Duration::from_millis(25);
/// How long one look at the checks may take.
const PATIENCE: Duration = Duration::from_secs(20);
/// How often a log is read that the lesson follows, or that a check looks at.
const LISTEN: Duration = Duration::from_secs(1);
/// How many of the step's commands are remembered with their output.
const REMEMBERED: usize = 200;

/// Judges one step until it is dropped.
pub struct Judge {
    evidence: Arc<Mutex<Evidence>>,
    wake: Arc<Wake>,
    task: JoinHandle<()>,
    /// The look that is waited for, and the last that was told of, counted by what asked for them.
    due: u64,
    looked: u64,
}

/// Wakes a judge, and counts how often it was asked to look.
#[derive(Default)]
pub struct Wake {
    notify: Notify,
    asked: AtomicU64,
}

impl Wake {
    fn up(&self) {
        self.asked.fetch_add(1, Ordering::AcqRel);
        self.notify.notify_one();
    }
}

impl Judge {
    /// A judge of `step`, looking at once.
    /// `follow` is the pod whose log the learner sees.
    pub(super) fn new(
        step: Step,
        follow: Option<String>,
        evidence: Evidence,
        number: u64,
        sender: UnboundedSender<Happening>,
    ) -> Self {
        let evidence = Arc::new(Mutex::new(evidence));
        let wake = Arc::new(Wake::default());
        wake.up();
        let task = tokio::spawn(judge(step, follow, Arc::clone(&evidence), Arc::clone(&wake), number, sender));
        Self { evidence, wake, task, due: 1, looked: 0 }
    }

    /// What it judges by.
    pub fn evidence(&self) -> Evidence {
        self.evidence.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The learner ran something.
    pub fn ran(&mut self, ran: Ran) {
        {
            let mut evidence = self.evidence.lock().unwrap_or_else(PoisonError::into_inner);
            evidence.tokens.extend(course::claims_in(&ran.output));
            evidence.ran.push(ran);
            let surplus = evidence.ran.len().saturating_sub(REMEMBERED);
            evidence.ran.drain(..surplus);
            let surplus = evidence.tokens.len().saturating_sub(REMEMBERED);
            evidence.tokens.drain(..surplus);
        }
        self.look_now();
    }

    /// The cluster changed.
    pub fn look(&self) {
        self.wake.up();
    }

    /// Asks for a look that is waited for.
    pub fn look_now(&mut self) {
        self.wake.up();
        self.due = self.wake.asked.load(Ordering::Acquire);
    }

    /// A judge told of a look that was begun when it had been asked for this often.
    pub fn has_looked(&mut self, by: &Arc<Wake>, asked: u64) {
        if Arc::ptr_eq(by, &self.wake) {
            self.looked = self.looked.max(asked);
        }
    }

    /// Whether the look that is waited for was told of.
    pub fn rests(&self) -> bool {
        self.looked >= self.due
    }
}

impl Drop for Judge {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn judge(
    step: Step,
    follow: Option<String>,
    evidence: Arc<Mutex<Evidence>>,
    wake: Arc<Wake>,
    number: u64,
    sender: UnboundedSender<Happening>,
) {
    let tell = |msg: Msg| sender.send(Happening::Msg(number, msg)).is_ok();
    let mut failed = false;
    let mut heard_of = 0;
    let listens = follow.is_some() || step.checks.iter().any(|check| reads_logs(&check.test));
    let mut needs: Option<Needs> = None;
    loop {
        // A log goes on without a change of any object.
        match listens {
            true => drop(tokio::time::timeout(LISTEN, wake.notify.notified()).await),
            false => wake.notify.notified().await,
        }
        tokio::time::sleep(BUNCH).await;
        let asked = wake.asked.load(Ordering::Acquire);
        let mut now = evidence.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if now.began.is_none()
            && let Ok(Ok(there)) = tokio::time::timeout(PATIENCE, course::beginning(&step, &now)).await
        {
            now.began = Some(there.clone());
            evidence.lock().unwrap_or_else(PoisonError::into_inner).began = Some(there);
        }
        let looked = tokio::time::timeout(PATIENCE, look(&step, follow.as_deref(), &mut needs, &now));
        match looked.await.unwrap_or_else(|_| Err("the cluster does not answer".to_owned())) {
            Ok(Looked { passed, near, say, said }) => {
                failed = false;
                let solved = passed.iter().all(|passed| *passed);
                // A command that failed and solved nothing: what the lesson wanted stands below kubectl's own words.
                let erred = now.ran.len() > heard_of && now.ran.last().is_some_and(|ran| ran.status != 0);
                heard_of = now.ran.len();
                if erred
                    && !solved
                    && say.is_none()
                    && !tell(Msg::Aside(format!("This step asks: {}", step.task.trim())))
                {
                    return;
                }
                let say = say.filter(|_| !solved);
                let told = (follow.is_none() || tell(Msg::Said(said)))
                    && tell(Msg::WrongTurn { step: step.id.clone(), say })
                    && tell(Msg::Checks { step: step.id.clone(), passed, near });
                if !told {
                    return;
                }
            }
            // One sentence is enough while the cluster is away.
            Err(error) if !failed => {
                failed = true;
                tell(Msg::Failure(format!("the checks cannot be looked at: {error}")));
            }
            Err(_) => {}
        }
        if sender.send(Happening::Looked { by: Arc::clone(&wake), asked }).is_err() {
            return;
        }
    }
}

/// What one look found.
struct Looked {
    passed: Vec<bool>,
    near: Vec<Option<String>>,
    say: Option<String>,
    said: Option<String>,
}

async fn look(step: &Step, follow: Option<&str>, needs: &mut Option<Needs>, now: &Evidence) -> Result<Looked, String> {
    if needs.is_none() {
        *needs = Some(Needs::of(step, now).await);
    }
    let passed = course::evaluate(step, now).await.map_err(|error| error.to_string())?;
    let mut say = course::wrong_turn(step, now).await;
    if say.is_none()
        && let Some(needs) = needs
    {
        say = needs.gone(now).await;
    }
    let near = match say {
        Some(_) => vec![None; passed.len()],
        None => course::near(step, &passed, now).await,
    };
    let said = match follow {
        Some(pod) => course::said_last(now, pod).await.map_err(|error| error.to_string())?,
        None => None,
    };
    Ok(Looked { passed, near, say, said })
}

/// Whether a test looks at a log.
fn reads_logs(test: &Test) -> bool {
    match test {
        Test::Logs(_) => true,
        Test::Any(tests) => tests.iter().any(reads_logs),
        Test::Object(_) | Test::CanI(_) | Test::Ran(_) | Test::Token(_) => false,
    }
}
