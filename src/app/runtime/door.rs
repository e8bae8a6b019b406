//! The door to the simulator on the screen: real kubectl in another terminal works on the same cluster.
//!
//! The kubeconfig stands at one place in the state directory while a door is open. It is written whole, for its owner
//! alone, follows from simulator to simulator, and is removed at the end, unless another tutor has put its own there.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;

use tokio::task::JoinHandle;

use super::{Happening, Runtime, Stage};
use crate::simulator::server::tls;
use crate::tui::Msg;

/// The kubeconfig's name in the state directory.
const FILE: &str = "kubeconfig";

/// The door, shut at first.
#[derive(Default)]
pub struct Doorway {
    open: Option<tls::Door>,
    opening: Option<JoinHandle<()>>,
    /// Whether the learner knows that it cannot be opened: one sentence is enough.
    refused: bool,
}

impl Runtime {
    /// Opens the door to the stage's simulator, in the background; shuts the one to the stage before. A real cluster
    /// has its own door.
    pub(super) fn open_door(&mut self, stage: &Stage) {
        if let Some(opening) = self.doorway.opening.take() {
            opening.abort();
        }
        let Some(simulator) = stage.cluster.simulator.clone() else {
            self.shut_door();
            self.tell(Msg::Door(None));
            return;
        };
        let (sender, number) = (self.sender.clone(), self.number);
        self.doorway.opening = Some(tokio::spawn(async move {
            let door = tls::listen(&simulator, SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await;
            drop(sender.send(Happening::Door(number, door.map(Box::new))));
        }));
    }

    /// A door is open, or cannot be opened.
    pub(super) fn door_opened(&mut self, door: Result<Box<tls::Door>, tls::ListenError>) {
        self.doorway.opening = None;
        let written = door.map_err(|error| crate::app::with_causes(&error)).and_then(|door| {
            let written = self.session.home.write(FILE, &door.kubeconfig);
            // An old door shuts when the new one takes its place.
            written.map(|()| self.doorway.open = Some(*door)).map_err(|error| crate::app::with_causes(&error))
        });
        match written {
            Ok(()) => {
                let line = export_line(&self.session.home.path(FILE));
                self.tell(Msg::Door(Some(line)));
            }
            Err(why) => {
                self.shut_door();
                self.tell(Msg::Door(None));
                if !std::mem::replace(&mut self.doorway.refused, true) {
                    self.tell(Msg::Notice(format!("Other terminals cannot work on this cluster: {why}")));
                }
            }
        }
    }

    /// Shuts the door and takes the kubeconfig away.
    pub(super) fn shut_door(&mut self) {
        let Some(door) = self.doorway.open.take() else { return };
        let home = &self.session.home;
        // Another tutor may have written its own meanwhile.
        if home.read(FILE).is_ok_and(|text| text.as_deref() == Some(&door.kubeconfig))
            && let Err(error) = home.remove(FILE)
        {
            tracing::warn!(%error, "the kubeconfig stays");
        }
    }

    /// Shuts the door at the end of the session.
    pub(super) fn leave_by_door(&mut self) {
        if let Some(opening) = self.doorway.opening.take() {
            opening.abort();
        }
        self.shut_door();
    }
}

/// What to type in another terminal.
fn export_line(path: &Path) -> String {
    let home = etcetera::home_dir().ok();
    if cfg!(windows) {
        return format!("$env:KUBECONFIG = '{}'", path.display().to_string().replace('\'', "''"));
    }
    let beneath = home.as_deref().filter(|home| home.parent().is_some()).and_then(|home| path.strip_prefix(home).ok());
    match beneath {
        Some(rest) => format!("export KUBECONFIG=$HOME/{}", quoted(&rest.display().to_string())),
        None => format!("export KUBECONFIG={}", quoted(&path.display().to_string())),
    }
}

/// As a shell takes it for one word.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@:,=".contains(c);
    if text.chars().all(is_plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', "'\\''")) }
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn paths_are_one_word() {
        for (path, want) in [
            ("/tmp/x/kubeconfig", "/tmp/x/kubeconfig"),
            ("/tmp/my files/kubeconfig", "'/tmp/my files/kubeconfig'"),
            ("/it's/$HOME", "'/it'\\''s/$HOME'"),
        ] {
            assert_eq!(quoted(path), want);
        }
    }
}
