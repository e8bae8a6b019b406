//! Names the server draws, and the parts of objects that are addressed by themselves.

use serde_json::{Value, json};

use super::bench::Bench;

const CORE: &str = "/api/v1/namespaces/default";
const WEB: &str = "/apis/apps/v1/namespaces/default/deployments/web";

#[tokio::test]
async fn taken_names() {
    let bench = Bench::new(36).await;
    let maps = format!("{CORE}/configmaps");
    bench.create(&maps, json!({"metadata": {"name": "a"}})).await;
    bench.create(&maps, json!({"metadata": {"name": "going", "finalizers": ["a.io/x"]}})).await;
    bench.ask("DELETE", &format!("{maps}/going"), Value::Null).await;
    for (metadata, message) in [
        (json!({"name": "a"}), "configmaps \"a\" already exists"),
        (
            json!({"name": "a", "generateName": "a"}),
            "configmaps \"a\" already exists, the server was not able to generate a unique name for the object",
        ),
        (json!({"name": "going"}), "object is being deleted: configmaps \"going\" already exists"),
    ] {
        let reply = bench.ask("POST", &maps, json!({"metadata": metadata})).await;
        assert_eq!((reply.code, reply.message()), (409, message));
    }
}

async fn with_web(minor: u8) -> Bench {
    let bench = Bench::new(minor).await;
    let template =
        json!({"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c", "image": "i"}]}});
    let spec = json!({"replicas": 0, "selector": {"matchLabels": {"app": "web"}}, "template": template});
    let path = "/apis/apps/v1/namespaces/default/deployments";
    bench.create(path, json!({"metadata": {"name": "web"}, "spec": spec})).await;
    bench
}

/// Method, path, body, code, message.
#[tokio::test]
async fn what_parts_refuse() {
    let bench = with_web(36).await;
    let pod = json!({"metadata": {"name": "p"}, "spec": {"nodeName": "elsewhere", "containers": [{"name": "c", "image": "i"}]}});
    bench.create(&format!("{CORE}/pods"), pod).await;
    let scale = |name: &str, replicas: Value| json!({"metadata": {"name": name, "namespace": "default"}, "spec": {"replicas": replicas}});
    let negative =
        "Scale.autoscaling \"web\" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0";
    let rows: &[(&str, String, Value, u16, &str)] = &[
        ("PUT", format!("{WEB}/scale"), scale("web", json!(-1)), 422, negative),
        ("PATCH", format!("{WEB}/scale"), json!({"spec": {"replicas": -1}}), 422, negative),
        (
            "PUT",
            format!("{WEB}/scale"),
            scale("web", json!("two")),
            400,
            "Scale in version \"v1\" cannot be handled as a Scale: json: cannot unmarshal string into Go struct field ScaleSpec.spec.replicas of type int32",
        ),
        (
            "POST",
            format!("{CORE}/pods/p/binding"),
            json!({"metadata": {"name": "p"}, "target": {"kind": "Node", "name": "node-1"}}),
            409,
            "Operation cannot be fulfilled on pods/binding \"p\": pod p is already assigned to node \"elsewhere\"",
        ),
        (
            "POST",
            format!("{CORE}/pods/p/binding"),
            json!({"metadata": {"name": "p"}, "target": {}}),
            500,
            "target.name: Required value",
        ),
        (
            "POST",
            format!("{CORE}/pods/p/binding"),
            json!({"metadata": {"name": "q"}, "target": {"name": "node-1"}}),
            400,
            "name in URL does not match name in Binding object",
        ),
        (
            "POST",
            format!("{CORE}/pods/p/eviction"),
            json!({"metadata": {"name": "q"}}),
            400,
            "name in URL does not match name in Eviction object",
        ),
        ("POST", format!("{CORE}/pods/q/eviction"), json!({"metadata": {"name": "q"}}), 404, "pods \"q\" not found"),
        (
            "PATCH",
            format!("{CORE}/pods/p/ephemeralcontainers"),
            json!({}),
            404,
            "the server could not find the requested resource",
        ),
        (
            "PUT",
            format!("{CORE}/serviceaccounts/default"),
            json!({"metadata": {"labels": {"a": "b"}}}),
            400,
            "the name of the object (default based on URL) was undeterminable: name must be provided",
        ),
    ];
    for (method, path, body, code, message) in rows {
        let reply = bench.ask(method, path, body.clone()).await;
        assert_eq!((reply.code, reply.message()), (*code, *message), "{method} {path}: {}", reply.body);
    }
}

#[tokio::test]
async fn an_evicted_pod_is_deleted() {
    for (minor, says_why) in [(25, false), (36, true)] {
        let bench = Bench::new(minor).await;
        let pod = json!({"metadata": {"name": "p"}, "spec": {"nodeName": "elsewhere", "containers": [{"name": "c", "image": "i"}]}});
        bench.create(&format!("{CORE}/pods"), pod).await;
        let reply = bench.ask("POST", &format!("{CORE}/pods/p/eviction"), json!({"metadata": {"name": "p"}})).await;
        assert_eq!((reply.code, &reply.body["status"], &reply.body["code"]), (201, &json!("Success"), &json!(201)));
        let pod = bench.ask("GET", &format!("{CORE}/pods/p"), Value::Null).await.body;
        assert_eq!(pod["metadata"]["deletionGracePeriodSeconds"], 30);
        let conditions = pod["status"]["conditions"].as_array().cloned().unwrap_or_default();
        assert_eq!(conditions.iter().any(|condition| condition["type"] == "DisruptionTarget"), says_why, "{minor}");
        let version = if minor < 22 { "v1beta1" } else { "v1" };
        let list = bench.ask("GET", "/api/v1", Value::Null).await.body;
        let eviction = list["resources"].as_array().into_iter().flatten().find(|r| r["name"] == "pods/eviction");
        assert_eq!(eviction.map(|eviction| eviction["version"].clone()), Some(json!(version)));
    }
}

#[tokio::test]
async fn no_token_in_a_namespace_that_goes() {
    let bench = Bench::new(36).await;
    bench.create("/api/v1/namespaces", json!({"metadata": {"name": "dying"}})).await;
    let held = json!({"metadata": {"name": "held", "finalizers": ["a.io/x"]}});
    bench.create("/api/v1/namespaces/dying/serviceaccounts", held).await;
    bench.ask("DELETE", "/api/v1/namespaces/dying", Value::Null).await;
    let reply = bench.ask("POST", "/api/v1/namespaces/dying/serviceaccounts/held/token", json!({"spec": {}})).await;
    let message = "serviceaccounts \"held\" is forbidden: unable to create new content in namespace dying because it is being terminated";
    assert_eq!((reply.code, reply.message()), (403, message));
}
