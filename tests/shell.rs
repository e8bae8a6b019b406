//! The learner's shell from outside: beside the real bash and its programs, on a cluster, and with any line at all.

#[path = "shell/beside_bash.rs"]
mod beside_bash;
#[path = "shell/lines.rs"]
mod lines;
#[path = "shell/rows.rs"]
mod rows;
#[path = "shell/session.rs"]
mod session;
