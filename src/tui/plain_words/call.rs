//! How kubectl was called.

use super::{Entry, entry, here};

/// Its errors.
pub(super) const ENTRIES: &[Entry] = &[
    entry(
        "A real cluster has it, this simulator does not",
        &[],
        "This type is part of Kubernetes, and the word is right. The simulator of this tutor keeps only the types that \
         are needed to understand service accounts.",
        "kubectl api-resources lists the types that are here.",
    )
    .naming(here::elsewhere),
    entry(
        "The type has another apiVersion",
        &[],
        "The type exists, but not in the apiVersion that the manifest names. Type and version belong together.",
        "kubectl explain TYPE shows the version at its top.",
    )
    .naming(here::version),
    entry(
        "The type is missing before the name",
        &[],
        "This server has no type of that name. kubectl wants the type first and the name after it.",
        "kubectl get sa lists the service accounts; kubectl api-resources lists the types.",
    )
    .naming(here::type_missing),
    entry(
        "There is no such type",
        &["the server doesn't have a resource type", "no matches for kind", "couldn't find resource for"],
        "This server knows no type of that name. It is misspelled, or a type that somebody has to add to a cluster first.",
        "kubectl api-resources lists the types with their short names.",
    )
    .naming(here::near_type),
    entry(
        "No command for the container",
        &["must specify at least one command for the container", "exec [POD] [COMMAND] is not supported"],
        "kubectl exec runs a command in a container, and found none. The command stands after two dashes: what comes \
         before -- is for kubectl, what comes after it is for the container.",
        "kubectl exec POD -- ls /",
    ),
    entry(
        "Which pod?",
        &["pod, type/name or --filename must be specified", "POD or TYPE/NAME is a required argument"],
        "The command works on a pod, and the line names none.",
        "kubectl get pods lists them. Then: kubectl logs POD, or kubectl exec POD -- ls /",
    ),
    entry(
        "Which type?",
        &[
            "You must specify the type of resource",
            "Required resource not specified",
            "required resource not specified",
            "must be specified as <resource> <name>",
        ],
        "kubectl wants to know of which type the objects are, before their names.",
        "kubectl get serviceaccounts, kubectl describe pod NAME. kubectl api-resources lists the types.",
    ),
    entry(
        "Neither a name nor a file",
        &[
            "must specify one of -f and -k",
            "You must provide one or more resources by argument or filename",
            "but no name was specified",
        ],
        "kubectl wants to know what to work on: a type and a name, or a file with the objects. A file stands after -f.",
        "kubectl delete sa NAME, kubectl create sa NAME, kubectl apply -f FILE",
    ),
    entry(
        "The type stands there twice",
        &["no need to specify a resource type as a separate argument"],
        "pod/web is type and name in one word. With it there must be no further type, and every other word of the line \
         needs its own, too.",
        "Either kubectl get pod web, or kubectl get pod/web.",
    ),
    entry(
        "One name, and one only",
        &["exactly one NAME is required"],
        "The command makes one object, and takes the one word without a dash for its name.",
        "kubectl create serviceaccount NAME",
    )
    .naming(here::names),
    entry(
        "Type and name, with one slash",
        &["arguments in resource/name form"],
        "sa/default is type and name in one word. Each such word has one slash, one type before it and one name after it.",
        "kubectl get sa/default pod/web",
    ),
    entry(
        "A name, or all namespaces",
        &["cannot be retrieved by name across all namespaces"],
        "A name belongs to one namespace. With -A kubectl can only list.",
        "Name the namespace: -n NAMESPACE. Or leave the name out.",
    ),
    entry(
        "A name, or a selector",
        &["name cannot be provided when a selector is specified", "selectors and the all flag cannot be used", "found a non empty selector"],
        "Objects are chosen by their names, or by their labels with -l, or all of them; not by several at once.",
        "Leave one of them out.",
    ),
    entry(
        "A file, or a type and a name",
        &["may not specify resource arguments as well"],
        "With -f the file says what the objects are. So there must be no type and no name beside it.",
        "Leave out the one or the other.",
    ),
    entry(
        "There is a value already",
        &["--overwrite is false"],
        "The object has this label or annotation, with another value. kubectl does not replace it unless it is told to.",
        "Add --overwrite. To take it away, write its key with a dash behind it: KEY-",
    ),
    entry(
        "The selector cannot be read",
        &["that match label selector", "unable to parse requirement", "invalid selector", "field label not supported"],
        "A selector is a condition, or several with commas between them. -l asks for labels: app=web, app!=web, app in \
         (web,api), or app alone. --field-selector asks for fields, and only a few of them, such as metadata.name.",
        "Put it in quotes if it has blanks or brackets: -l 'app in (web,api)'",
    ),
    entry(
        "A word too many",
        &["Unexpected args", "unexpected arguments", "extra arguments:"],
        "The command does not know what to do with this word. kubectl create knows only some types by their names; all \
         others it makes from a file.",
        "kubectl create --help lists what it can make.",
    )
    .naming(here::too_many),
    entry(
        "The account is not named in full",
        &["serviceaccount must be <namespace>:<name>"],
        "Two namespaces can have an account of the same name. So a binding names the account with its namespace, and a \
         colon between them.",
        "--serviceaccount=default:NAME, for an account of the namespace default.",
    ),
    entry(
        "Role or cluster role",
        &["exactly one of clusterrole or role must be specified"],
        "A role binding gives one role to those it names. The role is a Role of the same namespace, or a ClusterRole; one \
         of them, not both and not none.",
        "--role=NAME or --clusterrole=NAME",
    ),
    entry(
        "A role says what may be done to what",
        &[
            "at least one verb must be specified",
            "at least one resource must be specified",
            "one of resource or nonResourceURL must be specified",
        ],
        "A rule has verbs, such as get and list, and the resources they are for. One of the two is missing.",
        "kubectl create role NAME --verb=get,list --resource=pods",
    ),
    entry(
        "can-i wants a verb and a resource",
        &["you must specify two arguments: verb resource", "you must specify two or three arguments"],
        "The question is: may I do VERB to RESOURCE? Both are needed.",
        "kubectl auth can-i list pods. To ask for another: --as system:serviceaccount:NAMESPACE:NAME",
    ),
    entry(
        "A flag is missing",
        &["required flag(s)"],
        "This command cannot do without the flag that the error names.",
        "Add --help to the command to see an example.",
    )
    .naming(here::flags_missing),
    entry(
        "The token is bound to half a thing",
        &["--bound-object-name is required", "--bound-object-kind is required", "--bound-object-kind values are"],
        "A token can be bound to a Pod, a Secret or, in newer releases, a Node: when that goes, the token ends. kubectl \
         needs both its type and its name.",
        "kubectl create token ACCOUNT --bound-object-kind=Pod --bound-object-name=NAME",
    ),
    entry(
        "A token lives for ten minutes or more",
        &["may not specify a duration less than 10 minutes"],
        "The API server gives no token for less than 10 minutes.",
        "--duration=10m",
    ),
    entry(
        "A time needs its unit",
        &["for \"--duration\" flag", "time: missing unit", "time: invalid duration", "time: unknown unit"],
        "A length of time is a number with a unit behind it: s for seconds, m for minutes, h for hours. There is no unit \
         for days.",
        "15m is a quarter of an hour, 24h is a day: --duration=24h",
    )
    .naming(here::value),
    entry(
        "The value does not fit the flag",
        &[
            "invalid argument \"",
            "--type must be one of",
            "Invalid dry-run value",
            "Invalid timeout value",
            "--output must be",
            "--for must be in",
        ],
        "The flag is right; its value is not of the kind it takes. A flag such as --watch is on or off, and takes true or \
         false after an equals sign.",
        "Add --help to the command: it shows what each flag takes.",
    )
    .naming(here::value),
    entry(
        "What to change is missing",
        &["update is required", "must specify --patch"],
        "The object is named, but not what is to become of it.",
        "kubectl label sa NAME KEY=VALUE, kubectl patch sa NAME -p '{\"automountServiceAccountToken\": false}'",
    ),
    entry(
        "KEY=VALUE is wanted",
        &["expected key=value", "all resources must be specified before"],
        "A label, an annotation or a literal is a key, an equals sign and a value, in one word. A word without an equals \
         sign is taken for a name, and names come first.",
        "kubectl label sa NAME KEY=VALUE, --from-literal=KEY=VALUE. If the value has blanks, put it all in quotes.",
    ),
    entry(
        "Output cannot be shown like that",
        &[
            "unable to match a printer suitable",
            "template format specified but no template given",
            "custom-columns format specified but no custom columns given",
        ],
        "After -o comes how to show the result. Some formats need more after an equals sign, as jsonpath does.",
        "-o yaml, -o json, -o wide, -o name, -o jsonpath='{.metadata.name}'",
    )
    .naming(here::format),
    entry(
        "The path leads nowhere in this object",
        &["error executing jsonpath"],
        "The path in braces is well formed, but the object is not built like that: it asks for an item of something that \
         is no list, or for a field that is not there.",
        "Look at the object with -o yaml, and follow the path step by step.",
    ),
    entry(
        "Wait for what?",
        &["unrecognized condition"],
        "kubectl wait needs to know what it should wait for.",
        "kubectl wait --for=condition=Ready pod/NAME, or --for=delete",
    ),
    entry(
        "It did not come to pass in time",
        &["timed out waiting for the condition"],
        "kubectl waited, and what it waited for did not come. Nothing is broken by that: it may still come.",
        "kubectl describe shows what holds it up. --timeout=2m waits longer.",
    ),
    entry(
        "There is no such context",
        &["no context exists with the name", "context was not found for specified context", "auth info \""],
        "A context is a name in the kubeconfig for a cluster, a user and a namespace. This name is not in it.",
        "kubectl config get-contexts lists those there are.",
    ),
    entry(
        "Groups without a user",
        &["without impersonating a user"],
        "--as-group and --as-uid only add to somebody. Who that is, --as says.",
        "--as=NAME --as-group=GROUP",
    ),
    entry(
        "A path of the API begins with /",
        &["--raw must be a valid URL path"],
        "--raw asks for a path of the API server as it is, and gives back what it answers.",
        "kubectl get --raw /api/v1/namespaces",
    ),
    entry(
        "The API server has no such path",
        &["the server could not find the requested resource", "404 page not found", "returned error: 404"],
        "The server was reached, and nothing is at this path. Namespaced objects are under \
         /api/v1/namespaces/NAMESPACE/TYPE, those of another group under /apis/GROUP/VERSION. The types are in the \
         plural there.",
        "kubectl get --raw /api/v1 shows what is below a path; kubectl get pods -v=6 shows the path it asks for.",
    ),
];
