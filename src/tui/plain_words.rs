//! What errors mean, in plain words: one entry an error, in the order they are looked for.

mod here;
pub mod kinds;
mod lookalike;

/// An error that can be explained.
pub struct Entry {
    /// What it is called here.
    pub title: &'static str,
    /// What the error's text has; any of them is enough. Of JSON they are written without blanks after the colons.
    /// Where there are none, it is this error when `here` has something to say.
    pub signs: &'static [&'static str],
    /// What it means; each line is a paragraph.
    pub say: &'static str,
    /// What to try.
    pub attempt: &'static str,
    /// What this very error names.
    pub here: Option<fn(&Outcome) -> Option<String>>,
}

const fn entry(title: &'static str, signs: &'static [&'static str], say: &'static str, attempt: &'static str) -> Entry {
    Entry { title, signs, say, attempt, here: None }
}

impl Entry {
    const fn naming(mut self, here: fn(&Outcome) -> Option<String>) -> Self {
        self.here = Some(here);
        self
    }

    /// What this very error names, in a sentence.
    pub fn here(&self, outcome: &Outcome) -> Option<String> {
        self.here.and_then(|here| here(outcome))
    }

    fn fits(&self, outcome: &Outcome, text: &str) -> bool {
        match self.signs {
            [] => self.here(outcome).is_some(),
            signs => signs.iter().any(|sign| text.contains(sign)),
        }
    }
}

/// What was typed, and what came of it.
#[derive(Clone, Copy, Debug)]
pub struct Outcome<'a> {
    /// The exit code.
    pub status: i32,
    /// What was typed.
    pub line: &'a str,
    /// What came on standard output.
    pub out: &'a str,
    /// What came on standard error.
    pub err: &'a str,
}

impl Outcome<'_> {
    /// Whether the line did not do what it should.
    pub fn failed(&self) -> bool {
        self.status != 0 || is_refusal(self.out)
    }

    /// Where to look for the error. What a command printed before another one ended well is no error, but for what it
    /// complained of, and for the API server's refusal, which `curl` prints as it prints everything.
    fn text(&self) -> String {
        let out = if self.failed() { self.out } else { "" };
        format!("{}\n{out}", self.err).replace("\\\"", "\"").replace("\": \"", "\":\"")
    }
}

/// Whether this is what an API server answers when it does not do what it was asked.
pub fn is_refusal(out: &str) -> bool {
    const SIGNS: [&str; 3] = ["\"status\": \"Failure\"", "\"status\":\"Failure\"", "HTTP request to an HTTPS server"];
    SIGNS.iter().any(|sign| out.contains(sign))
        || out.trim_end().ends_with("404 page not found")
        || out.lines().any(|line| {
            line.starts_with("HTTP/") && line.split(' ').nth(1).is_some_and(|code| matches!(code, "401" | "403"))
        })
}

/// The narrow ones stand before the wide ones.
pub const ENTRIES: &[Entry] = &[
    // What was typed.
    entry(
        "A character is not what it looks like",
        &[],
        "The line has characters that are on no usual keyboard. They come along when it is copied from a web page or a \
         text. The shell does not know them: such a space separates nothing, such a quote quotes nothing, such a dash \
         begins no flag.",
        "Type these places anew.",
    )
    .naming(here::lookalikes),
    entry(
        "kubectl has it, this simulator does not",
        &["of kubectl that this one does not have", "this kubectl reads files only"],
        "The kubectl of this simulator is made for what service accounts need. Your own kubectl on a real cluster has \
         this, too.",
        "Where there is another way here, the error says which.",
    ),
    // Whether one is let in.
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
    // Inside of a container.
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
    // How kubectl was called.
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
    // What the server says of the object.
    entry(
        "There already is one",
        &["(AlreadyExists)", "\"reason\":\"AlreadyExists\"", "already exists"],
        "An object of this type and name is there already. Names are taken once for each type in a namespace.",
        "Look at it with kubectl get. Take another name, delete the old one, or use kubectl apply, which changes what is there.",
    ),
    entry(
        "The namespace does not fit",
        &["the namespace from the provided object", "does not match the namespace on the"],
        "The object names one namespace, and the command line or the address another. Nobody guesses which one you meant.",
        "Leave out -n, or say the same namespace in both places.",
    ),
    entry(
        "Not found",
        &["(NotFound)", "\"reason\":\"NotFound\"", "\" not found"],
        "The server was asked, and has no object of this type and name there. It may be in another namespace, or spelled \
         otherwise.",
        "kubectl get TYPE -A lists those of all namespaces.",
    )
    .naming(here::namespace_missing),
    entry(
        "Somebody else was faster",
        &["(Conflict)", "\"reason\":\"Conflict\"", "Apply failed with"],
        "What you sent was made from an older state of the object, or another writer owns the field. The server keeps what \
         it has, so that nobody's change is lost unseen.",
        "Read the object again, make your change to the new one, and send that.",
    ),
    entry(
        "This cannot be changed afterwards",
        &["cannot change roleRef", "field is immutable", "pod updates may not change fields other than"],
        "Some fields are fixed when the object is made: the role of a binding, the service account of a pod.",
        "Delete the object and make it anew, with the value you want.",
    ),
    entry(
        "The object breaks a rule",
        &[" is invalid:", "(Invalid)", "\"reason\":\"Invalid\""],
        "The server understood what you sent, but a value is not allowed. The error names the field by its path, the value, \
         and the rule.",
        "Correct that field. kubectl explain TYPE.FIELD says what belongs there.",
    ),
    entry(
        "The manifest does not say what it is",
        &["apiVersion not set", "kind not set", "Object 'Kind' is missing", "'apiVersion' is missing"],
        "Every object says at its top what it is: apiVersion and kind. Without both, nobody can read the rest.",
        "For a service account: apiVersion: v1, and on the next line kind: ServiceAccount",
    ),
    entry(
        "There is no such field",
        &["strict decoding error", "unknown field", "error: field \""],
        "The type does not have this field. Often it is misspelled, or in a manifest indented one step too far or too \
         little.",
        "kubectl explain TYPE --recursive shows the fields and where they belong.",
    ),
    entry(
        "The file has no objects",
        &["no objects passed to"],
        "The file could be read, but there is nothing in it that could be sent.",
        "cat FILE shows what it has.",
    ),
    entry(
        "The path in braces cannot be read",
        &["error parsing jsonpath"],
        "A jsonpath template stands in braces: {.metadata.name}. This one is not well formed: a brace, a bracket or a quote \
         is missing or too much.",
        "Put it in single quotes, so that the shell leaves it alone: -o jsonpath='{.metadata.name}'",
    ),
    entry(
        "The file is no good YAML",
        &["error converting YAML to JSON", "yaml: line", "error parsing"],
        "The text could not be read as YAML. Usually the indentation is off, a colon is missing, or there is a tab where \
         spaces belong.",
        "Look at the line that is named, and at the one above it. Indent with spaces.",
    ),
    entry(
        "The body's format is not named",
        &["(UnsupportedMediaType)", "\"reason\":\"UnsupportedMediaType\"", "was in an unknown format"],
        "The server wants to know in which format the body is. With -d, curl says that it is a form, and the API server \
         takes no forms.",
        "Add -H 'Content-Type: application/json'. A patch has types of its own, such as application/merge-patch+json.",
    ),
    entry(
        "A value is of another kind",
        &["json: cannot unmarshal"],
        "Some fields take a text, others a number, true or false, a list, or an object with fields of its own. What you \
         sent is of another kind than the server expects there.",
        "kubectl explain TYPE.FIELD shows the kind. true and false stand without quotes.",
    )
    .naming(here::kind_of_value),
    entry(
        "This is no good JSON",
        &["unexpected end of JSON input", "invalid character '", "Invalid JSON Patch"],
        "JSON has double quotes around every name and every text, a colon between a name and its value, commas between \
         items, and every bracket is closed.",
        "Put it all in single quotes, so that the shell leaves it alone: -p '{\"automountServiceAccountToken\": false}'",
    ),
    entry(
        "The server could not read the request",
        &["(BadRequest)", "\"reason\":\"BadRequest\""],
        "The request itself is not well formed, or asks for something the object cannot give, such as a container it does \
         not have. The rest of the line says what.",
        "Check the names and the JSON you sent. In single quotes the shell leaves it as it is.",
    ),
    // Flags and commands.
    entry(
        "A flag lacks its value",
        &["flag needs an argument", "option requires an argument", "requires parameter"],
        "This flag must be followed by a value, and the line ended, or the value was left out.",
        "Write it after the flag: -n default, or --namespace=default.",
    ),
    entry(
        "There is no such flag here",
        &[
            "unknown flag:",
            "unknown shorthand flag:",
            "unrecognized option",
            "invalid option -- ",
            "Unknown option",
            "Unknown arguments",
        ],
        "This command has no such flag. Flags differ from command to command.",
        "Add --help to the command to see its flags, or press Tab after a dash.",
    ),
    entry(
        "There is no such command",
        &["unknown command"],
        "kubectl has no command of this name. What it suggests is the nearest it knows.",
        "kubectl help lists the commands.",
    ),
    // The other programs.
    entry(
        "jq was given something that is no JSON",
        &["jq: parse error"],
        "jq reads JSON. What came to it is something else: a table, YAML, an error in words, a bare token, or JSON that \
         ends too early.",
        "Look at it without the | jq. kubectl gives JSON with -o json; jq -R takes any line as a text.",
    ),
    entry(
        "jq: the value is built otherwise",
        &["Cannot index", "Cannot iterate over"],
        "The filter asks for a field, an item or a list, and the value there is of another kind. An object has fields, \
         as .name; a list has items, as .[0] and .[]; a text or a number has neither.",
        "Leave off the end of the filter and see what is there: jq . shows all, jq keys the fields.",
    ),
    entry(
        "jq cannot read the filter",
        &["compile error"],
        "The filter breaks jq's grammar, or calls something that jq does not have. Mostly the shell took away a quote or \
         a dollar sign, or a bracket is not closed.",
        "Put the whole filter in single quotes: jq '.metadata.name'",
    ),
    entry(
        "jq could not finish",
        &["jq: error"],
        "The filter is well formed, but this value does not go through it. The rest of the line says what stopped it. A \
         token has three parts with dots between them, and only the first two of them are JSON in base64.",
        "For a token: jq -R 'split(\".\") | .[1] | @base64d | fromjson'",
    ),
    entry(
        "This is no clean base64",
        &["base64: invalid input"],
        "base64 -d stopped at a letter that base64 does not have, or at an end that is cut off. What it printed before is \
         right. The parts of a token are base64url: they have - and _ in the place of + and /, and no = at the end.",
        "For a token: jq -R 'split(\".\") | .[1] | @base64d | fromjson'. For a secret: take one value alone, without blanks.",
    ),
    entry(
        "openssl found no certificate",
        &["Could not read certificate", "unable to load certificate"],
        "openssl x509 wants a certificate as a text that begins with -----BEGIN CERTIFICATE-----. In a secret and in a \
         kubeconfig it is in base64, with this text inside. A token is no certificate.",
        "cat FILE | base64 -d | openssl x509 -noout -text, or without base64 -d when the file begins with the dashes.",
    ),
    entry(
        "openssl: not this one",
        &["is not part of this shell; x509", "Invalid command '"],
        "openssl is many programs, and the first word says which. Here there are x509, which shows certificates, and dgst.",
        "openssl x509 -in FILE -noout -text",
    ),
    entry(
        "This shell does not have that",
        &["part of this shell", "nothing runs in the background here", "this shell gives", "this shell shows"],
        "The shell of this terminal is a part of bash, with what the course needs. Your own bash has the rest.",
        "Where there is another way here, the error says which. help lists the commands.",
    ),
    entry(
        "The file cannot be run",
        &["Permission denied"],
        "A file is run as a program only when it is marked as one.",
        "bash FILE runs the lines of a file, marked or not.",
    ),
    entry(
        "A folder where a file belongs",
        &["Is a directory", "ambiguous redirect"],
        "After > and < stands one file. This is a folder, or more words than one.",
        "ls shows which is which.",
    ),
    entry(
        "A word is missing",
        &["missing operand", "Usage: grep"],
        "The program needs to know what to work on, and the line ends too early.",
        "Add --help to the command: it shows what belongs there.",
    ),
    entry(
        "No such file",
        &["no such file or directory", "No such file or directory", "the path \"", "Could not open"],
        "There is no file of that name here. Commands in this terminal see the files of the lesson: not those of your \
         machine, and not those in a pod.",
        "ls shows what is here; edit FILE makes a new one. In a pod: kubectl exec POD -- cat FILE",
    ),
    entry(
        "There is no such program",
        &["command not found"],
        "This terminal has its own small set of programs, and none is called that.",
        "help lists them. Tab completes their names.",
    )
    .naming(here::program),
    entry(
        "The shell cannot read the line",
        &["bash: syntax error", "bash: unexpected EOF"],
        "The line breaks the shell's grammar, before any program was run. Mostly a quote or a bracket is missing or too much.",
        "Put the text with special signs between single quotes.",
    )
    .naming(here::quote),
];

/// The place of the entry for what came of a line. What was stopped with Ctrl-C is no error.
pub fn find(outcome: &Outcome) -> Option<usize> {
    if outcome.status == 130 || (outcome.err.is_empty() && !outcome.failed()) {
        return None;
    }
    let text = outcome.text();
    ENTRIES.iter().position(|entry| entry.fits(outcome, &text))
}
