//! The shape of a lesson file as JSON Schema, for editors. `assets/lesson.schema.json` is a copy of it.

use serde_json::Value;

use super::model::Lesson;

/// The JSON Schema of a lesson.
pub fn schema() -> Value {
    schemars::schema_for!(Lesson).to_value()
}

#[cfg(test)]
mod tests {
    use std::{env, fs};

    use super::schema;

    #[test]
    fn the_copy_for_editors_is_up_to_date() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/assets/lesson.schema.json");
        let text = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
        if env::var_os("UPDATE_SCHEMA").is_some() {
            fs::write(path, &text).unwrap();
        }
        let copy = fs::read_to_string(path).unwrap_or_default();
        assert!(copy == text, "run `UPDATE_SCHEMA=1 cargo test course::schema` and commit the file");
    }
}
