//! Why a request of the learner's was answered as it was, on a real cluster: put together afterwards from what was shown,
//! what the cluster says when it is asked, and what of its roles and keys may be read. It only reads and asks for reviews,
//! and says what it could not see.

mod access;
mod noted;
mod proof;
mod refusal;
mod way;
mod who;

use std::collections::VecDeque;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::Instant;

use crate::rbac::{Attributes, User};
use crate::why::{Check, Origin, Rung, Sign, Step, Trace};

use super::Cluster;
use access::Rules;
use noted::Shown;
use proof::Known;
use refusal::Stop;
use way::{Hidden, Proof};
use who::Asker;

pub use noted::{Noted, Outside};
pub(super) use way::Way;

/// How long what was read of roles and bindings counts, when the learner changes none.
const RULES_LAST: Duration = Duration::from_secs(1);
/// How long the cluster's word on who somebody is counts.
const NAMES_LAST: Duration = Duration::from_secs(10);
/// How many of those are kept.
const NAMES: usize = 16;
/// Of requests that were granted and wait to be looked into, so many are; of the rest the answer alone is told.
const NEWEST: usize = 5;
/// So many requests are looked into within [`SPAN`].
const MOST: u32 = 40;
const SPAN: Duration = Duration::from_secs(10);

/// Finds out why requests were answered as they were.
pub struct Explainer {
    outside: Outside,
    /// Where commands may be offered that change what is allowed.
    namespace: String,
    names: VecDeque<(Shown, Instant, Result<User, Hidden>)>,
    rules: Option<(Instant, Rules)>,
    known: Option<Known>,
}

impl Cluster {
    /// Who finds out why, on a real cluster. A simulator tells it by itself.
    pub fn explainer(&self) -> Option<Explainer> {
        let outside = self.outside.clone()?;
        let namespace = self.namespace.clone();
        Some(Explainer { outside, namespace, names: VecDeque::new(), rules: None, known: None })
    }
}

impl Explainer {
    /// Looks into what is sent, one request after the other, in a task that ends when the sender is dropped.
    pub fn listen(self, told: impl Fn(Trace) + Send + 'static) -> UnboundedSender<Noted> {
        let (sender, notes) = unbounded_channel();
        tokio::spawn(self.run(notes, told));
        sender
    }

    async fn run(mut self, mut notes: UnboundedReceiver<Noted>, told: impl Fn(Trace) + Send) {
        let mut waiting: VecDeque<Noted> = VecDeque::new();
        let mut is_first = true;
        let (mut begun, mut spent) = (Instant::now(), 0);
        loop {
            let noted = match waiting.pop_front() {
                Some(noted) => noted,
                None => match notes.recv().await {
                    Some(noted) => noted,
                    None => return,
                },
            };
            while let Ok(more) = notes.try_recv() {
                waiting.push_back(more);
            }
            // Nobody waits for what is still to be told: no more is asked.
            if notes.is_closed() {
                return;
            }
            if noted.is_quiet() {
                continue;
            }
            self.heed(&noted);
            if begun.elapsed() > SPAN {
                (begun, spent) = (Instant::now(), 0);
            }
            let many = noted.code < 400 && waiting.len() >= NEWEST || spent >= MOST;
            let mut trace = if many { Self::briefly(&noted) } else { self.explain(&noted).await };
            spent += u32::from(!many);
            if is_first && let Some(step) = trace.steps.last_mut() {
                let say = "on a real cluster they do not pass here; only your own are shown";
                step.checks.push(check(Sign::NotSeen, "the pods' requests", say));
                is_first = false;
            }
            told(trace);
        }
    }

    /// What is known of a request without asking anybody.
    fn briefly(noted: &Noted) -> Trace {
        let stop = Stop::of(noted);
        let mut user = User::default();
        if let Stop::May(denied) = &stop {
            user.name.clone_from(&denied.user);
        }
        let many = || vec![check(Sign::NotSeen, "more", "many requests came at once, and not all were looked into")];
        let mut steps = Vec::new();
        let rung = rung(&stop);
        for passed in [Rung::Authentication, Rung::Authorization] {
            let stopped = passed == rung && stop != Stop::Nothing;
            let say = match (passed, stopped) {
                (Rung::Authentication, false) => "the cluster knows who asks",
                (Rung::Authentication, true) => NOBODY,
                (_, false) => "allowed",
                (_, true) => "no rule allows it",
            };
            let checks = if passed == Rung::Authorization || stopped { many() } else { Vec::new() };
            steps.push(Step { rung: passed, stopped, say: say.to_owned(), checks });
            if stopped {
                return trace(noted, user, steps);
            }
        }
        steps.extend(beyond(noted, &stop));
        trace(noted, user, steps)
    }

    /// Finds out why a request was answered as it was.
    pub async fn explain(&mut self, noted: &Noted) -> Trace {
        self.heed(noted);
        let stop = Stop::of(noted);
        if stop == Stop::Who {
            let checks = self.refused_proof(noted).await;
            let step = Step { rung: Rung::Authentication, stopped: true, say: NOBODY.to_owned(), checks };
            return trace(noted, User::default(), vec![step]);
        }
        let asker = self.asker(noted, &stop).await;
        let mut steps = vec![self.proof(noted, &asker, &stop).await];
        if stop == Stop::ActAs {
            steps.push(Step {
                rung: Rung::Authorization,
                stopped: true,
                say: "they may not act as somebody else".to_owned(),
                checks: vec![check(Sign::Bad, "acts as", noted.said.message.clone())],
            });
            return trace(noted, asker.user, steps);
        }
        let asked = noted.info.attributes(asker.user.clone());
        match stop.clone() {
            Stop::May(denied) => {
                let attributes = denied.attributes(asked);
                let checks = self.near(noted, &attributes, asker.is_known).await;
                let say = "no rule allows it".to_owned();
                steps.push(Step { rung: Rung::Authorization, stopped: true, say, checks });
            }
            _ => {
                let checks = self.allowed(noted, &asked, asker.is_known).await;
                steps.push(Step { rung: Rung::Authorization, stopped: false, say: "allowed".to_owned(), checks });
                steps.extend(beyond(noted, &stop));
            }
        }
        trace(noted, asker.user, steps)
    }

    /// What was read of roles and bindings no longer counts once the learner changes some.
    fn heed(&mut self, noted: &Noted) {
        if noted.writes_rules() {
            self.rules = None;
        }
    }

    /// Who asks: as the cluster says, else as the request and the answer say.
    async fn asker(&mut self, noted: &Noted, stop: &Stop) -> Asker {
        let acts = !noted.shown.acts.is_empty() && *stop != Stop::ActAs;
        let itself = self.name_of(&noted.shown.as_itself()).await;
        let user = if acts { self.name_of(&noted.shown).await } else { itself.clone() };
        let itself = itself.ok();
        if let Ok(user) = user {
            return Asker { itself, user, is_known: true };
        }
        if let Some(user) = who::acted_as(&noted.shown).filter(|_| acts) {
            return Asker { itself, user, is_known: true };
        }
        let name = match stop {
            Stop::May(denied) => denied.user.clone(),
            _ => String::new(),
        };
        Asker { itself, user: User { name, ..User::default() }, is_known: false }
    }

    async fn name_of(&mut self, shown: &Shown) -> Result<User, Hidden> {
        self.names.retain(|(_, at, _)| at.elapsed() < NAMES_LAST);
        if let Some((.., name)) = self.names.iter().find(|(known, ..)| known == shown) {
            return name.clone();
        }
        let way = self.outside.way();
        let proof = way.proof(shown);
        if proof == Proof::Nothing && shown.authorization.is_none() && shown.acts.is_empty() {
            return Ok(who::nobody());
        }
        let mut name = who::review(way, shown).await;
        if let (Err(_), Some(token), true) = (&name, shown.token(), shown.acts.is_empty())
            && proof != Proof::Certificate
        {
            name = who::of_token(way, token).await;
        }
        if self.names.len() >= NAMES {
            self.names.pop_front();
        }
        self.names.push_back((shown.clone(), Instant::now(), name.clone()));
        name
    }

    /// The rung of who asks, of a request that got past it.
    async fn proof(&mut self, noted: &Noted, asker: &Asker, stop: &Stop) -> Step {
        let name = asker.itself.as_ref().map(|user| user.name.as_str());
        let of = name.map_or_else(String::new, |name| format!(", for {name}"));
        let proof = self.outside.way().proof(&noted.shown);
        let mut checks = Vec::new();
        if proof == Proof::Certificate {
            checks.push(check(Sign::Good, "client certificate", format!("the cluster took the kubeconfig's{of}")));
            if noted.shown.authorization.is_some() {
                let say = "was sent too, and not looked at: the certificate comes first";
                checks.push(check(Sign::Plain, "token", say));
            }
        } else if let Some(token) = noted.shown.token() {
            if self.known.as_ref().is_none_or(|known| !known.is_whole()) {
                self.known = Some(Known::read(self.outside.way()).await);
            }
            checks.extend(self.known.iter().flat_map(|known| proof::taken(token, known, name)));
        } else if noted.shown.authorization.is_some() {
            checks.push(check(Sign::Bad, "token", "the header holds no bearer token, so it is not read"));
        } else if proof == Proof::Login {
            checks.push(check(Sign::Good, "the kubeconfig's token", format!("the cluster took it{of}")));
        } else {
            checks.push(check(Sign::Plain, "no credentials", "neither a certificate nor a token was sent"));
        }
        if !noted.shown.acts.is_empty() && *stop != Stop::ActAs {
            checks.push(check(Sign::Plain, "acts as", asker.user.name.clone()));
        }
        let say =
            name.or(Some(asker.user.name.as_str()).filter(|user| !user.is_empty() && noted.shown.acts.is_empty()));
        if name.is_none() {
            let say = "the cluster does not say whom it takes the asker for; from 1.28 on it does";
            checks.push(check(Sign::NotSeen, "who", say));
        }
        let say = say.unwrap_or("the cluster knows who asks").to_owned();
        Step { rung: Rung::Authentication, stopped: false, say, checks }
    }

    /// What was wrong with what was shown, of a request that nobody answers for.
    async fn refused_proof(&mut self, noted: &Noted) -> Vec<Check> {
        let way = self.outside.way();
        let proof = way.proof(&noted.shown);
        if proof == Proof::Certificate {
            return proof::own("client certificate");
        }
        let Some(token) = noted.shown.token() else {
            if proof == Proof::Login && noted.shown.authorization.is_none() {
                return proof::own("the kubeconfig's token");
            }
            let say = "no token that could be read was sent, and this cluster lets nobody in without";
            return vec![check(Sign::Bad, "no credentials", say)];
        };
        if self.known.as_ref().is_none_or(|known| !known.is_whole()) {
            self.known = Some(Known::read(way).await);
        }
        match &self.known {
            Some(known) => proof::refused(token, known, way, noted.at).await,
            None => Vec::new(),
        }
    }

    /// Why it was allowed.
    async fn allowed(&self, noted: &Noted, attributes: &Attributes, is_known: bool) -> Vec<Check> {
        const MASTERS: &str = "system:masters";
        let is_master = attributes.user.groups.iter().any(|group| group == MASTERS);
        let answer = access::asked(self.outside.way(), &noted.shown, attributes, is_known).await;
        vec![match answer {
            Ok(answer) if !answer.allowed => {
                let say = "the cluster says no now: something has changed since, or another rule let it pass";
                check(Sign::Plain, "asked again", say)
            }
            Ok(answer) if !answer.reason.is_empty() => {
                let reason = answer.reason.strip_prefix("RBAC: ").unwrap_or(&answer.reason);
                check(Sign::Good, "", reason)
            }
            Ok(_) if is_master => {
                check(Sign::Good, "", format!("members of {MASTERS} may do everything; no rule is asked"))
            }
            Ok(_) => check(Sign::NotSeen, "which rule", "the cluster says yes and not why"),
            Err(why) => check(Sign::NotSeen, "which rule", why.say()),
        }]
    }

    /// What came near to allowing it, and what would.
    async fn near(&mut self, noted: &Noted, attributes: &Attributes, is_known: bool) -> Vec<Check> {
        let way = self.outside.way();
        let answer = access::asked(way, &noted.shown, attributes, is_known).await;
        let is_fresh =
            |(at, rules): &&(Instant, Rules)| at.elapsed() < RULES_LAST && rules.are_of(&attributes.namespace);
        if self.rules.as_ref().filter(is_fresh).is_none() {
            self.rules = Some((Instant::now(), Rules::read(way, &attributes.namespace).await));
        }
        let rules = self.rules.iter();
        rules.flat_map(|(_, rules)| rules.refused(attributes, is_known, &answer, &self.namespace)).collect()
    }
}

/// What is said where nobody is known.
const NOBODY: &str = "nobody knows who this is";

fn check(sign: Sign, name: &str, say: impl Into<String>) -> Check {
    Check { sign, name: name.to_owned(), say: say.into() }
}

fn trace(noted: &Noted, user: User, steps: Vec<Step>) -> Trace {
    Trace {
        at: noted.at,
        origin: Origin::Learner,
        asks: noted.info.asks(),
        user: user.name,
        steps,
        code: noted.code,
        is_quiet: noted.is_quiet(),
    }
}

fn rung(stop: &Stop) -> Rung {
    match stop {
        Stop::Who => Rung::Authentication,
        Stop::ActAs | Stop::May(_) => Rung::Authorization,
        Stop::Plugin(_) => Rung::Admission,
        Stop::Nothing | Stop::Request => Rung::Request,
    }
}

/// The rungs beyond authorization, of a request that was allowed.
fn beyond(noted: &Noted, stop: &Stop) -> Vec<Step> {
    let message = noted.said.message.clone();
    if let Stop::Plugin(plugin) = stop {
        let (say, name) = match plugin {
            Some(plugin) => (format!("the plugin {plugin} refuses it"), plugin.as_str()),
            None => ("a plugin refuses it; which one is not visible from outside".to_owned(), "a plugin"),
        };
        return vec![Step { rung: Rung::Admission, stopped: true, say, checks: vec![check(Sign::Bad, name, message)] }];
    }
    let mut steps = Vec::new();
    // Plugins look at what is written, before most of what can be wrong with it.
    let is_late = noted.code == 422 || noted.code == 409 && noted.info.verb == "create";
    if !noted.info.is_reading() && noted.info.is_resource && (noted.code < 400 || is_late) {
        let say = "which ones looked, and what they filled in";
        let checks = vec![check(Sign::NotSeen, "the plugins", say)];
        let say = "no plugin refuses it".to_owned();
        steps.push(Step { rung: Rung::Admission, stopped: false, say, checks });
    }
    let stopped = *stop == Stop::Request;
    let say = if stopped { message } else { "done".to_owned() };
    steps.push(Step { rung: Rung::Request, stopped, say, checks: Vec::new() });
    steps
}
