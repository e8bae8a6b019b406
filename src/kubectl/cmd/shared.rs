//! Flags that several commands take. Upstream: cli-runtime/pkg/genericclioptions and kubectl/pkg/cmd/util.

use crate::kubectl::flags::{Flag, Kind};

/// Flags every command takes.
pub const GLOBAL: &[Flag] = &[
    Flag::short("namespace", 'n', Kind::Text, "", "If present, the namespace scope for this CLI request"),
    Flag::new(
        "as",
        Kind::Text,
        "",
        "Username to impersonate for the operation. User could be a regular user or a service account in a namespace.",
    ),
    Flag::new(
        "as-group",
        Kind::Array,
        "[]",
        "Group to impersonate for the operation, this flag can be repeated to specify multiple groups.",
    ),
    Flag::new("as-uid", Kind::Text, "", "UID to impersonate for the operation."),
    Flag::new("token", Kind::Text, "", "Bearer token for authentication to the API server"),
    Flag::new("context", Kind::Text, "", "The name of the kubeconfig context to use"),
    Flag::new("cluster", Kind::Text, "", "The name of the kubeconfig cluster to use"),
    Flag::new("user", Kind::Text, "", "The name of the kubeconfig user to use"),
    Flag::new("kubeconfig", Kind::Text, "", "Path to the kubeconfig file to use for CLI requests."),
    Flag::new(
        "request-timeout",
        Kind::Text,
        "0",
        "The length of time to wait before giving up on a single server request.",
    ),
    Flag::short("server", 's', Kind::Text, "", "The address and port of the Kubernetes API server"),
    Flag::new(
        "warnings-as-errors",
        Kind::Bool,
        "false",
        "Treat warnings received from the server as errors and exit with a non-zero exit code",
    ),
    Flag::new(
        "insecure-skip-tls-verify",
        Kind::Bool,
        "false",
        "If true, the server's certificate will not be checked for validity.",
    ),
    Flag::new("certificate-authority", Kind::Text, "", "Path to a cert file for the certificate authority"),
    Flag::new("client-certificate", Kind::Text, "", "Path to a client certificate file for TLS"),
    Flag::new("client-key", Kind::Text, "", "Path to a client key file for TLS"),
    Flag::short("v", 'v', Kind::Int, "0", "number for the log level verbosity"),
    Flag::short("help", 'h', Kind::Bool, "false", "help for this command"),
];

/// `-o` and what goes with it.
pub const OUTPUT: &[Flag] = &[
    Flag::short(
        "output",
        'o',
        Kind::Text,
        "",
        "Output format. One of: (json, yaml, name, jsonpath, jsonpath-file, custom-columns, wide).",
    ),
    Flag::new(
        "show-managed-fields",
        Kind::Bool,
        "false",
        "If true, keep the managedFields when printing objects in JSON or YAML format.",
    ),
    Flag::new(
        "template",
        Kind::Text,
        "",
        "Template string or path to template file to use when -o=go-template, -o=go-template-file.",
    ),
];

/// `--dry-run` and what goes with every change.
pub const CHANGE: &[Flag] = &[
    Flag::new(
        "dry-run",
        Kind::OptionalText("unchanged"),
        "none",
        "Must be \"none\", \"server\", or \"client\". If client strategy, only print the object that would be sent, without sending it. If server strategy, submit server-side request without persisting the resource.",
    ),
    Flag::new("field-manager", Kind::Text, "", "Name of the manager used to track field ownership."),
    Flag::new(
        "save-config",
        Kind::Bool,
        "false",
        "If true, the configuration of current object will be saved in its annotation.",
    ),
    Flag::new(
        "validate",
        Kind::OptionalText("strict"),
        "strict",
        "Must be one of: strict (or true), warn, ignore (or false).",
    ),
];

/// `-f`
pub const FILENAME: &[Flag] = &[
    Flag::short("filename", 'f', Kind::List, "[]", "Filename, directory, or URL to files to use."),
    Flag::short(
        "kustomize",
        'k',
        Kind::Text,
        "",
        "Process a kustomization directory. This flag can't be used together with -f or -R.",
    ),
    Flag::short("recursive", 'R', Kind::Bool, "false", "Process the directory used in -f, --filename recursively."),
];

/// `-l` and `--field-selector`
pub const SELECTOR: &[Flag] = &[
    Flag::short(
        "selector",
        'l',
        Kind::Text,
        "",
        "Selector (label query) to filter on, supports '=', '==', '!=', 'in', 'notin'.",
    ),
    Flag::new("field-selector", Kind::Text, "", "Selector (field query) to filter on, supports '=', '==', and '!='."),
];
