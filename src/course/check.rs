//! Judges a step: what must be so, and what people do instead. It only looks: nothing in the cluster is changed.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::model::{CanITest, LogsTest, ObjectTest, RanTest, Step, Test, TokenTest};
use super::objects::Kind;
use super::{sent, words};
use crate::apimachinery::meta;
use crate::token;

/// What a step can be judged by: the cluster, and what the learner did in this step.
#[derive(Clone)]
pub struct Evidence {
    /// The cluster.
    pub client: kube::Client,
    /// The lesson's namespace.
    pub namespace: String,
    /// What was run in this step, oldest first.
    pub ran: Vec<Ran>,
    /// The claims of the tokens seen in this step's output.
    pub tokens: Vec<Value>,
    /// The uids of what the checks look at and was there when the step began; `None` before anybody looked.
    pub began: Option<BTreeSet<String>>,
}

impl Evidence {
    /// What there is to judge by before anything was done.
    pub fn new(client: kube::Client, namespace: String) -> Self {
        Self { client, namespace, ran: Vec::new(), tokens: Vec::new(), began: None }
    }
}

/// A command line that was run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ran {
    /// As it was typed.
    pub line: String,
    /// Its exit code.
    pub status: i32,
    /// Both streams.
    pub output: String,
    /// The tokens that it sent.
    pub sent: Vec<String>,
}

/// Why a step cannot be judged now.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// A lesson looks at a kind that checks do not know.
    #[error("checks cannot look at a `{0}`")]
    UnknownKind(String),
    /// A lesson names something that cannot be asked for.
    #[error("cannot ask the cluster for {what}")]
    Unaskable {
        /// What was to be asked for.
        what: String,
        /// Why not.
        #[source]
        cause: http::Error,
    },
    /// The cluster did not answer, or refused.
    #[error("the cluster did not say how {what} is")]
    NoAnswer {
        /// What was asked for.
        what: String,
        /// What the cluster or the connection said.
        #[source]
        cause: Box<kube::Error>,
    },
}

/// What of that which the step's checks look at is there now, by uid: looked at as the step begins, it tells what is
/// made later.
///
/// # Errors
/// When the cluster does not answer.
pub async fn beginning(step: &Step, evidence: &Evidence) -> Result<BTreeSet<String>, CheckError> {
    let mut tests: Vec<&Test> = step.checks.iter().map(|check| &check.test).collect();
    tests.extend(step.wrong.iter().map(|wrong| &wrong.when));
    let mut there = BTreeSet::new();
    while let Some(test) = tests.pop() {
        match test {
            Test::Any(inner) => tests.extend(inner),
            Test::Object(test) if test.new => {
                there.extend(objects(test, evidence).await?.iter().map(|object| meta::uid(object).to_owned()));
            }
            Test::Object(_) | Test::CanI(_) | Test::Ran(_) | Test::Token(_) | Test::Logs(_) => {}
        }
    }
    Ok(there)
}

/// Which of the step's checks hold, in their order.
///
/// # Errors
/// When the cluster does not answer.
pub async fn evaluate(step: &Step, evidence: &Evidence) -> Result<Vec<bool>, CheckError> {
    let mut results = Vec::with_capacity(step.checks.len());
    for check in &step.checks {
        results.push(holds(&check.test, evidence, &evidence.ran).await?);
    }
    Ok(results)
}

/// What the learner should hear when the last thing they did was a known wrong turn.
///
/// A wrong turn that can only be seen in the cluster is heard as long as it is there. A cluster that does not answer
/// gives no advice: [`evaluate`] reports that.
pub async fn wrong_turn(step: &Step, evidence: &Evidence) -> Option<String> {
    let last = evidence.ran.last().map_or(&[][..], std::slice::from_ref);
    for wrong in &step.wrong {
        if holds(&wrong.when, evidence, last).await.unwrap_or(false) {
            return Some(wrong.say.clone());
        }
    }
    None
}

pub(super) async fn holds(test: &Test, evidence: &Evidence, ran: &[Ran]) -> Result<bool, CheckError> {
    match test {
        Test::Object(test) => object(test, evidence).await,
        Test::CanI(test) => can_i(test, evidence).await,
        Test::Ran(test) => {
            for ran in ran.iter().filter(|ran| was_run(test, ran, &evidence.namespace)) {
                match &test.sent {
                    None => return Ok(true),
                    Some(wanted) if sent::lacks(wanted, ran, evidence).await?.is_none() => return Ok(true),
                    Some(_) => {}
                }
            }
            Ok(false)
        }
        Test::Token(test) => Ok(evidence.tokens.iter().any(|claims| was_seen(test, claims))),
        Test::Logs(test) => Ok(said_last(evidence, &test.pod).await?.is_some_and(|line| is_said(test, &line))),
        Test::Any(tests) => {
            for test in tests {
                // A test within a test needs its own place to wait.
                if Box::pin(holds(test, evidence, ran)).await? {
                    return Ok(true);
                }
            }
            Ok(false)
        }
    }
}

async fn object(test: &ObjectTest, evidence: &Evidence) -> Result<bool, CheckError> {
    let found = objects(test, evidence).await?;
    let mut matching =
        found.iter().filter(|object| matches(object, &test.fields, &test.has) && is_new_enough(test, object, evidence));
    Ok(match test.absent {
        true => matching.next().is_none(),
        // What is being deleted will not be there for long.
        false => matching.any(|object| meta::deleting_since(object).is_none()),
    })
}

/// Whether an object was made since the step began, where the test asks for that.
pub(super) fn is_new_enough(test: &ObjectTest, object: &Value, evidence: &Evidence) -> bool {
    let was_there = || evidence.began.as_ref().is_none_or(|began| began.contains(meta::uid(object)));
    !test.new || !was_there()
}

/// The objects a test looks at.
pub(super) async fn objects(test: &ObjectTest, evidence: &Evidence) -> Result<Vec<Value>, CheckError> {
    let path = kind_of(test)?.path(&evidence.namespace);
    match (&test.name, &test.labels) {
        (Some(name), _) => Ok(get(evidence, &format!("{path}/{name}")).await?.into_iter().collect()),
        (None, labels) => {
            let query = labels.as_ref().map(|labels| format!("?labelSelector={labels}")).unwrap_or_default();
            list(evidence, &format!("{path}{query}")).await
        }
    }
}

pub(super) fn kind_of(test: &ObjectTest) -> Result<&'static Kind, CheckError> {
    Kind::named(&test.kind).ok_or_else(|| CheckError::UnknownKind(test.kind.clone()))
}

/// The objects of the list at this path of the API.
pub(super) async fn list(evidence: &Evidence, path: &str) -> Result<Vec<Value>, CheckError> {
    let mut list = get(evidence, path).await?.unwrap_or_default();
    Ok(match list.get_mut("items").map(Value::take) {
        Some(Value::Array(items)) => items,
        _ => Vec::new(),
    })
}

/// Whether the field has the value; `null` means it must not be there.
pub(super) fn is(object: &Value, pointer: &str, wanted: &Value) -> bool {
    object.pointer(pointer).map_or_else(|| wanted.is_null(), |found| found == wanted)
}

impl ObjectTest {
    /// The fields of an object that do not have the value this asks for, and that value.
    pub fn unmet<'a>(&'a self, object: &'a Value) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let fields = self.fields.iter().filter(|(pointer, wanted)| !is(object, pointer, wanted));
        fields.map(|(pointer, wanted)| (pointer.as_str(), wanted))
    }
}

pub(super) fn matches(object: &Value, fields: &BTreeMap<String, Value>, has: &[String]) -> bool {
    fields.iter().all(|(pointer, wanted)| is(object, pointer, wanted))
        && has.iter().all(|pointer| object.pointer(pointer).is_some_and(|found| !found.is_null()))
}

pub(super) fn was_run(test: &RanTest, ran: &Ran, namespace: &str) -> bool {
    let line = words::at_home(&ran.line, namespace);
    test.succeeds.is_none_or(|succeeds| succeeds == (ran.status == 0))
        && test.output.as_ref().is_none_or(|output| ran.output.contains(output.as_str()))
        && words::says(&line, &test.command)
        && test.without.as_ref().is_none_or(|without| !words::says(&line, without))
}

fn was_seen(test: &TokenTest, claims: &Value) -> bool {
    matches(claims, &test.claims, &test.has)
}

async fn can_i(test: &CanITest, evidence: &Evidence) -> Result<bool, CheckError> {
    let (resource, subresource) = test.resource.split_once('/').unwrap_or((&test.resource, ""));
    let (resource, group) = match resource.split_once('.') {
        Some((resource, group)) => (resource, group),
        None => (resource, Kind::spoken(resource).map_or("", |kind| kind.group)),
    };
    let attributes = json!({
        "namespace": evidence.namespace, "verb": test.verb, "group": group, "resource": resource,
        "subresource": subresource,
    });
    let review = json!({
        "apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview",
        "spec": {"user": test.user, "groups": groups(&test.user), "resourceAttributes": attributes},
    });
    let what = format!("whether {} may {} {}", test.user, test.verb, test.resource);
    let request = http::Request::post("/apis/authorization.k8s.io/v1/subjectaccessreviews")
        .header(http::header::CONTENT_TYPE, "application/json")
        .body(review.to_string().into_bytes())
        .map_err(|cause| CheckError::Unaskable { what: what.clone(), cause })?;
    let answer: Value = evidence
        .client
        .request(request)
        .await
        .map_err(|cause| CheckError::NoAnswer { what, cause: Box::new(cause) })?;
    Ok((answer["status"]["allowed"] == true) == test.allowed)
}

/// The groups the API server gives a user once it has authenticated them.
fn groups(user: &str) -> Vec<String> {
    let mut groups = vec!["system:authenticated".to_owned()];
    let account = user.strip_prefix("system:serviceaccount:").and_then(|rest| rest.split_once(':'));
    if let Some((namespace, _)) = account {
        groups.push("system:serviceaccounts".to_owned());
        groups.push(format!("system:serviceaccounts:{namespace}"));
    }
    groups
}

pub(super) fn is_said(test: &LogsTest, line: &str) -> bool {
    line.contains(&test.output)
}

/// The last line of a pod's log; `None` when there is no such pod, or it has said nothing yet.
///
/// # Errors
/// When the cluster does not answer.
pub async fn said_last(evidence: &Evidence, pod: &str) -> Result<Option<String>, CheckError> {
    let path = format!("/api/v1/namespaces/{}/pods/{pod}/log?tailLines=1", evidence.namespace);
    let request = http::Request::get(&path)
        .body(Vec::new())
        .map_err(|cause| CheckError::Unaskable { what: path.clone(), cause })?;
    match evidence.client.request_text(request).await {
        Ok(text) => Ok(text.lines().last().map(str::to_owned)),
        // Not there, or not begun: 400 is a container that waits.
        Err(kube::Error::Api(status)) if matches!(status.code, 400 | 404) => Ok(None),
        Err(cause) => Err(CheckError::NoAnswer { what: path, cause: Box::new(cause) }),
    }
}

/// The object at this path of the API; `None` when there is none.
pub(super) async fn get(evidence: &Evidence, path: &str) -> Result<Option<Value>, CheckError> {
    let request = http::Request::get(path)
        .body(Vec::new())
        .map_err(|cause| CheckError::Unaskable { what: path.to_owned(), cause })?;
    match evidence.client.request(request).await {
        Ok(object) => Ok(Some(object)),
        Err(kube::Error::Api(status)) if status.code == 404 => Ok(None),
        Err(cause) => Err(CheckError::NoAnswer { what: path.to_owned(), cause: Box::new(cause) }),
    }
}

/// The claims of every token in a command's output.
pub fn claims_in(output: &str) -> Vec<Value> {
    token::find_in(output)
        .into_iter()
        .filter_map(|text| token::decode(text).ok())
        .map(|token| Value::Object(token.claims))
        .collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    /// A cluster that answers from a list of paths, and remembers what it was asked.
    pub(in crate::course) fn cluster(answers: &[(&'static str, Value)]) -> (kube::Client, Arc<Mutex<Vec<String>>>) {
        let answers = answers.to_vec();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&asked);
        let service = tower::service_fn(move |request: http::Request<kube::client::Body>| {
            let path = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
            seen.lock().unwrap().push(format!("{} {path}", request.method()));
            let answer = answers.iter().find(|(known, _)| *known == path).map(|(_, answer)| answer.clone());
            let missing = json!({"kind": "Status", "status": "Failure", "reason": "NotFound", "code": 404,
                "message": "not found", "metadata": {}});
            let code = if answer.is_some() { 200 } else { 404 };
            let body = answer.unwrap_or(missing).to_string().into_bytes();
            let answer = http::Response::builder().status(code).body(kube::client::Body::from(body));
            async move { answer }
        });
        (kube::Client::new(service, "default"), asked)
    }

    fn with_uid(mut object: Value, uid: &str) -> Value {
        object["metadata"]["uid"] = json!(uid);
        object
    }

    fn answers() -> Vec<(&'static str, Value)> {
        let pod = json!({"metadata": {"name": "web"}, "spec": {"serviceAccountName": "builder"},
            "status": {"phase": "Running"}});
        let pod = with_uid(pod, "1");
        let made = with_uid(pod.clone(), "2");
        let mut ending = pod.clone();
        ending["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
        vec![
            ("/api/v1/namespaces/shop/pods/web", pod.clone()),
            ("/api/v1/namespaces/shop/pods/ending", ending),
            ("/api/v1/namespaces/shop/pods/made", made),
            ("/api/v1/namespaces/shop/pods?labelSelector=app=web", json!({"items": [{}, pod]})),
            ("/apis/authorization.k8s.io/v1/subjectaccessreviews", json!({"status": {"allowed": true}})),
        ]
    }

    #[tokio::test]
    async fn tests_look_at_the_cluster_and_at_what_was_done() {
        let (client, asked) = cluster(&answers());
        let ran = vec![
            Ran { line: "kubectl get sa".to_owned(), output: "NAME".to_owned(), ..Ran::default() },
            Ran { line: "kubectl get users".to_owned(), status: 1, output: "error: no".to_owned(), ..Ran::default() },
            Ran {
                line: "curl -k x".to_owned(),
                output: "Unauthorized".to_owned(),
                // {"aud":["vault"]}
                sent: vec!["eyJhbGciOiJub25lIn0.eyJhdWQiOlsidmF1bHQiXX0.c2ln".to_owned()],
                ..Ran::default()
            },
        ];
        let tokens = vec![json!({"sub": "a", "kubernetes.io": {"pod": {"name": "web"}}})];
        let mut evidence = Evidence { ran, tokens, ..Evidence::new(client, "shop".to_owned()) };
        let step = super::super::near::tests::step("object: {kind: Pod, labels: app=web, new: true}", "kubectl get sa");
        evidence.began = Some(beginning(&step, &evidence).await.unwrap());
        let rows = [
            ("object: {kind: Pod, name: web}", true),
            ("object: {kind: Pod, name: other}", false),
            ("object: {kind: Pod, name: other, absent: true}", true),
            ("object: {kind: Pod, name: web, absent: true}", false),
            ("object: {kind: Pod, name: ending}", false),
            ("object: {kind: Pod, name: ending, absent: true}", false),
            ("object: {kind: Pod, name: web, fields: {/spec/serviceAccountName: builder}}", true),
            ("object: {kind: Pod, name: web, fields: {/spec/serviceAccountName: default}}", false),
            ("object: {kind: Pod, name: web, fields: {/spec/volumes: null}}", true),
            ("object: {kind: Pod, name: web, has: [/spec/volumes]}", false),
            ("object: {kind: Pod, name: web, new: true}", false),
            ("object: {kind: Pod, name: made, new: true}", true),
            ("object: {kind: Pod, name: web, has: [/status/phase]}", true),
            ("object: {kind: Pod, labels: app=web, fields: {/status/phase: Running}}", true),
            ("object: {kind: Pod, labels: app=web, absent: true, fields: {/status/phase: Failed}}", true),
            ("canI: {as: 'system:serviceaccount:shop:builder', verb: list, resource: pods, allowed: true}", true),
            ("canI: {as: 'system:serviceaccount:shop:builder', verb: list, resource: pods, allowed: false}", false),
            ("ran: {command: kubectl get serviceaccounts}", true),
            ("ran: {command: kubectl get serviceaccounts, succeeds: false}", false),
            ("ran: {command: kubectl get users, succeeds: false, output: 'error:'}", true),
            ("ran: {command: kubectl get users, output: fine}", false),
            ("ran: {command: kubectl get, without: users}", true),
            ("ran: {command: kubectl get users, without: 'sa|users'}", false),
            ("ran: {command: curl, output: Unauthorized, sent: {claims: {/aud/0: vault}}}", true),
            ("ran: {command: curl, output: Unauthorized, sent: {claims: {/aud/0: api}}}", false),
            ("ran: {command: curl, output: Unauthorized, sent: {outlived: Pod}}", false),
            ("ran: {command: kubectl get sa, sent: {claims: {/aud/0: vault}}}", false),
            ("token: {claims: {/sub: a}}", true),
            ("token: {claims: {/sub: a, /exp: null}, has: [/kubernetes.io/pod/name]}", true),
            ("token: {claims: {/sub: b}}", false),
            ("any: [{token: {claims: {/sub: b}}}, {ran: {command: kubectl get sa}}]", true),
            ("any: [{token: {claims: {/sub: b}}}]", false),
        ];
        for (test, want) in rows {
            let parsed: Test = serde_yaml::from_str(test).unwrap();
            assert_eq!(holds(&parsed, &evidence, &evidence.ran).await.unwrap(), want, "{test}");
        }
        let asked = asked.lock().unwrap();
        let looks = |line: &String| line.starts_with("GET ") || line.ends_with("/subjectaccessreviews");
        assert!(asked.iter().all(looks), "{asked:?}");
    }

    #[test]
    fn tokens_are_found_in_output() {
        // {"sub":"x"}
        let claims = "eyJzdWIiOiJ4In0";
        let output = format!("token:  eyJhbGciOiJub25lIn0.{claims}.c2ln\neyJ.not-a-token.x and eyJ.one");
        assert_eq!(claims_in(&output), [json!({"sub": "x"})]);
        assert!(claims_in("").is_empty());
    }
}
