//! Sets of field paths: who owns what of an object. Upstream: structured-merge-diff/fieldpath.

mod element;
mod typed;
mod wire;

use std::collections::{BTreeMap, BTreeSet};

pub use element::Element;
pub use typed::{Comparison, compare, fault, merge, named_fields_too, of_value, path_at, without};
pub use wire::{from_fields, to_fields};

/// A set of paths. A path may be in it together with paths below it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Set {
    members: BTreeSet<Element>,
    children: BTreeMap<Element, Set>,
}

impl Set {
    /// The set with these paths of field names.
    pub fn of_names(paths: &[&[&str]]) -> Self {
        let mut set = Self::default();
        for path in paths {
            set.insert(&path.iter().map(|name| Element::field(name)).collect::<Vec<_>>());
        }
        set
    }

    /// Whether no path is in it.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty() && self.children.values().all(Self::is_empty)
    }

    /// Adds a path; the empty one is in no set.
    pub fn insert(&mut self, path: &[Element]) {
        match path {
            [] => {}
            [last] => {
                self.members.insert(last.clone());
            }
            [first, rest @ ..] => self.children.entry(first.clone()).or_default().insert(rest),
        }
    }

    /// Whether this very path is in it.
    pub fn has(&self, path: &[Element]) -> bool {
        match path {
            [] => false,
            [last] => self.members.contains(last),
            [first, rest @ ..] => self.children.get(first).is_some_and(|child| child.has(rest)),
        }
    }

    /// What is in one of both.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let mut both = self.clone();
        both.add(other);
        both
    }

    /// Adds all of another set.
    pub fn add(&mut self, other: &Self) {
        self.members.extend(other.members.iter().cloned());
        for (element, child) in &other.children {
            self.children.entry(element.clone()).or_default().add(child);
        }
    }

    /// What is in both.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let shared = |(element, child): (&Element, &Self)| {
            let child = child.intersection(other.children.get(element)?);
            (!child.is_empty()).then(|| (element.clone(), child))
        };
        Self {
            members: self.members.intersection(&other.members).cloned().collect(),
            children: self.children.iter().filter_map(shared).collect(),
        }
    }

    /// What is in this one and not in the other.
    #[must_use]
    pub fn difference(&self, other: &Self) -> Self {
        let left = |(element, child): (&Element, &Self)| {
            let child = other.children.get(element).map_or_else(|| child.clone(), |gone| child.difference(gone));
            (!child.is_empty()).then(|| (element.clone(), child))
        };
        Self {
            members: self.members.difference(&other.members).cloned().collect(),
            children: self.children.iter().filter_map(left).collect(),
        }
    }

    /// What is in this one, and neither in the other nor below a path of it.
    #[must_use]
    pub fn recursive_difference(&self, other: &Self) -> Self {
        let left = |(element, child): (&Element, &Self)| {
            if other.members.contains(element) {
                return None;
            }
            let gone = other.children.get(element);
            let child = gone.map_or_else(|| child.clone(), |gone| child.recursive_difference(gone));
            (!child.is_empty()).then(|| (element.clone(), child))
        };
        Self {
            members: self.members.difference(&other.members).cloned().collect(),
            children: self.children.iter().filter_map(left).collect(),
        }
    }

    /// Every path in it: at each level first the paths that end there.
    pub fn paths(&self) -> Vec<Vec<Element>> {
        let mut paths = Vec::new();
        self.collect(&mut Vec::new(), &mut paths);
        paths
    }

    fn collect(&self, above: &mut Vec<Element>, paths: &mut Vec<Vec<Element>>) {
        for element in &self.members {
            above.push(element.clone());
            paths.push(above.clone());
            above.pop();
        }
        for (element, child) in &self.children {
            above.push(element.clone());
            child.collect(above, paths);
            above.pop();
        }
    }
}

/// A path as people read it: `.spec.containers[name="web"].image`.
pub fn path_text(path: &[Element]) -> String {
    path.iter().map(ToString::to_string).collect()
}

#[cfg(test)]
mod tests;
