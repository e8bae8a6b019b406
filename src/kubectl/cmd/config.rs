//! `kubectl config …`: the kubeconfig looked at and changed. Upstream: kubectl/pkg/cmd/config.

use base64::Engine as _;
use serde_json::{Value, json};

use super::Command;
use crate::base::Columns;
use crate::kubectl::context::Context;
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{Flag, Kind};
use crate::kubectl::kubeconfig::{Kubeconfig, Section, shown};
use crate::kubectl::{manifest, printers, release};

const fn entry(
    name: &'static str,
    aliases: &'static [&'static str],
    short: &'static str,
    flags: &'static [&'static [Flag]],
    run: super::Run,
) -> Command {
    Command { name, aliases, short, examples: "", usage: "", flags, under: &[], when: release::ALWAYS, run: Some(run) }
}

const VIEW: &[Flag] = &[
    Flag::short("output", 'o', Kind::Text, "yaml", "Output format."),
    Flag::new("template", Kind::Text, "", "Template string or path to template file."),
    Flag::new("minify", Kind::Bool, "false", "Remove all information not used by current-context from the output"),
    Flag::new("raw", Kind::Bool, "false", "Display raw byte data and sensitive data"),
    Flag::new("flatten", Kind::Bool, "false", "Flatten the resulting kubeconfig file into self-contained output"),
    Flag::new("merge", Kind::Bool, "true", "Merge the full hierarchy of kubeconfig files"),
];
const GET_CONTEXTS: &[Flag] = &[
    Flag::short("output", 'o', Kind::Text, "", "Output format. One of: (name)."),
    Flag::new("no-headers", Kind::Bool, "false", "When using the default output format, don't print headers."),
];
const EMBED: Flag = Flag::new("embed-certs", Kind::Bool, "false", "Embed certificates in the kubeconfig");
const SET_CONTEXT: &[Flag] = &[Flag::new("current", Kind::Bool, "false", "Modify the current context")];
const SET_CLUSTER: &[Flag] = &[
    EMBED,
    Flag::new("tls-server-name", Kind::Text, "", "tls-server-name for the cluster entry in kubeconfig"),
    Flag::new("proxy-url", Kind::Text, "", "proxy-url for the cluster entry in kubeconfig"),
];
const SET_USER: &[Flag] = &[
    EMBED,
    Flag::new("username", Kind::Text, "", "username for the user entry in kubeconfig"),
    Flag::new("password", Kind::Text, "", "password for the user entry in kubeconfig"),
];

/// `kubectl config`
pub const COMMAND: Command = Command {
    name: "config",
    aliases: &[],
    short: "Modify kubeconfig files",
    examples: "",
    usage: "SUBCOMMAND",
    flags: &[],
    under: &[
        entry("current-context", &[], "Display the current-context", &[], |cx| Box::pin(current(cx))),
        entry("delete-cluster", &[], "Delete the specified cluster from the kubeconfig", &[], |cx| {
            Box::pin(delete(cx, Section::Clusters))
        }),
        entry("delete-context", &[], "Delete the specified context from the kubeconfig", &[], |cx| {
            Box::pin(delete(cx, Section::Contexts))
        }),
        entry("delete-user", &[], "Delete the specified user from the kubeconfig", &[], |cx| {
            Box::pin(delete(cx, Section::Users))
        }),
        entry("get-clusters", &[], "Display clusters defined in the kubeconfig", &[], |cx| {
            Box::pin(names(cx, Section::Clusters))
        }),
        entry("get-contexts", &[], "Describe one or many contexts", &[GET_CONTEXTS], |cx| Box::pin(contexts(cx))),
        entry("get-users", &[], "Display users defined in the kubeconfig", &[], |cx| {
            Box::pin(names(cx, Section::Users))
        }),
        entry("rename-context", &[], "Rename a context from the kubeconfig file", &[], |cx| Box::pin(rename(cx))),
        entry("set", &[], "Set an individual value in a kubeconfig file", &[], |cx| Box::pin(set(cx))),
        entry("set-cluster", &[], "Set a cluster entry in kubeconfig", &[SET_CLUSTER], |cx| Box::pin(set_cluster(cx))),
        entry("set-context", &[], "Set a context entry in kubeconfig", &[SET_CONTEXT], |cx| Box::pin(set_context(cx))),
        entry("set-credentials", &[], "Set a user entry in kubeconfig", &[SET_USER], |cx| Box::pin(set_user(cx))),
        entry("unset", &[], "Unset an individual value in a kubeconfig file", &[], |cx| Box::pin(unset(cx))),
        entry("use-context", &["use"], "Set the current-context in a kubeconfig file", &[], |cx| {
            Box::pin(use_context(cx))
        }),
        entry("view", &[], "Display merged kubeconfig settings or a specified kubeconfig file", &[VIEW], |cx| {
            Box::pin(view(cx))
        }),
    ],
    when: release::ALWAYS,
    run: None,
};

fn load(cx: &Context<'_>) -> Result<Kubeconfig, Error> {
    Kubeconfig::load(cx.config, cx.files, &cx.given)
}

/// Exactly so many arguments; otherwise the help and a complaint.
fn arguments<const N: usize>(cx: &mut Context<'_>) -> Result<[String; N], Error> {
    let given = cx.given.args.clone();
    <[String; N]>::try_from(given).map_err(|given| {
        let help = cx.help.clone();
        // The help comes first, then the complaint.
        let _ = cx.print(&help);
        let unexpected = if cx.path.ends_with("set-credentials") { "unexpected" } else { "Unexpected" };
        Error::text(format!("{unexpected} args: [{}]", given.join(" ")))
    })
}

async fn current(cx: &mut Context<'_>) -> Result<(), Error> {
    let merged = load(cx)?.merged();
    match merged["current-context"].as_str() {
        Some(name) if !name.is_empty() => cx.print(&format!("{name}\n")),
        _ => Err(Error::text("current-context is not set")),
    }
}

async fn names(cx: &mut Context<'_>, section: Section) -> Result<(), Error> {
    let merged = load(cx)?.merged();
    let list = merged[section.key()].as_array().cloned().unwrap_or_default();
    let names = list.iter().map(|entry| format!("{}\n", entry["name"].as_str().unwrap_or_default()));
    let text = names.fold("NAME\n".to_owned(), |text, name| text + &name);
    cx.print(&text)
}

async fn contexts(cx: &mut Context<'_>) -> Result<(), Error> {
    let merged = load(cx)?.merged();
    let only_names = match cx.given.text("output") {
        "" => false,
        "name" => true,
        other => {
            return Err(Error::text(format!(
                "--output {other} is not available in kubectl config get-contexts; resetting to default output format"
            )));
        }
    };
    let wanted = cx.given.args.clone();
    let list = merged["contexts"].as_array().cloned().unwrap_or_default();
    let mut text = if only_names || cx.given.bool("no-headers") {
        String::new()
    } else {
        "CURRENT\tNAME\tCLUSTER\tAUTHINFO\tNAMESPACE\n".to_owned()
    };
    for entry in list.iter().filter(|entry| wanted.is_empty() || wanted.iter().any(|name| entry["name"] == **name)) {
        let name = entry["name"].as_str().unwrap_or_default();
        if only_names {
            text.push_str(&format!("{name}\n"));
            continue;
        }
        let of = |key: &str| entry["context"][key].as_str().unwrap_or_default().to_owned();
        let mark = if merged["current-context"] == name { "*" } else { "" };
        text.push_str(&format!("{mark}\t{name}\t{}\t{}\t{}\n", of("cluster"), of("user"), of("namespace")));
    }
    let text = if only_names { text } else { Columns::GET.align(&text) };
    cx.print(&text)?;
    let missing = wanted.iter().filter(|name| !list.iter().any(|entry| entry["name"] == ***name));
    Error::all(missing.map(|name| Error::text(format!("context {name} not found"))).collect())
}

async fn use_context(cx: &mut Context<'_>) -> Result<(), Error> {
    let [name] = arguments(cx)?;
    let mut kubeconfig = load(cx)?;
    if kubeconfig.entry(Section::Contexts, &name).is_none() {
        return Err(Error::text(format!("no context exists with the name: {name:?}")));
    }
    kubeconfig.switch(&name);
    kubeconfig.save(cx.files)?;
    cx.print(&format!("Switched to context {name:?}.\n"))
}

async fn delete(cx: &mut Context<'_>, section: Section) -> Result<(), Error> {
    let [name] = cx.given.args.as_slice() else {
        let help = cx.help.clone();
        return cx.print(&help);
    };
    let name = name.clone();
    let mut kubeconfig = load(cx)?;
    let (what, path) = (section.inner(), kubeconfig.path().to_owned());
    if kubeconfig.entry(section, &name).is_none() {
        return Err(Error::text(format!("cannot delete {what} {name}, not in {path}")));
    }
    if section == Section::Contexts && kubeconfig.merged()["current-context"] == *name {
        cx.complain(
            "warning: this removed your active context, use \"kubectl config use-context\" to select a different one\n",
        );
    }
    kubeconfig.put(section, &name, None);
    kubeconfig.save(cx.files)?;
    cx.print(&format!("deleted {what} {name} from {path}\n"))
}

async fn rename(cx: &mut Context<'_>) -> Result<(), Error> {
    let [old, new] = arguments(cx)?;
    let mut kubeconfig = load(cx)?;
    let Some(content) = kubeconfig.entry(Section::Contexts, &old) else {
        return Err(Error::text(format!("cannot rename the context {old:?}, it's not in {}", kubeconfig.path())));
    };
    if kubeconfig.entry(Section::Contexts, &new).is_some() {
        return Err(Error::text(format!(
            "cannot rename the context {old:?}, the context {new:?} already exists in {}",
            kubeconfig.path()
        )));
    }
    kubeconfig.put(Section::Contexts, &old, None);
    kubeconfig.put(Section::Contexts, &new, Some(content));
    if kubeconfig.merged()["current-context"] == *old {
        kubeconfig.switch(&new);
    }
    kubeconfig.save(cx.files)?;
    cx.print(&format!("Context {old:?} renamed to {new:?}.\n"))
}

/// Takes over the flags that were given, under the keys of a kubeconfig.
fn take(cx: &Context<'_>, content: &mut Value, flags: &[(&str, &str)]) {
    for (flag, key) in flags.iter().filter(|(flag, _)| cx.given.changed(flag)) {
        let text = cx.given.text(flag);
        if let Some(map) = content.as_object_mut() {
            if text.is_empty() {
                map.shift_remove(*key);
            } else {
                map.insert((*key).to_owned(), text.into());
            }
        }
    }
}

/// Files that flags name: as a path, or their content with `--embed-certs`.
fn take_files(cx: &Context<'_>, content: &mut Value, flags: &[&str]) -> Result<(), Error> {
    for flag in flags.iter().filter(|flag| cx.given.changed(flag)) {
        let path = cx.given.text(flag).to_owned();
        let (plain, data) = ((*flag).to_owned(), format!("{flag}-data"));
        if cx.given.bool("embed-certs") {
            let bytes = cx.files.read(&path).map_err(|cause| {
                let why = manifest::os(&cause);
                Error::text(format!("could not stat {flag} file {path}: stat {path}: {why}"))
            })?;
            content[&data] = base64::engine::general_purpose::STANDARD.encode(bytes).into();
            content.as_object_mut().map(|map| map.shift_remove(&plain));
        } else {
            content[&plain] = cx.files.absolute(&path).into();
            content.as_object_mut().map(|map| map.shift_remove(&data));
        }
    }
    Ok(())
}

async fn set_context(cx: &mut Context<'_>) -> Result<(), Error> {
    let mut kubeconfig = load(cx)?;
    let current = cx.given.bool("current");
    let name = match (cx.given.args.as_slice(), current) {
        ([], true) => match kubeconfig.merged()["current-context"].as_str() {
            Some(name) if !name.is_empty() => name.to_owned(),
            _ => return Err(Error::text("no current context is set")),
        },
        ([_, ..], true) => return Err(Error::text("you cannot specify both a context name and --current")),
        ([name], false) if !name.is_empty() => name.clone(),
        ([_, _, ..], false) => {
            let help = cx.help.clone();
            cx.print(&help)?;
            return Err(Error::text(format!("Unexpected args: [{}]", cx.given.args.join(" "))));
        }
        _ => return Err(Error::text("you must specify a non-empty context name or --current")),
    };
    let before = kubeconfig.entry(Section::Contexts, &name);
    let done = if before.is_some() { "modified" } else { "created" };
    let mut content = before.unwrap_or_else(|| json!({}));
    take(cx, &mut content, &[("cluster", "cluster"), ("user", "user"), ("namespace", "namespace")]);
    for key in ["cluster", "user"] {
        if content[key].is_null() {
            content[key] = "".into();
        }
    }
    kubeconfig.put(Section::Contexts, &name, Some(content));
    kubeconfig.save(cx.files)?;
    cx.print(&format!("Context {name:?} {done}.\n"))
}

async fn set_cluster(cx: &mut Context<'_>) -> Result<(), Error> {
    let [name] = arguments(cx)?;
    if cx.given.bool("insecure-skip-tls-verify") && !cx.given.text("certificate-authority").is_empty() {
        return Err(Error::text("you cannot specify a certificate authority and insecure mode at the same time"));
    }
    let mut kubeconfig = load(cx)?;
    let mut content = kubeconfig.entry(Section::Clusters, &name).unwrap_or_else(|| json!({}));
    take(cx, &mut content, &[("server", "server"), ("tls-server-name", "tls-server-name"), ("proxy-url", "proxy-url")]);
    if content["server"].is_null() {
        content["server"] = "".into();
    }
    if cx.given.changed("insecure-skip-tls-verify") {
        if cx.given.bool("insecure-skip-tls-verify") {
            content["insecure-skip-tls-verify"] = true.into();
            if let Some(map) = content.as_object_mut() {
                map.retain(|key, _| !key.starts_with("certificate-authority"));
            }
        } else {
            content.as_object_mut().map(|map| map.shift_remove("insecure-skip-tls-verify"));
        }
    }
    take_files(cx, &mut content, &["certificate-authority"])?;
    kubeconfig.put(Section::Clusters, &name, Some(content));
    kubeconfig.save(cx.files)?;
    cx.print(&format!("Cluster {name:?} set.\n"))
}

async fn set_user(cx: &mut Context<'_>) -> Result<(), Error> {
    let [name] = arguments(cx)?;
    if cx.given.changed("token") && (cx.given.changed("username") || cx.given.changed("password")) {
        return Err(Error::text(
            "you cannot specify more than one authentication method at the same time: --token, --username/--password",
        ));
    }
    let mut kubeconfig = load(cx)?;
    let mut content = kubeconfig.entry(Section::Users, &name).unwrap_or_else(|| json!({}));
    take(cx, &mut content, &[("token", "token"), ("username", "username"), ("password", "password")]);
    take_files(cx, &mut content, &["client-certificate", "client-key"])?;
    kubeconfig.put(Section::Users, &name, Some(content));
    kubeconfig.save(cx.files)?;
    cx.print(&format!("User {name:?} set.\n"))
}

/// The section, the entry's name and the field of `clusters.NAME.server`. Names may have dots.
fn property(kubeconfig: &Kubeconfig, path: &str) -> Result<(Section, String, Option<String>), Error> {
    let unknown = || Error::text(format!("unable to parse {path} after [] at api.Config"));
    let (first, rest) = path.split_once('.').ok_or_else(unknown)?;
    let section =
        [Section::Clusters, Section::Contexts, Section::Users].into_iter().find(|section| section.key() == first);
    let section = section.ok_or_else(unknown)?;
    if kubeconfig.entry(section, rest).is_some() {
        return Ok((section, rest.to_owned(), None));
    }
    Ok(match rest.rsplit_once('.') {
        Some((name, field)) => (section, name.to_owned(), Some(field.to_owned())),
        None => (section, rest.to_owned(), None),
    })
}

async fn set(cx: &mut Context<'_>) -> Result<(), Error> {
    let [path, text] = arguments(cx)?;
    let mut kubeconfig = load(cx)?;
    if path == "current-context" {
        kubeconfig.switch(&text);
    } else {
        let (section, name, field) = property(&kubeconfig, &path)?;
        let field = field.ok_or_else(|| Error::text(format!("unable to parse {path} after [] at api.Config")))?;
        let mut content = kubeconfig.entry(section, &name).unwrap_or_else(|| json!({}));
        content[&field] = if field.starts_with("insecure-") { (text == "true").into() } else { text.into() };
        kubeconfig.put(section, &name, Some(content));
    }
    kubeconfig.save(cx.files)?;
    cx.print(&format!("Property {path:?} set.\n"))
}

async fn unset(cx: &mut Context<'_>) -> Result<(), Error> {
    let [path] = arguments(cx)?;
    let mut kubeconfig = load(cx)?;
    if path == "current-context" {
        kubeconfig.switch("");
    } else {
        let (section, name, field) = property(&kubeconfig, &path)?;
        match (kubeconfig.entry(section, &name), field) {
            (Some(mut content), Some(field)) => {
                content.as_object_mut().map(|map| map.shift_remove(&field));
                kubeconfig.put(section, &name, Some(content));
            }
            (Some(_), None) => kubeconfig.put(section, &name, None),
            // An entry that is not there is gone already; a field needs one that is.
            (None, None) => {}
            (None, Some(_)) => return Err(Error::text(format!("current map key `{name}` is invalid"))),
        }
    }
    kubeconfig.save(cx.files)?;
    cx.print(&format!("Property {path:?} unset.\n"))
}

async fn view(cx: &mut Context<'_>) -> Result<(), Error> {
    if !cx.given.args.is_empty() {
        return Err(cx.usage_error(&format!("unexpected arguments: [{}]", cx.given.args.join(" "))));
    }
    if cx.given.changed("merge") && !cx.given.bool("merge") && cx.given.text("kubeconfig").is_empty() {
        return Err(Error::text("if merge==false a precise file must be specified"));
    }
    let mut merged = load(cx)?.merged();
    let flatten = cx.given.bool("flatten");
    if cx.given.bool("minify") {
        let named = cx.given.text("context");
        let name =
            if named.is_empty() { merged["current-context"].as_str().unwrap_or_default() } else { named }.to_owned();
        if name.is_empty() {
            return Err(Error::text("current-context must exist in order to minify"));
        }
        let find = |section: Section, name: &str| {
            merged[section.key()].as_array()?.iter().find(|entry| entry["name"] == name).cloned()
        };
        let Some(context) = find(Section::Contexts, &name) else {
            return Err(Error::text(format!("cannot locate context {name}")));
        };
        let of = |section: Section, key: &str| -> Value {
            let found = find(section, context["context"][key].as_str().unwrap_or_default());
            found.map_or(Value::Null, |entry| json!([entry]))
        };
        let (clusters, users) = (of(Section::Clusters, "cluster"), of(Section::Users, "user"));
        merged["current-context"] = name.into();
        merged["contexts"] = json!([context]);
        merged["clusters"] = clusters;
        merged["users"] = users;
    }
    if flatten {
        for (section, flags) in [
            (Section::Clusters, &["certificate-authority"][..]),
            (Section::Users, &["client-certificate", "client-key"]),
        ] {
            for entry in merged[section.key()].as_array_mut().into_iter().flatten() {
                for flag in flags {
                    let Some(path) = entry[section.inner()][*flag].as_str().map(str::to_owned) else { continue };
                    let bytes = cx
                        .files
                        .read(&path)
                        .map_err(|cause| Error::text(format!("open {path}: {}", manifest::os(&cause))))?;
                    let content = &mut entry[section.inner()];
                    content[format!("{flag}-data")] = base64::engine::general_purpose::STANDARD.encode(bytes).into();
                    content.as_object_mut().map(|map| map.shift_remove(*flag));
                }
            }
        }
    }
    let view = shown(&merged, flatten || cx.given.bool("raw"));
    let format = printers::format_of(cx);
    if format == "name" {
        return cx.print("config/<unknown>\n");
    }
    if format == "json" {
        // The fields stand in the order of upstream's structure.
        let mut text = Vec::new();
        let four = serde_json::ser::PrettyFormatter::with_indent(b"    ");
        let mut writer = serde_json::Serializer::with_formatter(&mut text, four);
        // A JSON value can always be written to memory.
        let _ = serde::Serialize::serialize(&view, &mut writer);
        return cx.print(&(String::from_utf8_lossy(&text).into_owned() + "\n"));
    }
    printers::object(cx, &format, &view)
}
