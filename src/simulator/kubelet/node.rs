//! Tells the API about the node. Upstream: pkg/kubelet/kubelet_node_status.go.

use serde_json::json;

use super::Settings;
use super::status::HOST_IP;
use crate::apimachinery::meta;
use crate::simulator::controller::api::{Api, Key, NODES};

/// Creates the node if it is not there and writes its status; tries until the API answers.
pub async fn register(api: &Api, settings: &Settings) {
    let name = settings.node.as_str();
    let node = json!({
        "kind": "Node", "apiVersion": "v1",
        "metadata": {
            "name": name,
            "labels": {
                "beta.kubernetes.io/arch": "amd64", "beta.kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
                "kubernetes.io/hostname": name, "kubernetes.io/os": "linux",
            },
            "annotations": {
                "node.alpha.kubernetes.io/ttl": "0",
                "volumes.kubernetes.io/controller-managed-attach-detach": "true",
            },
        },
        "spec": {"podCIDR": "10.244.0.0/24", "podCIDRs": ["10.244.0.0/24"]},
    });
    loop {
        match api.create(NODES, "", &node).await {
            Err(failure) if !failure.is_exists() => {
                tracing::debug!(%failure, "node not registered");
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
            _ => break,
        }
    }
    let Ok(Some(mut stored)) = api.get(&Key::new(NODES, "", name)).await else { return };
    let now = meta::time(settings.clock.now());
    let condition = |kind: &str, status: &str, reason: &str, message: &str| {
        json!({"type": kind, "status": status, "lastHeartbeatTime": now, "lastTransitionTime": now,
            "reason": reason, "message": message})
    };
    let capacity =
        json!({"cpu": "2", "ephemeral-storage": "64Gi", "hugepages-2Mi": "0", "memory": "8Gi", "pods": "110"});
    stored["status"] = json!({
        "capacity": capacity, "allocatable": capacity,
        "conditions": [
            condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
            condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
            condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
            condition("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
        ],
        "addresses": [{"type": "InternalIP", "address": HOST_IP}, {"type": "Hostname", "address": name}],
        "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
        "nodeInfo": {
            "machineID": "", "systemUUID": "", "bootID": "", "kernelVersion": "6.1.0-18-amd64",
            "osImage": "Debian GNU/Linux 12 (bookworm)", "containerRuntimeVersion": "containerd://1.6.20",
            "kubeletVersion": format!("v{}.0", settings.release), "kubeProxyVersion": format!("v{}.0", settings.release),
            "operatingSystem": "linux", "architecture": "amd64",
        },
    });
    if let Err(failure) = api.update(NODES, &stored, "status").await {
        tracing::debug!(%failure, "node status not written");
    }
}
