//! JSON Web Tokens as Kubernetes uses them: decode, verify, explain, watch them age. Upstream: pkg/serviceaccount.
//!
//! Pure functions: a text, a key set and a moment in, an answer out.

mod decode;
mod explain;
mod find;
mod forge;
mod jwks;
mod life;
mod report;

pub use decode::{Bound, DecodeError, MAX_BYTES, Part, Token, decode, repeated_key, unambiguous};
pub use explain::{Line, explain};
pub use find::{find_in, mask};
pub use forge::{ForgeError, Forged, Forger, Forgery};
pub use jwks::{Jwk, Jwks, JwksError, Verdict, verify};
pub use life::{Life, life};
pub use report::report;
