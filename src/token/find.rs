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
