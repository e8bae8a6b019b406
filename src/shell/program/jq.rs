use super::{Program, Run};
pub(super) const JQ: Program = Program { name: "jq", summary: "x", usage: "", run: Run::Now(|_| 1) };
