//! Selectors: what is read can be written and read again, and then selects the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sa_tutor::apimachinery::labels::Selector;
use serde_json::json;

fuzz_target!(|input: (&str, &str, &str)| {
    let (text, key, value) = input;
    let _ = Selector::fields(text);
    let object = json!({"metadata": {"labels": {key: value}}});
    if let Ok(selector) = Selector::labels(text) {
        let again = Selector::labels(&selector.to_string()).expect("what was written can be read");
        assert_eq!(selector.matches_labels(&object), again.matches_labels(&object));
    }
});
