//! What the API machinery does beside reading and writing: tables of requests and what they come to.

mod bench;
mod deletion;
mod identities;
mod legacy;
mod lists;
mod parts;
mod words;
