//! The parameters of an operation: what may stand in its query and its path.

use super::operations::Action;
use crate::simulator::release::{self, Behaviour};

/// A query parameter, the actions that take it, and since when.
pub struct Parameter {
    /// `dryRun`
    pub name: &'static str,
    /// `string`, `boolean`, `integer`
    pub kind: &'static str,
    /// What it does.
    pub description: &'static str,
    actions: &'static [Action],
    when: Option<Behaviour>,
}

const LISTS: &[Action] = &[Action::List, Action::DeleteCollection];
const WATCHES: &[Action] = &[Action::List];
const WRITES: &[Action] = &[Action::Post, Action::Put, Action::Patch];
const CHANGES: &[Action] = &[Action::Post, Action::Put, Action::Patch, Action::Delete, Action::DeleteCollection];
const DELETES: &[Action] = &[Action::Delete, Action::DeleteCollection];

const fn row(
    name: &'static str,
    kind: &'static str,
    actions: &'static [Action],
    when: Option<Behaviour>,
    description: &'static str,
) -> Parameter {
    Parameter { name, kind, description, actions, when }
}

/// Every query parameter, in the order documents list them.
const ALL: &[Parameter] = &[
    row(
        "allowWatchBookmarks",
        "boolean",
        WATCHES,
        None,
        "allowWatchBookmarks requests watch events with type \"BOOKMARK\". Servers that do not implement bookmarks may ignore this flag.",
    ),
    row(
        "continue",
        "string",
        LISTS,
        None,
        "The continue option should be set when retrieving more results from the server; it is the value that the previous part of the list gave.",
    ),
    row(
        "dryRun",
        "string",
        CHANGES,
        None,
        "When present, indicates that modifications should not be persisted. An invalid or unrecognized dryRun directive will result in an error response and no further processing of the request. Valid values are: - All: all dry run stages will be processed",
    ),
    row(
        "fieldManager",
        "string",
        WRITES,
        None,
        "fieldManager is a name associated with the actor or entity that is making these changes. The value must be less than or 128 characters long, and only contain printable characters.",
    ),
    row(
        "fieldSelector",
        "string",
        LISTS,
        None,
        "A selector to restrict the list of returned objects by their fields. Defaults to everything.",
    ),
    row(
        "fieldValidation",
        "string",
        WRITES,
        Some(release::FIELD_VALIDATION),
        "fieldValidation instructs the server on how to handle objects in the request (POST/PUT/PATCH) containing unknown or duplicate fields. Valid values are: Ignore, Warn and Strict.",
    ),
    row(
        "force",
        "boolean",
        &[Action::Patch],
        None,
        "Force is going to \"force\" Apply requests. It means user will re-acquire conflicting fields owned by other people. Force flag must be unset for non-apply patch requests.",
    ),
    row(
        "gracePeriodSeconds",
        "integer",
        DELETES,
        None,
        "The duration in seconds before the object should be deleted. Value must be non-negative integer. The value zero indicates delete immediately.",
    ),
    row(
        "labelSelector",
        "string",
        LISTS,
        None,
        "A selector to restrict the list of returned objects by their labels. Defaults to everything.",
    ),
    row(
        "limit",
        "integer",
        LISTS,
        None,
        "limit is a maximum number of responses to return for a list call. If more items exist, the server will set the `continue` field on the list metadata.",
    ),
    row(
        "orphanDependents",
        "boolean",
        DELETES,
        None,
        "Deprecated: please use the PropagationPolicy, this field will be deprecated in 1.7. Should the dependent objects be orphaned.",
    ),
    row(
        "propagationPolicy",
        "string",
        DELETES,
        None,
        "Whether and how garbage collection will be performed. Acceptable values are: 'Orphan', 'Background' and 'Foreground'.",
    ),
    row(
        "resourceVersion",
        "string",
        LISTS,
        None,
        "resourceVersion sets a constraint on what resource versions a request may be served from.",
    ),
    row(
        "resourceVersionMatch",
        "string",
        LISTS,
        None,
        "resourceVersionMatch determines how resourceVersion is applied to list calls.",
    ),
    row(
        "sendInitialEvents",
        "boolean",
        LISTS,
        Some(release::WATCH_LIST_DOCUMENTED),
        "`sendInitialEvents=true` may be set together with `watch=true`. In that case, the watch stream will begin with synthetic events to produce the current state of objects in the collection.",
    ),
    row(
        "timeoutSeconds",
        "integer",
        LISTS,
        None,
        "Timeout for the list/watch call. This limits the duration of the call, regardless of any activity or inactivity.",
    ),
    row(
        "watch",
        "boolean",
        WATCHES,
        None,
        "Watch for changes to the described resources and return them as a stream of add, update, and remove notifications. Specify resourceVersion.",
    ),
];

/// The query parameters of an action, where `holds` says what the release does.
pub fn of(action: Action, holds: impl Fn(Behaviour) -> bool) -> impl Iterator<Item = &'static Parameter> {
    ALL.iter().filter(move |row| row.actions.contains(&action) && row.when.is_none_or(&holds))
}

/// The description of a variable of a path.
pub fn variable(name: &str, kind: &str) -> String {
    match name {
        "namespace" => "object name and auth scope, such as for teams and projects".to_owned(),
        _ => format!("name of the {kind}"),
    }
}

/// Every path takes this one.
pub const PRETTY: &str = "If 'true', then the output is pretty printed.";
