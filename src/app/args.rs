//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};

use crate::apimachinery::Release;
use crate::cluster::{Choice, STAND_IN_IMAGE};
use crate::tui::settings::Colours;

/// Learn Kubernetes service accounts in the terminal.
#[derive(Debug, Parser)]
#[command(
    name = "sa-tutor",
    version,
    about = "Learn Kubernetes service accounts in the terminal.",
    long_about = "Learn Kubernetes service accounts in the terminal: short lessons, real kubectl, live panes of the objects and \
                  the decoded tokens. Runs on a built-in simulator, or on your own cluster.",
    after_help = "Examples:\n  sa-tutor                              open the course\n  sa-tutor learn create-token           open one lesson\n  \
                  sa-tutor --release 1.23               be a cluster of Kubernetes 1.23\n  sa-tutor --cluster kind               use your kind cluster\n  \
                  sa-tutor lessons list                 what there is to learn\n  sa-tutor --lessons ./my-course        lessons of your own beside ours\n  sa-tutor --linear                     lines in the place of a screen, for a screen reader\n  sa-tutor token decode < token.txt     read a token"
)]
pub struct Cli {
    /// What to do; `learn` when left out.
    #[command(subcommand)]
    pub command: Option<Command>,

    /// Where to do it.
    #[command(flatten)]
    pub place: Place,

    /// Lessons of your own beside the built-in ones: a file, or a folder of them; can be given more than once
    #[arg(long, global = true, value_name = "FOLDER|FILE")]
    pub lessons: Vec<PathBuf>,

    /// How it looks.
    #[command(flatten)]
    pub looks: Looks,
}

/// How the tutor looks this time, whatever `settings.yaml` says.
#[derive(Clone, Copy, Debug, Args)]
pub struct Looks {
    /// Which colours [default: what `settings.yaml` says, else auto: light or dark as the terminal is]
    #[arg(long, global = true, value_name = "THEME", value_parser = themes())]
    pub theme: Option<Colours>,

    /// Draw frames and signs in ASCII
    #[arg(long, global = true)]
    pub ascii: bool,

    /// Lines in the place of a screen: for a screen reader, a bad line, a pipe
    #[arg(long, global = true)]
    pub linear: bool,
}

fn themes() -> impl TypedValueParser<Value = Colours> {
    // The parser before it lets no other word through.
    PossibleValuesParser::new(Colours::WORDS).map(|word| Colours::of(&word).unwrap_or_default())
}

/// Which cluster, which release.
#[derive(Clone, Debug, Args)]
pub struct Place {
    /// Where the lessons run: `simulator`, `kind`, or the name of a kubeconfig context
    #[arg(long, global = true, default_value = "simulator", value_name = "simulator|kind|CONTEXT")]
    pub cluster: Choice,

    /// Which Kubernetes the simulator is, from 1.20 to 1.37 [default: what each lesson says, mostly 1.36]
    #[arg(long, global = true, value_name = "RELEASE")]
    pub release: Option<Release>,

    /// What the lessons' pods run on a real cluster; `my-kubernetes-dashboard` exists in the simulator alone
    #[arg(long, global = true, value_name = "IMAGE", default_value = STAND_IN_IMAGE)]
    pub image: String,

    /// Do not ask before a cluster is used that is not on this machine
    #[arg(long, global = true)]
    pub yes: bool,
}

/// What the binary can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Open the course, or one lesson
    #[command(
        after_help = "Examples:\n  sa-tutor learn\n  sa-tutor learn projected-volume\n  sa-tutor learn create-token --cluster kind"
    )]
    Learn {
        /// The lesson's name, as `sa-tutor lessons list` shows it
        lesson: Option<String>,
    },
    /// List the lessons, or prove them
    Lessons {
        /// What to do with them.
        #[command(subcommand)]
        command: Lessons,
    },
    /// Look into tokens
    Token {
        /// What to do with them.
        #[command(subcommand)]
        command: Token,
    },
    /// Be kubectl, for the cluster of your kubeconfig
    #[command(
        disable_help_flag = true,
        after_help = "Examples:\n  sa-tutor kubectl get serviceaccounts\n  sa-tutor kubectl create token default --duration 10m"
    )]
    Kubectl {
        /// kubectl's own arguments
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Open the simulator to real kubectl, on this machine alone
    #[command(
        after_help = "Examples:\n  sa-tutor serve --kubeconfig sim.yaml --release 1.23\n  export KUBECONFIG=$PWD/sim.yaml; kubectl get sa\n\n\
                      It prints one line, `serving https://127.0.0.1:PORT`, when it is ready, and stops on SIGINT or SIGTERM;\n\
                      the kubeconfig stays, as a cluster's does.\n\n\
                      The administrator can move the cluster's time forward: tokens expire, the kubelet renews them,\n\
                      objects age.\n  kubectl get --raw /sim/clock\n  echo '{\"advance\": \"1h\"}' | kubectl create --raw /sim/clock -f -"
    )]
    Serve(Serve),
}

/// `sa-tutor lessons`
#[derive(Debug, Subcommand)]
pub enum Lessons {
    /// Show every lesson, how long it takes and how far you are
    List,
    /// Print the JSON Schema of a lesson, for completion in an editor
    Schema,
    /// Parse and lint every lesson, and work its recorded solutions on fresh simulators
    #[command(after_help = "Examples:\n  sa-tutor lessons check\n  sa-tutor lessons check ./my-lessons")]
    Check {
        /// A lesson file or a folder of them; the built-in lessons when left out
        dir: Option<PathBuf>,
    },
}

/// `sa-tutor token`
#[derive(Debug, Subcommand)]
pub enum Token {
    /// Print a token's header, claims, times, and the life it has left
    #[command(
        after_help = "Examples:\n  kubectl create token default | sa-tutor token decode\n  sa-tutor token decode eyJhbGciOi…\n\n\
                      A token on the command line can be seen by others on this machine; standard input is the safer way.\n\
                      The signature is not checked: that takes the cluster's keys."
    )]
    Decode {
        /// The token; standard input when left out
        token: Option<String>,
    },
}

/// `sa-tutor serve`
#[derive(Clone, Debug, Args)]
pub struct Serve {
    /// Where to listen: this machine alone unless you say otherwise; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDRESS:PORT")]
    pub listen: SocketAddr,

    /// Where to write the kubeconfig (readable by you alone)
    #[arg(long, default_value = "sa-tutor.kubeconfig", value_name = "FILE")]
    pub kubeconfig: PathBuf,

    /// Sign tokens with this RSA private key instead of a new one
    #[arg(long, value_name = "PEM")]
    pub service_account_signing_key_file: Option<PathBuf>,

    /// Draw uids, generated names and the key that signs tokens from this number, so that a run can be repeated;
    /// whoever knows it can sign tokens for this cluster
    #[arg(long, value_name = "NUMBER")]
    pub seed: Option<u64>,

    /// Write an audit event for every request, one JSON document a line (`-` is standard output)
    #[arg(long, value_name = "FILE")]
    pub audit_log_path: Option<PathBuf>,
}
