//! `cd` and `pwd`: where one stands in the private tree.

use super::{Call, Program, Run};
use crate::unix::HOME;

pub(super) const CD: Program =
    Program { name: "cd", summary: "changes the current directory", usage: "[DIRECTORY]", run: Run::Now(cd) };

pub(super) const PWD: Program =
    Program { name: "pwd", summary: "shows the current directory", usage: "", run: Run::Now(pwd) };

fn cd(call: &mut Call<'_>) -> i32 {
    let home = || call.shell.variables.get("HOME").cloned().unwrap_or_else(|| HOME.to_owned());
    let path = match call.args {
        [] => home(),
        [only] if only == "-" => match call.shell.variables.get("OLDPWD").cloned() {
            Some(path) => {
                call.print(&format!("{path}\n"));
                path
            }
            None => {
                call.fault("cd: OLDPWD not set");
                return 1;
            }
        },
        [only] => only.clone(),
        _ => {
            call.fault("cd: too many arguments");
            return 1;
        }
    };
    let before = call.shell.files.current();
    if let Err(error) = call.shell.files.change(&path) {
        let fault = match call.shell.called.as_str() {
            "bash" => format!("cd: {path}: {error}"),
            _ if call.is_busybox() => format!("cd: can't cd to {path}: {error}"),
            _ => format!("cd: can't cd to {path}"),
        };
        call.fault(&fault);
        return 1;
    }
    call.shell.variables.insert("OLDPWD".to_owned(), before);
    0
}

fn pwd(call: &mut Call<'_>) -> i32 {
    let current = call.shell.files.current();
    call.print(&format!("{current}\n"));
    0
}
