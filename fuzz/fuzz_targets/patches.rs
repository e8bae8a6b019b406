//! Patches of all kinds: each is applied or refused, and a merge patch is the same twice.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sa_tutor::apimachinery::patch::{json_merge, json_patch, strategic_merge};
use sa_tutor::apimachinery::schema::{ANY, Schema};
use serde_json::Value;

fuzz_target!(|input: (&str, &str)| {
    let read = |text: &str| serde_json::from_str::<Value>(text);
    let (Ok(target), Ok(patch)) = (read(input.0), read(input.1)) else { return };
    let mut merged = target.clone();
    json_merge(&mut merged, &patch);
    let mut twice = merged.clone();
    json_merge(&mut twice, &patch);
    assert_eq!(merged, twice);
    for of in [ANY, Schema::of("Pod", true).root] {
        let _ = strategic_merge(of, &mut target.clone(), &patch);
    }
    let mut patched = target.clone();
    if json_patch(&mut patched, &patch).is_err() {
        assert_eq!(patched, target, "a JSON patch is done whole or not at all");
    }
});
