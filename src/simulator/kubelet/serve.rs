//! Finds the container that exec or log is about. Upstream: pkg/registry/core/pod/strategy.go:LogLocation and kin.

use http::{Request, Response};
use hyper::body::Incoming;
use serde_json::Value;

use super::logs::Wish;
use super::{Kubelet, exec};
use crate::apimachinery::Status;
use crate::simulator::controller::api::Key;
use crate::simulator::server::Body;

/// Answers one request.
pub async fn serve(
    kubelet: &Kubelet,
    request: Request<Incoming>,
    key: &Key,
    subresource: &str,
) -> Result<Response<Body>, Status> {
    let instead = match subresource {
        "attach" => {
            Some("see what a container prints with `kubectl logs -f`, or run a shell in it with `kubectl exec -it`")
        }
        "portforward" => Some("reach a container from inside its pod: `kubectl exec POD -- wget -qO- localhost`"),
        _ => None,
    };
    if let Some(instead) = instead {
        return Err(Status::bad_request(format!("this simulator has no {subresource}; {instead}")));
    }
    let pod = kubelet.api.get(key).await.map_err(Status::internal)?;
    let pod = pod.ok_or_else(|| Status::not_found("", "pods", &key.name))?;
    let query = query(request.uri().query().unwrap_or_default());
    let get = |name: &str| query.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.as_str());
    let container = container(&pod, &key.name, get("container"))?;
    let slot = kubelet.running(key);
    let running = match &slot {
        Some(slot) => Some(slot.lock().await),
        None => None,
    };
    let known = running.as_ref().and_then(|running| running.containers.get(&container));
    if subresource == "log" {
        let wish = Wish::from_query(&query);
        let waiting = || {
            let reason = known.map_or("ContainerCreating".to_owned(), |known| match &known.seen.state {
                super::status::State::Waiting { reason, .. } => reason.clone(),
                _ => "ContainerCreating".to_owned(),
            });
            let why = match reason.as_str() {
                "ErrImagePull" => "image can't be pulled",
                "ImagePullBackOff" => "trying and failing to pull image",
                _ => reason.as_str(),
            };
            Status::bad_request(format!("container {container:?} in pod {:?} is waiting to start: {why}", key.name))
        };
        let known = known.filter(|known| known.template.is_some()).ok_or_else(waiting)?;
        if wish.previous {
            let missing = || {
                Status::bad_request(format!(
                    "previous terminated container {container:?} in pod {:?} not found",
                    key.name
                ))
            };
            return Ok(known.previous.as_ref().ok_or_else(missing)?.serve(&wish, &kubelet.settings.clock));
        }
        return Ok(known.log.serve(&wish, &kubelet.settings.clock));
    }
    if matches!(pod["status"]["phase"].as_str(), Some("Succeeded" | "Failed")) {
        let phase = pod["status"]["phase"].as_str().unwrap_or_default();
        return Err(Status::bad_request(format!(
            "cannot exec into a container in a completed pod; current phase is {phase}"
        )));
    }
    let template = known.filter(|known| known.seen.state.is_running()).and_then(|known| known.template.clone());
    let mut process = template.ok_or_else(|| {
        Status::internal(format!("unable to upgrade connection: container not found ({container:?})"))
    })?;
    process.argv = query.iter().filter(|(key, _)| key == "command").map(|(_, value)| value.clone()).collect();
    if process.argv.is_empty() {
        return Err(Status::bad_request("you must specify at least 1 command for the container"));
    }
    let is = |name: &str| matches!(get(name), "true" | "1");
    let streams = exec::Streams { stdin: is("stdin"), tty: is("tty") };
    exec::serve(request, process, streams, kubelet.settings.ids.hex(32))
}

/// The container's name: the one asked for, or the only one.
fn container(pod: &Value, name: &str, wanted: &str) -> Result<String, Status> {
    let names = |list: &str| -> Vec<String> {
        let all = pod["spec"][list].as_array().into_iter().flatten();
        all.filter_map(|spec| spec["name"].as_str()).map(str::to_owned).collect()
    };
    let (init, all) = (names("initContainers"), names("containers"));
    if wanted.is_empty() {
        return match all.as_slice() {
            [only] => Ok(only.clone()),
            _ if init.is_empty() => Err(Status::bad_request(format!(
                "a container name must be specified for pod {name}, choose one of: [{}]",
                all.join(" ")
            ))),
            _ => Err(Status::bad_request(format!(
                "a container name must be specified for pod {name}, choose one of: [{}] or one of the init containers: [{}]",
                all.join(" "),
                init.join(" ")
            ))),
        };
    }
    if all.iter().chain(&init).any(|known| known == wanted) {
        return Ok(wanted.to_owned());
    }
    Err(Status::bad_request(format!("container {wanted} is not valid for pod {name}")))
}

/// A query taken apart, in order.
fn query(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            (unescape(key), unescape(value))
        })
        .collect()
}

fn unescape(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'+' => out.push(b' '),
            b'%' => {
                let digits = [bytes.next(), bytes.next()];
                let hex: String = digits.into_iter().flatten().map(char::from).collect();
                out.push(u8::from_str_radix(&hex, 16).unwrap_or(b'%'));
            }
            byte => out.push(byte),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{container, query};
    use serde_json::json;

    #[test]
    fn queries() {
        assert_eq!(
            query("command=ls&command=a%20b+c"),
            [("command".into(), "ls".into()), ("command".into(), "a b c".into())]
        );
    }

    #[test]
    fn which_container() {
        let pod = json!({"spec": {"containers": [{"name": "a"}, {"name": "b"}]}});
        assert_eq!(container(&pod, "p", "b").expect("there"), "b");
        assert_eq!(container(&pod, "p", "x").expect_err("not there").message, "container x is not valid for pod p");
        assert_eq!(
            container(&pod, "p", "").expect_err("two").message,
            "a container name must be specified for pod p, choose one of: [a b]"
        );
    }
}
