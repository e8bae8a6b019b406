//! What every room may lean on and nobody owns: time, identifiers, text columns, ages, arithmetic.
//!
//! Kubernetes is unknown here. `SystemTime::now` and sources of randomness live only on this floor; everything
//! above is handed a [`Clock`] and [`Ids`], so that a session can be replayed.

mod age;
pub mod arithmetic;
mod clock;
mod columns;
mod duration;
pub mod fuzzy;
mod ids;
mod nearest;
mod order;
mod sanitize;

pub use age::{human_duration, time_of_day};
pub use clock::{Clock, Mark};
pub use columns::Columns;
pub use duration::{format_duration, parse_duration};
pub use ids::Ids;
pub use nearest::nearest;
pub use order::Order;
pub use sanitize::{sanitize, sanitize_line, seen};
