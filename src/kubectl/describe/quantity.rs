//! Amounts such as `250m` and `1Gi`: read, added, told. Upstream: apimachinery/pkg/api/resource/quantity.go.

/// Suffixes of powers of 1024, ascending.
const BINARY: [&str; 6] = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
/// Suffixes of powers of 1000, from a billionth on.
const DECIMAL: [&str; 10] = ["n", "u", "m", "", "k", "M", "G", "T", "P", "E"];
const BILLION: i128 = 1_000_000_000;

/// An amount, in billionths.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Quantity {
    nano: i128,
    binary: bool,
}

impl Quantity {
    /// Reads an amount; nonsense is nothing.
    pub fn parse(text: &str) -> Self {
        Self::read(text).unwrap_or_default()
    }

    /// Reads an amount, if it is one.
    pub fn read(text: &str) -> Option<Self> {
        let end = text.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(text.len());
        if !text[..end].contains(|c: char| c.is_ascii_digit()) {
            return None;
        }
        let (number, suffix) = text.split_at(end);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let negative = whole.starts_with('-');
        let digits: String = fraction.chars().chain("000000000".chars()).take(9).collect();
        let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
        let part: i128 = digits.parse().ok()?;
        let nano = whole.checked_mul(BILLION)?.checked_add(if negative { -part } else { part })?;
        if let Some(power) = BINARY.iter().position(|known| *known == suffix) {
            let factor = 1024_i128.checked_pow(u32::try_from(power + 1).ok()?)?;
            return Some(Self { nano: nano.checked_mul(factor)?, binary: true });
        }
        let exponent = match DECIMAL.iter().position(|known| *known == suffix) {
            Some(place) => i32::try_from(place).ok()? * 3 - 9,
            None => suffix.strip_prefix(['e', 'E'])?.parse().ok()?,
        };
        let factor = 10_i128.checked_pow(exponent.unsigned_abs())?;
        let nano = if exponent < 0 { nano / factor } else { nano.checked_mul(factor)? };
        Some(Self { nano, binary: false })
    }

    /// Both together, told in the form of the first that is something.
    pub fn plus(self, other: Self) -> Self {
        let binary = if self.nano == 0 { other.binary } else { self.binary };
        Self { nano: self.nano.saturating_add(other.nano), binary }
    }

    /// How often `divisor` goes into it, rounded up; by one when the divisor is nothing.
    pub fn over(self, divisor: Self) -> i128 {
        up(self.nano, if divisor.nano == 0 { BILLION } else { divisor.nano })
    }

    /// The share of `whole` in percent, cut to a whole number.
    pub fn percent_of(self, whole: Self) -> i128 {
        if whole.nano == 0 { 0 } else { self.nano.saturating_mul(100) / whole.nano }
    }
}

fn up(nano: i128, by: i128) -> i128 {
    nano.div_euclid(by) + i128::from(nano.rem_euclid(by) != 0)
}

impl std::fmt::Display for Quantity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.nano == 0 {
            return f.write_str("0");
        }
        let (mut amount, mut power) = (self.nano, 0);
        if self.binary && amount % BILLION == 0 && (amount / BILLION).abs() >= 1024 {
            amount /= BILLION;
            while power < BINARY.len() && amount % 1024 == 0 {
                amount /= 1024;
                power += 1;
            }
            let suffix = power.checked_sub(1).map_or("", |at| BINARY[at]);
            return write!(f, "{amount}{suffix}");
        }
        while power + 1 < DECIMAL.len() && amount % 1000 == 0 {
            amount /= 1000;
            power += 1;
        }
        write!(f, "{amount}{}", DECIMAL[power])
    }
}

#[cfg(test)]
mod tests {
    use super::Quantity;

    #[test]
    fn told() {
        let rows = [
            ("250m", "250m"),
            ("1000m", "1"),
            ("0.5", "500m"),
            ("1Gi", "1Gi"),
            ("1024Mi", "1Gi"),
            ("1.5Gi", "1536Mi"),
            ("500", "500"),
            ("2e3", "2k"),
            ("12345Ki", "12345Ki"),
            ("", "0"),
            ("x", "0"),
        ];
        for (text, want) in rows {
            assert_eq!(Quantity::parse(text).to_string(), want, "{text}");
        }
        let sum = Quantity::default().plus(Quantity::parse("70Mi")).plus(Quantity::parse("170Mi"));
        assert_eq!(sum.to_string(), "240Mi");
        assert_eq!(Quantity::parse("100m").percent_of(Quantity::parse("8")), 1);
        assert_eq!(Quantity::parse("250m").over(Quantity::default()), 1);
    }
}
