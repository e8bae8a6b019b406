use super::{Program, Run};
pub(super) const CURL: Program = Program { name: "curl", summary: "x", usage: "", run: Run::Now(|_| 1) };
