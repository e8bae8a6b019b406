//! A shell as it was at a moment: its files, its variables, and going back to them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use brush_parser::ast::FunctionDefinition;

use super::files::Snapshot;
use super::{Options, Shell};
/// What a line may change of a shell.
#[derive(Clone)]
pub struct Moment {
    files: Snapshot,
    variables: BTreeMap<String, String>,
    exported: BTreeSet<String>,
    aliases: BTreeMap<String, String>,
    arrays: BTreeMap<String, Vec<String>>,
    functions: BTreeMap<String, Arc<FunctionDefinition>>,
    options: Options,
}

impl Moment {
    /// Whether nothing has changed between the two.
    pub fn is_same(&self, other: &Self) -> bool {
        let functions = |moment: &Self| -> Vec<(String, *const FunctionDefinition)> {
            moment.functions.iter().map(|(name, function)| (name.clone(), Arc::as_ptr(function))).collect()
        };
        self.files == other.files
            && self.variables == other.variables
            && self.exported == other.exported
            && self.aliases == other.aliases
            && self.arrays == other.arrays
            && self.options == other.options
            && functions(self) == functions(other)
    }
}

impl Shell {
    /// The shell as it is now.
    pub fn moment(&self) -> Moment {
        Moment {
            files: self.files.snapshot(),
            variables: self.variables.clone(),
            exported: self.exported.clone(),
            aliases: self.aliases.clone(),
            arrays: self.arrays.clone(),
            functions: self.functions.clone(),
            options: self.options,
        }
    }

    /// Goes back (or on) to what was at a moment.
    pub fn go_to(&mut self, moment: &Moment) {
        self.files.restore(&moment.files);
        self.variables.clone_from(&moment.variables);
        self.exported.clone_from(&moment.exported);
        self.aliases.clone_from(&moment.aliases);
        self.arrays.clone_from(&moment.arrays);
        self.functions.clone_from(&moment.functions);
        self.options = moment.options;
    }
}
