//! What the arguments, files and selectors of a command line name. Upstream: cli-runtime/pkg/resource/builder.go.

use serde_json::Value;

use super::context::Context;
use super::discovery::Found;
use super::errors::Error;
use super::manifest;
use super::rest::Call;
use crate::apimachinery::labels::Selector;
use crate::apimachinery::meta;

/// What the arguments of a command ask for.
#[derive(Clone, Debug)]
pub struct Target {
    /// The kind of thing.
    pub resource: Found,
    /// Its name; without one, all of them.
    pub name: Option<String>,
}

/// An object that a command works on.
#[derive(Clone, Debug)]
pub struct Info {
    /// The kind of thing.
    pub resource: Found,
    /// Where it lives; empty for what lives in none.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The file it was named in; empty when it was named on the command line.
    pub source: String,
    /// As the server has it, or as the file has it when the server is not asked.
    pub object: Value,
}

impl Info {
    /// The object's path.
    pub fn path(&self) -> String {
        self.resource.object(&self.namespace, &self.name)
    }

    /// `deployment.apps/web`
    pub fn shown(&self) -> String {
        format!("{}/{}", self.resource.printed(), self.name)
    }
}

/// How a command wants its objects found.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wish {
    /// A type without a name means all objects of it.
    pub lists: bool,
    /// Whose word on an object counts.
    pub from: From,
}

/// Where an object named in a file is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum From {
    /// On the server.
    #[default]
    Server,
    /// In the file; the server is asked for its kind.
    File,
    /// In the file; the server is not asked at all.
    Disk,
}

/// Files and type arguments are never mixed.
pub fn mixed() -> Error {
    Error::text("when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well")
}

/// The objects that the files given with `-f`, the arguments and the selectors name, and what of them could not be had.
///
/// # Errors
/// When they name nothing, or contradict each other.
pub async fn infos(cx: &mut Context<'_>, args: &[String], wish: Wish) -> Result<(Vec<Info>, Vec<Error>), Error> {
    if cx.given.changed("filename") || cx.given.changed("kustomize") {
        if !args.is_empty() {
            return Err(mixed());
        }
        return from_files(cx, wish).await;
    }
    let everywhere = cx.given.bool("all-namespaces");
    let namespace = if everywhere { String::new() } else { cx.namespace() };
    let targets = targets(cx, args).await?;
    let named = targets.iter().any(|target| target.name.is_some());
    let selecting = !cx.given.text("selector").is_empty() || !cx.given.text("field-selector").is_empty();
    if selecting && cx.given.bool("all") {
        return Err(Error::text("setting 'all' parameter but found a non empty selector. "));
    }
    let selecting = selecting || cx.given.bool("all");
    if selecting {
        check_selected(args, named)?;
    } else if targets.is_empty() {
        return Err(Error::nothing_named());
    } else if !named && !wish.lists {
        return Err(Error::text("resource(s) were provided, but no name was specified"));
    }
    if everywhere && targets.iter().any(|target| target.name.is_some() && target.resource.namespaced) {
        return Err(Error::text("a resource cannot be retrieved by name across all namespaces"));
    }
    let (mut found, mut errors) = (Vec::new(), Vec::new());
    for target in targets {
        let Some(name) = &target.name else {
            match cx.select(&target.resource, &namespace).await {
                Ok(items) => found.extend(items.into_iter().map(|object| listed(&target.resource, object))),
                Err(error) => errors.push(error),
            }
            continue;
        };
        let path = below(cx, target.resource.object(&namespace, name));
        match cx.send(Call::get(path)).await {
            Ok(object) => found.push(Info {
                namespace: meta::namespace(&object).to_owned(),
                name: name.clone(),
                source: String::new(),
                resource: target.resource,
                object,
            }),
            Err(error) => errors.push(error),
        }
    }
    Ok((found, errors))
}

/// The object's subresource, if the command works on one.
fn below(cx: &Context<'_>, path: String) -> String {
    match cx.given.text("subresource") {
        "" => path,
        subresource => format!("{path}/{subresource}"),
    }
}

/// A selector chooses among all objects of a type, so there are types then, and no names.
pub fn check_selected(args: &[String], named: bool) -> Result<(), Error> {
    let tuples = args.iter().any(|arg| arg.contains('/'));
    match (args.len(), named) {
        (0, _) => Err(Error::text("at least one resource must be specified to use a selector")),
        (_, true) if tuples => {
            Err(Error::text("selectors and the all flag cannot be used when passing resource/name arguments"))
        }
        (_, true) => Err(Error::text("name cannot be provided when a selector is specified")),
        _ => Ok(()),
    }
}

/// A member of a list, made to say what it is, which members of lists do not.
fn listed(resource: &Found, mut object: Value) -> Info {
    if let Some(map) = object.as_object_mut() {
        map.insert("apiVersion".to_owned(), resource.api_version().into());
        map.insert("kind".to_owned(), resource.kind.clone().into());
    }
    Info {
        resource: resource.clone(),
        namespace: meta::namespace(&object).to_owned(),
        name: meta::name(&object).to_owned(),
        source: String::new(),
        object,
    }
}

async fn from_files(cx: &mut Context<'_>, wish: Wish) -> Result<(Vec<Info>, Vec<Error>), Error> {
    let selector = Selector::labels(cx.given.text("selector")).map_err(Error::text)?;
    let (mut found, mut errors) = (Vec::new(), Vec::new());
    if wish.from == From::Disk {
        let (objects, faults) = manifest::local(cx)?;
        errors = faults;
        for (source, object) in objects {
            found.push(Info {
                resource: Found::guessed(&object),
                namespace: meta::namespace(&object).to_owned(),
                name: meta::name(&object).to_owned(),
                source,
                object,
            });
        }
    } else {
        let (manifests, faults) = manifest::load(cx).await?;
        errors.extend(faults);
        for item in manifests {
            let object = match wish.from {
                From::Server => {
                    let path = below(cx, item.path());
                    cx.send(Call::get(path)).await
                }
                From::File | From::Disk => Ok(item.object.clone()),
            };
            match object {
                Ok(object) => found.push(Info {
                    name: meta::name(&item.object).to_owned(),
                    resource: item.resource,
                    namespace: item.namespace,
                    source: item.source,
                    object,
                }),
                Err(error) => errors.push(error),
            }
        }
    }
    found.retain(|info: &Info| selector.matches_labels(&info.object));
    Ok((found, errors))
}

/// The parts of `a,b`, each once. Upstream: SplitResourceArgument.
fn split(arg: &str) -> Vec<&str> {
    let mut parts: Vec<&str> = Vec::new();
    for part in arg.split(',') {
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    parts
}

/// Reads `TYPE NAME…`, `TYPE,TYPE`, `TYPE/NAME…`.
pub async fn targets(cx: &mut Context<'_>, args: &[String]) -> Result<Vec<Target>, Error> {
    let mut args = args.to_vec();
    // Several types with names mean each name of each type.
    if let [types, names @ ..] = args.as_slice()
        && !names.is_empty()
        && split(types).len() > 1
    {
        args = split(types).iter().flat_map(|kind| names.iter().map(move |name| format!("{kind}/{name}"))).collect();
    }
    let slashed = args.iter().filter(|arg| arg.contains('/')).count();
    if slashed > 0 {
        return pairs(cx, &args, slashed).await;
    }
    let mut targets: Vec<Target> = Vec::new();
    let Some((types, names)) = args.split_first() else { return Ok(targets) };
    let types = split(types);
    for kind in &types {
        let found = kinds(cx, kind).await;
        if let Err(error) = &found {
            // Each type is first taken for a category, and then looked for in four ways.
            cx.unreached(error, types.len() + 4);
        }
        for resource in found? {
            if names.is_empty() && targets.iter().all(|target| target.resource != resource) {
                targets.push(Target { resource: resource.clone(), name: None });
            }
            for name in names {
                targets.push(Target { resource: resource.clone(), name: Some(name.clone()) });
            }
        }
    }
    Ok(targets)
}

/// `TYPE/NAME…`
async fn pairs(cx: &mut Context<'_>, args: &[String], slashed: usize) -> Result<Vec<Target>, Error> {
    if slashed < args.len() {
        let text = "there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get resource resource/<resource_name>'";
        return Err(Error::text(text));
    }
    let mut words = Vec::new();
    for arg in args {
        let parts: Vec<&str> = arg.split('/').collect();
        let [kind, name] = parts.as_slice() else {
            return Err(Error::text("arguments in resource/name form may not have more than one slash"));
        };
        if kind.is_empty() || name.is_empty() || split(kind).len() != 1 {
            return Err(Error::text("arguments in resource/name form must have a single resource and name"));
        }
        words.push((*kind, *name));
    }
    let mut targets = Vec::new();
    for (kind, name) in words {
        let found = cx.look_up(kind).await;
        if let Err(error) = &found {
            cx.unreached(error, 4);
        }
        targets.push(Target { resource: found?, name: Some(name.to_owned()) });
    }
    Ok(targets)
}

/// One kind, or all kinds of a category such as `all`.
async fn kinds(cx: &mut Context<'_>, name: &str) -> Result<Vec<Found>, Error> {
    match cx.look_up(name).await {
        Ok(found) => Ok(vec![found]),
        Err(error @ Error::Unreachable(_)) => Err(error),
        Err(error) => {
            let all = cx.resources().await?;
            let of_category: Vec<Found> =
                all.into_iter().filter(|found| found.categories.iter().any(|category| category == name)).collect();
            if of_category.is_empty() { Err(error) } else { Ok(of_category) }
        }
    }
}
