//! `whoami`: the name of who works in this shell. Who that is for the cluster, `kubectl auth whoami` says.

use super::{Call, Program, Run};

pub(super) const WHOAMI: Program =
    Program { name: "whoami", summary: "tells who you are in this shell", usage: "", run: Run::Now(run) };

fn run(call: &mut Call<'_>) -> i32 {
    call.print("learner\n");
    0
}
