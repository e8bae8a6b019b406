//! The desk at which a lesson is worked: a fresh cluster, a shell on it, and what was seen there.

use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use super::check::{Evidence, Ran, claims_in};
use super::model::{Lesson, Step};
use crate::apimachinery::Release;
use crate::cluster::{self, Cluster};
use crate::shell::{self, HOME, Screen, Shell};

/// A fresh cluster and a shell on it, for one run of a lesson.
pub struct Ground {
    /// Where the command lines are typed. The lesson's files are put into its home directory.
    pub shell: Shell,
    /// What the checks look through.
    pub client: kube::Client,
    /// The lesson's namespace: fills in `{{namespace}}`.
    pub namespace: String,
    /// The dashboard's image: fills in `{{image}}`.
    pub image: String,
    /// The cluster itself; it may end when this is dropped.
    pub cluster: Cluster,
}

impl From<Cluster> for Ground {
    fn from(cluster: Cluster) -> Self {
        let mut shell = Shell::new(cluster.kubeconfig());
        shell.anonymous.clone_from(&cluster.anonymous);
        Self {
            shell,
            client: cluster.client.clone(),
            namespace: cluster.namespace.clone(),
            image: cluster.image.clone(),
            cluster,
        }
    }
}

/// A desk as it was at a moment, but for what was seen at it.
pub(super) struct Moment {
    cluster: cluster::Moment,
    shell: shell::Moment,
}

/// Where a lesson is worked: a cluster, a shell, and what was seen there.
pub(super) struct Desk {
    ground: Ground,
    /// The cluster's release.
    pub release: Release,
    /// What was seen.
    pub evidence: Evidence,
}

impl Desk {
    /// A desk on this ground, with the lesson's files.
    pub fn new(ground: Ground, lesson: &Lesson, release: Release) -> Self {
        let lesson = lesson.for_cluster(&ground.namespace, &ground.image);
        for (name, content) in &lesson.files {
            // A file that does not fit into the tree is missed by the command that wants it.
            let _ = ground.shell.unix.files.write(&format!("{HOME}/{name}"), content.as_bytes());
        }
        let evidence = Evidence::new(ground.client.clone(), ground.namespace.clone());
        Self { ground, release, evidence }
    }

    /// What is so now. `None` where nothing can be taken back.
    pub async fn moment(&self) -> Option<Moment> {
        let cluster = self.ground.cluster.moment().await?;
        Some(Moment { cluster, shell: self.ground.shell.moment() })
    }

    /// Goes back to what was so.
    pub async fn go_to(&mut self, moment: &Moment) {
        self.ground.cluster.go_to(&moment.cluster).await;
        self.ground.shell.go_to(&moment.shell);
    }

    /// A step with its placeholders filled in.
    pub fn filled(&self, lesson: &Lesson, step: &Step) -> Step {
        let filled = lesson.for_cluster(&self.ground.namespace, &self.ground.image);
        filled.step(&step.id).map_or_else(|| step.clone(), |(_, step)| step.clone())
    }

    /// A text with its placeholders filled in.
    pub fn fill(&self, text: &str) -> String {
        text.replace("{{namespace}}", &self.ground.namespace).replace("{{image}}", &self.ground.image)
    }

    /// A new step begins: what was done before counts no more.
    pub fn forget(&mut self) {
        self.evidence.ran.clear();
        self.evidence.tokens.clear();
    }

    /// Runs a line, and keeps what came of it.
    pub async fn run(&mut self, line: &str) {
        let line = self.fill(line);
        let output = Both::default();
        let (mut stdout, mut stderr) = (output.clone(), output.clone());
        let mut screen = Screen { stdout: &mut stdout, stderr: &mut stderr };
        let outcome = self.ground.shell.run(&line, &mut screen).await;
        let (status, sent, output) = (outcome.status, outcome.sent, output.text());
        self.evidence.tokens.extend(claims_in(&output));
        self.evidence.ran.push(Ran { line, status, output, sent });
    }

    /// What was done in this step, for a fault's message.
    pub fn told(&self) -> String {
        let mut told = String::new();
        for ran in &self.evidence.ran {
            let output: String = ran.output.trim().chars().take(600).collect();
            told.push_str(&format!(
                "\n    $ {} [exit {}]\n    {}",
                ran.line,
                ran.status,
                output.replace('\n', "\n    ")
            ));
        }
        if told.is_empty() { "nothing was run".to_owned() } else { told }
    }
}

/// Both streams of a command, in the order written.
#[derive(Clone, Default)]
struct Both(Arc<Mutex<Vec<u8>>>);

impl Both {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
    }
}

impl Write for Both {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
