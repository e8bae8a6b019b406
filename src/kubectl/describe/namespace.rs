//! `kubectl describe namespace`. Upstream: describeNamespace.

use std::collections::BTreeSet;

use serde_json::Value;

use super::View;
use super::page::{Page, each, text, time, words};
use super::related::Want;
use crate::apimachinery::meta;
use crate::base::Order as _;
use crate::kubectl::errors::Error;

/// Tells of a namespace, its quotas and limits; a server that has none of these is not asked for them.
pub fn tell(view: &View<'_>) -> Result<Page, Error> {
    let mut page = Page::of(view.object);
    page.labels_and_annotations(view.object);
    page.field(0, "Status", text(view.object, "/status/phase"));
    let mut conditions = each(&view.object["status"]["conditions"]).peekable();
    if conditions.peek().is_some() {
        page.line(0, "Conditions:");
        page.head(1, &["Type", "Status", "LastTransitionTime", "Reason", "Message"]);
    }
    for condition in conditions {
        let when = time(&condition["lastTransitionTime"]);
        let [kind, status, reason, message] = ["/type", "/status", "/reason", "/message"].map(|at| text(condition, at));
        page.row(1, &[kind, status, &when, reason, message]);
    }
    for (want, show) in [(Want::ResourceQuotas, quotas as fn(&mut Page, &Value)), (Want::LimitRanges, limits)] {
        match view.related.get(want) {
            Some(Ok(list)) => {
                page.line(0, "");
                show(&mut page, list);
            }
            Some(Err(error)) if !error.is_not_found() => return Err(error.clone()),
            _ => {}
        }
    }
    Ok(page)
}

fn quotas(page: &mut Page, list: &Value) {
    let mut list: Vec<&Value> = each(&list["items"]).collect();
    if list.is_empty() {
        page.line(0, "No resource quota.");
        return;
    }
    list.order_by_key(|quota| meta::name(quota));
    page.line(0, "Resource Quotas");
    for quota in list {
        page.field(1, "Name", meta::name(quota));
        let mut scopes = words(&quota["spec"]["scopes"]);
        scopes.order();
        page.field_if(1, "Scopes", &scopes.join(", "));
        for help in scopes.into_iter().filter_map(scope) {
            page.line(1, &format!("* {help}"));
        }
        page.row(1, &["Resource", "Used", "Hard"]);
        page.row(1, &["--------", "---", "---"]);
        let mut hard: Vec<(&String, &Value)> = quota["status"]["hard"].as_object().into_iter().flatten().collect();
        hard.order_by_key(|(name, _)| name.as_str());
        for (name, amount) in hard {
            let used = quota["status"]["used"][name].as_str().unwrap_or("0");
            page.row(1, &[name, used, amount.as_str().unwrap_or("0")]);
        }
    }
}

/// What a quota's scope covers.
fn scope(name: &str) -> Option<&'static str> {
    Some(match name {
        "Terminating" => {
            "Matches all pods that have an active deadline. These pods have a limited lifespan on a node before being actively terminated by the system."
        }
        "NotTerminating" => {
            "Matches all pods that do not have an active deadline. These pods usually include long running pods whose container command is not expected to terminate."
        }
        "BestEffort" => {
            "Matches all pods that do not have resource requirements set. These pods have a best effort quality of service."
        }
        "NotBestEffort" => {
            "Matches all pods that have at least one resource requirement set. These pods have a burstable or guaranteed quality of service."
        }
        _ => return None,
    })
}

fn limits(page: &mut Page, list: &Value) {
    let mut list = each(&list["items"]).peekable();
    if list.peek().is_none() {
        page.line(0, "No LimitRange resource.");
        return;
    }
    page.line(0, "Resource Limits");
    page.row(0, &[" Type", "Resource", "Min", "Max", "Default Request", "Default Limit", "Max Limit/Request Ratio"]);
    page.row(0, &[" ----", "--------", "---", "---", "---------------", "-------------", "-----------------------"]);
    const COLUMNS: [&str; 5] = ["min", "max", "defaultRequest", "default", "maxLimitRequestRatio"];
    for limit in list.flat_map(|range| each(&range["spec"]["limits"])) {
        let maps = COLUMNS.iter().filter_map(|column| limit[*column].as_object());
        let names: BTreeSet<&String> = maps.flat_map(|map| map.keys()).collect();
        for name in names {
            let mut cells = vec![format!(" {}", text(limit, "/type")), name.clone()];
            cells.extend(COLUMNS.iter().map(|column| limit[*column][name].as_str().unwrap_or("-").to_owned()));
            page.row(0, &cells.iter().map(String::as_str).collect::<Vec<_>>());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::recorded::{seen, view};
    use super::super::related::{Related, Want};
    use crate::apimachinery::Status;

    #[test]
    fn quotas_and_limits() {
        let namespace = json!({"metadata": {"name": "dev", "labels": {"kubernetes.io/metadata.name": "dev"}},
            "status": {"phase": "Active"}});
        let head = "Name:         dev\nLabels:       kubernetes.io/metadata.name=dev\nAnnotations:  <none>\n\
                    Status:       Active\n";
        let none = || Ok(json!({"items": []}));
        let missing = || Err(Status::not_found("", "resourcequotas", "").into());
        let quota = Ok(
            json!({"items": [{"metadata": {"name": "q"}, "status": {"hard": {"pods": "4"}, "used": {"pods": "1"}}}]}),
        );
        let rows = [
            (none(), none(), "\nNo resource quota.\n\nNo LimitRange resource.\n"),
            (missing(), missing(), ""),
            (
                quota,
                none(),
                "\nResource Quotas\n  Name:     q\n  Resource  Used  Hard\n  --------  ---   ---\n  pods      1     4\n\
                 \nNo LimitRange resource.\n",
            ),
        ];
        for (quotas, limits, rest) in rows {
            let mut view = view(&namespace, 36);
            view.related = Related(vec![(Want::ResourceQuotas, quotas), (Want::LimitRanges, limits)]);
            assert_eq!(seen("", "Namespace", &view), format!("{head}{rest}"));
        }
    }
}
