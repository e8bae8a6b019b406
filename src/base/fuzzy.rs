//! Which words fit what was typed, letters in order but not side by side, the best first.

use crate::base::Order as _;
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// The places of the words that fit, best first; equal ones stay in their order. An empty needle fits all.
pub fn rank<'w>(needle: &str, words: impl IntoIterator<Item = &'w str>) -> Vec<usize> {
    scored(needle, words).into_iter().map(|(_, at)| at).collect()
}

/// The same without those that fit far worse than the best, or than the needle itself would: in long words most letters are
/// found somewhere.
pub fn rank_well<'w>(needle: &str, words: impl IntoIterator<Item = &'w str>) -> Vec<usize> {
    let scored = scored(needle, words);
    let own = self::scored(needle, [needle]).first().map_or(0, |(score, _)| *score);
    let best = scored.first().map_or(0, |(score, _)| *score).max(own - own / 8);
    scored.into_iter().take_while(|(score, _)| score * 5 >= best * 4).map(|(_, at)| at).collect()
}

fn scored<'w>(needle: &str, words: impl IntoIterator<Item = &'w str>) -> Vec<(u32, usize)> {
    let pattern =
        Pattern::new(needle, CaseMatching::Smart, Normalization::Smart, nucleo_matcher::pattern::AtomKind::Fuzzy);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut letters = Vec::new();
    let mut fit: Vec<(u32, usize)> = words
        .into_iter()
        .enumerate()
        .filter_map(|(at, word)| Some((pattern.score(Utf32Str::new(word, &mut letters), &mut matcher)?, at)))
        .collect();
    fit.order_by_key(|(score, at)| (std::cmp::Reverse(*score), *at));
    fit
}

#[cfg(test)]
mod tests {
    use super::{rank, rank_well};

    #[test]
    fn the_best_first() {
        let words = ["secrets", "serviceaccounts", "services", "pods"];
        let ranked = |needle| rank(needle, words).into_iter().map(|at| words[at]).collect::<Vec<_>>();
        assert_eq!(ranked(""), words);
        assert_eq!(ranked("sacc"), ["serviceaccounts"]);
        assert_eq!(ranked("serv"), ["serviceaccounts", "services"]);
        assert!(ranked("zz").is_empty());
        let say = ["open the next hint", "put the line aside; it is there in time", "hints: how many"];
        assert_eq!(rank("hint", say).len(), 3);
        assert_eq!(rank_well("hint", say).len(), 2);
        assert!(!rank_well("hint", say).contains(&1));
    }
}
