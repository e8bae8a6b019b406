//! Whether some rules hold all that others do: nobody may give what they do not have.
//! Upstream: component-helpers/auth/rbac/validation/policy_comparator.go and pkg/registry/rbac/validation.

use super::PolicyRule;
use super::rule::{has, url_covers};

/// What is missing from `owner` to do all that `wanted` does, in single permissions; nothing when all is covered.
pub fn covers(owner: &[PolicyRule], wanted: &[PolicyRule]) -> Vec<PolicyRule> {
    let single = wanted.iter().flat_map(break_down);
    single.filter(|wanted| !owner.iter().any(|rule| rule_covers(rule, wanted))).collect()
}

/// Rules for one group, resource, name and verb, or for one path and verb.
fn break_down(rule: &PolicyRule) -> Vec<PolicyRule> {
    let one = |text: &String| vec![text.clone()];
    let mut single = Vec::new();
    for group in &rule.api_groups {
        for resource in &rule.resources {
            for verb in &rule.verbs {
                let plain = PolicyRule {
                    verbs: one(verb),
                    api_groups: one(group),
                    resources: one(resource),
                    ..PolicyRule::default()
                };
                if rule.resource_names.is_empty() {
                    single.push(plain);
                } else {
                    let named = |name| PolicyRule { resource_names: one(name), ..plain.clone() };
                    single.extend(rule.resource_names.iter().map(named));
                }
            }
        }
    }
    for url in &rule.non_resource_urls {
        let paths = |verb| PolicyRule { verbs: one(verb), non_resource_urls: one(url), ..PolicyRule::default() };
        single.extend(rule.verbs.iter().map(paths));
    }
    single
}

fn rule_covers(owner: &PolicyRule, wanted: &PolicyRule) -> bool {
    let all = |owner: &[String], wanted: &[String]| has(owner, "*") || wanted.iter().all(|item| has(owner, item));
    let names = owner.resource_names.is_empty()
        || (!wanted.resource_names.is_empty()
            && wanted.resource_names.iter().all(|name| has(&owner.resource_names, name)));
    let resource = |wanted: &String| {
        has(&owner.resources, "*")
            || has(&owner.resources, wanted)
            || wanted.split_once('/').is_some_and(|(_, part)| has(&owner.resources, &format!("*/{part}")))
    };
    let url = |wanted: &String| owner.non_resource_urls.iter().any(|rule| url_covers(rule, wanted));
    all(&owner.verbs, &wanted.verbs)
        && all(&owner.api_groups, &wanted.api_groups)
        && wanted.resources.iter().all(resource)
        && names
        && wanted.non_resource_urls.iter().all(url)
}

/// Joins single permissions that differ in the verb only.
pub fn compact(rules: Vec<PolicyRule>) -> Vec<PolicyRule> {
    let mut joined: Vec<PolicyRule> = Vec::new();
    for rule in rules {
        let same = |other: &&mut PolicyRule| {
            rule.non_resource_urls.is_empty()
                && other.api_groups == rule.api_groups
                && other.resources == rule.resources
                && other.resource_names == rule.resource_names
                && other.non_resource_urls.is_empty()
        };
        match joined.iter_mut().find(same) {
            Some(other) => {
                for verb in rule.verbs {
                    if !has(&other.verbs, &verb) {
                        other.verbs.push(verb);
                    }
                }
            }
            None => joined.push(rule),
        }
    }
    joined
}
