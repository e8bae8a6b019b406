//! `edit` and the editors people know by name: all open the tutor's own editor pane.

use super::{Call, Program, Run};
use crate::shell::Request;

pub(super) const EDIT: Program = editor("edit");
pub(super) const NANO: Program = editor("nano");
pub(super) const VI: Program = editor("vi");
pub(super) const VIM: Program = editor("vim");

const fn editor(name: &'static str) -> Program {
    Program { name, summary: "opens a file in the editor", usage: "FILE", run: Run::Now(run) }
}

fn run(call: &mut Call<'_>) -> i32 {
    let Some(path) = call.args.iter().find(|arg| !arg.starts_with('-')) else {
        call.complain("which file? For example: edit pod.yaml");
        return 1;
    };
    match call.shell.files.metadata(path) {
        Ok(found) if found.directory => {
            call.complain(&format!("{path}: Is a directory"));
            1
        }
        _ => {
            let path = call.shell.files.resolve(path);
            call.shell.requests.push(Request::Edit(path));
            0
        }
    }
}
