//! The inside of a quantity. Upstream: resource.ParseQuantity.

use serde_json::{Value as Json, json};

/// The digits that surely fit 64 bits.
const MOST_DIGITS: i64 = 18;

/// The text of a quantity, and the fields of the struct that it is parsed to. What is no quantity is zero.
pub fn parts(json: &Json) -> (Json, Json) {
    let text = match json {
        Json::String(text) => text.trim().to_owned(),
        Json::Number(number) => number.to_string(),
        _ => "0".to_owned(),
    };
    let parts = parse(&text).unwrap_or_else(|| json!({"s": "0", "format": "DecimalSI"}));
    (text.into(), parts)
}

fn parse(text: &str) -> Option<Json> {
    let (positive, rest) = match text.strip_prefix('-') {
        Some(rest) => (false, rest),
        None => (true, text.strip_prefix('+').unwrap_or(text)),
    };
    let end = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(rest.len());
    let (number, suffix) = rest.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let whole = whole.trim_start_matches('0');
    if text == "0" || (whole.is_empty() && fraction.is_empty() && number.is_empty()) {
        return None;
    }
    let (base, exponent, format) = suffixed(suffix)?;
    let digits = format!("{}{fraction}", if whole.is_empty() { "0" } else { whole });
    let length = i64::try_from(digits.len()).ok()?;
    let mut value: i128 = digits.parse().ok()?;
    let (binary, unshifted) = (base == 2, value);
    let scale = if binary { 0 } else { exponent } - i32::try_from(fraction.len()).ok()?;
    if binary {
        value = value.checked_mul(1_i128.checked_shl(u32::try_from(exponent).ok()?)?)?;
    }
    let small = if binary {
        fraction.is_empty() && 15 - length - i64::from(exponent) * 3 / 10 > 0
    } else {
        length <= MOST_DIGITS
    };
    let signed = i64::try_from(if positive { value } else { -value }).ok()?;
    if small && scale >= -9 {
        // The text is kept when it is surely the canonical one.
        let canonical = if binary {
            exponent % 10 == 0 && unshifted & 7 != 0
        } else {
            scale % 3 == 0 && !digits.ends_with("000") && !digits.starts_with('0')
        };
        let kept = if canonical { text } else { "" };
        return Some(json!({"i": {"value": signed, "scale": scale}, "s": kept, "format": format}));
    }
    let magnitude = signed.checked_abs()?;
    let unscaled = json!({"neg": !positive, "abs": if magnitude == 0 { json!([]) } else { json!([magnitude]) }});
    Some(json!({"d": {"dec": {"unscaled": unscaled, "scale": -scale}}, "format": format}))
}

/// The base, the exponent and the format that a suffix stands for.
fn suffixed(suffix: &str) -> Option<(u8, i32, &'static str)> {
    const DECIMAL: &[(&str, i32)] =
        &[("n", -9), ("u", -6), ("m", -3), ("", 0), ("k", 3), ("M", 6), ("G", 9), ("T", 12), ("P", 15), ("E", 18)];
    const BINARY: &[(&str, i32)] = &[("Ki", 10), ("Mi", 20), ("Gi", 30), ("Ti", 40), ("Pi", 50), ("Ei", 60)];
    let of = |list: &[(&str, i32)]| list.iter().find(|(name, _)| *name == suffix).map(|(_, exponent)| *exponent);
    if let Some(exponent) = of(DECIMAL) {
        return Some((10, exponent, "DecimalSI"));
    }
    if let Some(exponent) = of(BINARY) {
        return Some((2, exponent, "BinarySI"));
    }
    let exponent = suffix.strip_prefix(['e', 'E'])?.parse().ok()?;
    Some((10, exponent, "DecimalExponent"))
}

#[cfg(test)]
mod tests {
    use super::parts;
    use serde_json::json;

    #[test]
    fn parsed() {
        for (text, want) in [
            ("250m", json!({"i": {"value": 250, "scale": -3}, "s": "250m", "format": "DecimalSI"})),
            ("0.5", json!({"i": {"value": 5, "scale": -1}, "s": "", "format": "DecimalSI"})),
            ("1e3", json!({"i": {"value": 1, "scale": 3}, "s": "1e3", "format": "DecimalExponent"})),
            ("100Mi", json!({"i": {"value": 104_857_600, "scale": 0}, "s": "100Mi", "format": "BinarySI"})),
            ("128Mi", json!({"i": {"value": 134_217_728, "scale": 0}, "s": "", "format": "BinarySI"})),
            ("-1", json!({"i": {"value": -1, "scale": 0}, "s": "-1", "format": "DecimalSI"})),
            (
                "100Ti",
                json!({"d": {"dec": {"unscaled": {"neg": false, "abs": [109_951_162_777_600_i64]}, "scale": 0}},
                    "format": "BinarySI"}),
            ),
            ("0", json!({"s": "0", "format": "DecimalSI"})),
            ("what", json!({"s": "0", "format": "DecimalSI"})),
        ] {
            assert_eq!(parts(&json!(text)).1, want, "{text}");
        }
    }
}
