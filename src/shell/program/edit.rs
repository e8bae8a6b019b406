//! `edit` and the editors people know by name: all open the tutor's own editor pane.

use super::session;
use crate::shell::Request;
use crate::unix::{Call, Program, Run};

pub const EDIT: Program = editor("edit");
pub const NANO: Program = editor("nano");
pub const VI: Program = editor("vi");
pub const VIM: Program = editor("vim");

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
            let Some(session) = session(call) else { return 127 };
            session.ask(Request::Edit(path));
            0
        }
    }
}
