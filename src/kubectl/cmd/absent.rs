//! Commands that kubectl has and this one has not: their pages can be read, and running one says why it is not here.

use crate::kubectl::Streams;
use crate::kubectl::errors::Error;

/// Why a command is left out, and what to do instead.
const WHY: &[(&str, &str)] = &[
    ("attach", "see what a container prints with `kubectl logs -f`, or run a shell in it with `kubectl exec -it`"),
    (
        "port-forward",
        "no port of a container can be reached from outside; ask from inside with `kubectl exec POD -- wget -qO- localhost`",
    ),
    ("proxy", "`curl` reaches the API server as it is, with a token in its `Authorization` header"),
    ("cp", "it runs tar in the container, and there is none; read a file with `kubectl exec POD -- cat FILE`"),
    ("completion", "the tutor's prompt completes by itself: press Tab"),
    ("kustomize", "write the objects out, and use `kubectl apply -f`"),
    ("debug", "there are no ephemeral containers; look into a pod with `kubectl exec` and `kubectl describe`"),
    ("drain", "keep new pods away with `kubectl cordon`, and take away those there are with `kubectl delete pod`"),
    ("taint", "the scheduler here does not look at taints; keep new pods away with `kubectl cordon`"),
    ("certificate", "no certificates are requested through the API here; accounts show who they are with tokens"),
    ("autoscale", "nothing here measures load; change the number of replicas with `kubectl scale`"),
    ("expose", "there are no services here"),
    ("kuberc", "there is no file of preferences here"),
    ("create job", "there are no jobs here; start a pod with `kubectl run --restart=Never`"),
    ("create cronjob", "there are no jobs here; start a pod with `kubectl run --restart=Never`"),
    ("create ingress", "there are no services here, and nothing that leads to them"),
    ("create service", "there are no services here"),
    ("create quota", "nothing here is counted against a quota"),
    ("create poddisruptionbudget", "no pods are evicted here"),
    ("create priorityclass", "all pods here are of the same priority"),
    ("set selector", "there are no services here"),
];

/// Prints the command's page if help is asked for, and says else that the command is not here.
///
/// # Errors
/// Always, but for help.
pub fn tell(path: &str, page: &str, rest: &[String], streams: &mut Streams<'_>) -> Result<(), Error> {
    if rest.iter().take_while(|arg| *arg != "--").any(|arg| matches!(arg.as_str(), "-h" | "--help")) {
        return streams.stdout.write_all(page.as_bytes()).map_err(|_| Error::Exit(1));
    }
    let why = WHY.iter().find(|(name, _)| path.strip_prefix("kubectl ") == Some(name));
    let why = why.map_or_else(String::new, |(_, why)| format!(": {why}"));
    Err(Error::text(format!("`{path}` is a command of kubectl that this one does not have{why}")))
}

#[cfg(test)]
mod tests {
    use super::super::{COMMANDS, help};
    use super::WHY;

    /// Whatever has a page and no entry in the list of commands says why.
    #[test]
    fn every_command_that_is_missing_says_why() {
        for name in help::names().filter(|name| COMMANDS.iter().all(|entry| entry.name != *name)) {
            assert!(WHY.iter().any(|(told, _)| *told == name), "{name}");
        }
        for (name, _) in WHY {
            assert!(help::page(&format!("kubectl {name}")).is_some(), "{name}");
        }
    }
}
