//! Rules of roles as lines of a table. Upstream: kubectl/pkg/util/rbac/rbac.go.

use serde_json::{Value, json};

use super::page::{each, words};

/// Each rule taken apart into one resource, name and verb; then the verbs of equal ones joined, sorted by their text.
pub fn compact(rules: &[Value]) -> Vec<Value> {
    let mut simple: Vec<Value> = Vec::new();
    let mut complex: Vec<Value> = Vec::new();
    for rule in rules {
        for group in words(&rule["apiGroups"]) {
            for resource in words(&rule["resources"]) {
                for verb in each(&rule["verbs"]) {
                    let one = json!({"apiGroups": [group], "resources": [resource]});
                    let mut names = words(&rule["resourceNames"]).into_iter().peekable();
                    if names.peek().is_none() {
                        add(&mut simple, one.clone(), verb);
                    }
                    for name in names {
                        let mut one = one.clone();
                        one["resourceNames"] = json!([name]);
                        add(&mut simple, one, verb);
                    }
                }
            }
        }
        for url in words(&rule["nonResourceURLs"]) {
            complex.extend(each(&rule["verbs"]).map(|verb| json!({"nonResourceURLs": [url], "verbs": [verb]})));
        }
    }
    complex.extend(simple);
    complex.sort_by_cached_key(printed);
    complex
}

/// Gives `verb` to the rule that is otherwise equal to `one`.
fn add(simple: &mut Vec<Value>, mut one: Value, verb: &Value) {
    let same = |other: &&mut Value| {
        ["apiGroups", "resources", "resourceNames"].iter().all(|field| other.get(*field) == one.get(*field))
    };
    if let Some(verbs) = simple.iter_mut().find(same).and_then(|other| other["verbs"].as_array_mut()) {
        verbs.push(verb.clone());
    } else {
        one["verbs"] = json!([verb]);
        simple.push(one);
    }
}

/// The rule as protobuf prints it, by which upstream sorts.
fn printed(rule: &Value) -> String {
    let fields = [
        ("Verbs", "verbs"),
        ("APIGroups", "apiGroups"),
        ("Resources", "resources"),
        ("ResourceNames", "resourceNames"),
        ("NonResourceURLs", "nonResourceURLs"),
    ];
    fields.iter().map(|(name, field)| format!("{name}:{},", bracketed(&rule[*field]))).collect()
}

/// `pods.group` `[]` `[]` `[get list]`, parted by tabs.
pub fn row(rule: &Value) -> String {
    let group = rule["apiGroups"][0].as_str().unwrap_or_default();
    let resource = rule["resources"][0].as_str().unwrap_or_default();
    let shown = match (resource, group) {
        ("", _) | (_, "") => resource.to_owned(),
        (resource, group) => match resource.split_once('/') {
            Some((kind, sub)) => format!("{kind}.{group}/{sub}"),
            None => format!("{resource}.{group}"),
        },
    };
    let [urls, names, verbs] = ["nonResourceURLs", "resourceNames", "verbs"].map(|field| bracketed(&rule[field]));
    format!("{shown}\t{urls}\t{names}\t{verbs}")
}

fn bracketed(list: &Value) -> String {
    format!("[{}]", words(list).join(" "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{compact, row};

    #[test]
    fn rules_are_split_joined_and_sorted() {
        let rules = [
            json!({"apiGroups": [""], "resources": ["pods", "pods/log"], "verbs": ["get"]}),
            json!({"apiGroups": [""], "resources": ["pods"], "verbs": ["list"]}),
            json!({"apiGroups": ["apps"], "resources": ["deployments/scale"], "resourceNames": ["a", "b"], "verbs": ["get"]}),
            json!({"nonResourceURLs": ["/healthz"], "verbs": ["get", "post"]}),
        ];
        let rows: Vec<String> = compact(&rules).iter().map(row).collect();
        let want = [
            "pods\t[]\t[]\t[get list]",
            "\t[/healthz]\t[]\t[get]",
            "pods/log\t[]\t[]\t[get]",
            "deployments.apps/scale\t[]\t[a]\t[get]",
            "deployments.apps/scale\t[]\t[b]\t[get]",
            "\t[/healthz]\t[]\t[post]",
        ];
        assert_eq!(rows, want);
    }
}
