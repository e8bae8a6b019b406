//! What the server itself writes into metadata, and what nobody may change there.
//! Upstream: apiserver/pkg/registry/rest/{create,update,meta}.go, apimachinery/pkg/api/validation/objectmeta.go.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::apimachinery::field::{Errors, Path};
use crate::apimachinery::{Resource, Status, meta, names};
use crate::simulator::registry::Strategy;
use crate::simulator::{ControlPlane, release};

/// The most bytes of all annotations together.
const MOST_ANNOTATIONS: usize = 256 * 1024;

/// A generated name is cut to this before its five random letters.
const LONGEST_BASE: usize = 58;

/// Fills in what a new object gets from the server.
pub(super) fn fill(plane: &ControlPlane, strategy: &dyn Strategy, object: &mut Value, namespace: &str) {
    if meta::name(object).is_empty() && !meta::generate_name(object).is_empty() {
        draw_name(plane, strategy, object, namespace);
    }
    let metadata = meta::metadata_mut(object);
    if strategy.resource().namespaced {
        metadata.insert("namespace".to_owned(), json!(namespace));
    }
    if !strategy.resource().namespaced {
        metadata.shift_remove("namespace");
    }
    for unwanted in ["deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"] {
        metadata.shift_remove(unwanted);
    }
    let name = metadata.get("name").and_then(Value::as_str).unwrap_or_default();
    let purpose = format!("uid {}/{namespace}/{name}", strategy.resource().plural);
    metadata.insert("uid".to_owned(), json!(plane.ids.of(&purpose).uuid()));
    metadata.insert("creationTimestamp".to_owned(), json!(meta::time(plane.clock.now())));
}

/// Takes out what only the server says. Upstream: WipeObjectMetaSystemFields.
pub(super) fn wipe(object: &mut Value) {
    let metadata = meta::metadata_mut(object);
    for field in ["uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"] {
        metadata.shift_remove(field);
    }
}

/// Gives an object a name after its `generateName`.
pub(super) fn draw_name(plane: &ControlPlane, strategy: &dyn Strategy, object: &mut Value, namespace: &str) {
    let base = meta::generate_name(object);
    let purpose = format!("name {}/{namespace}/{base}", strategy.resource().plural);
    let name = format!("{}{}", cut(base), plane.ids.of(&purpose).suffix(5));
    meta::metadata_mut(object).insert("name".to_owned(), json!(name));
}

fn cut(base: &str) -> &str {
    let end = base.char_indices().map(|(at, _)| at).take_while(|at| *at <= LONGEST_BASE).last().unwrap_or(0);
    if base.len() <= LONGEST_BASE { base } else { &base[..end] }
}

/// The faults in the metadata of an object by the rules of its type. Upstream: ValidateObjectMeta in
/// pkg/apis/core/validation.
pub(super) fn validate(plane: &ControlPlane, strategy: &dyn Strategy, object: &Value) -> Errors {
    let mut errors = validate_as(plane, object, |name| strategy.validate_name(plane.names(), name));
    let path = Path::new("metadata").child("finalizers");
    for (index, finalizer) in texts(object, "finalizers").iter().enumerate() {
        if !finalizer.contains('/') && !matches!(finalizer.as_str(), "kubernetes" | "orphan" | "foregroundDeletion") {
            let why = "name is neither a standard finalizer name nor is it fully qualified";
            errors.invalid(&path.index(index), &json!(finalizer), why);
        }
    }
    errors
}

/// The faults that the metadata of a changed object of any type may have. Upstream: validateCommonFields in
/// apiserver/pkg/registry/rest.
pub(super) fn validate_common(plane: &ControlPlane, object: &Value, old: &Value) -> Errors {
    let mut errors = validate_as(plane, object, names::path_segment);
    errors.extend(validate_change(plane, object, old));
    errors
}

/// Upstream: ValidateObjectMetaAccessor.
fn validate_as(plane: &ControlPlane, object: &Value, name_faults: impl Fn(&str) -> Vec<String>) -> Errors {
    let mut errors = Errors::default();
    let path = Path::new("metadata");
    match meta::generate_name(object) {
        "" => {}
        prefix => {
            let faults = name_faults(&names::mask_trailing_dash(prefix));
            errors.all_invalid(&path.child("generateName"), &json!(prefix), faults);
        }
    }
    match meta::name(object) {
        "" => errors.required(&path.child("name"), "name or generateName is required"),
        name => errors.all_invalid(&path.child("name"), &json!(name), name_faults(name)),
    }
    if let Some(generation) = field_of(object, "generation").as_i64().filter(|generation| *generation < 0) {
        errors.invalid(&path.child("generation"), &json!(generation), "must be greater than or equal to 0");
    }
    validate_maps(plane, object, &path, &mut errors);
    validate_owners(plane, object, &path, &mut errors);
    validate_finalizers(plane, object, &path, &mut errors);
    errors
}

/// Upstream: ValidateObjectMetaAccessorUpdate.
pub(super) fn validate_change(plane: &ControlPlane, object: &Value, old: &Value) -> Errors {
    let mut errors = Errors::default();
    let path = Path::new("metadata");
    no_new_finalizers(object, old, &path, &mut errors);
    for field in ["uid", "deletionTimestamp", "deletionGracePeriodSeconds"] {
        let new = field_of(object, field);
        if new != field_of(old, field) {
            const WHY: &str = "field is immutable";
            match new.as_str().and_then(|text| text.parse::<jiff::Timestamp>().ok()) {
                // A time is printed as Go prints one.
                Some(time) => {
                    let shown = time.strftime("%Y-%m-%d %H:%M:%S +0000 UTC").to_string();
                    errors.invalid_go(&path.child(field), &shown, WHY);
                }
                None => errors.invalid(&path.child(field), &new, WHY),
            }
        }
    }
    validate_maps(plane, object, &path, &mut errors);
    validate_owners(plane, object, &path, &mut errors);
    errors
}

/// Upstream: ValidateOwnerReferences.
fn validate_owners(plane: &ControlPlane, object: &Value, path: &Path, errors: &mut Errors) {
    let path = path.child("ownerReferences");
    let owners = field_of(object, "ownerReferences");
    let owners = owners.as_array().map(Vec::as_slice).unwrap_or_default();
    let text = |owner: &Value, field: &str| owner[field].as_str().unwrap_or_default().to_owned();
    let mut controller: Option<String> = None;
    for owner in owners {
        let (api_version, kind) = (text(owner, "apiVersion"), text(owner, "kind"));
        // What has more than one slash is no version.
        if api_version.is_empty() || api_version.ends_with('/') || api_version.matches('/').count() > 1 {
            errors.invalid(&path.child("apiVersion"), &json!(api_version), "version must not be empty");
        }
        for field in ["kind", "name", "uid"] {
            if text(owner, field).is_empty() {
                let named = if plane.does(release::OWNERS_JUST_EMPTY) { String::new() } else { format!("{field} ") };
                errors.invalid(&path.child(field), &json!(""), &format!("{named}must not be empty"));
            }
        }
        if (api_version.as_str(), kind.as_str()) == ("v1", "Event") {
            let why = "/v1, Kind=Event is disallowed from being an owner";
            invalid_owners(plane, &path, &owner_in_order(owner), why, errors);
        }
        if owner["controller"] == true {
            let current = format!("{kind}/{}", text(owner, "name"));
            match &controller {
                None => controller = Some(current),
                Some(first) => {
                    let why = format!(
                        "Only one reference can have Controller set to true. Found \"true\" in references for {first} and {current}"
                    );
                    let owners = owners.iter().map(owner_in_order).collect();
                    invalid_owners(plane, &path, &owners, &why, errors);
                }
            }
        }
    }
}

/// The fields of an owner reference in Go's order.
fn owner_in_order(owner: &Value) -> Value {
    let fields = ["apiVersion", "kind", "name", "uid", "controller", "blockOwnerDeletion"];
    let fields = fields.into_iter().filter_map(|field| Some((field.to_owned(), owner.get(field)?.clone())));
    Value::Object(fields.collect())
}

fn invalid_owners(plane: &ControlPlane, path: &Path, owners: &Value, why: &str, errors: &mut Errors) {
    if plane.does(release::FAULTS_PRINT_JSON) {
        return errors.invalid(path, owners, why);
    }
    let one = |owner: &Value| {
        let text = |field: &str| json!(owner[field].as_str().unwrap_or_default());
        let flag = |field: &str| if owner[field].is_boolean() { "(*bool)(0xc000000000)" } else { "(*bool)(nil)" };
        format!(
            "v1.OwnerReference{{APIVersion:{}, Kind:{}, Name:{}, UID:{}, Controller:{}, BlockOwnerDeletion:{}}}",
            text("apiVersion"),
            text("kind"),
            text("name"),
            text("uid"),
            flag("controller"),
            flag("blockOwnerDeletion")
        )
    };
    let shown = match owners.as_array() {
        Some(several) => {
            format!("[]v1.OwnerReference{{{}}}", several.iter().map(one).collect::<Vec<_>>().join(", "))
        }
        None => one(owners),
    };
    errors.invalid_go(path, &shown, why);
}

/// Leaves out the owners that are named twice, word for word; a warning tells of them. Upstream: dedupOwnerReferences.
pub(super) fn dedup_owners(object: &mut Value) -> Vec<String> {
    let owners = field_of(object, "ownerReferences");
    let Some(owners) = owners.as_array() else { return Vec::new() };
    let (mut kept, mut twice): (Vec<Value>, Vec<&str>) = (Vec::new(), Vec::new());
    for owner in owners {
        if kept.contains(owner) {
            twice.push(owner["uid"].as_str().unwrap_or_default());
        } else {
            kept.push(owner.clone());
        }
    }
    if twice.is_empty() {
        return Vec::new();
    }
    let warning = format!(
        ".metadata.ownerReferences contains duplicate entries; API server dedups owner references in 1.20+, and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: {}",
        twice.join(", ")
    );
    meta::metadata_mut(object).insert("ownerReferences".to_owned(), Value::Array(kept));
    vec![warning]
}

/// Upstream: ValidateFinalizers in apimachinery/pkg/api/validation.
fn validate_finalizers(plane: &ControlPlane, object: &Value, path: &Path, errors: &mut Errors) {
    let path = path.child("finalizers");
    let named = texts(object, "finalizers");
    for finalizer in &named {
        errors.all_invalid(&path, &json!(finalizer), plane.names().qualified_name(finalizer));
    }
    let has = |finalizer: &str| named.iter().any(|named| named == finalizer);
    if has("orphan") && has("foregroundDeletion") {
        let why = "finalizer orphan and foregroundDeletion cannot be both set";
        if plane.does(release::FAULTS_PRINT_JSON) {
            errors.invalid(&path, &json!(named), why);
        } else {
            errors.invalid_go(&path, &go_texts(&named), why);
        }
    }
}

/// Texts as Go would write them in a program.
fn go_texts(texts: &[String]) -> String {
    format!("[]string{{{}}}", texts.iter().map(|text| format!("{text:?}")).collect::<Vec<_>>().join(", "))
}

/// An object that is being deleted takes no new finalizers. Upstream: ValidateNoNewFinalizers.
fn no_new_finalizers(object: &Value, old: &Value, path: &Path, errors: &mut Errors) {
    let of = |object: &Value| BTreeSet::from_iter(texts(object, "finalizers"));
    let added: Vec<String> = of(object).difference(&of(old)).cloned().collect();
    if !added.is_empty() && meta::deleting_since(old).is_some() {
        let why = format!(
            "no new finalizers can be added if the object is being deleted, found new finalizers {}",
            go_texts(&added)
        );
        errors.forbidden(&path.child("finalizers"), &why);
    }
}

/// Upstream: ValidateLabels and ValidateAnnotations.
fn validate_maps(plane: &ControlPlane, object: &Value, path: &Path, errors: &mut Errors) {
    let rules = plane.names();
    let map = |field: &str| object.get("metadata").and_then(|metadata| metadata.get(field)).and_then(Value::as_object);
    let labels = path.child("labels");
    for (key, value) in map("labels").into_iter().flatten() {
        errors.all_invalid(&labels, &json!(key), rules.qualified_name(key));
        errors.all_invalid(&labels, value, rules.label_value(value.as_str().unwrap_or_default()));
    }
    let annotations = path.child("annotations");
    let mut size = 0;
    for (key, value) in map("annotations").into_iter().flatten() {
        errors.all_invalid(&annotations, &json!(key), rules.qualified_name(&key.to_lowercase()));
        size += key.len() + value.as_str().unwrap_or_default().len();
    }
    if size > MOST_ANNOTATIONS {
        errors.too_long(&annotations, MOST_ANNOTATIONS, plane.does(release::TOO_LONG_MAY_NOT_BE));
    }
}

/// Carries over what an update may not touch. Upstream: rest.BeforeUpdate.
pub(super) fn carry_over(strategy: &dyn Strategy, object: &mut Value, old: &Value) {
    let (uid, grace) = (field_of(object, "uid"), field_of(object, "deletionGracePeriodSeconds"));
    let metadata = meta::metadata_mut(object);
    let mut keep = |field: &str| match field_of(old, field) {
        Value::Null => drop(metadata.shift_remove(field)),
        kept => drop(metadata.insert(field.to_owned(), kept)),
    };
    // Another time of creation is not refused, it is overlooked.
    keep("creationTimestamp");
    keep("generation");
    keep("selfLink");
    if uid.is_null() {
        keep("uid");
    }
    if meta::deleting_since(old).is_some() {
        keep("deletionTimestamp");
    }
    if grace.is_null() {
        keep("deletionGracePeriodSeconds");
    }
    if strategy.resource().namespaced {
        keep("namespace");
    }
}

/// The texts of a list of metadata.
fn texts(object: &Value, field: &str) -> Vec<String> {
    let list = field_of(object, field);
    list.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn field_of(object: &Value, field: &str) -> Value {
    object.get("metadata").and_then(|metadata| metadata.get(field)).cloned().unwrap_or_default()
}

/// Gives an object the namespace it was sent to, or takes one away that it cannot live in.
/// Upstream: EnsureObjectNamespaceMatchesRequestNamespace.
///
/// # Errors
/// 400 when it says that it lives in another.
pub(super) fn match_namespace(resource: &Resource, object: &mut Value, namespace: &str) -> Result<(), Status> {
    if !resource.namespaced {
        if let Some(Value::Object(metadata)) = object.get_mut("metadata") {
            metadata.shift_remove("namespace");
        }
        return Ok(());
    }
    match meta::namespace(object) {
        "" => drop(meta::metadata_mut(object).insert("namespace".to_owned(), json!(namespace))),
        said if said == namespace => {}
        _ => {
            return Err(Status::bad_request(
                "the namespace of the provided object does not match the namespace sent on the request",
            ));
        }
    }
    Ok(())
}

/// Checks a body against the URL it was sent to: namespace, name.
pub(super) fn match_url(
    resource: &Resource,
    object: &Value,
    namespace: &str,
    name: Option<&str>,
) -> Result<(), Status> {
    if resource.namespaced {
        let said = meta::namespace(object);
        if !said.is_empty() && said != namespace {
            return Err(Status::bad_request(
                "the namespace of the provided object does not match the namespace sent on the request",
            ));
        }
    }
    if let Some(name) = name {
        match meta::name(object) {
            "" => {
                return Err(Status::bad_request(format!(
                    "the name of the object ({name} based on URL) was undeterminable: name must be provided"
                )));
            }
            said if said != name => {
                return Err(Status::bad_request(format!(
                    "the name of the object ({said}) does not match the name on the URL ({name})"
                )));
            }
            _ => {}
        }
    }
    Ok(())
}
