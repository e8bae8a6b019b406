//! A minor release of Kubernetes, as `1.36`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A Kubernetes minor release between [`Release::OLDEST`] and [`Release::NEWEST`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Release(u8);

impl Release {
    /// The first release whose behaviour is known here.
    pub const OLDEST: Self = Self(20);
    /// The last one.
    pub const NEWEST: Self = Self(37);
    /// What a session runs on unless it says otherwise.
    pub const DEFAULT: Self = Self(36);

    /// The release `1.minor`, for tables written in code.
    ///
    /// # Panics
    /// While compiling, when the minor is not known here.
    pub const fn minor(minor: u8) -> Self {
        assert!(minor >= Self::OLDEST.0 && minor <= Self::NEWEST.0, "unknown minor release");
        Self(minor)
    }

    /// The number after the dot.
    pub const fn number(self) -> u8 {
        self.0
    }

    /// Every release known here, oldest first.
    pub fn all() -> impl DoubleEndedIterator<Item = Self> {
        (Self::OLDEST.0..=Self::NEWEST.0).map(Self)
    }

    /// The nearest known release to what a server says of itself (`major`, `minor` as in `/version`, `"29+"` included).
    pub fn nearest(minor: &str) -> Option<Self> {
        let digits: String = minor.chars().take_while(char::is_ascii_digit).collect();
        let number: u32 = digits.parse().ok()?;
        u8::try_from(number.clamp(Self::OLDEST.0.into(), Self::NEWEST.0.into())).ok().map(Self)
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "1.{}", self.0)
    }
}

/// Why a text names no release.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a release known here; write one from 1.20 to 1.37, such as 1.36")]
pub struct ParseReleaseError(String);

impl FromStr for Release {
    type Err = ParseReleaseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.trim()
            .trim_start_matches('v')
            .strip_prefix("1.")
            .and_then(|minor| minor.parse().ok())
            .filter(|minor| (Self::OLDEST.0..=Self::NEWEST.0).contains(minor))
            .map(Self)
            .ok_or_else(|| ParseReleaseError(text.to_owned()))
    }
}

impl TryFrom<String> for Release {
    type Error = ParseReleaseError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Release> for String {
    fn from(release: Release) -> Self {
        release.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::Release;

    #[test]
    fn releases_read_and_print() {
        for (text, want) in [
            ("1.36", Some("1.36")),
            ("v1.20", Some("1.20")),
            ("1.19", None),
            ("1.38", None),
            ("36", None),
            ("1.x", None),
            ("", None),
        ] {
            assert_eq!(text.parse::<Release>().ok().map(|r| r.to_string()).as_deref(), want, "{text}");
        }
        assert_eq!(Release::nearest("29+"), Some(Release::minor(29)));
        assert_eq!(Release::nearest("99"), Some(Release::NEWEST));
    }
}
