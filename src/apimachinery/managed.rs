//! Who manages which fields of an object: `metadata.managedFields`, kept by updates and used by apply.
//! Upstream: apimachinery/pkg/util/managedfields, structured-merge-diff/merge.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::fieldset::{self, Element, Set, compare, merge, named_fields_too, of_value, path_text, without};
use super::schema::{self, Schema};
use super::{Cause, Status, StatusReason, meta};
use crate::base::Order as _;

/// Entries of updates beyond this many are put together, oldest first.
const MOST_UPDATERS: usize = 10;
/// Who those belong to then.
const ANCIENT: &str = "ancient-changes";
/// Who what was there before the first apply belongs to.
const BEFORE_FIRST_APPLY: &str = "before-first-apply";
/// The manager of `kubectl apply --server-side`, for whom the annotation of client-side apply is honoured.
const KUBECTL: &str = "kubectl";
const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Who does something, and by which part of the object.
#[derive(Clone, Debug)]
pub struct Writer<'a> {
    /// The field manager's name.
    pub manager: &'a str,
    /// `apps/v1`
    pub api_version: &'a str,
    /// `status`, or empty.
    pub subresource: &'a str,
    /// When.
    pub now: Timestamp,
    /// What the part written by leaves as it is.
    pub reset: &'a Set,
}

/// How an entry came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Operation {
    Apply,
    Update,
}

impl Operation {
    fn word(self) -> &'static str {
        match self {
            Self::Apply => "Apply",
            Self::Update => "Update",
        }
    }
}

/// One manager's fields.
#[derive(Clone, Debug)]
struct Entry {
    manager: String,
    operation: Operation,
    api_version: String,
    subresource: String,
    time: Option<String>,
    fields: Set,
}

impl Entry {
    fn of(writer: &Writer<'_>, operation: Operation, fields: Set) -> Self {
        let manager = if writer.manager.is_empty() { "unknown" } else { writer.manager };
        Self {
            manager: manager.to_owned(),
            operation,
            api_version: writer.api_version.to_owned(),
            subresource: writer.subresource.to_owned(),
            time: Some(meta::time(writer.now)),
            fields,
        }
    }

    /// Appliers are the same whatever version they applied.
    fn is_same_manager(&self, other: &Self) -> bool {
        self.manager == other.manager
            && self.operation == other.operation
            && self.subresource == other.subresource
            && (self.operation == Operation::Apply || self.api_version == other.api_version)
    }

    fn read(value: &Value) -> Option<Self> {
        let text = |field: &str| value.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
        let operation = match text("operation").as_str() {
            "Apply" => Operation::Apply,
            "Update" => Operation::Update,
            _ => return None,
        };
        if text("apiVersion").is_empty() || text("fieldsType") != "FieldsV1" {
            return None;
        }
        let fields = match value.get("fieldsV1") {
            None | Some(Value::Null) => Set::default(),
            Some(fields) => fieldset::from_fields(fields).ok()?,
        };
        let time = Some(text("time")).filter(|time| !time.is_empty());
        Some(Self {
            manager: text("manager"),
            operation,
            api_version: text("apiVersion"),
            subresource: text("subresource"),
            time,
            fields,
        })
    }

    fn write(&self) -> Value {
        let mut entry = Map::new();
        entry.insert("manager".to_owned(), json!(self.manager));
        entry.insert("operation".to_owned(), json!(self.operation.word()));
        entry.insert("apiVersion".to_owned(), json!(self.api_version));
        if let Some(time) = &self.time {
            entry.insert("time".to_owned(), json!(time));
        }
        entry.insert("fieldsType".to_owned(), json!("FieldsV1"));
        entry.insert("fieldsV1".to_owned(), fieldset::to_fields(&self.fields));
        if !self.subresource.is_empty() {
            entry.insert("subresource".to_owned(), json!(self.subresource));
        }
        Value::Object(entry)
    }

    /// The manager as a conflict names it.
    fn shown(&self) -> String {
        let mut shown = format!("{:?}", self.manager);
        if !self.subresource.is_empty() {
            shown = format!("{shown} with subresource {:?}", self.subresource);
        }
        if self.operation == Operation::Update {
            shown = format!("{shown} using {}", self.api_version);
        }
        shown
    }
}

/// Why an apply was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Others manage what it would change.
    Conflict(Status),
    /// It is not an object of the kind.
    Malformed(String),
}

fn listed(object: &Value) -> Option<&Vec<Value>> {
    object.get("metadata")?.get("managedFields")?.as_array()
}

/// All entries, or `None` when one of them is malformed.
fn read(object: &Value) -> Option<Vec<Entry>> {
    listed(object).map_or_else(|| Some(Vec::new()), |list| list.iter().map(Entry::read).collect())
}

/// Whether a request asks to forget all managers: an empty list, or one empty entry.
fn is_reset(object: &Value) -> bool {
    match listed(object).map(Vec::as_slice) {
        Some([]) => true,
        Some([only]) => only.as_object().is_some_and(Map::is_empty),
        _ => false,
    }
}

/// Writes the entries into an object, in the API's order.
fn write(object: &mut Value, mut entries: Vec<Entry>) {
    let seconds = |entry: &Entry| {
        entry.time.as_deref().and_then(|time| time.parse::<Timestamp>().ok()).map_or(0, Timestamp::as_second)
    };
    entries.order_by(|a, b| {
        let key = |entry: &Entry| (entry.operation, seconds(entry));
        key(a).cmp(&key(b)).then_with(|| {
            (&a.manager, &a.api_version, &a.subresource).cmp(&(&b.manager, &b.api_version, &b.subresource))
        })
    });
    let metadata = meta::metadata_mut(object);
    metadata.shift_remove("managedFields");
    if !entries.is_empty() {
        metadata.insert("managedFields".to_owned(), entries.iter().map(Entry::write).collect());
    }
}

/// What nobody manages.
fn stripped() -> Set {
    Set::of_names(&[
        &["apiVersion"],
        &["kind"],
        &["metadata"],
        &["metadata", "name"],
        &["metadata", "namespace"],
        &["metadata", "creationTimestamp"],
        &["metadata", "selfLink"],
        &["metadata", "uid"],
        &["metadata", "clusterName"],
        &["metadata", "generation"],
        &["metadata", "managedFields"],
        &["metadata", "resourceVersion"],
    ])
}

fn without_managers(object: &Value) -> Value {
    let mut object = object.clone();
    if listed(&object).is_some() {
        meta::metadata_mut(&mut object).shift_remove("managedFields");
    }
    object
}

/// Notes in a changed object who changed it. `old` is what was there; none when it is new.
pub fn update(schema: &Schema, old: Option<&Value>, new: &mut Value, writer: &Writer<'_>) {
    let fresh = schema::empty(meta::kind(new));
    let live = old.unwrap_or(&fresh);
    let live_entries = || read(live).unwrap_or_default();
    // What a request says of managers counts for the object itself, not for its parts.
    let entries = match read(new) {
        _ if !writer.subresource.is_empty() => live_entries(),
        _ if is_reset(new) => Vec::new(),
        Some(said) if !said.is_empty() => said,
        _ => live_entries(),
    };
    if let Some(metadata) = new.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.shift_remove("managedFields");
    }
    if entries.is_empty() && old.is_some() {
        // Nobody has managed it so far: that begins with the first apply.
        return;
    }
    let bare = without_managers(live);
    let entries = noted(schema, &bare, new, entries, writer);
    write(new, capped(entries));
}

/// The entries after a change from `old` to `new`.
fn noted(schema: &Schema, old: &Value, new: &Value, mut entries: Vec<Entry>, writer: &Writer<'_>) -> Vec<Entry> {
    let change = compare(schema, old, new);
    let lost = change.modified.union(&change.added).union(&change.removed).recursive_difference(writer.reset);
    for entry in &mut entries {
        entry.fields = entry.fields.difference(&lost);
    }
    let taken = change.modified.union(&change.added).recursive_difference(writer.reset).difference(&stripped());
    if !taken.is_empty() {
        let mut own = Entry::of(writer, Operation::Update, taken);
        if let Some(at) = entries.iter().position(|entry| entry.is_same_manager(&own)) {
            own.fields.add(&entries.remove(at).fields);
        }
        entries.push(own);
    }
    entries.retain(|entry| !entry.fields.is_empty());
    entries
}

/// Puts the oldest updaters together while there are too many.
fn capped(mut entries: Vec<Entry>) -> Vec<Entry> {
    let updaters = |entries: &[Entry]| entries.iter().filter(|entry| entry.operation == Operation::Update).count();
    if updaters(&entries) <= MOST_UPDATERS {
        return entries;
    }
    entries.order_by(|a, b| a.time.cmp(&b.time).then_with(|| a.manager.cmp(&b.manager)));
    let mut at = 0;
    while at < entries.len() && updaters(&entries) > MOST_UPDATERS {
        if entries[at].operation == Operation::Apply {
            at += 1;
            continue;
        }
        let version = entries[at].api_version.clone();
        let first =
            entries[..at].iter().position(|entry| entry.operation == Operation::Update && entry.api_version == version);
        let Some(first) = first else {
            at += 1;
            continue;
        };
        let newer = entries.remove(at);
        let bucket = &mut entries[first];
        ANCIENT.clone_into(&mut bucket.manager);
        bucket.subresource.clear();
        bucket.fields.add(&newer.fields);
        bucket.time = newer.time;
    }
    entries
}

/// Applies a configuration to an object, or makes one of it.
///
/// # Errors
/// When it is malformed, or others manage what it would change (unless `force`d).
pub fn apply(
    schema: &Schema,
    live: Option<&Value>,
    config: &Value,
    writer: &Writer<'_>,
    force: bool,
) -> Result<Value, Refusal> {
    if let Some(fault) = fieldset::fault(schema, config) {
        return Err(Refusal::Malformed(fault));
    }
    let fresh = json!({"kind": meta::kind(config), "apiVersion": writer.api_version, "metadata": {}});
    let present = live.map_or_else(|| fresh.clone(), without_managers);
    let mut entries = live.and_then(read).unwrap_or_default();
    if entries.is_empty() && live.is_some() {
        let before = Writer { manager: BEFORE_FIRST_APPLY, ..writer.clone() };
        entries = noted(schema, &schema::empty(meta::kind(config)), &present, entries, &before);
    }
    let mut applied = apply_once(schema, &present, config, &entries, writer, force);
    if let Err(conflicts) = &mut applied
        && writer.manager == KUBECTL
        && let Some(allowed) = last_applied(schema, &present, writer.api_version)
    {
        conflicts.retain(|(_, path)| !allowed.has(path));
        if conflicts.is_empty() {
            applied = apply_once(schema, &present, config, &entries, writer, true);
        }
    }
    let (mut object, entries) = applied.map_err(|conflicts| Refusal::Conflict(conflict(conflicts)))?;
    write(&mut object, entries);
    if writer.manager == KUBECTL && meta::annotation(&object, LAST_APPLIED).is_some_and(|text| !text.is_empty()) {
        let mut kept = config.clone();
        if let Some(Value::Object(annotations)) = kept.pointer_mut("/metadata/annotations") {
            annotations.shift_remove(LAST_APPLIED);
        }
        let mut text = super::gojson::to_json_compact(&kept);
        text.push('\n');
        meta::metadata_map_mut(&mut object, "annotations").insert(LAST_APPLIED.to_owned(), json!(text));
    }
    Ok(object)
}

type Conflicts = Vec<(String, Vec<Element>)>;

fn apply_once(
    schema: &Schema,
    live: &Value,
    config: &Value,
    entries: &[Entry],
    writer: &Writer<'_>,
    force: bool,
) -> Result<(Value, Vec<Entry>), Conflicts> {
    let merged = merge(schema, live, config);
    let own = of_value(schema, config).recursive_difference(writer.reset);
    let mut own = Entry::of(writer, Operation::Apply, own);
    let mut others = entries.to_vec();
    let last = others.iter().position(|entry| entry.is_same_manager(&own)).map(|at| others.remove(at));
    let new = match &last {
        Some(last) if !last.fields.is_empty() => pruned(schema, &merged, &last.fields, &own.fields, &others),
        _ => merged,
    };
    let change = compare(schema, live, &new);
    let touched = change.modified.union(&change.added).recursive_difference(writer.reset);
    let conflicts: Vec<(usize, Set)> = (0..others.len())
        .map(|at| (at, others[at].fields.intersection(&touched)))
        .filter(|(_, set)| !set.is_empty())
        .collect();
    if !force && !conflicts.is_empty() {
        let mut found: Vec<(String, Set)> = conflicts.into_iter().map(|(at, set)| (others[at].shown(), set)).collect();
        found.order_by(|a, b| a.0.cmp(&b.0));
        return Err(found
            .into_iter()
            .flat_map(|(manager, set)| set.paths().into_iter().map(move |path| (manager.clone(), path)))
            .collect());
    }
    let lost = touched.union(&change.removed.recursive_difference(writer.reset));
    for entry in &mut others {
        entry.fields = entry.fields.difference(&lost);
    }
    others.retain(|entry| !entry.fields.is_empty());
    own.fields = own.fields.difference(&stripped());
    if new == *live {
        // The object stays as it is: so does the time, even where there is none.
        own.time = last.and_then(|last| last.time);
    }
    if !own.fields.is_empty() {
        others.push(own);
    }
    Ok((new, others))
}

/// Takes away what was applied last and is no more, unless another manages it.
fn pruned(schema: &Schema, merged: &Value, last: &Set, own: &Set, others: &[Entry]) -> Value {
    let all = named_fields_too(&of_value(schema, merged));
    let last = named_fields_too(last);
    let mut kept = named_fields_too(own);
    for entry in others {
        kept.add(&named_fields_too(&entry.fields));
    }
    let first = named_fields_too(&of_value(schema, &without(schema, merged, &last)));
    let owned = without(schema, merged, &all.difference(&first.union(&kept)));
    let left = named_fields_too(&of_value(schema, &owned));
    without(schema, merged, &all.difference(&left).intersection(&last))
}

/// What the annotation of client-side apply says, as far as the object still says so.
fn last_applied(schema: &Schema, live: &Value, api_version: &str) -> Option<Set> {
    let last: Value = serde_json::from_str(meta::annotation(live, LAST_APPLIED)?).ok()?;
    if last.get("apiVersion")? != api_version {
        return None;
    }
    let change = compare(schema, &last, live);
    Some(of_value(schema, &last).difference(&change.modified).difference(&change.added).difference(&change.removed))
}

fn conflict(conflicts: Conflicts) -> Status {
    let message = match conflicts.as_slice() {
        [(manager, path)] => format!("Apply failed with 1 conflict: conflict with {manager}: {}", path_text(path)),
        many => {
            let mut lines: Vec<String> = Vec::new();
            let mut last = "";
            for (manager, path) in many {
                if manager != last {
                    lines.push(format!("conflicts with {manager}:"));
                    last = manager;
                }
                lines.push(format!("- {}", path_text(path)));
            }
            format!("Apply failed with {} conflicts: {}", many.len(), lines.join("\n"))
        }
    };
    let mut status = Status::failure(StatusReason::Conflict, message);
    status.causes = conflicts
        .into_iter()
        .map(|(manager, path)| Cause {
            reason: "FieldManagerConflict".to_owned(),
            message: format!("conflict with {manager}"),
            field: path_text(&path),
        })
        .collect();
    status
}

#[cfg(test)]
mod tests;
