//! `id`, `whoami` and `hostname`: whom one works as, and where.

use super::{Call, Program, Run, args};

pub(super) const ID: Program = Program {
    name: "id",
    summary: "tells your number and your groups",
    usage: "[-u] [-g] [-G] [-n]",
    run: Run::Now(id),
};
pub(super) const WHOAMI: Program =
    Program { name: "whoami", summary: "tells who you are in this shell", usage: "", run: Run::Now(whoami) };
pub(super) const HOSTNAME: Program =
    Program { name: "hostname", summary: "tells the machine's name", usage: "", run: Run::Now(hostname) };

fn id(call: &mut Call<'_>) -> i32 {
    let parsed = match args::parse(call.args, "ugGn", &[("user", 'u'), ("group", 'g'), ("groups", 'G'), ("name", 'n')])
    {
        Ok(parsed) => parsed,
        Err(fault) => return call.misused(&fault, 1),
    };
    let user = call.shell.files.user().clone();
    let shell = &call.shell;
    let (accounts, table) = ("/etc/passwd", "/etc/group");
    let mut groups = vec![user.gid];
    groups.extend(user.groups.iter().filter(|group| **group != user.gid));
    let plain = |file: &str, number: i64| match parsed.has('n') {
        true => shell.named(file, number).unwrap_or_else(|| number.to_string()),
        false => number.to_string(),
    };
    let text = if parsed.has('u') {
        plain(accounts, user.uid)
    } else if parsed.has('g') {
        plain(table, user.gid)
    } else if parsed.has('G') {
        groups.iter().map(|group| plain(table, *group)).collect::<Vec<_>>().join(" ")
    } else {
        let full = |file: &str, number: i64| match shell.named(file, number) {
            Some(name) => format!("{number}({name})"),
            None => number.to_string(),
        };
        let groups: Vec<String> = groups.iter().map(|group| full(table, *group)).collect();
        format!("uid={} gid={} groups={}", full(accounts, user.uid), full(table, user.gid), groups.join(","))
    };
    call.print(&format!("{text}\n"));
    0
}

fn whoami(call: &mut Call<'_>) -> i32 {
    let uid = call.shell.files.user().uid;
    match call.shell.named("/etc/passwd", uid) {
        Some(name) => {
            call.print(&format!("{name}\n"));
            0
        }
        None => {
            call.complain_as(&format!("cannot find name for user ID {uid}"), &format!("unknown uid {uid}"));
            1
        }
    }
}

fn hostname(call: &mut Call<'_>) -> i32 {
    let name = call.shell.machine.hostname.clone();
    call.print(&format!("{name}\n"));
    0
}
