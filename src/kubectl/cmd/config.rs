//! `kubectl config view | current-context | get-contexts`: the session's one context. Upstream: kubectl/pkg/cmd/config.

use serde_json::{Value, json};

use super::{Command, OUTPUT};
use crate::base::Columns;
use crate::kubectl::context::Context;
use crate::kubectl::errors::Error;
use crate::kubectl::flags::{Flag, Kind};
use crate::kubectl::{printers, release};

const fn entry(name: &'static str, short: &'static str, flags: &'static [&'static [Flag]], run: super::Run) -> Command {
    Command {
        name,
        aliases: &[],
        short,
        examples: "",
        usage: "",
        flags,
        under: &[],
        when: release::ALWAYS,
        run: Some(run),
    }
}

/// `kubectl config`
pub const COMMAND: Command = Command {
    name: "config",
    aliases: &[],
    short: "Modify kubeconfig files",
    examples: "",
    usage: "SUBCOMMAND",
    flags: &[],
    under: &[
        entry("current-context", "Display the current-context", &[], |cx| Box::pin(current(cx))),
        entry("get-contexts", "Describe one or many contexts", &[], |cx| Box::pin(contexts(cx))),
        entry(
            "view",
            "Display merged kubeconfig settings or a specified kubeconfig file",
            &[
                OUTPUT,
                &[
                    Flag::new(
                        "minify",
                        Kind::Bool,
                        "false",
                        "Remove all information not used by current-context from the output",
                    ),
                    Flag::new("raw", Kind::Bool, "false", "Display raw byte data and sensitive data"),
                    Flag::new(
                        "flatten",
                        Kind::Bool,
                        "false",
                        "Flatten the resulting kubeconfig file into self-contained output",
                    ),
                ],
            ],
            |cx| Box::pin(view(cx)),
        ),
    ],
    when: release::ALWAYS,
    run: None,
};

async fn current(cx: &mut Context<'_>) -> Result<(), Error> {
    cx.print(&format!("{}\n", cx.config.context))
}

async fn contexts(cx: &mut Context<'_>) -> Result<(), Error> {
    let name = &cx.config.context;
    let namespace = if cx.config.namespace == "default" { "" } else { &cx.config.namespace };
    let rows = format!("CURRENT\tNAME\tCLUSTER\tAUTHINFO\tNAMESPACE\n*\t{name}\t{name}\t{name}\t{namespace}\n");
    let text = Columns::GET.align(&rows);
    cx.print(&text)
}

async fn view(cx: &mut Context<'_>) -> Result<(), Error> {
    let name = &cx.config.context;
    let mut context = json!({"cluster": name, "user": name});
    if cx.config.namespace != "default" {
        context["namespace"] = json!(cx.config.namespace);
    }
    let view: Value = json!({
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"cluster": {"certificate-authority-data": "DATA+OMITTED", "server": cx.config.server}, "name": name}],
        "contexts": [{"context": context, "name": name}],
        "current-context": name,
        "preferences": {},
        "users": [{"name": name, "user": {"client-certificate-data": "DATA+OMITTED", "client-key-data": "DATA+OMITTED"}}],
    });
    let format = match cx.given.text("output") {
        "" => "yaml".to_owned(),
        named => named.to_owned(),
    };
    printers::object(cx, &format, &view)
}
