//! Where a part of a lesson stands in its file: `steps[2].checks[0].say` → line and column.

use saphyr::{LoadableYamlNode, MarkedYaml, YamlData};

/// A lesson file whose parts can be looked up; in a file that is no YAML, where reading it ends.
pub struct Located<'a> {
    root: Result<Option<MarkedYaml<'a>>, (usize, usize)>,
}

/// A part of a lesson: keys and positions, from the top. It prints as `steps[2].checks[0].say`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Path(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Key(String),
    At(usize),
}

impl Path {
    /// Reads `steps[2].checks[0].say`. A key that has a dot of its own cannot be written this way.
    pub fn read(text: &str) -> Self {
        let mut parts = Vec::new();
        for piece in text.split('.').filter(|piece| !piece.is_empty()) {
            let (key, rest) = piece.split_once('[').unwrap_or((piece, ""));
            if !key.is_empty() {
                parts.push(Part::Key(key.to_owned()));
            }
            parts.extend(rest.split(['[', ']']).filter_map(|number| number.parse().ok()).map(Part::At));
        }
        Self(parts)
    }

    /// This path and one more key.
    pub fn key(&self, key: &str) -> Self {
        self.with(Part::Key(key.to_owned()))
    }

    /// This path and a position in the list there.
    pub fn at(&self, index: usize) -> Self {
        self.with(Part::At(index))
    }

    fn with(&self, part: Part) -> Self {
        let mut parts = self.0.clone();
        parts.push(part);
        Self(parts)
    }
}

impl<'a> Located<'a> {
    /// Reads the file once.
    pub fn new(text: &'a str) -> Self {
        let root = match MarkedYaml::load_from_str(text) {
            Ok(documents) => Ok(documents.into_iter().next()),
            Err(error) => Err((error.marker().line(), error.marker().col() + 1)),
        };
        Self { root }
    }

    /// Line and column, from 1, of the deepest part of `path` that is there: of its key where it has one.
    pub fn position(&self, path: &Path) -> (usize, usize) {
        let root = match &self.root {
            Ok(Some(root)) => root,
            Ok(None) => return (1, 1),
            Err(place) => return *place,
        };
        let mut at = position(root);
        let mut node = root;
        for part in &path.0 {
            let next = match (&node.data, part) {
                (YamlData::Mapping(map), Part::Key(key)) => {
                    map.iter().find(|(name, _)| name.data.as_str() == Some(key.as_str()))
                }
                (YamlData::Sequence(items), Part::At(index)) => items.get(*index).map(|item| (item, item)),
                _ => None,
            };
            let Some((name, value)) = next else { break };
            at = position(name);
            node = value;
        }
        at
    }
}

fn position(node: &MarkedYaml<'_>) -> (usize, usize) {
    (node.span.start.line(), node.span.start.col() + 1)
}

#[cfg(test)]
mod tests {
    use super::{Located, Path};

    #[test]
    fn positions() {
        let located = Located::new("id: x\nsteps:\n  - id: a\n    checks:\n      - say: one\n      - say: two\n");
        for (path, want) in [
            ("", (1, 1)),
            ("id", (1, 1)),
            ("steps", (2, 1)),
            ("steps[0]", (3, 5)),
            ("steps[0].checks[1]", (6, 9)),
            ("steps[0].checks[1].say", (6, 9)),
            ("steps[0].checks[9]", (4, 5)),
            ("steps[7].id", (2, 1)),
            ("nothing", (1, 1)),
        ] {
            assert_eq!(located.position(&Path::read(path)), want, "{path}");
        }
        assert_eq!(Located::new("").position(&Path::read("a")), (1, 1));
        assert_eq!(Located::new("a: 1\nb: 2\na: 3\n").position(&Path::read("a")).0, 3);
    }
}
