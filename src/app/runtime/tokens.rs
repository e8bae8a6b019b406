//! Tokens for the token pane: seen in the output of a command, or read from an object.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::kubectl;
use crate::shell::Shell;
use crate::token;
use crate::tui::Msg;
use crate::tui::msg::{TokenSeen, TokenSource, Verdict};

use super::{Happening, Runtime, Stage};
use crate::app::stage::run_unseen;

/// Where a pod's token is, unless its manifest says otherwise.
const TOKEN_FILE: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";

impl Runtime {
    /// Shows the last token in a command's output.
    pub(super) fn token_in(&mut self, stage: &Stage, output: &str) {
        let found =
            token::find_in(output).into_iter().rev().find_map(|text| seen(stage, text, "the terminal".to_owned()));
        if let Some(token) = found {
            self.tell(Msg::token(token));
        }
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
            let msg = match text.and_then(|text| {
                seen(&stage, &text, shown.clone()).ok_or_else(|| "what is there is no token".to_owned())
            }) {
                Ok(token) => Msg::token(token),
                Err(why) => Msg::Failure(format!("no token from {shown}: {why}")),
            };
            drop(sender.send(Happening::Msg(number, msg)));
        });
    }
}

/// A token decoded and checked against the cluster's keys. The token itself goes no further.
fn seen(stage: &Stage, text: &str, from: String) -> Option<TokenSeen> {
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
    Some(TokenSeen {
        from,
        header: Value::Object(token.header.clone()),
        claims: Value::Object(token.claims.clone()),
        verdict,
        api: stage.cluster.audiences(),
    })
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
