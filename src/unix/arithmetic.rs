//! `$((…))`, `((…))`, and numbers in `[[ … ]]` and `${A:1:2}`, over the shell's variables and arrays.

use super::execute::Io;
use super::expand::Fault;
use super::{Shell, limits};
use crate::base::arithmetic::{Variables, evaluate};

impl Shell {
    /// The value of an expression as typed; what is in it is expanded first.
    pub(super) async fn arithmetic(&mut self, text: &str, io: &Io<'_>) -> Result<i64, Fault> {
        let text = self.expand_document(text, io).await?.replace('"', "");
        let number = evaluate(&text, self);
        if number.is_err() {
            self.abandon();
        }
        number
    }
}

impl Variables for Shell {
    fn text(&self, name: &str, index: Option<i64>) -> String {
        let element = |at: usize| self.arrays.get(name).and_then(|list| list.get(at));
        let text = match index {
            None => self.variables.get(name).or_else(|| element(0)),
            Some(at) => usize::try_from(at).ok().and_then(element),
        };
        text.cloned().unwrap_or_default()
    }

    fn assign(&mut self, name: &str, index: Option<i64>, value: i64) -> Result<(), Fault> {
        let Some(index) = index else { return self.assign(name, value.to_string()) };
        let mut list = self.arrays.get(name).cloned().unwrap_or_default();
        let at = usize::try_from(index).ok().filter(|at| *at < limits::VARIABLES);
        let at = at.ok_or_else(|| format!("{name}: bad array subscript"))?;
        if list.len() <= at {
            list.resize(at + 1, String::new());
        }
        if let Some(place) = list.get_mut(at) {
            *place = value.to_string();
        }
        self.assign_list(name, list)
    }
}
