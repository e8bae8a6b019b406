//! Names and numbers nobody chose: UUIDs, object name suffixes, container ids. Seeded, so that a session replays.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The letters Kubernetes draws random names from: no vowels, and nothing that reads like another sign.
/// Upstream: apimachinery/pkg/util/rand/rand.go.
const ALPHANUMS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

/// How many purposes are counted before the rest share one sequence.
const PURPOSES: usize = 1 << 18;

/// A seeded source of identifiers. Cloning it gives the same source. Not for secrets.
#[derive(Clone, Debug)]
pub struct Ids {
    rng: Arc<Mutex<fastrand::Rng>>,
    purposes: Option<Arc<Purposes>>,
}

/// How often something was drawn for each purpose, known by its hash.
#[derive(Debug)]
struct Purposes {
    seed: u64,
    drawn: Mutex<BTreeMap<u64, u64>>,
}

impl Ids {
    /// The same seed gives the same sequence.
    pub fn seeded(seed: u64) -> Self {
        let purposes = Arc::new(Purposes { seed, drawn: Mutex::default() });
        Self { rng: Arc::new(Mutex::new(fastrand::Rng::with_seed(seed))), purposes: Some(purposes) }
    }

    /// A sequence that no other run has.
    pub fn fresh() -> Self {
        Self { rng: Arc::new(Mutex::new(fastrand::Rng::new())), purposes: None }
    }

    /// The source for one drawing with a purpose: `uid pods/default/web`. With a seed, what is drawn depends on the
    /// purpose and on how often it was drawn for, not on who else drew meanwhile: tasks that run beside each other
    /// get the same identifiers in every run.
    #[must_use]
    pub fn of(&self, purpose: &str) -> Self {
        let Some(purposes) = &self.purposes else { return self.clone() };
        let hash = fnv1a(purpose.as_bytes());
        let mut drawn = purposes.drawn.lock().unwrap_or_else(PoisonError::into_inner);
        if drawn.len() >= PURPOSES && !drawn.contains_key(&hash) {
            return self.clone();
        }
        let count = drawn.entry(hash).or_insert(0);
        *count += 1;
        let words = [purposes.seed, hash, *count].map(u64::to_le_bytes).concat();
        Self { rng: Arc::new(Mutex::new(fastrand::Rng::with_seed(fnv1a(&words)))), purposes: None }
    }

    fn draw<T>(&self, with: impl FnOnce(&mut fastrand::Rng) -> T) -> T {
        with(&mut self.rng.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A random (version 4) UUID in its lower-case text form.
    pub fn uuid(&self) -> String {
        let bits = self.draw(|rng| rng.u128(..));
        let bits = (bits & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
        let hex = format!("{bits:032x}");
        format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }

    /// `length` letters as Kubernetes appends them to generated names.
    pub fn suffix(&self, length: usize) -> String {
        self.draw(|rng| (0..length).map(|_| char::from(ALPHANUMS[rng.usize(..ALPHANUMS.len())])).collect())
    }

    /// `bytes` random bytes in lower-case hexadecimal.
    pub fn hex(&self, bytes: usize) -> String {
        self.draw(|rng| (0..bytes).map(|_| format!("{:02x}", rng.u8(..))).collect())
    }

    /// A number from `low` up to and including `high`.
    pub fn between(&self, low: u64, high: u64) -> u64 {
        self.draw(|rng| rng.u64(low..=high.max(low)))
    }
}

/// A hash that is the same everywhere and for ever.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::Ids;

    #[test]
    fn a_purpose_gives_the_same_whoever_draws_beside_it() {
        let (one, other) = (Ids::seeded(7), Ids::seeded(7));
        let first = one.of("uid pods/default/web").uuid();
        other.uuid();
        other.of("uid pods/default/other").uuid();
        assert_eq!(first, other.of("uid pods/default/web").uuid());
        assert_ne!(first, one.of("uid pods/default/web").uuid(), "made again, it is another");
        assert_ne!(first, Ids::seeded(8).of("uid pods/default/web").uuid());
    }

    #[test]
    fn uuids_are_version_four_and_repeat_with_the_seed() {
        let uuid = Ids::seeded(7).uuid();
        assert_eq!(uuid, Ids::seeded(7).uuid());
        assert_ne!(uuid, Ids::seeded(8).uuid());
        assert_eq!(uuid.len(), 36);
        assert_eq!(&uuid[14..15], "4");
        assert!(matches!(&uuid[19..20], "8" | "9" | "a" | "b"), "{uuid}");
    }

    #[test]
    fn suffixes_use_the_letters_of_kubernetes() {
        let suffix = Ids::seeded(1).suffix(500);
        assert_eq!(suffix.len(), 500);
        assert!(!suffix.contains(['a', 'e', 'i', 'o', 'u', 'y', '0', '1', '3']), "{suffix}");
    }
}
