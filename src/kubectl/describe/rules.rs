//! Rules of roles as lines of a table. Upstream: component-helpers/auth/rbac/validation/policy_compact.go.

use serde_json::{Value, json};

/// One rule for each resource, verbs of equal rules joined, sorted by their text.
pub fn compact(rules: &[Value]) -> Vec<Value> {
    let list = |rule: &Value, field: &str| rule[field].as_array().cloned().unwrap_or_default();
    let mut simple: Vec<Value> = Vec::new();
    for rule in rules {
        let urls = list(rule, "nonResourceURLs");
        if !urls.is_empty() {
            simple.push(json!({"nonResourceURLs": urls, "verbs": rule["verbs"]}));
        }
        let names = list(rule, "resourceNames");
        for group in list(rule, "apiGroups") {
            for resource in list(rule, "resources") {
                let mut one = json!({"apiGroups": [group], "resources": [resource]});
                if !names.is_empty() {
                    one["resourceNames"] = json!(names);
                }
                let same = |other: &&mut Value| {
                    ["apiGroups", "resources", "resourceNames"].iter().all(|field| other[*field] == one[*field])
                };
                let known = if names.len() > 1 { None } else { simple.iter_mut().find(same) };
                match known.and_then(|other| other["verbs"].as_array_mut()) {
                    Some(verbs) => {
                        for verb in list(rule, "verbs") {
                            if !verbs.contains(&verb) {
                                verbs.push(verb);
                            }
                        }
                    }
                    None => {
                        one["verbs"] = rule["verbs"].clone();
                        simple.push(one);
                    }
                }
            }
        }
    }
    // Upstream sorts by the protobuf text of the rule, in which the verbs come first.
    simple.sort_by_cached_key(|rule| {
        ["verbs", "apiGroups", "resources", "resourceNames", "nonResourceURLs"].map(|field| bracketed(&rule[field]))
    });
    simple
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
    format!(
        "{shown}\t{}\t{}\t{}",
        bracketed(&rule["nonResourceURLs"]),
        bracketed(&rule["resourceNames"]),
        bracketed(&rule["verbs"])
    )
}

fn bracketed(list: &Value) -> String {
    let words: Vec<&str> = list.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    format!("[{}]", words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::{compact, row};
    use serde_json::json;

    #[test]
    fn rules_are_split_and_sorted() {
        let rules = [
            json!({"apiGroups": [""], "resources": ["pods/log", "pods"], "verbs": ["get", "list"]}),
            json!({"apiGroups": ["apps"], "resources": ["deployments"], "resourceNames": ["web"], "verbs": ["get"]}),
        ];
        let rows: Vec<String> = compact(&rules).iter().map(row).collect();
        assert!(rows.contains(&"deployments.apps\t[]\t[web]\t[get]".to_owned()), "{rows:?}");
        assert!(rows.contains(&"pods/log\t[]\t[]\t[get list]".to_owned()), "{rows:?}");
    }
}
