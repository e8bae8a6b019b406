//! What a check that stays grey has to say after a command that came near: what it saw, and what it wanted.

use std::collections::BTreeMap;

use serde_json::Value;

use super::check::{
    Evidence, Ran, claims_in, is, is_new_enough, is_said, kind_of, list, matches, objects, said_last, was_run,
};
use super::model::{CanITest, ObjectTest, RanTest, Step, Test, TokenTest};
use super::{rights, sent, words};
use crate::apimachinery::meta;

/// The longest value that is quoted, in characters.
const QUOTED: usize = 60;
/// So many objects of a kind are named; more would be a list.
const NAMED: usize = 3;
/// Words of kubectl that change something.
const ACTS: &str = "create|apply|edit|patch|set|delete|replace|run|label|annotate|rollout|scale";

/// One for each check of the step: what to say of it while it is not met, if the last command came near.
///
/// A cluster that does not answer gives no advice.
pub async fn near(step: &Step, passed: &[bool], evidence: &Evidence) -> Vec<Option<String>> {
    let Some(last) = evidence.ran.last() else { return vec![None; step.checks.len()] };
    let mut say = Vec::with_capacity(step.checks.len());
    for (check, passed) in step.checks.iter().zip(passed) {
        say.push(if *passed { None } else { told(step, &check.test, evidence, last).await });
    }
    say
}

async fn told(step: &Step, test: &Test, evidence: &Evidence, last: &Ran) -> Option<String> {
    let acts = words::says(&last.line, &format!("kubectl {ACTS}"));
    match test {
        Test::Object(test) if acts => object(test, evidence).await,
        Test::CanI(test) if acts => Some(can_i(test, rights::missing(test, evidence).await)),
        Test::Ran(test) => match (&test.sent, was_run(test, last, &evidence.namespace)) {
            (Some(wanted), true) => sent::lacks(wanted, last, evidence).await.ok()?,
            _ => ran(step, test, last, &evidence.namespace, true),
        },
        Test::Token(test) => token(test, &claims_in(&last.output)),
        Test::Logs(test) if acts || words::says(&last.line, "kubectl logs") => {
            let said = said_last(evidence, &test.pod).await.ok()??;
            (!is_said(test, &said)).then(|| format!("The last line of its log does not say `{}`.", test.output))
        }
        Test::Any(tests) => {
            for test in tests {
                // Of several ways one must not be told by its output.
                if let Test::Ran(test) = test
                    && (test.sent.is_none() || !was_run(test, last, &evidence.namespace))
                {
                    if let Some(say) = ran(step, test, last, &evidence.namespace, tests.len() == 1) {
                        return Some(say);
                    }
                    continue;
                }
                // A test within a test needs its own place to wait.
                if let Some(say) = Box::pin(told(step, test, evidence, last)).await {
                    return Some(say);
                }
            }
            None
        }
        Test::Object(_) | Test::CanI(_) | Test::Logs(_) => None,
    }
}

async fn object(test: &ObjectTest, evidence: &Evidence) -> Option<String> {
    let found = objects(test, evidence).await.ok()?;
    let named = |object: &Value| format!("{} `{}`", test.kind, meta::name(object));
    if test.absent {
        let there = found.iter().find(|object| matches(object, &test.fields, &test.has))?;
        let how = if meta::deleting_since(there).is_some() { "is being deleted" } else { "is still there" };
        return Some(format!("{} {how}.", named(there)));
    }
    let Some(object) = found.iter().find(|object| meta::deleting_since(object).is_none()) else {
        if let Some(leaving) = found.first() {
            return Some(format!("{} is being deleted.", named(leaving)));
        }
        let wanted = test.name.as_ref()?;
        let others = list(evidence, &kind_of(test).ok()?.path(&evidence.namespace)).await.ok()?;
        let others: Vec<String> = others.iter().map(|other| format!("`{}`", meta::name(other))).collect();
        let there = match others.len() {
            0 => String::new(),
            1 => format!(" There is {}.", others.join("")),
            2..=NAMED => format!(" There are {}.", others.join(", ")),
            _ => String::new(),
        };
        return Some(format!("There is no {} `{wanted}` here.{there}", test.kind));
    };
    let lacking = fields(&format!("In {}", named(object)), object, &test.fields, &test.has);
    lacking.or_else(|| {
        let is_old = !is_new_enough(test, object, evidence);
        is_old.then(|| format!("{} is the one that was there when the step began.", named(object)))
    })
}

fn can_i(test: &CanITest, missing: Option<String>) -> String {
    let CanITest { user, verb, resource, allowed } = test;
    match allowed {
        true => {
            let missing = missing.unwrap_or_else(|| "No role and no binding gives it that right.".to_owned());
            format!("`{user}` may not {verb} {resource} yet. {missing}")
        }
        false => format!("`{user}` may still {verb} {resource}. This step is about taking that right away."),
    }
}

fn ran(step: &Step, test: &RanTest, last: &Ran, namespace: &str, quotes: bool) -> Option<String> {
    if !words::says(&last.line, &test.command) || was_run(test, last, namespace) {
        return None;
    }
    // A look at something else is no attempt at what the step asks.
    let is_attempt = || step.solution().iter().any(|line| words::does_as(&last.line, line));
    Some(match (test.succeeds, last.status == 0) {
        (Some(false), true) if !is_attempt() => return None,
        (Some(false), true) => "That command succeeded. This step looks for one that fails.".to_owned(),
        (Some(true), false) => "That command ended in an error. This step wants one that succeeds.".to_owned(),
        _ if !quotes => return None,
        // What is looked for is not said: it may be the answer.
        _ => "What this step looks for is not in the output of that command.".to_owned(),
    })
}

fn token(test: &TokenTest, seen: &[Value]) -> Option<String> {
    let claims = seen.last()?;
    fields("In the token seen last", claims, &test.claims, &test.has)
}

/// The first field that is not as wanted.
pub(super) fn fields(whose: &str, object: &Value, fields: &BTreeMap<String, Value>, has: &[String]) -> Option<String> {
    let wrong = fields.iter().find(|(pointer, wanted)| !is(object, pointer, wanted));
    if let Some((pointer, wanted)) = wrong {
        let found = object.pointer(pointer);
        let is = found.map_or_else(|| "is not set".to_owned(), |found| format!("is `{}`", value(found)));
        let wants =
            if wanted.is_null() { "wants it unset".to_owned() } else { format!("looks for `{}`", value(wanted)) };
        return Some(format!("{whose}, `{}` {is}. This step {wants}.", dotted(pointer)));
    }
    let missing = has.iter().find(|pointer| object.pointer(pointer).is_none_or(Value::is_null))?;
    Some(format!("{whose}, `{}` is not set. This step looks for it.", dotted(missing)))
}

/// `/spec/containers/0/image` as people write it: `spec.containers[0].image`.
fn dotted(pointer: &str) -> String {
    let mut path = String::new();
    for part in pointer.split('/').skip(1) {
        let part = part.replace("~1", "/").replace("~0", "~");
        if part.bytes().all(|byte| byte.is_ascii_digit()) {
            path.push_str(&format!("[{part}]"));
        } else if part.contains('.') {
            path.push_str(&format!("[\"{part}\"]"));
        } else {
            let dot = if path.is_empty() { "" } else { "." };
            path.push_str(&format!("{dot}{part}"));
        }
    }
    path
}

fn value(value: &Value) -> String {
    cut(&value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

fn cut(text: &str) -> String {
    let text = text.trim();
    match text.char_indices().nth(QUOTED) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
pub(super) mod tests {
    use serde_json::json;

    use super::{dotted, near};
    use crate::course::check::tests::cluster;
    use crate::course::{Check, Evidence, Ran, Step, Test};

    pub(in crate::course) fn step(test: &str, solution: &str) -> Step {
        let test: Test = serde_yaml::from_str(test).expect(test);
        let text = format!("{{id: s, text: T, task: T, checks: [], hints: [], debrief: D, suggest: {solution:?}}}");
        let mut step: Step = serde_yaml::from_str(&text).expect("a step");
        step.checks.push(Check { say: "it is so".to_owned(), test, hint: None });
        step
    }

    /// After one command, on a cluster with a secret, a pod and what its log says.
    pub(in crate::course) fn evidence(line: &str, status: i32, output: &str) -> Evidence {
        let secret = json!({"metadata": {"name": "mysecretname"}, "data": {"token": "eA=="}});
        let pod = json!({"metadata": {"name": "web"}, "spec": {"serviceAccountName": "default"}});
        let ending = json!({"metadata": {"name": "old", "deletionTimestamp": "2026-01-01T00:00:00Z"}});
        let (client, _) = cluster(&[
            ("/api/v1/namespaces/shop/secrets", json!({"items": [secret]})),
            ("/api/v1/namespaces/shop/pods/web", pod.clone()),
            ("/api/v1/namespaces/shop/pods/old", ending),
            ("/api/v1/namespaces/shop/pods", json!({"items": [pod]})),
            ("/api/v1/namespaces/shop/pods/web/log?tailLines=1", json!("GET /pods 403")),
        ]);
        let ran = vec![Ran { line: line.to_owned(), status, output: output.to_owned(), sent: Vec::new() }];
        let tokens = crate::course::claims_in(output);
        Evidence { ran, tokens, ..Evidence::new(client, "shop".to_owned()) }
    }

    #[tokio::test]
    async fn what_a_grey_check_says() {
        // {"aud":["vault"]}
        let token = "eyJhbGciOiJub25lIn0.eyJhdWQiOlsidmF1bHQiXX0.c2ln";
        let rows = [
            (
                "object: {kind: Secret, name: dashboard-token}",
                "kubectl apply -f secret.yaml",
                0,
                "",
                "There is no Secret `dashboard-token` here. There is `mysecretname`.",
            ),
            ("object: {kind: Role, name: reader}", "kubectl create role r", 0, "", "There is no Role `reader` here."),
            ("object: {kind: Secret, name: dashboard-token}", "kubectl get secrets", 0, "", ""),
            (
                "object: {kind: Pod, name: web, fields: {/spec/serviceAccountName: dashboard-sa}}",
                "kubectl apply -f pod.yaml",
                0,
                "",
                "In Pod `web`, `spec.serviceAccountName` is `default`. This step looks for `dashboard-sa`.",
            ),
            (
                "object: {kind: Pod, name: web, has: [/spec/volumes/0]}",
                "kubectl apply -f pod.yaml",
                0,
                "",
                "In Pod `web`, `spec.volumes[0]` is not set. This step looks for it.",
            ),
            ("object: {kind: Pod, name: old}", "kubectl run old", 0, "", "Pod `old` is being deleted."),
            (
                "object: {kind: Pod, name: web, absent: true}",
                "kubectl delete pod x",
                1,
                "",
                "Pod `web` is still there.",
            ),
            (
                "canI: {as: me, verb: list, resource: pods, allowed: true}",
                "kubectl create rolebinding x",
                0,
                "",
                "`me` may not list pods yet. No role and no binding gives it that right.",
            ),
            (
                "ran: {command: kubectl get, succeeds: false}",
                "kubectl get sa -A",
                0,
                "",
                "That command succeeded. This step looks for one that fails.",
            ),
            (
                "ran: {command: kubectl get sa, succeeds: true}",
                "kubectl get sa",
                1,
                "",
                "That command ended in an error. This step wants one that succeeds.",
            ),
            (
                "ran: {command: kubectl get sa, output: default}",
                "kubectl get sa",
                0,
                "NAME",
                "What this step looks for is not in the output of that command.",
            ),
            ("ran: {command: kubectl get sa}", "kubectl get pods", 0, "", ""),
            ("ran: {command: kubectl, succeeds: false, output: refused}", "kubectl get pods", 0, "", ""),
            (
                "token: {claims: {/aud: [api]}}",
                "kubectl create token x",
                0,
                token,
                "In the token seen last, `aud` is `[\"vault\"]`. This step looks for `[\"api\"]`.",
            ),
            ("token: {claims: {/aud: [api]}}", "kubectl get sa", 0, "", ""),
            (
                "logs: {pod: web, output: '200'}",
                "kubectl create rolebinding x",
                0,
                "",
                "The last line of its log does not say `200`.",
            ),
            (
                "any: [{ran: {command: kubectl get sa, output: default}}, {ran: {command: kubectl describe sa}}]",
                "kubectl get sa",
                0,
                "NAME",
                "",
            ),
            (
                "any: [{ran: {command: kubectl logs}}, {object: {kind: Pod, name: web, absent: true}}]",
                "kubectl delete pod x",
                0,
                "",
                "Pod `web` is still there.",
            ),
        ];
        for (test, line, status, output, want) in rows {
            let said = near(&step(test, "kubectl get sa"), &[false], &evidence(line, status, output)).await;
            assert_eq!(said, [(!want.is_empty()).then(|| want.to_owned())], "{test} after {line}");
            let met = near(&step(test, "kubectl get sa"), &[true], &evidence(line, status, output)).await;
            assert_eq!(met, [None], "a check that is met says nothing");
        }
    }

    #[test]
    fn pointers_as_people_write_them() {
        for (pointer, want) in [
            ("/spec/containers/0/image", "spec.containers[0].image"),
            ("/kubernetes.io/pod/name", "[\"kubernetes.io\"].pod.name"),
            ("/metadata/annotations/a~1b", "metadata.annotations.a/b"),
        ] {
            assert_eq!(dotted(pointer), want);
        }
    }
}
