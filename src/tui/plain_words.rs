//! What errors mean, in plain words: one entry an error, in the order they are looked for.

/// An error that can be explained.
pub struct Entry {
    /// What it is called here.
    pub title: &'static str,
    /// What the error's text has; any of them is enough.
    pub signs: &'static [&'static str],
    /// What it means.
    pub say: &'static str,
    /// What to try.
    pub attempt: &'static str,
}

const fn entry(title: &'static str, signs: &'static [&'static str], say: &'static str, attempt: &'static str) -> Entry {
    Entry { title, signs, say, attempt }
}

/// The narrow ones stand before the wide ones.
pub const ENTRIES: &[Entry] = &[
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
        &["User \"system:anonymous\"", "User \\\"system:anonymous\\\""],
        "The request brought no token, so the API server took it for system:anonymous, who may do next to nothing.",
        "Look whether the variable with the token is filled, and whether the header reads: Authorization: Bearer TOKEN.",
    ),
    entry(
        "Forbidden: known, but not allowed",
        &["(Forbidden)", "\"reason\": \"Forbidden\"", "\"reason\":\"Forbidden\""],
        "The API server knows who you are; no role allows you to do this. The error names the user, the verb, the resource \
         and the namespace that were missing.",
        "kubectl auth can-i VERB RESOURCE --as USER asks the same question. A role and a binding to it can allow it.",
    ),
    entry(
        "Unauthorized: nobody knows you",
        &["(Unauthorized)", "\"reason\": \"Unauthorized\"", "\"reason\":\"Unauthorized\""],
        "The API server could not find out who you are: your token is wrong, out of date, or meant for \
         another audience, or its account or pod is gone. Roles do not matter yet at this point.",
        "Look at its claims: aud, exp, and what it is bound to. kubectl create token ACCOUNT gets a new one.",
    ),
    entry(
        "There already is one",
        &["(AlreadyExists)", "already exists"],
        "An object of this type and name is there already. Names are taken once for each type in a namespace.",
        "Look at it with kubectl get. Take another name, delete the old one, or use kubectl apply, which changes what is there.",
    ),
    entry(
        "The namespace does not fit",
        &["the namespace from the provided object"],
        "The file names one namespace and the command line another. kubectl does not guess which one you meant.",
        "Leave out -n, or say the same namespace in both places.",
    ),
    entry(
        "Not found",
        &["(NotFound)"],
        "The server was asked, and has no object of this type and name there. It may be in another namespace, or spelled \
         otherwise.",
        "kubectl get TYPE -A lists those of all namespaces.",
    ),
    entry(
        "Somebody else was faster",
        &["(Conflict)", "Apply failed with"],
        "What you sent was made from an older state of the object, or another writer owns the field. The server keeps what \
         it has, so that nobody's change is lost unseen.",
        "Read the object again, make your change to the new one, and send that.",
    ),
    entry(
        "The object breaks a rule",
        &[" is invalid:", "(Invalid)"],
        "The server understood what you sent, but a value is not allowed. The error names the field by its path, the value, \
         and the rule.",
        "Correct that field. kubectl explain TYPE.FIELD says what belongs there.",
    ),
    entry(
        "There is no such field",
        &["strict decoding error", "unknown field"],
        "The manifest has a field that the type does not have. Often it is misspelled, or indented one step too far or too \
         little.",
        "kubectl explain TYPE --recursive shows the fields and where they belong.",
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
        "There is no such type",
        &["the server doesn't have a resource type", "no matches for kind"],
        "This server knows no type of that name. There may be none, as with users; or it is misspelled, or belongs to another \
         version of the API.",
        "kubectl api-resources lists the types with their short names.",
    ),
    entry(
        "The server could not read the request",
        &["(BadRequest)"],
        "The request itself is not well formed, or asks for something the object cannot give, such as a container it does \
         not have. The rest of the line says what.",
        "Check the names and the JSON you sent. In single quotes the shell leaves it as it is.",
    ),
    entry(
        "Nobody listens there",
        &["was refused", "Connection refused", "connection refused", "Failed to connect"],
        "No server answered at this address and port. This says nothing about who you are or what you may do.",
        "Compare the address with kubectl config view or kubectl cluster-info.",
    ),
    entry(
        "A flag lacks its value",
        &["flag needs an argument"],
        "This flag must be followed by a value, and the line ended, or the value was left out.",
        "Write it after the flag: -n default, or --namespace=default.",
    ),
    entry(
        "There is no such flag here",
        &["unknown flag:", "unknown shorthand flag:"],
        "This command has no such flag. Flags differ from command to command.",
        "Add --help to the command to see its flags, or press Tab after a dash.",
    ),
    entry(
        "There is no such command",
        &["unknown command"],
        "kubectl has no command of this name. What it suggests is the nearest it knows.",
        "kubectl help lists the commands.",
    ),
    entry(
        "No such file",
        &["no such file or directory", "No such file or directory", "does not exist"],
        "There is no file of that name here. Commands in this terminal see only the files of the lesson, not those of your \
         machine.",
        "ls shows what is here; edit FILE makes a new one.",
    ),
    entry(
        "There is no such program",
        &["command not found"],
        "This terminal has its own small set of programs, and none is called that.",
        "help lists them. Tab completes their names.",
    ),
    entry(
        "The shell cannot read the line",
        &["bash: syntax error", "unexpected EOF"],
        "The line breaks the shell's grammar, before any program was run. Mostly a quote or a bracket is missing or too much.",
        "Put the text with special signs between single quotes.",
    ),
];

/// The place of the entry for what a command printed, by its exit code. An API server's refusal that `curl` brings is an
/// error, too, although `curl` ends well.
pub fn find(status: i32, text: &str) -> Option<usize> {
    if status == 130 || (status == 0 && !text.contains("\"status\": \"Failure\"")) {
        return None;
    }
    ENTRIES.iter().position(|entry| entry.signs.iter().any(|sign| text.contains(sign)))
}
