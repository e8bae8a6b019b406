//! Names and numbers nobody chose: UUIDs, object name suffixes, container ids. Seeded, so that a session replays.

use std::sync::{Arc, Mutex, PoisonError};

/// The letters Kubernetes draws random names from: no vowels, and nothing that reads like another sign.
/// Upstream: apimachinery/pkg/util/rand/rand.go.
const ALPHANUMS: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";

/// A seeded source of identifiers. Cloning it gives the same source. Not for secrets.
#[derive(Clone, Debug)]
pub struct Ids(Arc<Mutex<fastrand::Rng>>);

impl Ids {
    /// The same seed gives the same sequence.
    pub fn seeded(seed: u64) -> Self {
        Self(Arc::new(Mutex::new(fastrand::Rng::with_seed(seed))))
    }

    /// A sequence that no other run has.
    pub fn fresh() -> Self {
        Self(Arc::new(Mutex::new(fastrand::Rng::new())))
    }

    fn draw<T>(&self, with: impl FnOnce(&mut fastrand::Rng) -> T) -> T {
        with(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
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

#[cfg(test)]
mod tests {
    use super::Ids;

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
