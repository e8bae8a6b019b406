//! Putting a list in order, by one sort for all types: the standard library's is six kilobytes of code for each type
//! and each comparison, and there are more than a hundred of them.

use std::cmp::Ordering;

/// Stable sorting of slices.
pub trait Order<T> {
    /// Puts the items in their own order, as `sort` does.
    fn order(&mut self)
    where
        T: Ord;

    /// Puts the items in the order of a comparison, as `sort_by` does.
    fn order_by(&mut self, compare: impl FnMut(&T, &T) -> Ordering);

    /// Puts the items in the order of their keys, as `sort_by_key` does.
    fn order_by_key<K: Ord>(&mut self, key: impl FnMut(&T) -> K);
}

impl<T> Order<T> for [T] {
    fn order(&mut self)
    where
        T: Ord,
    {
        self.order_by(T::cmp);
    }

    fn order_by(&mut self, mut compare: impl FnMut(&T, &T) -> Ordering) {
        let places = places(self.len(), &mut |one, other| compare(&self[one], &self[other]));
        arrange(self, places);
    }

    fn order_by_key<K: Ord>(&mut self, mut key: impl FnMut(&T) -> K) {
        self.order_by(|one, other| key(one).cmp(&key(other)));
    }
}

/// For each place of the order, where its item stands now.
fn places(items: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut places: Vec<usize> = (0..items).collect();
    #[expect(clippy::disallowed_methods, reason = "this is the one")]
    places.sort_by(|one, other| compare(*one, *other));
    places
}

/// Moves each item to its place, round after round.
fn arrange<T>(items: &mut [T], mut from: Vec<usize>) {
    for first in 0..from.len() {
        let mut at = first;
        loop {
            let next = std::mem::replace(&mut from[at], at);
            if next == first {
                break;
            }
            items.swap(at, next);
            at = next;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Order as _;

    proptest! {
        #[test]
        fn it_sorts_as_the_standard_library_does(items in prop::collection::vec((0u8..6, any::<u16>()), 0..60)) {
            let (mut ours, mut theirs) = (items.clone(), items.clone());
            ours.order_by_key(|item| item.0);
            #[expect(clippy::disallowed_methods, reason = "this is what ours is held against")]
            theirs.sort_by_key(|item| item.0);
            prop_assert_eq!(&ours, &theirs, "items of one key keep their order");
            ours.order();
            prop_assert!(ours.is_sorted());
            ours.order_by(|one, other| other.cmp(one));
            prop_assert!(ours.iter().rev().is_sorted());
        }
    }
}
