//! The words of the course, each in a sentence or two. One entry a word, in the order of the alphabet.

use super::pane::terminal::{Said, Voice};

/// Every word that the course uses and a newcomer may not know.
pub static WORDS: &[(&str, &str)] = &[
    (
        "admission",
        "The last look at a request before it is stored. Plugins may fill something in (a pod's service account) or refuse it.",
    ),
    (
        "API server",
        "The program that every request goes to: yours, and those of programs in pods. It keeps the objects.",
    ),
    (
        "audience",
        "For whom a token is meant, the claim `aud`. Whoever is handed a token for somebody else must refuse it.",
    ),
    ("authentication", "Finding out who asks. A token that fails here gets 401, Unauthorized."),
    ("authorization", "Finding out whether they may. Who fails here gets 403, Forbidden."),
    (
        "binding",
        "A RoleBinding gives the rights of a role to subjects, in one namespace; a ClusterRoleBinding, in all of them.",
    ),
    (
        "bound token",
        "A token that holds for one audience, until a set time, and only as long as an object it names (a pod) exists.",
    ),
    ("claim", "A statement in a token: who it is for, who issued it, until when it holds."),
    ("container", "A program that runs in a pod, with files of its own."),
    ("control plane", "The programs that run the cluster: the API server, the controllers, the scheduler."),
    (
        "controller",
        "A program that watches objects and puts right what is missing: a namespace's `default` account, a deployment's pods.",
    ),
    ("deployment", "An object that says which pods should run and how many; a controller makes and replaces them."),
    ("expiry", "When a token stops being valid, the claim `exp`, in seconds since 1970."),
    ("image", "The files and the program that a container is started from."),
    (
        "JWT",
        "JSON Web Token: header, claims and signature, each in base64, with dots between them. It is signed, not encrypted.",
    ),
    ("kubelet", "The program on every node that runs its pods. It fetches their tokens and renews them."),
    ("label", "A key and a value on an object, by which it is found."),
    ("manifest", "A file that describes an object, mostly in YAML. `kubectl apply -f FILE` makes it so."),
    ("namespace", "A part of the cluster with names of its own. Accounts, pods, secrets and roles live in one."),
    ("node", "A machine of the cluster. Pods run on nodes."),
    ("object", "A thing that the API keeps, with a kind and a name: a pod, a secret, a role."),
    ("pod", "One or more containers that run together, with one service account."),
    (
        "projected volume",
        "A folder in a container, made of several sources: a token, the cluster's certificate, the namespace.",
    ),
    (
        "RBAC",
        "Role-based access control: roles say what may be done, bindings say by whom. Nothing is allowed unless a role allows it.",
    ),
    ("role", "A list of what may be done: verbs on resources. A Role is for one namespace, a ClusterRole for all."),
    (
        "secret",
        "An object that keeps what not everybody should read, in base64. Whoever may read it has what is in it.",
    ),
    ("service account", "A name that a program goes by in a cluster. It lives in a namespace."),
    (
        "signature",
        "The last part of a token. With the cluster's public key anybody can check that the cluster issued it and nothing was changed.",
    ),
    (
        "subject",
        "To whom a binding gives rights: a user, a group, or a service account with its namespace. In a token: the claim `sub`.",
    ),
    ("token", "What proves to the API server who is asking. Whoever has it can use it."),
    (
        "TokenRequest",
        "The request that gets a new token for an account: `kubectl create token` makes it, and so does the kubelet.",
    ),
    ("uid", "An object's own number. Made again under the same name, it has another one."),
    ("user", "A person, or a program outside the cluster. The cluster keeps no object for a user."),
    ("verb", "What is done to a resource: get, list, watch, create, update, patch, delete."),
    ("volume", "A folder that is put into a container."),
];

/// The words as lines to be read.
pub fn lines() -> Vec<Said> {
    let said = |voice, text: String| Said { voice, text };
    let entry = |(word, say): &(&str, &str)| {
        [
            said(Voice::Typed, (*word).to_owned()),
            said(Voice::Plain, say.replace('`', "")),
            said(Voice::Note, String::new()),
        ]
    };
    WORDS.iter().flat_map(entry).collect()
}

#[cfg(test)]
mod tests {
    use super::WORDS;

    #[test]
    fn words_are_in_order_and_have_a_sentence() {
        let words: Vec<String> = WORDS.iter().map(|(word, _)| word.to_lowercase()).collect();
        assert!(words.is_sorted(), "{words:?}");
        for (word, say) in WORDS {
            assert!(say.ends_with('.') && !say.contains('!'), "{word}");
        }
    }
}
