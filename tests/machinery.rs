//! What the API machinery does beside reading and writing: tables of requests and what they come to.

#[path = "machinery/bench.rs"]
mod bench;
#[path = "machinery/deletion.rs"]
mod deletion;
#[path = "machinery/identities.rs"]
mod identities;
#[path = "machinery/legacy.rs"]
mod legacy;
#[path = "machinery/lists.rs"]
mod lists;
#[path = "machinery/parts.rs"]
mod parts;
#[path = "machinery/words.rs"]
mod words;
