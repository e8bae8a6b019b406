//! The word somebody meant.

/// The known word that is nearest to what was typed, if one is near enough: two swapped letters count as one slip.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let distance = |other: &str| strsim::osa_distance(&word.to_lowercase(), &other.to_lowercase());
    let best = known.into_iter().min_by_key(|other| distance(other))?;
    (distance(best) <= word.chars().count().max(3) / 2).then_some(best)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn meant_words() {
        let known = ["task", "text", "title", "checks", "kubectl"];
        for (word, want) in [
            ("taks", Some("task")),
            ("check", Some("checks")),
            ("Title", Some("title")),
            ("kubctl", Some("kubectl")),
            ("kubeclt", Some("kubectl")),
            ("solutions", None),
        ] {
            assert_eq!(nearest(word, known), want, "{word}");
        }
        assert_eq!(nearest("x", []), None);
    }
}
