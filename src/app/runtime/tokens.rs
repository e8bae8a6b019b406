//! Tokens for the token pane: seen in the output of a command or in a variable, or read from an object; and what comes of forging
//! them. The tokens themselves are kept here alone.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::kubectl;
use crate::shell::Shell;
use crate::token::{self, Forger, Forgery, Token};
use crate::tui::Msg;
use crate::tui::msg::{Answer, TokenSeen, TokenSource, Verdict};

use super::{Happening, Runtime, Stage};
use crate::app::stage::run_unseen;

/// Where a pod's token is, unless its manifest says otherwise.
const TOKEN_FILE: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";
/// How many tokens are kept; the pane remembers no more.
const KEPT: usize = 8;
/// The longest value of a variable that is looked into.
const LOOKED_INTO: usize = 16 * 1024;

/// The tokens seen last on the stage that is on the screen, each under a number.
#[derive(Default)]
pub(super) struct Tokens {
    kept: VecDeque<(u64, Token)>,
    last: u64,
    forger: Arc<Forger>,
}

impl Tokens {
    fn keep(&mut self, token: Token) -> u64 {
        self.last += 1;
        self.kept.push_back((self.last, token));
        let surplus = self.kept.len().saturating_sub(KEPT);
        self.kept.drain(..surplus);
        self.last
    }

    fn get(&self, number: u64) -> Option<&Token> {
        self.kept.iter().find(|(kept, _)| *kept == number).map(|(_, token)| token)
    }

    /// Forgets them: they are another cluster's.
    pub(super) fn forget(&mut self) {
        self.kept.clear();
    }
}

/// The variables that hold a token, each with it.
pub(super) fn in_variables(shell: &Shell) -> BTreeMap<String, String> {
    let short = shell.unix.variables.iter().filter(|(_, value)| value.len() <= LOOKED_INTO);
    short.filter_map(|(name, value)| Some((name.clone(), (*token::find_in(value).first()?).to_owned()))).collect()
}

/// The variable that a command put a token into, with it: what is there now and was not before.
pub(super) fn put_into(before: &BTreeMap<String, String>, shell: &Shell) -> Option<(String, String)> {
    in_variables(shell).into_iter().find(|(name, token)| before.get(name) != Some(token))
}

impl Runtime {
    /// Shows the last token in a command's output, else the one it put into a variable.
    pub(super) fn token_in(&mut self, stage: &Stage, output: &str, held: Option<(String, String)>) {
        let found = token::find_in(output).into_iter().rev().find_map(|text| seen(stage, text, "the terminal"));
        let found = found.or_else(|| held.and_then(|(name, text)| seen(stage, &text, &format!("${name}"))));
        if let Some((seen, token)) = found {
            self.show_token(seen, token);
        }
    }

    /// Shows a token, and keeps it for what may be tried with it.
    pub(super) fn show_token(&mut self, seen: TokenSeen, token: Token) {
        let id = self.tokens.keep(token);
        self.tell(Msg::token(TokenSeen { id, ..seen }));
    }

    /// Reads the token that a secret or a pod holds.
    pub(super) fn read_token(&mut self, namespace: String, from: TokenSource) {
        let Some(stage) = self.stage.clone() else { return };
        let (sender, number) = (self.sender.clone(), self.number);
        tokio::spawn(async move {
            let (text, shown) = match &from {
                TokenSource::Secret(name) => (from_secret(&stage, &namespace, name).await, format!("secret {name}")),
                TokenSource::Pod(name) => (from_pod(&stage, &namespace, name).await, format!("pod {name}")),
            };
            let happening = match text
                .and_then(|text| seen(&stage, &text, &shown).ok_or_else(|| "what is there is no token".to_owned()))
            {
                Ok(found) => Happening::Token(number, Box::new(found)),
                Err(why) => Happening::Msg(number, Msg::Failure(format!("no token from {shown}: {why}"))),
            };
            drop(sender.send(happening));
        });
    }

    /// Forges a token that was seen, and tries it on the step's cluster.
    pub(super) fn tamper(&mut self, number: u64, forgery: Forgery) {
        let Some(stage) = self.stage.clone() else { return };
        let Some(token) = self.tokens.get(number).cloned() else {
            let answer = Box::new(Answer::Kept("the token is not at hand any more; show it again".to_owned()));
            self.tell(Msg::Tampered { forgery, answer });
            return;
        };
        let (sender, stage_number, forger) = (self.sender.clone(), self.number, Arc::clone(&self.tokens.forger));
        tokio::spawn(async move {
            let answer = tried(&stage, token, forgery, forger).await.unwrap_or_else(Answer::Kept);
            let trace = match &answer {
                Answer::Sent { tried, .. } => tried.trace.clone(),
                Answer::Kept(_) => None,
            };
            let answer = Msg::Tampered { forgery, answer: Box::new(answer) };
            for msg in trace.map(Msg::answered).into_iter().chain([answer]) {
                drop(sender.send(Happening::Msg(stage_number, msg)));
            }
        });
    }
}

async fn tried(stage: &Arc<Stage>, token: Token, forgery: Forgery, forger: Arc<Forger>) -> Result<Answer, String> {
    let keys = stage.keys.as_ref().ok();
    let is_own = keys.is_some_and(|keys| matches!(token::verify(&token, keys), token::Verdict::Verified { .. }));
    // A token of some other cluster is a secret that this one must not be told.
    if stage.cluster.simulator.is_none() && !is_own {
        return Err("this cluster did not sign it, and is not shown what others signed".to_owned());
    }
    let now = stage.cluster.clock.now();
    let making = {
        let stage = Arc::clone(stage);
        // A key may have to be made, which takes a moment.
        tokio::task::spawn_blocking(move || forger.forge(&token, forgery, stage.keys.as_ref().ok(), now))
    };
    let forged = making.await.map_err(|error| error.to_string())?.map_err(|error| error.to_string())?;
    let tried = stage.cluster.present(&forged.token).await?;
    Ok(Answer::Sent { changed: forged.changed, tried })
}

/// A token decoded and checked against the cluster's keys: what the screen gets, and the token.
fn seen(stage: &Stage, text: &str, from: &str) -> Option<(TokenSeen, Token)> {
    let token = token::decode(text).ok()?;
    let verdict = match &stage.keys {
        Err(why) => Verdict::Unknown(format!("the cluster does not show its keys: {why}")),
        Ok(keys) => match token::verify(&token, keys) {
            token::Verdict::Verified { .. } => Verdict::Verified,
            token::Verdict::Forged => Verdict::Wrong("the signature does not fit: the token was changed".to_owned()),
            token::Verdict::UnknownKey { .. } => {
                Verdict::Wrong("this cluster has no such key: another one signed it".to_owned())
            }
            token::Verdict::Unsupported { alg } => {
                Verdict::Wrong(format!("`{alg}` is no signature that proves anything"))
            }
        },
    };
    let seen = TokenSeen::of(&token, from, verdict, stage.cluster.audiences(), Some(stage.cluster.release));
    Some((seen, token))
}

async fn from_secret(stage: &Stage, namespace: &str, name: &str) -> Result<String, String> {
    let path = format!("/api/v1/namespaces/{namespace}/secrets/{name}");
    let request = http::Request::get(path).body(Vec::new()).map_err(|error| error.to_string())?;
    let secret: Value = stage.cluster.client.request(request).await.map_err(|error| error.to_string())?;
    let encoded = secret["data"]["token"].as_str().ok_or("it holds no token (yet)")?;
    let bytes = STANDARD.decode(encoded).map_err(|_| "its token is not base64")?;
    String::from_utf8(bytes).map_err(|_| "its token is not text".to_owned())
}

async fn from_pod(stage: &Stage, namespace: &str, name: &str) -> Result<String, String> {
    // Not the prompt's: nobody asked to see these requests.
    let config = kubectl::Config { client: stage.cluster.client.clone(), ..stage.cluster.kubeconfig() };
    let mut shell = Shell::new(config);
    let ran = run_unseen(&mut shell, &format!("kubectl -n {namespace} exec {name} -- cat {TOKEN_FILE}")).await;
    if ran.status == 0 { Ok(ran.output.trim().to_owned()) } else { Err(ran.output.trim().to_owned()) }
}
