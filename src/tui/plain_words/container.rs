//! Inside of a container.

use super::{Entry, entry};

/// Its errors.
pub(super) const ENTRIES: &[Entry] = &[
    entry(
        "The container has no such program",
        &["executable file not found", "OCI runtime exec failed", "command terminated with exit code 127"],
        "A container has only the programs that are in its image. Many images have few, and some have no shell.",
        "Try another program: ls, cat, sh.",
    ),
    entry(
        "No connection into the container",
        &["unable to upgrade connection", "in a completed pod", "does not have a host assigned"],
        "exec needs a container that runs. Mostly this one does not run now: it has not started yet, or it has ended, \
         or it cannot start.",
        "kubectl get pod POD shows whether it runs; kubectl describe pod POD shows why not, at the end.",
    ),
    entry(
        "There was no container before this one",
        &["previous terminated container"],
        "-p asks for the log of the container that ran before in this pod. There is one only after a container has ended \
         and was started anew.",
        "Leave out -p. kubectl get pod POD shows how often it was restarted.",
    ),
    entry(
        "The container has not started yet",
        &["is waiting to start"],
        "There are no logs before a container runs. The end of the error says what it waits for.",
        "Wait a moment and ask again. If it stays so: kubectl describe pod POD, at the end.",
    ),
    entry(
        "The pod has no such container",
        &["is not valid for pod"],
        "The pod is there, but none of its containers has this name. The error lists those it has.",
        "Take one of these after -c. With a single container, -c can be left out.",
    ),
    entry(
        "The command in the container failed",
        &["command terminated with exit code"],
        "kubectl did its part: the command ran in the container, and failed there. What it printed is its own. Files and \
         paths are those of the container, not of this terminal.",
        "kubectl exec POD -- ls / shows what is there.",
    ),
];
