//! What a write says of itself in its query, and what is wrong with it. Upstream: apimachinery/pkg/apis/meta/v1/validation.

use serde_json::json;

use crate::apimachinery::Status;
use crate::apimachinery::field::{Errors, Path};
use crate::simulator::registry::strings_in_fault;
use crate::simulator::{ControlPlane, release};

use super::Call;

/// The longest name of a manager, in bytes.
const LONGEST_NAME: usize = 128;

/// What becomes of fields that are unknown or there twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FieldValidation {
    /// They are dropped.
    Ignore,
    /// They are dropped, with a warning.
    Warn,
    /// They are refused.
    Strict,
}

/// There is one kind of dry run.
pub(super) fn check_dry_run(plane: &ControlPlane, modes: &[&str], errors: &mut Errors) {
    if modes.iter().any(|mode| *mode != "All") {
        errors.not_supported_go(&Path::new("dryRun"), &strings_in_fault(plane, modes), &["All"]);
    }
}

impl Call<'_> {
    /// What becomes of such fields. Before servers validated, clients did, and a server dropped them silently.
    pub(super) fn field_validation(&self) -> FieldValidation {
        match self.info.param("fieldValidation").unwrap_or_default() {
            _ if !self.api.plane.does(release::FIELD_VALIDATION) => FieldValidation::Ignore,
            "Strict" => FieldValidation::Strict,
            "Ignore" => FieldValidation::Ignore,
            _ => FieldValidation::Warn,
        }
    }

    /// Checks the options of a write: all of them, in upstream's order.
    ///
    /// # Errors
    /// 422 with each fault.
    pub(super) fn check_options(&self, apply: bool) -> Result<(), Status> {
        let kind = match self.info.verb.as_str() {
            "create" => "CreateOptions",
            "update" => "UpdateOptions",
            "patch" => "PatchOptions",
            _ => "DeleteOptions",
        };
        let mut errors = Errors::default();
        if kind == "PatchOptions" {
            self.check_force(apply, &mut errors);
        }
        if kind != "DeleteOptions" {
            self.check_manager(&mut errors);
        }
        check_dry_run(&self.api.plane, &self.info.params("dryRun"), &mut errors);
        let validation = self.info.param("fieldValidation").unwrap_or_default();
        let known = ["", "Ignore", "Strict", "Warn"];
        let is_checked = kind != "DeleteOptions" && self.api.plane.does(release::FIELD_VALIDATION);
        if is_checked && !known.contains(&validation) {
            errors.not_supported(&Path::new("fieldValidation"), &json!(validation), &known);
        }
        if errors.is_empty() { Ok(()) } else { Err(Status::invalid("meta.k8s.io", kind, "", errors)) }
    }

    fn check_force(&self, apply: bool, errors: &mut Errors) {
        if apply && self.info.param("fieldManager").unwrap_or_default().is_empty() {
            errors.required(&Path::new("fieldManager"), "is required for apply patch");
        }
        if !apply && self.info.param("force").is_some_and(|force| !force.is_empty()) {
            errors.forbidden(&Path::new("force"), "may not be specified for non-apply patch");
        }
    }

    fn check_manager(&self, errors: &mut Errors) {
        let given = self.info.param("fieldManager").unwrap_or_default();
        let path = Path::new("fieldManager");
        if given.len() > LONGEST_NAME {
            errors.too_long(&path, LONGEST_NAME, self.api.plane.does(release::TOO_LONG_MAY_NOT_BE));
        }
        for (at, letter) in given.char_indices().filter(|(_, letter)| letter.is_control()) {
            // As Go prints a character that cannot be printed.
            let why = format!("invalid character U+{:04X} (at {at})", u32::from(letter));
            errors.invalid(&path, &json!(given), &why);
        }
    }
}
