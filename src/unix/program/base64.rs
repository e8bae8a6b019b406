//! `base64`, as GNU coreutils': what can be decoded is printed before the fault.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use futures::FutureExt;
use futures::future::BoxFuture;

use super::{Call, Program, Run, args};

pub(super) const BASE64: Program = Program {
    name: "base64",
    summary: "encodes and decodes base64",
    usage: "[-d] [-i] [-w COLS] [FILE]",
    run: Run::Later(run),
};

fn run<'a>(call: &'a mut Call<'_>) -> BoxFuture<'a, i32> {
    async move {
        let long = [("decode", 'd'), ("ignore-garbage", 'i'), ("wrap", 'w')];
        let parsed = match args::parse(call.args, "dDiw:", &long) {
            Ok(parsed) => parsed,
            Err(fault) => return call.misused(&fault, 1),
        };
        if let Some(extra) = parsed.rest.get(1) {
            return call.misused(&format!("extra operand ‘{extra}’"), 1);
        }
        let width = match parsed.value('w').unwrap_or("76").parse::<usize>() {
            Ok(width) => width,
            Err(_) => {
                let given = parsed.value('w').unwrap_or_default();
                call.complain(&format!("invalid wrap size: ‘{given}’"));
                return 1;
            }
        };
        let (inputs, fine) = call.inputs(&parsed.rest).await;
        let Some((_, content)) = inputs.into_iter().next() else { return 1 };
        if !fine {
            return 1;
        }
        if !parsed.has('d') && !parsed.has('D') {
            let text = STANDARD.encode(content);
            call.print(&wrap(&text, width));
            return 0;
        }
        let (bytes, whole) = decode(&content, parsed.has('i'));
        call.write(&bytes);
        if !whole {
            call.complain_as("invalid input", "truncated input");
            return 1;
        }
        0
    }
    .boxed()
}

fn wrap(text: &str, width: usize) -> String {
    if width == 0 {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + text.len() / width + 1);
    for (number, c) in text.chars().enumerate() {
        if number > 0 && number % width == 0 {
            out.push('\n');
        }
        out.push(c);
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

/// All that can be decoded, and whether that was everything. Upstream: gnulib lib/base64.c:base64_decode_ctx.
fn decode(text: &[u8], ignore_garbage: bool) -> (Vec<u8>, bool) {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let letters: Vec<u8> = text
        .iter()
        .copied()
        .filter(|byte| *byte != b'\n' && (!ignore_garbage || value(*byte).is_some() || *byte == b'='))
        .collect();
    for group in letters.chunks(4) {
        let values: Vec<u8> = group.iter().copied().map_while(value).collect();
        let padding = &group[values.len()..];
        let bits = values.iter().enumerate().fold(0u32, |bits, (at, v)| bits | (u32::from(*v) << (18 - 6 * at)));
        let bytes = bits.to_be_bytes();
        // Two letters hold one byte, three hold two, four hold three.
        out.extend_from_slice(&bytes[1..1 + values.len().saturating_sub(1)]);
        let whole = match values.len() {
            4 => true,
            2 | 3 => group.len() == 4 && padding.iter().all(|byte| *byte == b'='),
            _ => false,
        };
        if !whole {
            return (out, false);
        }
    }
    (out, true)
}

fn value(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoding_gives_what_it_can() {
        for (text, want, whole) in [
            ("aGVsbG8=", "hello", true),
            ("aGVsbG8=\n", "hello", true),
            ("aGVs\nbG8=", "hello", true),
            ("aGVsbG8", "hello", false),
            ("aGVsbA", "hell", false),
            ("aGVsb", "hel", false),
            ("aGVs-G8=", "hel", false),
            ("aGVsb-8=", "hel", false),
            ("aGVsbG8=aGVsbG8=", "hellohello", true),
            ("", "", true),
            ("=", "", false),
        ] {
            assert_eq!(decode(text.as_bytes(), false), (want.as_bytes().to_vec(), whole), "{text}");
        }
        assert_eq!(wrap("abcdef", 4), "abcd\nef\n");
        assert_eq!(wrap("", 76), "");
    }
}
