//! What a description needs besides the object: lists and objects that belong to it, read beforehand.

use serde_json::Value;

use super::selector;
use crate::apimachinery::meta;
use crate::kubectl::context::Context;
use crate::kubectl::errors::Error;
use crate::kubectl::rest::Call;

/// How many objects a list brings at once.
const CHUNK: &str = "500";

/// Something to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// The secrets of the object's namespace.
    Secrets,
    /// The replica sets an object selects.
    ReplicaSets,
    /// The pods an object selects.
    Pods,
    /// The pods on a node that have not ended.
    PodsOnNode,
    /// A node's lease.
    Lease,
    /// The resource quotas of a namespace.
    ResourceQuotas,
    /// The limit ranges of a namespace.
    LimitRanges,
}

impl Want {
    fn call(self, object: &Value) -> Call {
        let (name, namespace) = (meta::name(object), meta::namespace(object));
        let list = |path: String| Call::get(path).query("limit", CHUNK);
        match self {
            Self::Secrets => list(format!("/api/v1/namespaces/{namespace}/secrets")),
            Self::ReplicaSets => list(format!("/apis/apps/v1/namespaces/{namespace}/replicasets"))
                .query("labelSelector", &selector(&object["spec"])),
            Self::Pods => {
                list(format!("/api/v1/namespaces/{namespace}/pods")).query("labelSelector", &selector(&object["spec"]))
            }
            Self::PodsOnNode => list("/api/v1/pods".to_owned())
                .query("fieldSelector", &format!("spec.nodeName={name},status.phase!=Failed,status.phase!=Succeeded")),
            Self::Lease => Call::get(format!("/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/{name}")),
            Self::ResourceQuotas => list(format!("/api/v1/namespaces/{name}/resourcequotas")),
            Self::LimitRanges => list(format!("/api/v1/namespaces/{name}/limitranges")),
        }
    }
}

/// What was read, or why it could not be.
#[derive(Debug, Default)]
pub struct Related(pub Vec<(Want, Result<Value, Error>)>);

impl Related {
    /// Reads all of `wants`.
    pub async fn read(cx: &mut Context<'_>, object: &Value, wants: &[Want]) -> Self {
        let mut related = Self::default();
        for &want in wants {
            let answer =
                if want == Want::Lease { cx.send(want.call(object)).await } else { whole(cx, want.call(object)).await };
            related.0.push((want, answer));
        }
        related
    }

    /// The answer to a want; `None` if nobody asked.
    pub fn get(&self, want: Want) -> Option<Result<&Value, &Error>> {
        self.0.iter().find(|(known, _)| *known == want).map(|(_, answer)| answer.as_ref())
    }

    /// The members of a list that was read.
    pub fn items(&self, want: Want) -> Option<&[Value]> {
        self.get(want)?.ok().map(|list| list["items"].as_array().map_or(&[][..], Vec::as_slice))
    }
}

/// A list to its end, chunk by chunk.
pub async fn whole(cx: &mut Context<'_>, call: Call) -> Result<Value, Error> {
    let mut list = cx.send(call.clone()).await?;
    while let Some(token) = list["metadata"]["continue"].as_str().filter(|token| !token.is_empty()) {
        let next = cx.send(call.clone().query("continue", token)).await?;
        let more = next["items"].as_array().cloned().unwrap_or_default();
        let token = next["metadata"]["continue"].clone();
        if let Some(items) = list["items"].as_array_mut() {
            items.extend(more);
        }
        list["metadata"]["continue"] = token;
    }
    Ok(list)
}
