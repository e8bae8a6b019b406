//! What the server says of the object.

use super::{Entry, entry, here};

/// Its errors.
pub(super) const ENTRIES: &[Entry] = &[
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
];
