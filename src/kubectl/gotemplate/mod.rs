//! Go templates, as `-o go-template` takes them: text, actions, pipelines, variables, range, if, with, define.
//! Upstream: Go's text/template, with kubectl's functions `exists` and `base64decode`.

mod exec;
mod format;
mod functions;
mod lex;
mod parse;

use std::collections::BTreeMap;

use serde_json::Value;

/// A template that was parsed.
#[derive(Debug)]
pub struct Template {
    source: String,
    nodes: Vec<Node>,
    defined: BTreeMap<String, Vec<Node>>,
    missing_is_fault: bool,
}

/// A piece of a template.
#[derive(Clone, Debug)]
enum Node {
    Text(String),
    Action(Pipe),
    If(Pipe, Vec<Node>, Vec<Node>),
    Range(Pipe, Vec<Node>, Vec<Node>),
    With(Pipe, Vec<Node>, Vec<Node>),
    Template { name: String, with: Option<Pipe>, at: usize },
    Break,
    Continue,
}

/// `$x := a | b`
#[derive(Clone, Debug)]
struct Pipe {
    declared: Vec<String>,
    assigns: bool,
    commands: Vec<Command>,
}

/// A function with its arguments, or one value.
#[derive(Clone, Debug)]
struct Command {
    args: Vec<Arg>,
}

impl Command {
    fn shown(&self) -> String {
        self.args.iter().map(|arg| arg.shown.as_str()).collect::<Vec<_>>().join(" ")
    }

    fn at(&self) -> usize {
        self.args.first().map_or(0, |arg| arg.at)
    }
}

/// An operand: where it stands and how an error shows it.
#[derive(Clone, Debug)]
struct Arg {
    what: Operand,
    at: usize,
    shown: String,
}

#[derive(Clone, Debug)]
enum Operand {
    Dot,
    Nil,
    Constant(Value),
    Function(String),
    Variable(String),
    Pipe(Box<Pipe>),
    /// Fields of something; of the dot when there is nothing.
    Fields(Option<Box<Arg>>, Vec<String>),
}

impl Template {
    /// Reads a template.
    ///
    /// # Errors
    /// Go's complaint: `template: output:1: unclosed action`.
    pub fn parse(source: &str) -> Result<Self, String> {
        let tokens = lex::lex(source).map_err(|(at, fault)| complaint(source, at, &fault))?;
        let (nodes, defined) = parse::parse(&tokens).map_err(|(at, fault)| complaint(source, at, &fault))?;
        Ok(Self { source: source.to_owned(), nodes, defined, missing_is_fault: false })
    }

    /// Makes a key that is not there a fault, or not.
    #[must_use]
    pub fn allow_missing(mut self, allowed: bool) -> Self {
        self.missing_is_fault = !allowed;
        self
    }

    /// Fills the template in. What was written before a failure is kept.
    pub fn render(&self, object: &Value) -> (String, Result<(), String>) {
        exec::run(self, object)
    }
}

fn complaint(source: &str, at: usize, fault: &str) -> String {
    let line = 1 + source.bytes().take(at).filter(|&b| b == b'\n').count();
    format!("template: output:{line}: {fault}")
}

/// A value as Go's `%v` shows it.
pub fn shown(value: &Value) -> String {
    format::plain(value)
}

#[cfg(test)]
mod tests {
    use super::Template;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn rendered() {
        let object = json!({"kind": "ServiceAccount", "metadata": {"name": "default", "n": 3, "labels": {"b": "2", "a": "1"}}, "items": [{"x": "p"}, {"x": "q"}], "e": []});
        for (template, want) in [
            ("{{.metadata.name}}", "default"),
            ("{{.foo}} {{.foo.bar}}", "<no value> <no value>"),
            ("{{range .items}}{{.x}}{{\"\\n\"}}{{end}}", "p\nq\n"),
            ("{{range $i, $e := .items}}{{if $i}},{{end}}{{$i}}{{$e.x}}{{end}}", "0p,1q"),
            ("{{range .e}}x{{else}}none{{end}}", "none"),
            ("{{with .metadata}}{{.name}} {{$.kind}}{{end}}", "default ServiceAccount"),
            ("{{range $k, $v := .metadata.labels}}{{$k}}={{$v}};{{end}}", "a=1;b=2;"),
            ("{{if and .e .kind}}a{{else if eq .kind \"ServiceAccount\"}}b{{else}}c{{end}}", "b"),
            ("a {{- /* c */ -}} b {{- .kind -}} c", "abServiceAccountc"),
            ("{{index .metadata.labels \"a\" | printf \"%s-%d\" \"x\"}}", "x-%!d(string=1)"),
            (
                "{{printf \"%v %T %q %5s|%-5s| %t %05d %x\" \"d\" 1 \"x\" \"a\" \"b\" true 42 \"hi\"}}",
                "d int \"x\"     a|b    | true 00042 6869",
            ),
            ("{{len .items}} {{(index .items 1).x}} {{index .items 0}}", "2 q map[x:p]"),
            ("{{\"YWJj\" | base64decode}} {{exists . \"metadata\" \"x\"}}", "abc false"),
            (
                "{{print 1 2 \"a\" \"b\" 3}} {{html \"<a>\"}} {{or 0 \"x\"}} {{not 1}} {{1.5}}",
                "1 2ab3 &lt;a&gt; x false 1.5",
            ),
            ("{{range 3}}{{.}}{{if eq . 1}}{{break}}{{end}}{{end}}", "01"),
            ("{{$x := 1}}{{if true}}{{$x = 2}}{{end}}{{$x}}", "2"),
            ("{{define \"x\"}}hi{{end}}{{template \"x\" .}}{{block \"y\" .}}B{{end}}", "hiB"),
            (
                "{{eq .kind \"a\" \"ServiceAccount\"}} {{lt 1 2}} {{slice \"abc\" 1 2}} {{urlquery \"a b\"}}",
                "true true b a+b",
            ),
            ("{{.metadata}}", "map[labels:map[a:1 b:2] n:3 name:default]"),
        ] {
            let parsed = Template::parse(template).unwrap();
            assert_eq!(parsed.render(&object), (want.to_owned(), Ok(())), "{template}");
        }
    }

    #[test]
    fn faults() {
        let object = json!({"metadata": {"name": "default"}});
        for (template, want) in [
            ("{{if}}x{{end}}", "template: output:1: missing value for if"),
            ("a\n{{.metadata", "template: output:2: unclosed action"),
            ("{{foo .x}}", "template: output:1: function \"foo\" not defined"),
            ("{{end}}", "template: output:1: unexpected {{end}}"),
            ("{{if .x}}", "template: output:1: unexpected EOF"),
            ("{{$y}}", "template: output:1: undefined variable \"$y\""),
            (
                "{{.metadata.name.foo}}",
                "template: output:1:11: executing \"output\" at <.metadata.name.foo>: can't evaluate field foo in type interface {}",
            ),
            (
                "{{index .items 3}}",
                "template: output:1:2: executing \"output\" at <index .items 3>: error calling index: index of untyped nil",
            ),
            ("{{len 3}}", "template: output:1:2: executing \"output\" at <len 3>: error calling len: len of type int"),
            (
                "{{eq \"a\" 1}}",
                "template: output:1:2: executing \"output\" at <eq \"a\" 1>: error calling eq: incompatible types for comparison: string and int",
            ),
            (
                "{{\"%%\" | base64decode}}",
                "template: output:1:9: executing \"output\" at <base64decode>: error calling base64decode: base64 decode failed: illegal base64 data at input byte 0",
            ),
            ("{{nil}}", "template: output:1:2: executing \"output\" at <nil>: nil is not a command"),
            (
                "{{template \"x\"}}",
                "template: output:1:11: executing \"output\" at <{{template \"x\"}}>: template \"x\" not defined",
            ),
            (
                "{{\"a\" \"b\"}}",
                "template: output:1:2: executing \"output\" at <\"a\">: can't give argument to non-function \"a\"",
            ),
        ] {
            let told = match Template::parse(template) {
                Ok(parsed) => parsed.render(&object).1.err(),
                Err(fault) => Some(fault),
            };
            assert_eq!(told.as_deref(), Some(want), "{template}");
        }
    }

    proptest! {
        #[test]
        fn nothing_typed_panics(text in "(\\{\\{-? ?(range|if|with|end|else|define|index|printf|eq|len|slice)? ?|[ .$a|()\"0-9%:=,]|-?\\}\\}|é){0,16}") {
            if let Ok(template) = Template::parse(&text) {
                let _ = template.render(&json!({"a": [1, {"a": "x"}]}));
            }
        }
    }
}
