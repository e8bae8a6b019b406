//! The learner's shell from outside: beside the real bash and its programs, on a cluster, and with any line at all.

mod lines;
mod rows;
mod session;
