//! kubeconfig files: found, merged, changed, and the way to a server they describe.
//! Upstream: client-go/tools/clientcmd (loader.go, client_config.go, config.go).

use kube::config::KubeConfigOptions;
use serde_json::{Map, Value, json};

use super::errors::Error;
use super::flags::Given;
use super::{Config, Files, manifest};
use crate::apimachinery::yaml::to_yaml;
use crate::base::Order as _;

/// Entries of a kubeconfig that name files.
const PATHS: &[&str] = &["certificate-authority", "client-certificate", "client-key", "tokenFile"];
/// Where kubectl looks for a server when nobody names one.
const NOWHERE: &str = "http://localhost:8080";

/// The kubeconfig files in force, the most important first.
pub struct Kubeconfig {
    files: Vec<File>,
    /// Which one was named with `--kubeconfig`.
    explicit: Option<String>,
}

struct File {
    path: String,
    value: Value,
    exists: bool,
}

/// A section's list, and the word for what is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// `clusters`
    Clusters,
    /// `contexts`
    Contexts,
    /// `users`
    Users,
}

impl Section {
    /// The section's key.
    pub fn key(self) -> &'static str {
        match self {
            Self::Clusters => "clusters",
            Self::Contexts => "contexts",
            Self::Users => "users",
        }
    }

    /// The key of an entry's content.
    pub fn inner(self) -> &'static str {
        match self {
            Self::Clusters => "cluster",
            Self::Contexts => "context",
            Self::Users => "user",
        }
    }
}

impl Kubeconfig {
    /// Reads the files that `--kubeconfig`, `$KUBECONFIG` or the home directory name. In a session whose home has none
    /// yet, there is the session's own.
    ///
    /// # Errors
    /// When a file is there and is no kubeconfig.
    pub fn load(config: &Config, files: &dyn Files, given: &Given) -> Result<Self, Error> {
        let explicit = Some(given.text("kubeconfig").to_owned()).filter(|path| !path.is_empty());
        let listed = files.variable("KUBECONFIG").unwrap_or_default();
        let home = format!("{}/.kube/config", files.variable("HOME").unwrap_or_default().trim_end_matches('/'));
        let separator = if cfg!(windows) && files.outside() { ';' } else { ':' };
        let paths: Vec<String> = match &explicit {
            Some(path) => vec![path.clone()],
            None if listed.is_empty() => vec![home.clone()],
            None => listed.split(separator).filter(|path| !path.is_empty()).map(str::to_owned).collect(),
        };
        let mut found = Vec::new();
        for path in paths {
            let (value, exists) = match files.read(&path) {
                Ok(bytes) => {
                    let text = String::from_utf8_lossy(&bytes);
                    let value: Value = serde_yaml::from_str(&text)
                        .map_err(|cause| Error::text(format!("error loading config file {path:?}: yaml: {cause}")))?;
                    (if value.is_object() { value } else { json!({}) }, true)
                }
                Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => {
                    let own = path == home && explicit.is_none() && !files.outside();
                    (if own { of_session(config) } else { json!({}) }, false)
                }
                Err(cause) => {
                    let why = manifest::os(&cause);
                    return Err(Error::text(format!("error loading config file {path:?}: open {path}: {why}")));
                }
            };
            found.push(File { path, value, exists });
        }
        Ok(Self { files: found, explicit })
    }

    /// All files as one: what comes first wins.
    pub fn merged(&self) -> Value {
        let mut merged = json!({"apiVersion": "v1", "kind": "Config", "clusters": null, "contexts": null, "current-context": "", "users": null});
        for file in &self.files {
            if merged["current-context"] == "" && file.value["current-context"].is_string() {
                merged["current-context"] = file.value["current-context"].clone();
            }
            for section in [Section::Clusters, Section::Contexts, Section::Users] {
                for entry in file.value[section.key()].as_array().into_iter().flatten() {
                    let known = merged[section.key()].as_array().cloned().unwrap_or_default();
                    if known.iter().any(|other| other["name"] == entry["name"]) {
                        continue;
                    }
                    let mut entry = entry.clone();
                    if !entry[section.inner()].is_object() {
                        entry[section.inner()] = json!({});
                    }
                    self.anchor(file, &mut entry[section.inner()]);
                    let mut known = known;
                    known.push(entry);
                    known.order_by_key(|entry| entry["name"].as_str().unwrap_or_default().to_owned());
                    merged[section.key()] = known.into();
                }
            }
        }
        merged
    }

    /// Files are named from the kubeconfig's own folder.
    fn anchor(&self, file: &File, content: &mut Value) {
        let Some((folder, _)) = file.path.rsplit_once('/') else { return };
        for key in PATHS {
            if let Some(path) =
                content.get(*key).and_then(Value::as_str).filter(|path| !path.is_empty() && !path.starts_with('/'))
            {
                content[*key] = format!("{folder}/{path}").into();
            }
        }
    }

    /// The file that changes are told of.
    pub fn path(&self) -> &str {
        self.files.iter().find(|file| file.exists).or(self.files.last()).map_or("", |file| &file.path)
    }

    /// The content of an entry.
    pub fn entry(&self, section: Section, name: &str) -> Option<Value> {
        let merged = self.merged();
        let found = merged[section.key()].as_array()?.iter().find(|entry| entry["name"] == name)?;
        Some(found[section.inner()].clone())
    }

    /// Puts an entry where it is, or into the first file there is; `None` takes it out.
    pub fn put(&mut self, section: Section, name: &str, content: Option<Value>) {
        let has = |file: &File| {
            file.value[section.key()].as_array().is_some_and(|list| list.iter().any(|entry| entry["name"] == name))
        };
        let at = self.files.iter().position(has).unwrap_or_else(|| self.target());
        let Some(file) = self.files.get_mut(at) else { return };
        let mut list = file.value[section.key()].as_array().cloned().unwrap_or_default();
        match (content, list.iter_mut().find(|entry| entry["name"] == name)) {
            (Some(content), Some(entry)) => entry[section.inner()] = content,
            (Some(content), None) => list.push(json!({section.inner(): content, "name": name})),
            (None, _) => list.retain(|entry| entry["name"] != name),
        }
        list.order_by_key(|entry| entry["name"].as_str().unwrap_or_default().to_owned());
        file.value[section.key()] = list.into();
    }

    /// Sets `current-context`.
    pub fn switch(&mut self, name: &str) {
        let has = |file: &File| file.value["current-context"].as_str().is_some_and(|name| !name.is_empty());
        let at = self.files.iter().position(has).unwrap_or_else(|| self.target());
        if let Some(file) = self.files.get_mut(at) {
            file.value["current-context"] = name.into();
        }
    }

    fn target(&self) -> usize {
        self.files.iter().position(|file| file.exists).unwrap_or(self.files.len().saturating_sub(1))
    }

    /// Writes every file back that is there or has something in it.
    ///
    /// # Errors
    /// What the operating system says.
    pub fn save(&self, files: &dyn Files) -> Result<(), Error> {
        let before = |file: &File| {
            let text = files.read(&file.path).unwrap_or_default();
            serde_yaml::from_str::<Value>(&String::from_utf8_lossy(&text)).unwrap_or_default()
        };
        for file in self.files.iter().filter(|file| file.value != json!({})) {
            if file.exists && before(file) == file.value {
                continue;
            }
            let mut value = json!({"apiVersion": "v1", "clusters": null, "contexts": null, "current-context": "", "kind": "Config", "users": null});
            if let (Some(map), Some(own)) = (value.as_object_mut(), file.value.as_object()) {
                map.extend(
                    own.iter()
                        .filter(|(key, _)| *key != "preferences")
                        .map(|(key, value)| (key.clone(), value.clone())),
                );
            }
            files
                .write(&file.path, to_yaml(&value).as_bytes())
                .map_err(|cause| Error::text(format!("open {}: {}", file.path, manifest::os(&cause))))?;
        }
        Ok(())
    }

    /// Whether the file named with `--kubeconfig` is missing.
    fn missing(&self) -> Option<&str> {
        let explicit = self.explicit.as_deref()?;
        self.files.first().is_some_and(|file| !file.exists).then_some(explicit)
    }
}

/// The kubeconfig of a session: its one context. The credentials stay with the session.
fn of_session(config: &Config) -> Value {
    let name = &config.context;
    let mut context = json!({"cluster": name, "user": name});
    if config.namespace != "default" {
        context["namespace"] = json!(config.namespace);
    }
    let held = "aGVsZCBieSB0aGUgc2Vzc2lvbg==";
    json!({
        "apiVersion": "v1",
        "clusters": [{"cluster": {"certificate-authority-data": held, "server": config.server}, "name": name}],
        "contexts": [{"context": context, "name": name}],
        "current-context": name,
        "kind": "Config",
        "users": [{"name": name, "user": {"client-certificate-data": held, "client-key-data": held}}],
    })
}

/// The way to the server that the kubeconfig and the flags describe.
///
/// # Errors
/// kubectl's complaint about a context, a cluster, a user or a file that is not there.
pub async fn resolve(config: &Config, files: &dyn Files, given: &Given) -> Result<Config, Error> {
    let kubeconfig = Kubeconfig::load(config, files, given)?;
    if let Some(path) = kubeconfig.missing() {
        return Err(Error::text(format!("stat {path}: no such file or directory")));
    }
    let merged = kubeconfig.merged();
    let named = given.text("context");
    let name = if named.is_empty() { merged["current-context"].as_str().unwrap_or_default() } else { named };
    let context = kubeconfig.entry(Section::Contexts, name);
    if context.is_none() && !name.is_empty() {
        return Err(Error::Raw(format!("Error in configuration: context was not found for specified context: {name}")));
    }
    let context = context.unwrap_or_default();
    let chosen = |flag: &str, key: &str| {
        let named = given.text(flag);
        if named.is_empty() { context[key].as_str().unwrap_or_default().to_owned() } else { named.to_owned() }
    };
    let (cluster_name, user_name) = (chosen("cluster", "cluster"), chosen("user", "user"));
    let mut cluster = kubeconfig.entry(Section::Clusters, &cluster_name).unwrap_or_else(|| json!({}));
    let mut user = match kubeconfig.entry(Section::Users, &user_name) {
        Some(user) => user,
        None if given.text("user").is_empty() => json!({}),
        None => return Err(Error::text(format!("auth info {user_name:?} does not exist"))),
    };
    if given.text("as").is_empty() && (given.changed("as-group") || given.changed("as-uid")) {
        return Err(Error::text(format!(
            "requesting uid, groups or user-extra for {user_name} without impersonating a user"
        )));
    }
    let own = !files.outside() && of_session(config)["users"][0]["user"] == user;
    overrides(&mut cluster, files, given, &[("certificate-authority", &cluster_name)])?;
    overrides(&mut user, files, given, &[("client-certificate", &user_name), ("client-key", &user_name)])?;
    if given.bool("insecure-skip-tls-verify") {
        cluster["insecure-skip-tls-verify"] = true.into();
        if let Some(map) = cluster.as_object_mut() {
            map.retain(|key, _| !key.starts_with("certificate-authority"));
        }
    }
    if given.changed("server") {
        let server = given.text("server");
        cluster["server"] = if server.contains("://") { server.into() } else { format!("http://{server}").into() };
    }
    if cluster["server"].as_str().is_none_or(str::is_empty) {
        if !given.text("cluster").is_empty() {
            return Err(Error::text(format!("no server found for cluster {cluster_name:?}")));
        }
        cluster["server"] = NOWHERE.into();
    }
    let timeout = timeout(given)?;
    let mut resolved = config.clone();
    resolved.context = name.to_owned();
    resolved.server = cluster["server"].as_str().unwrap_or_default().trim_end_matches('/').to_owned();
    resolved.namespace = match context["namespace"].as_str() {
        Some(namespace) if !namespace.is_empty() => namespace.to_owned(),
        _ => "default".to_owned(),
    };
    if files.outside() {
        resolved.client = connect(cluster, user, timeout).await?;
        return Ok(resolved);
    }
    if resolved.server != config.server {
        let host = resolved.server.split("://").last().unwrap_or_default().to_owned();
        return Err(Error::Unreachable(format!(
            "The connection to the server {host} was refused - did you specify the right host or port?"
        )));
    }
    if !own && let Some(anonymous) = files.anonymous() {
        resolved.client = bearing(anonymous, user["token"].as_str());
    }
    Ok(resolved)
}

/// The kubeconfig files that were read.
pub fn loaded(config: &Config, files: &dyn Files, given: &Given) -> Vec<String> {
    let Ok(kubeconfig) = Kubeconfig::load(config, files, given) else { return Vec::new() };
    // The session's own is as good as a file that is there.
    let there = kubeconfig.files.into_iter().filter(|file| file.exists || file.value["kind"] == "Config");
    there.map(|file| file.path).collect()
}

/// The names of a section's entries.
pub fn names(config: &Config, files: &dyn Files, given: &Given, section: Section) -> Vec<String> {
    let Ok(kubeconfig) = Kubeconfig::load(config, files, given) else { return Vec::new() };
    let merged = kubeconfig.merged();
    let entries = merged[section.key()].as_array().into_iter().flatten();
    entries.filter_map(|entry| entry["name"].as_str().map(str::to_owned)).collect()
}

/// Whether the kubeconfig's user shows a token.
pub fn bears(config: &Config, files: &dyn Files, given: &Given) -> bool {
    let Ok(kubeconfig) = Kubeconfig::load(config, files, given) else { return false };
    let merged = kubeconfig.merged();
    let named = |flag: &str| Some(given.text(flag).to_owned()).filter(|name| !name.is_empty());
    let context = named("context").or_else(|| merged["current-context"].as_str().map(str::to_owned));
    let context = context.and_then(|name| kubeconfig.entry(Section::Contexts, &name)).unwrap_or_default();
    let user = named("user").or_else(|| context["user"].as_str().map(str::to_owned));
    let user = user.and_then(|name| kubeconfig.entry(Section::Users, &name)).unwrap_or_default();
    ["token", "tokenFile"].iter().any(|key| user[*key].as_str().is_some_and(|text| !text.is_empty()))
}

/// What the flags say instead of the kubeconfig.
fn overrides(content: &mut Value, files: &dyn Files, given: &Given, named: &[(&str, &str)]) -> Result<(), Error> {
    for (flag, of) in named {
        let path = given.text(flag);
        if path.is_empty() {
            continue;
        }
        files.read(path).map_err(|cause| {
            let what = if *flag == "client-certificate" { "client-cert" } else { flag };
            Error::text(format!("unable to read {what} {path} for {of} due to open {path}: {}", manifest::os(&cause)))
        })?;
        content[*flag] = path.into();
        if let Some(map) = content.as_object_mut() {
            map.shift_remove(&format!("{flag}-data"));
        }
    }
    Ok(())
}

/// `--request-timeout`: seconds, or a number with a unit.
fn timeout(given: &Given) -> Result<Option<std::time::Duration>, Error> {
    let text = given.text("request-timeout");
    if let Ok(seconds) = text.parse::<u64>() {
        return Ok((seconds > 0).then(|| std::time::Duration::from_secs(seconds)));
    }
    match crate::base::parse_duration(text) {
        Ok((negative, span)) => Ok((!negative && !span.is_zero()).then_some(span)),
        Err(_) => Err(Error::text(
            "Invalid timeout value. Timeout must be a single integer in seconds, or an integer followed by a corresponding time unit (e.g. 1s | 2m | 3h)",
        )),
    }
}

/// A client of what a kubeconfig's cluster and user describe.
async fn connect(cluster: Value, user: Value, timeout: Option<std::time::Duration>) -> Result<kube::Client, Error> {
    let fault = |cause: &dyn std::error::Error| {
        let causes = std::iter::successors(cause.source(), |cause| cause.source());
        Error::text(causes.fold(cause.to_string(), |text, cause| format!("{text}: {cause}")))
    };
    let value = json!({
        "apiVersion": "v1", "kind": "Config", "current-context": "it",
        "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
        "clusters": [{"name": "it", "cluster": cluster}],
        "users": [{"name": "it", "user": user}],
    });
    let kubeconfig: kube::config::Kubeconfig = serde_json::from_value(value).map_err(|cause| fault(&cause))?;
    let mut config = kube::Config::from_custom_kubeconfig(kubeconfig, &KubeConfigOptions::default())
        .await
        .map_err(|cause| fault(&cause))?;
    if timeout.is_some() {
        config.read_timeout = timeout;
    }
    kube::Client::try_from(config).map_err(|cause| fault(&cause))
}

/// A client without an identity, with a token on each request.
fn bearing(client: kube::Client, token: Option<&str>) -> kube::Client {
    use http::header::{AUTHORIZATION, HeaderValue};
    let value = token.and_then(|token| HeaderValue::from_str(&format!("Bearer {token}")).ok());
    let service = tower::service_fn(move |mut request: http::Request<kube::client::Body>| {
        if let Some(value) = &value {
            request.headers_mut().entry(AUTHORIZATION).or_insert_with(|| value.clone());
        }
        let client = client.clone();
        async move { client.send(request).await }
    });
    kube::Client::new(service, "default")
}

/// The entries of a section in kubectl's own order of fields, for `-o json`; `bytes` are hidden unless asked for.
pub fn shown(merged: &Value, raw: bool) -> Value {
    const CLUSTER: &[&str] = &[
        "server",
        "tls-server-name",
        "insecure-skip-tls-verify",
        "certificate-authority",
        "certificate-authority-data",
        "proxy-url",
        "disable-compression",
    ];
    const USER: &[&str] = &[
        "client-certificate",
        "client-certificate-data",
        "client-key",
        "client-key-data",
        "token",
        "tokenFile",
        "as",
        "as-uid",
        "as-groups",
        "as-user-extra",
        "username",
        "password",
        "auth-provider",
        "exec",
    ];
    const CONTEXT: &[&str] = &["cluster", "user", "namespace"];
    let entries = |section: Section, order: &[&str]| -> Value {
        let Some(list) = merged[section.key()].as_array() else { return Value::Null };
        let told = list.iter().map(|entry| {
            let content = &entry[section.inner()];
            let mut map = Map::new();
            for key in order {
                let Some(value) = content.get(*key) else { continue };
                let hidden = if raw || value.as_str().is_none_or(str::is_empty) {
                    value.clone()
                } else if key.ends_with("-data") {
                    "DATA+OMITTED".into()
                } else if matches!(*key, "token" | "password") {
                    "REDACTED".into()
                } else {
                    value.clone()
                };
                map.insert((*key).to_owned(), hidden);
            }
            json!({"name": entry["name"], section.inner(): map})
        });
        told.collect::<Vec<_>>().into()
    };
    json!({
        "kind": "Config",
        "apiVersion": "v1",
        "clusters": entries(Section::Clusters, CLUSTER),
        "users": entries(Section::Users, USER),
        "contexts": entries(Section::Contexts, CONTEXT),
        "current-context": merged["current-context"],
    })
}
