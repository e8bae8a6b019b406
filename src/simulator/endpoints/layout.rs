//! How JSON is laid out for those who asked. Upstream: apiserver/pkg/endpoints/handlers/responsewriters.

use std::io::{self, Write};

use http::{Request, header};
use serde::Serialize as _;
use serde_json::Value;
use serde_json::ser::Formatter;

use crate::apimachinery::yaml::to_yaml;
use crate::simulator::{ControlPlane, release};

use super::negotiation::Media;

/// How JSON is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// On one line, for programs.
    Compact,
    /// Indented by two spaces, for people.
    Pretty,
    /// The same with a blank line in what is empty, as the JSON library of old releases had it.
    PrettyWithBlanks,
    /// As YAML.
    Yaml,
}

impl Layout {
    /// The layout a server of this plane's release gives to whoever sent this request.
    pub fn wanted<B>(request: &Request<B>, plane: &ControlPlane) -> Self {
        // What lies beside the groups is JSON, whatever is asked for.
        if request.uri().path().starts_with("/api") && Media::of(request.headers()) == Media::Yaml {
            return Self::Yaml;
        }
        match (wants_pretty(request), plane.does(release::BLANK_LINE_IN_EMPTY_JSON)) {
            (false, _) => Self::Compact,
            (true, false) => Self::Pretty,
            (true, true) => Self::PrettyWithBlanks,
        }
    }

    /// The media type of an answer that would be of this one as JSON.
    pub fn media_type(self, json: &'static str) -> &'static str {
        if self == Self::Yaml && json == "application/json" { "application/yaml" } else { json }
    }

    /// JSON as Go writes it: two spaces when pretty, one line and a newline when not.
    pub fn write(self, value: &Value) -> String {
        match self {
            Self::Yaml => to_yaml(value),
            Self::Compact => serde_json::to_string(value).unwrap_or_default() + "\n",
            Self::Pretty => serde_json::to_string_pretty(value).unwrap_or_default(),
            Self::PrettyWithBlanks => {
                let mut out = Vec::new();
                let mut writer = serde_json::Serializer::with_formatter(&mut out, Blanks::default());
                // Writing a value to memory cannot fail.
                let _ = value.serialize(&mut writer);
                String::from_utf8(out).unwrap_or_default()
            }
        }
    }
}

/// Indents as json-iterator does. Upstream: github.com/json-iterator/go, Stream.WriteObjectStart and WriteObjectEnd.
#[derive(Default)]
struct Blanks {
    depth: usize,
    /// Whether the array that was begun last has a value yet.
    filled: bool,
}

impl Blanks {
    fn line<W: Write + ?Sized>(&self, out: &mut W) -> io::Result<()> {
        write!(out, "\n{:1$}", "", self.depth * 2)
    }
}

impl Formatter for Blanks {
    fn begin_object<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.depth += 1;
        out.write_all(b"{")?;
        self.line(out)
    }

    fn end_object<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.depth -= 1;
        self.line(out)?;
        out.write_all(b"}")
    }

    fn begin_object_key<W: Write + ?Sized>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if first {
            return Ok(());
        }
        out.write_all(b",")?;
        self.line(out)
    }

    fn begin_object_value<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        out.write_all(b": ")
    }

    fn begin_array<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.depth += 1;
        self.filled = false;
        out.write_all(b"[")
    }

    fn end_array<W: Write + ?Sized>(&mut self, out: &mut W) -> io::Result<()> {
        self.depth -= 1;
        if self.filled {
            self.line(out)?;
        }
        out.write_all(b"]")
    }

    fn begin_array_value<W: Write + ?Sized>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        if !first {
            out.write_all(b",")?;
        }
        self.line(out)
    }

    fn end_array_value<W: Write + ?Sized>(&mut self, _: &mut W) -> io::Result<()> {
        self.filled = true;
        Ok(())
    }
}

/// People who come with curl or a browser get indented JSON, as upstream.
fn wants_pretty<B>(request: &Request<B>) -> bool {
    let query = super::request_info::query_pairs(request.uri().query().unwrap_or_default());
    if let Some((_, value)) = query.iter().find(|(key, _)| key == "pretty") {
        return !matches!(value.as_str(), "false" | "0");
    }
    let agent = request.headers().get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    ["curl", "Wget", "Mozilla/5.0"].iter().any(|person| agent.starts_with(person))
}

#[cfg(test)]
mod tests {
    use super::Layout;
    use serde_json::json;

    #[test]
    fn old_releases_leave_a_blank_line_in_what_is_empty() {
        let value = json!({"a": {}, "b": [], "c": ["x", {"d": []}], "e": 1});
        let text = Layout::PrettyWithBlanks.write(&value);
        let wanted = "{\n  \"a\": {\n    \n  },\n  \"b\": [],\n  \"c\": [\n    \"x\",\n    {\n      \"d\": []\n    }\n  ],\n  \"e\": 1\n}";
        assert_eq!(text, wanted);
    }
}
