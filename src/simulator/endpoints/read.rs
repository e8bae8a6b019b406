//! Get and list. Upstream: apiserver/pkg/endpoints/handlers/get.go.

use std::sync::Arc;

use http::Request;
use serde_json::{Value, json};

use crate::apimachinery::labels::Selector;
use crate::apimachinery::{Resource, Status, meta};
use crate::simulator::registry::Strategy;
use crate::simulator::storage::Key;

use super::Call;
use super::list_options;
use super::negotiation::Form;
use super::respond::Answer;

/// The key of the object a call names.
pub(super) fn key(resource: &Resource, namespace: &str, name: &str) -> Key {
    Key::new(resource.qualified(), if resource.namespaced { namespace } else { "" }, name)
}

/// The object a call names, as it is now.
pub(super) fn existing(call: &Call<'_>, strategy: &dyn Strategy) -> Result<Arc<Value>, Status> {
    let resource = strategy.resource();
    let key = key(resource, &call.info.namespace, &call.info.name);
    call.api.plane.store.get(&key).ok_or_else(|| not_found(resource, &call.info.name))
}

/// 404 for an object.
pub(super) fn not_found(resource: &Resource, name: &str) -> Status {
    Status::not_found(resource.group_version.group, resource.plural, name)
}

pub(super) fn get<B>(call: &Call<'_>, strategy: &'static dyn Strategy, request: &Request<B>) -> Result<Answer, Status> {
    let object = existing(call, strategy)?;
    let shown = strategy.read_subresource(&call.info.subresource, &object);
    Form::of(request.headers(), &call.info)?.of_one(&call.api.plane, strategy, shown).map(Answer::ok)
}

/// Which objects a list, a watch or a delete of many is about.
pub(super) struct Filter {
    pub labels: Selector,
    pub fields: Selector,
    strategy: &'static dyn Strategy,
}

impl Filter {
    pub(super) fn of(call: &Call<'_>, strategy: &'static dyn Strategy) -> Result<Self, Status> {
        let labels =
            Selector::labels(call.info.param("labelSelector").unwrap_or_default()).map_err(Status::bad_request)?;
        let fields =
            Selector::fields(call.info.param("fieldSelector").unwrap_or_default()).map_err(Status::bad_request)?;
        let known = strategy.selectable(&Value::Null);
        for key in fields.keys() {
            if !matches!(key, "metadata.name" | "metadata.namespace") && !known.iter().any(|(name, _)| *name == key) {
                return Err(Status::bad_request(if known.is_empty() {
                    format!("{key:?} is not a known field selector: only \"metadata.name\", \"metadata.namespace\"")
                } else {
                    format!("field label not supported: {key}")
                }));
            }
        }
        Ok(Self { labels, fields, strategy })
    }

    pub(super) fn matches(&self, object: &Value) -> bool {
        if !self.labels.matches_labels(object) {
            return false;
        }
        if self.fields.is_empty() {
            return true;
        }
        let values = self.strategy.selectable(object);
        self.fields.matches(|key| match key {
            "metadata.name" => Some(meta::name(object)),
            "metadata.namespace" => Some(meta::namespace(object)),
            key => values.iter().find(|(name, _)| *name == key).map(|(_, value)| value.as_str()),
        })
    }
}

pub(super) fn list<B>(
    call: &Call<'_>,
    strategy: &'static dyn Strategy,
    request: &Request<B>,
) -> Result<Answer, Status> {
    let resource = strategy.resource();
    let plane = &call.api.plane;
    let filter = Filter::of(call, strategy)?;
    list_options::validate(call, false)?;
    // Upstream reads every option, also those that say nothing of a list.
    call.info.number("timeoutSeconds")?;
    let moment = list_options::moment(call, plane.store.revision())?;
    let namespace = (!call.info.namespace.is_empty() && resource.namespaced).then_some(call.info.namespace.as_str());
    let Ok((objects, revision)) = plane.store.list_at(&resource.qualified(), namespace, moment.revision) else {
        return Ok(list_options::expired(&moment));
    };
    let mut selected: Vec<Arc<Value>> = objects.into_iter().filter(|object| filter.matches(object)).collect();
    let mut metadata = json!({"resourceVersion": revision.to_string()});
    let is_all = namespace.is_none() && resource.namespaced;
    let key = |object: &Value| match is_all {
        true => format!("{}/{}", meta::namespace(object), meta::name(object)),
        false => meta::name(object).to_owned(),
    };
    if let Some(after) = &moment.after {
        selected.retain(|object| key(object) > *after);
    }
    let limit = call.info.number("limit")?.and_then(|limit| usize::try_from(limit).ok()).filter(|limit| *limit > 0);
    if let Some(limit) = limit
        && selected.len() > limit
    {
        let left = selected.len() - limit;
        selected.truncate(limit);
        if let Some(last) = selected.last() {
            let revision = i64::try_from(revision).unwrap_or(i64::MAX);
            metadata["continue"] = json!(list_options::write_continue(revision, &key(last)));
            // Nobody counts what a selector would leave out.
            if filter.labels.is_empty() && filter.fields.is_empty() {
                metadata["remainingItemCount"] = json!(left);
            }
        }
    }
    let objects = selected.iter().map(Arc::as_ref);
    Form::of(request.headers(), &call.info)?.of_list(plane, strategy, objects, metadata).map(Answer::ok)
}
