//! Texts that stand for something else, read as Go reads them: bytes in base64, times.
//! Upstream: encoding/base64 and time of Go, which say what is wrong in words of their own.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::general_purpose::{GeneralPurpose, PAD};

/// How Go writes the layout of a time.
const LAYOUT: &str = "2006-01-02T15:04:05Z07:00";
const MICRO_LAYOUT: &str = "2006-01-02T15:04:05.000000Z07:00";
/// Go minds neither line ends nor the bits left over in the last letter.
const LENIENT: GeneralPurpose = GeneralPurpose::new(&STANDARD, PAD.with_decode_allow_trailing_bits(true));

/// Base64 without what Go overlooks.
///
/// # Errors
/// Where it goes wrong, as Go says it.
pub fn bytes(text: &str) -> Result<String, String> {
    if let Some(at) = fault(text.as_bytes()) {
        return Err(format!("illegal base64 data at input byte {at}"));
    }
    let bytes = LENIENT.decode(text.replace(['\r', '\n'], "")).map_err(|error| error.to_string())?;
    Ok(base64::engine::general_purpose::STANDARD.encode(bytes))
}

/// Where Go's decoder stops. Upstream: decodeQuantum.
fn fault(text: &[u8]) -> Option<usize> {
    let is_line_end = |at: usize| text.get(at).is_some_and(|letter| matches!(letter, b'\r' | b'\n'));
    let (mut at, mut filled) = (0, 0);
    loop {
        let Some(letter) = text.get(at) else {
            return (filled > 0).then_some(at - filled);
        };
        at += 1;
        match letter {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' => filled = (filled + 1) % 4,
            b'\r' | b'\n' => {}
            b'=' if filled >= 2 => {
                while is_line_end(at) {
                    at += 1;
                }
                if filled == 2 {
                    match text.get(at) {
                        None => return Some(text.len()),
                        Some(b'=') => at += 1,
                        Some(_) => return Some(at - 1),
                    }
                }
                while is_line_end(at) {
                    at += 1;
                }
                return (at < text.len()).then_some(at);
            }
            _ => return Some(at - 1),
        }
    }
}

/// A time as Go writes one that it has read: in seconds, of the world's clock. Upstream: meta/v1 Time.
///
/// # Errors
/// What is wrong with it, as Go says it.
pub fn time(text: &str) -> Result<String, String> {
    Ok(read_time(text)?.strftime("%Y-%m-%dT%H:%M:%SZ").to_string())
}

/// The same in microseconds. Upstream: meta/v1 MicroTime.
///
/// # Errors
/// What is wrong with it, as Go says it.
pub fn micro_time(text: &str) -> Result<String, String> {
    let time = read_time(text).map_err(|why| why.replace(LAYOUT, MICRO_LAYOUT))?;
    Ok(time.strftime("%Y-%m-%dT%H:%M:%S.%6fZ").to_string())
}

fn read_time(text: &str) -> Result<jiff::Timestamp, String> {
    let cannot = |rest: &str, element: &str| {
        Err(format!("parsing time {text:?} as {LAYOUT:?}: cannot parse {rest:?} as {element:?}"))
    };
    let mut rest = text;
    for (length, element, after) in
        [(4, "2006", "-"), (2, "01", "-"), (2, "02", "T"), (2, "15", ":"), (2, "04", ":"), (2, "05", "")]
    {
        match rest.get(..length) {
            Some(digits) if digits.bytes().all(|digit| digit.is_ascii_digit()) => rest = &rest[length..],
            _ => return cannot(rest, element),
        }
        match rest.strip_prefix(after) {
            Some(left) => rest = left,
            None => return cannot(rest, after),
        }
    }
    let fraction = rest.strip_prefix('.').map_or(0, |after| {
        let digits = after.bytes().take_while(u8::is_ascii_digit).count();
        if digits > 0 { digits + 1 } else { 0 }
    });
    let zone = &rest[fraction..];
    let is_offset = |zone: &[u8]| matches!(zone, [b'+' | b'-', a, b, b':', c, d] if [a, b, c, d].into_iter().all(u8::is_ascii_digit));
    if zone == "Z" || is_offset(zone.as_bytes()) {
        return text.parse::<jiff::Timestamp>().map_err(|_| out_of_range(text));
    }
    match zone.strip_prefix('Z') {
        Some(extra) => Err(format!("parsing time {text:?}: extra text: {extra:?}")),
        None => cannot(zone, "Z07:00"),
    }
}

/// The first part of a well-formed time that no calendar or clock has.
fn out_of_range(text: &str) -> String {
    let number =
        |from: usize| text.get(from..from + 2).and_then(|digits| digits.parse::<u8>().ok()).unwrap_or_default();
    let part = match () {
        () if !(1..=12).contains(&number(5)) => "month",
        () if number(11) > 23 => "hour",
        () if number(14) > 59 => "minute",
        () if number(17) > 59 => "second",
        () => "day",
    };
    format!("parsing time {text:?}: {part} out of range")
}

#[cfg(test)]
mod tests {
    use super::{bytes, time};

    #[test]
    fn base64() {
        for (text, want) in [
            ("", Ok("")),
            ("YQ==", Ok("YQ==")),
            ("YR==", Ok("YQ==")),
            ("YW\nJj\n", Ok("YWJj")),
            ("not-base64", Err(3)),
            ("YWJj!", Err(4)),
            ("YQ", Err(0)),
            ("YQ=", Err(3)),
            ("YQ==x", Err(4)),
            ("=", Err(0)),
            ("YWJjZ", Err(4)),
        ] {
            let want = want.map(str::to_owned).map_err(|at| format!("illegal base64 data at input byte {at}"));
            assert_eq!(bytes(text), want, "{text:?}");
        }
    }

    #[test]
    fn times() {
        for (text, want) in [
            ("2026-11-28T00:00:00Z", None),
            ("2026-11-28T00:00:00.5+01:00", None),
            ("", Some("cannot parse \"\" as \"2006\"")),
            ("yesterday", Some("cannot parse \"yesterday\" as \"2006\"")),
            ("2026-11-28", Some("cannot parse \"\" as \"T\"")),
            ("2026-11-28 00:00:00Z", Some("cannot parse \" 00:00:00Z\" as \"T\"")),
            ("2026-11-28T00:00:00", Some("cannot parse \"\" as \"Z07:00\"")),
        ] {
            let want = want.map(|why| format!("parsing time {text:?} as \"2006-01-02T15:04:05Z07:00\": {why}"));
            assert_eq!(time(text).err(), want, "{text:?}");
        }
        assert_eq!(
            time("2026-02-30T00:00:00Z").unwrap_err(),
            "parsing time \"2026-02-30T00:00:00Z\": day out of range"
        );
        assert_eq!(
            time("2026-13-30T00:00:00Z").unwrap_err(),
            "parsing time \"2026-13-30T00:00:00Z\": month out of range"
        );
    }
}
