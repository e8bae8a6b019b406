//! `id` and `whoami`: whom the process runs as.

use futures::future::BoxFuture;

use super::{Process, Program, options};

/// The program.
pub struct Id;

impl Program for Id {
    fn names(&self) -> &'static [&'static str] {
        &["id", "whoami"]
    }

    fn run(&self, process: Process) -> BoxFuture<'static, i32> {
        Box::pin(async move {
            let user = process.files.user();
            if process.name() == "whoami" {
                if user.uid != 0 {
                    return process.complain(format_args!("unknown uid {}", user.uid));
                }
                process.print("root\n");
                return 0;
            }
            let (letters, _) = options(process.arguments());
            if letters.contains('u') {
                process.print(format!("{}\n", user.uid));
            } else if letters.contains('g') {
                process.print(format!("{}\n", user.gid));
            } else {
                let mut groups = vec![user.gid];
                groups.extend(&user.groups);
                let groups: Vec<String> = groups.into_iter().map(named).collect();
                let (uid, gid) = (named(user.uid), named(user.gid));
                process.print(format!("uid={uid} gid={gid} groups={}\n", groups.join(",")));
            }
            0
        })
    }
}

/// A number with its name, if it has one.
fn named(id: i64) -> String {
    if id == 0 { "0(root)".to_owned() } else { id.to_string() }
}
