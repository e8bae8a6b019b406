//! Looks at a mount from within its container, as `kubectl exec` does, for the mount pane.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use crate::app::output::{Stream, Transcript};
use crate::kubectl;
use crate::shell::Files;
use crate::token;
use crate::tui::Msg;
use crate::tui::pane::News;
use crate::tui::pane::mount::{Life, Look, Seen, Unseen, parse};

use super::{Happening, Runtime, Stage};

/// How long one look may take.
const PATIENCE: Duration = Duration::from_secs(15);
/// How many tokens of one mount are read.
const TOKENS: usize = 5;

impl Runtime {
    /// Looks at a mount, and tells what was seen.
    pub(super) fn look_into(&mut self, look: Look) {
        let Some(stage) = self.stage.clone() else { return };
        let (sender, number) = (self.sender.clone(), self.number);
        tokio::spawn(async move {
            let seen = match tokio::time::timeout(PATIENCE, seen(&stage, &look)).await {
                Ok(seen) => seen,
                Err(_) => {
                    let why = Unseen::Said("the container does not answer".to_owned());
                    Seen { of: look, tree: Err(why), lives: BTreeMap::new() }
                }
            };
            // A screen that is gone has no use for it.
            drop(sender.send(Happening::Msg(number, Msg::Pane(News::Mount(Box::new(seen))))));
        });
    }
}

async fn seen(stage: &Stage, look: &Look) -> Seen {
    let options = if look.deep { "-lanR" } else { "-lan" };
    let listed = exec(stage, look, &["ls", options, "--", &look.path]).await;
    let listing = parse(&look.path, &listed.printed);
    let tree = if listing.is_empty() { Err(unseen(&listed)) } else { Ok(listing) };
    let mut lives = BTreeMap::new();
    for file in look.tokens.iter().take(TOKENS) {
        let read = exec(stage, look, &["cat", "--", file]).await;
        // Only the date goes on; the token stays here.
        if let Some(life) = life(&read.printed) {
            lives.insert(file.clone(), life);
        }
    }
    Seen { of: look.clone(), tree, lives }
}

/// What a program in the container printed, and what was said of it.
struct Executed {
    printed: String,
    said: String,
}

/// Runs a program in the container. Nobody asked to see these requests, so the prompt's client does not make them.
async fn exec(stage: &Stage, look: &Look, command: &[&str]) -> Executed {
    let config = kubectl::Config { client: stage.cluster.client.clone(), ..stage.cluster.kubeconfig() };
    let words = ["exec", "-n", &look.namespace, &look.pod, "-c", &look.container, "--"];
    let args: Vec<String> = words.iter().chain(command).map(|word| (*word).to_owned()).collect();
    let (printed, said) = (Transcript::default(), Transcript::default());
    let (mut stdout, mut stderr) =
        (Stream::new(printed.clone(), drop::<String>), Stream::new(said.clone(), drop::<String>));
    let mut streams =
        kubectl::Streams { stdin: &[], stdout: &mut stdout, stdout_is_terminal: false, stderr: &mut stderr };
    // How it ended stands in what it said.
    kubectl::run(&args, &config, &Files::new(config.clock.clone()), &mut streams).await;
    Executed { printed: printed.text(), said: said.text() }
}

/// Why there is no tree.
fn unseen(executed: &Executed) -> Unseen {
    let said = &executed.said;
    let has_no_program = said.contains("executable file") && said.contains("not found")
        || said.contains("ls: no such file or directory");
    if has_no_program {
        return Unseen::NoList;
    }
    // The program's own words come first; that it ended with an error, last.
    let why = said.lines().map(str::trim).find(|line| !line.is_empty());
    Unseen::Said(why.unwrap_or("`ls` printed nothing").trim_end_matches('.').to_owned())
}

fn life(text: &str) -> Option<Life> {
    let token = token::decode(text.trim()).ok()?;
    let issued = Timestamp::from_second(token.claims.get("iat")?.as_i64()?).ok()?;
    Some(Life { issued })
}

#[cfg(test)]
mod tests {
    use super::{Executed, unseen};
    use crate::tui::pane::mount::Unseen;

    #[test]
    fn an_image_without_ls_is_known() {
        let rows = [
            "OCI runtime exec failed: exec failed: unable to start container process: exec: \"ls\": executable file not found in $PATH: unknown",
            "error: Internal error occurred: error executing command in container: executable file `ls` not found in $PATH",
            "exec: \"/bin/ls\": stat /bin/ls: no such file or directory: unknown",
        ];
        for said in rows {
            let said = said.to_owned();
            assert_eq!(unseen(&Executed { printed: String::new(), said: said.clone() }), Unseen::NoList, "{said}");
        }
        for said in ["ls: /secret: Permission denied\ncommand terminated with exit code 1\n", "error: pod is gone"] {
            let seen = unseen(&Executed { printed: String::new(), said: said.to_owned() });
            assert_eq!(seen, Unseen::Said(said.lines().next().unwrap_or_default().to_owned()));
        }
    }
}
