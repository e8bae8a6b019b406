//! Whether one is let in.

use super::{Entry, entry, here};

/// Its errors.
pub(super) const ENTRIES: &[Entry] = &[
    entry(
        "The pod's service account is not there",
        &["error looking up service account"],
        "A pod may only be made when its service account exists. The API server looks for it in the pod's own namespace \
         and refuses the pod when it is not there.",
        "kubectl get sa shows the accounts of your namespace. Create the account first, or correct its name in the pod.",
    ),
    entry(
        "Nobody can hand out more than they have",
        &["attempting to grant RBAC permissions not currently held"],
        "You tried to write a role, or bind one, that allows more than you are allowed yourself. Kubernetes refuses that, \
         so that nobody can make themselves stronger.",
        "Give away only what you have, or ask somebody who has more.",
    ),
    entry(
        "Forbidden: nobody said who they are",
        &["User \"system:anonymous\""],
        "The request brought no token, so the API server took it for system:anonymous, who may do next to nothing.",
        "Look whether the variable with the token is filled: echo $TOKEN. The header reads: Authorization: Bearer TOKEN",
    ),
    entry(
        "Forbidden: a binding names a role that is not there",
        &["RBAC: role.rbac", "RBAC: clusterrole.rbac", "RBAC: ["],
        "A binding gives this user a role, and there is no role of that name. A binding may be made before its role, and \
         nobody complains then. Until the role is there, the binding allows nothing.",
        "Make the role, or delete the binding and make it anew with the name of a role that is there. kubectl get roles \
         lists those of your namespace.",
    )
    .naming(here::role_missing),
    entry(
        "Forbidden: known, but not allowed",
        &["forbidden: User \""],
        "The API server knows who you are; no role allows you to do this. The error names the user, the verb, the resource \
         and the namespace that were missing.",
        "It takes a role that allows it, and a binding that gives this role to this user.",
    )
    .naming(here::can_i),
    entry(
        "Forbidden: a rule is against it",
        &["(Forbidden)", "\"reason\":\"Forbidden\"", "HTTP/1.1 403", "HTTP/2 403", "returned error: 403"],
        "The API server refuses this. Either no role allows it to the one who asks, or a rule holds for everybody: the \
         namespace is about to go, an object is protected, a pod breaks the rules of its namespace.",
        "What follows the word forbidden says which. With curl, leave out -f, -I and -o to see it.",
    ),
    entry(
        "Unauthorized: nobody knows you",
        &[
            "(Unauthorized)",
            "\"reason\":\"Unauthorized\"",
            "asked for the client to provide credentials",
            "HTTP/1.1 401",
            "HTTP/2 401",
            "returned error: 401",
        ],
        "The API server was shown a token or a certificate, and did not accept it. Why, stands only in its own \
         log. Roles do not matter yet.\n\
         It looks at a token in this order, and the first that is wrong ends it:\n\
         1. The form: three parts with dots between them. A letter too few is enough.\n\
         2. iss: it is one of this cluster's issuers.\n\
         3. The signature: a key of this cluster made it.\n\
         4. aud: the API server is among the audiences. A token for vault is not for the API server.\n\
         5. nbf and exp: the time has begun and is not over.\n\
         6. The account: it is still there, with the same uid. One that was made anew has another uid.\n\
         7. What it is bound to: the secret, pod or node is still there, with the same uid.\n\
         To look: echo $TOKEN prints the token, and the Token pane takes it apart. As JSON: echo $TOKEN | \
         jq -R 'split(\".\") | .[1] | @base64d | fromjson'. In a terminal of your own: sa-tutor token decode.",
        "kubectl create token ACCOUNT gets a new one, for the API server.",
    )
    .naming(here::sent),
    entry(
        "The certificate is not trusted",
        &["SSL certificate problem", "certificate signed by unknown authority", "setting certificate verify locations"],
        "The server showed a certificate, and nobody told the client to trust who signed it. The request was not sent. \
         This is about the server's name, not about yours: the token was not looked at.",
        "Name the cluster's authority: --cacert FILE. In a pod it is in \
         /var/run/secrets/kubernetes.io/serviceaccount/ca.crt. For a test, -k leaves out this check.",
    ),
    entry(
        "http where https belongs",
        &["HTTP request to an HTTPS server", "SSL routines"],
        "One side speaks TLS and the other does not. The API server speaks https alone. An address without https:// \
         before it counts as http.",
        "Write the whole address: https://…",
    ),
    entry(
        "No server has this name",
        &["Could not resolve host", "no such host", "bad address"],
        "The name in the address leads to no server. It is misspelled, or it is only known inside the cluster, as \
         kubernetes.default.svc is.",
        "kubectl config view shows the API server's address.",
    ),
    entry(
        "Nobody listens there",
        &[
            "was refused",
            "Connection refused",
            "connection refused",
            "Failed to connect",
            "connect to the server: timed out",
            "i/o timeout",
            "Client.Timeout exceeded",
            "curl: (28)",
        ],
        "No server answered at this address and port, or none in time. This says nothing about who you are or what you may do.",
        "Compare the address with kubectl config view or kubectl cluster-info.",
    ),
    entry(
        "Nobody measures in this cluster",
        &["Metrics API not available"],
        "kubectl top shows what a metrics server has measured. That is a program of its own; this cluster runs none.",
        "On a real cluster somebody has to install it first.",
    ),
    entry(
        "curl was told to say nothing",
        &[],
        "With -s curl prints no error, and with -f no answer that is one. It failed; only the exit code tells why.",
        "Add -S: curl -sS prints errors, and no more than those.",
    )
    .naming(here::silent),
    entry(
        "curl was called wrongly",
        &["curl: try 'curl --help'", "no URL specified", "curl: (3)", "curl: (1) Protocol", "curl: (26)"],
        "curl did not send anything: it could not make sense of its line. It wants flags and one address. What follows a \
         blank without quotes around it counts as a further address.",
        "curl -sk -H \"Authorization: Bearer $TOKEN\" https://ADDRESS/api",
    ),
];
