//! Objects written in files: YAML or JSON, several to a file, lists taken apart.
//! Upstream: cli-runtime/pkg/resource/visitor.go, apimachinery/pkg/util/yaml/decoder.go.

use serde_json::{Value, json};

use super::context::Context;
use super::discovery::Found;
use super::errors::Error;
use super::{openapi, release};
use crate::apimachinery::gojson::to_json_compact;
use crate::apimachinery::meta;
use crate::apimachinery::yaml::from_yaml;

/// An object of a file, and what the server calls its kind.
#[derive(Clone, Debug)]
pub struct Manifest {
    /// The file, as it was named.
    pub source: String,
    /// The object, with its namespace filled in.
    pub object: Value,
    /// Its resource.
    pub resource: Found,
    /// Where it lives; empty for what lives in none.
    pub namespace: String,
}

impl Manifest {
    /// The collection's path.
    pub fn collection(&self) -> String {
        self.resource.collection(&self.namespace)
    }

    /// The object's path.
    pub fn path(&self) -> String {
        self.resource.object(&self.namespace, meta::name(&self.object))
    }
}

/// All objects of the files given with `-f`. The second part is what could not be used.
///
/// # Errors
/// When a file cannot be read at all.
pub async fn load(cx: &mut Context<'_>) -> Result<(Vec<Manifest>, Vec<Error>), Error> {
    if cx.given.changed("kustomize") && cx.given.changed("filename") {
        return Err(Error::text("only one of -f or -k can be specified"));
    }
    if cx.given.changed("kustomize") {
        let folder = cx.given.text("kustomize").to_owned();
        let names = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
        let there = |name: &&str| cx.files.read(&format!("{}/{name}", folder.trim_end_matches('/'))).is_ok();
        if names.iter().any(there) {
            return Err(Error::text("this kubectl does not build kustomizations; use -f"));
        }
        let path = cx.files.absolute(&folder);
        return Err(Error::text(format!(
            "unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '{path}'"
        )));
    }
    let documents = documents(cx)?;
    let (mut manifests, mut errors) = (Vec::new(), Vec::new());
    let mut given_up = String::new();
    for (source, document) in documents {
        // A file is read up to the first object that is not valid.
        if source == given_up {
            continue;
        }
        match parse(&document, &source) {
            Ok(None) => {}
            Ok(Some(object)) => {
                let items = flatten(object);
                if let Err(error) = openapi::validate(cx, &source, &items).await {
                    errors.push(error);
                    given_up = source;
                    continue;
                }
                for item in items {
                    match place(cx, item, &source).await {
                        Ok(manifest) => manifests.push(manifest),
                        Err(error) => errors.push(error),
                    }
                }
            }
            Err(error) => errors.push(error),
        }
    }
    Ok((manifests, errors))
}

/// Objects as they stand in files, each with its file, and what could not be used.
type Local = (Vec<(String, Value)>, Vec<Error>);

/// The objects of the files given with `-f`, as they stand there. The second part is what could not be used.
///
/// # Errors
/// When a file cannot be read at all.
pub fn local(cx: &Context<'_>) -> Result<Local, Error> {
    let (mut objects, mut errors) = (Vec::new(), Vec::new());
    for (source, document) in documents(cx)? {
        match parse(&document, &source) {
            Ok(None) => {}
            Ok(Some(object)) => objects.extend(flatten(object).into_iter().map(|item| (source.clone(), item))),
            Err(error) => errors.push(error),
        }
    }
    Ok((objects, errors))
}

/// The documents of all files given, each with the file it is from.
fn documents(cx: &Context<'_>) -> Result<Vec<(String, String)>, Error> {
    let mut documents = Vec::new();
    for name in cx.given.list("filename").to_vec() {
        for (source, text) in read(cx, &name)? {
            documents.extend(split(&text).into_iter().map(|document| (source.clone(), document)));
        }
    }
    Ok(documents)
}

fn read(cx: &Context<'_>, name: &str) -> Result<Vec<(String, String)>, Error> {
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    if name == "-" {
        return Ok(vec![("STDIN".to_owned(), text(cx.streams.stdin.to_vec()))]);
    }
    if name.starts_with("http://") || name.starts_with("https://") {
        return Err(Error::text(format!(
            "unable to read URL {name:?}: this kubectl reads files only, and reaches no server but its own; put what is there into a file, and name that with -f"
        )));
    }
    if let Some(files) = cx.files.directory(name) {
        let mut found = Vec::new();
        for file in files.into_iter().filter(|file| [".yaml", ".yml", ".json"].iter().any(|end| file.ends_with(end))) {
            let bytes = cx.files.read(&file).map_err(|cause| Error::text(format!("open {file}: {}", os(&cause))))?;
            found.push((file, text(bytes)));
        }
        if found.is_empty() {
            return Err(Error::text(format!(
                "error reading [{name}]: recognized file extensions are [.json .yaml .yml]"
            )));
        }
        return Ok(found);
    }
    match cx.files.read(name) {
        Ok(bytes) => Ok(vec![(name.to_owned(), text(bytes))]),
        Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {
            Err(Error::text(format!("the path {name:?} does not exist")))
        }
        Err(cause) => Err(Error::text(format!("open {name}: {}", os(&cause)))),
    }
}

/// The operating system's words without Rust's addition, in Go's spelling.
pub fn os(cause: &std::io::Error) -> String {
    let text = cause.to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}

/// The documents of a YAML file; a line of `---` begins the next.
fn split(text: &str) -> Vec<String> {
    let mut documents = vec![String::new()];
    for line in text.split_inclusive('\n') {
        if line.trim_end() == "---" || line.starts_with("--- ") {
            documents.push(String::new());
        } else if let Some(document) = documents.last_mut() {
            document.push_str(line);
        }
    }
    documents
}

/// One document as an object; `None` for an empty one.
pub fn parse(document: &str, source: &str) -> Result<Option<Value>, Error> {
    let trimmed = document.trim_start();
    if trimmed.starts_with('{') && serde_json::from_str::<Value>(document).is_err_and(|cause| cause.is_eof()) {
        return Err(Error::text(format!("error parsing {source}: unexpected EOF")));
    }
    let value = if trimmed.starts_with('{')
        && let Ok(value) = serde_json::from_str(document)
    {
        value
    } else {
        from_yaml(document)
            .map_err(|fault| Error::text(format!("error parsing {source}: error converting YAML to JSON: {fault}")))?
    };
    if value.is_null() {
        return Ok(None);
    }
    if !value.is_object() {
        return Err(Error::text(format!(
            "error validating {source:?}: error validating data: invalid object to validate; if you choose to ignore these errors, turn validation off with --validate=false"
        )));
    }
    let missing: Vec<&str> = [("apiVersion", "apiVersion not set"), ("kind", "kind not set")]
        .into_iter()
        .filter(|(field, _)| value[*field].as_str().unwrap_or_default().is_empty())
        .map(|(_, text)| text)
        .collect();
    if missing.is_empty() {
        return Ok(Some(value));
    }
    let missing = if missing.len() == 1 { missing[0].to_owned() } else { format!("[{}]", missing.join(", ")) };
    Err(Error::text(format!(
        "error validating {source:?}: error validating data: {missing}; if you choose to ignore these errors, turn validation off with --validate=false"
    )))
}

fn flatten(object: Value) -> Vec<Value> {
    if meta::kind(&object).ends_with("List")
        && let Some(items) = object.get("items").and_then(Value::as_array)
    {
        return items.iter().cloned().flat_map(flatten).collect();
    }
    vec![object]
}

async fn place(cx: &mut Context<'_>, mut object: Value, source: &str) -> Result<Manifest, Error> {
    let api_version = object["apiVersion"].as_str().unwrap_or_default().to_owned();
    let kind = meta::kind(&object).to_owned();
    let Some(resource) = cx.resource_of(&api_version, &kind).await? else {
        let unknown = format!("no matches for kind {kind:?} in version {api_version:?}");
        return Err(Error::text(if cx.does(release::MAPPING_NOT_FOUND) {
            format!(
                "resource mapping not found for name: {:?} namespace: {:?} from {source:?}: {unknown}\nensure CRDs are installed first",
                meta::name(&object),
                meta::namespace(&object)
            )
        } else {
            format!("unable to recognize {source:?}: {unknown}")
        }));
    };
    let mut namespace = String::new();
    if resource.namespaced {
        let wanted = cx.namespace();
        let own = meta::namespace(&object).to_owned();
        if !own.is_empty() && cx.given.changed("namespace") && own != wanted {
            return Err(Error::text(format!(
                "the namespace from the provided object {own:?} does not match the namespace {wanted:?}. You must pass '--namespace={own}' to perform this operation."
            )));
        }
        namespace = if own.is_empty() { wanted } else { own };
        meta::metadata_mut(&mut object).insert("namespace".to_owned(), json!(namespace));
    }
    Ok(Manifest { source: source.to_owned(), object, resource, namespace })
}

/// An object as the last-applied annotation keeps it.
pub fn remembered(object: &Value) -> String {
    to_json_compact(object) + "\n"
}

#[cfg(test)]
mod tests {
    use super::{parse, split};
    use proptest::prelude::*;

    #[test]
    fn documents() {
        assert_eq!(split("a: 1\n---\nb: 2\n").len(), 2);
        assert!(matches!(parse("# only a comment\n", "x.yaml"), Ok(None)));
        assert!(matches!(parse("kind: Pod\napiVersion: v1\n", "x.yaml"), Ok(Some(_))));
    }

    #[test]
    fn faults() {
        for (text, want) in [
            (
                "a: b: c\n",
                "error parsing x.yaml: error converting YAML to JSON: yaml: mapping values are not allowed in this context",
            ),
            (
                "kind: Pod\n",
                "error validating \"x.yaml\": error validating data: apiVersion not set; if you choose to ignore these errors, turn validation off with --validate=false",
            ),
            (
                "a: 1\n",
                "error validating \"x.yaml\": error validating data: [apiVersion not set, kind not set]; if you choose to ignore these errors, turn validation off with --validate=false",
            ),
        ] {
            assert_eq!(parse(text, "x.yaml").map_err(|error| error.message()).err().as_deref(), Some(want));
        }
    }

    proptest! {
        #[test]
        fn nothing_read_panics(text in "[a-c:\\- \\n\\[\\]{}\"'|>&*é\\t]{0,40}") {
            let _ = parse(&text, "x.yaml");
        }
    }
}
