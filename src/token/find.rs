//! Tokens in other text: finding them, and showing them without giving them away.

use super::decode;

/// The tokens in a text, in their order: what a learner may want to look into after a command printed one.
pub fn find_in(text: &str) -> Vec<&str> {
    // Every header begins with `{"`, which is `eyJ` in base64.
    text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')))
        .filter_map(|word| {
            let word = word.get(word.find("eyJ")?..)?;
            let word = word.trim_end_matches('.');
            // A sentence may go on after the dot that ends the token's last part.
            let end = word.match_indices('.').nth(2).map_or(word.len(), |(at, _)| at);
            word.get(..end)
        })
        .filter(|word| decode(word).is_ok())
        .collect()
}

/// The beginning and the end of a secret text, enough to tell two apart: `eyJhbGci…f8Zw`.
pub fn mask(text: &str) -> String {
    let text = text.trim();
    let letters = text.chars().count();
    if letters < 40 {
        return "…".repeat(usize::from(letters > 0));
    }
    let head: String = text.chars().take(8).collect();
    let tail: String = text.chars().skip(letters - 4).collect();
    format!("{head}…{tail}")
}

#[cfg(test)]
mod tests {
    use super::{find_in, mask};

    const TOKEN: &str = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln";

    #[test]
    fn tokens_are_found_in_what_programs_print() {
        for (text, want) in [
            (TOKEN.to_owned(), 1),
            (format!("  token: {TOKEN}\n"), 1),
            (format!("\"token\":\"{TOKEN}\",\"again\":\"{TOKEN}\""), 2),
            (format!("Authorization: Bearer {TOKEN}."), 1),
            (format!("It is {TOKEN}... they say"), 1),
            (format!("TOKEN={TOKEN}"), 1),
            ("eyJhbGciOiJSUzI1NiJ9 is half a token".to_owned(), 0),
            ("eyJ.eyJ.eyJ".to_owned(), 0),
            (String::new(), 0),
        ] {
            assert_eq!(find_in(&text), vec![TOKEN; want], "{text}");
        }
    }

    #[test]
    fn masks_hide() {
        for (text, want) in [("", ""), ("short", "…"), (TOKEN, "eyJhbGci…c2ln")] {
            assert_eq!(mask(text), want);
        }
    }
}
