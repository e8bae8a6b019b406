//! `pods/NAME/exec`: a program in a running container, over a WebSocket.
//! Upstream: apimachinery/pkg/util/httpstream/wsstream and kubelet/pkg/cri/streaming/remotecommand.

use futures::{SinkExt, StreamExt};
use http::{Request, Response, StatusCode, header};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use std::io::{self, Write};
use std::sync::Arc;
use tokio::sync::mpsc;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role};

use crate::apimachinery::Status;
use crate::simulator::audit;
use crate::simulator::server::Body;
use crate::unix::{Process, Sink, Source, Terminal};

/// What we speak, best first.
const PROTOCOLS: &[&str] = &["v5.channel.k8s.io", "v4.channel.k8s.io"];
const STDIN: u8 = 0;
const STDOUT: u8 = 1;
const STDERR: u8 = 2;
const ERROR: u8 = 3;
const CLOSE: u8 = 255;
/// How a program ends that was interrupted.
const INTERRUPTED: i32 = 130;

/// Which streams are wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Streams {
    /// Whether the caller writes.
    pub stdin: bool,
    /// Whether it is a terminal's.
    pub tty: bool,
}

/// Turns the connection into a WebSocket and runs the program on it.
pub fn serve(
    mut request: Request<Incoming>,
    process: Process,
    streams: Streams,
    id: String,
) -> Result<Response<Body>, Status> {
    let text =
        |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let upgrade = text("upgrade");
    if upgrade.to_ascii_lowercase().starts_with("spdy") {
        return Err(Status::bad_request(
            "this simulator runs commands over WebSockets alone, and this kubectl asked for SPDY: use kubectl 1.30 or newer (1.29 with KUBECTL_REMOTE_COMMAND_WEBSOCKETS=true), or type the command at the tutor's own prompt",
        ));
    }
    if !upgrade.eq_ignore_ascii_case("websocket") {
        return Err(Status::bad_request("unable to upgrade: missing upgrade headers in request"));
    }
    let offered = text("sec-websocket-protocol");
    let protocol = PROTOCOLS.iter().find(|known| offered.split(',').any(|offer| offer.trim() == **known));
    let Some(protocol) = protocol else {
        return Err(Status::bad_request(format!(
            "unable to upgrade: none of the protocols {offered:?} is known; expected one of {}",
            PROTOCOLS.join(", ")
        )));
    };
    let accept = derive_accept_key(text("sec-websocket-key").as_bytes());
    let upgraded = hyper::upgrade::on(&mut request);
    // The request lasts as long as the program.
    let entry = audit::current();
    tokio::spawn(async move {
        let _entry = entry;
        match upgraded.await {
            Ok(upgraded) => {
                let socket = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, None).await;
                talk(socket, process, streams, &id).await;
            }
            Err(error) => tracing::debug!(%error, "exec: no upgrade"),
        }
    });
    Response::builder()
        .status(StatusCode::SWITCHING_PROTOCOLS)
        .header(header::UPGRADE, "websocket")
        .header(header::CONNECTION, "Upgrade")
        .header(header::SEC_WEBSOCKET_ACCEPT, accept)
        .header(header::SEC_WEBSOCKET_PROTOCOL, *protocol)
        .body(Body::default())
        .map_err(Status::internal)
}

async fn talk(
    socket: WebSocketStream<TokioIo<hyper::upgrade::Upgraded>>,
    process: Process,
    streams: Streams,
    id: &str,
) {
    let (mut sink, mut source) = socket.split();
    let (out, mut written) = mpsc::unbounded_channel::<Message>();
    let name = process.argv.first().cloned().unwrap_or_default();
    // A terminal's driver ends what runs when it is interrupted, unless a shell reads what is typed.
    let is_shell = process.converses();
    let mut terminal = None;
    let mut fed = None;
    let (stdin, stdout, stderr) = if streams.tty {
        let out = out.clone();
        let (own, source) = Terminal::new(Arc::new(move |bytes: &[u8]| send(&out, STDOUT, bytes)));
        let stdin = if streams.stdin { source } else { Source::empty() };
        let sink = own.sink();
        terminal = Some(own);
        (stdin, sink.clone(), sink)
    } else {
        let stdin = if streams.stdin {
            let (writer, source) = Source::fed();
            fed = Some(writer);
            source
        } else {
            Source::empty()
        };
        let sink = |channel| Sink::new(Channel { out: out.clone(), channel });
        (stdin, sink(STDOUT), sink(STDERR))
    };
    let known = process.program().is_some();
    let run = async move {
        match known {
            true => exit_status(process.run(stdin, stdout, stderr).await),
            false => not_found(&name, id),
        }
    };
    let mut run = std::pin::pin!(run);
    let interrupted = {
        let terminal = terminal.clone().filter(|_| !is_shell);
        async move {
            match terminal {
                Some(terminal) => terminal.interrupted().await,
                None => std::future::pending().await,
            }
        }
    };
    let mut interrupted = std::pin::pin!(interrupted);
    let status = loop {
        tokio::select! {
            status = &mut run => break status,
            () = &mut interrupted => break exit_status(INTERRUPTED),
            Some(message) = written.recv() => {
                if sink.send(message).await.is_err() {
                    return;
                }
            }
            message = source.next() => match message {
                Some(Ok(Message::Binary(bytes))) => match (bytes.first(), &terminal) {
                    (Some(&STDIN), Some(terminal)) => terminal.type_in(&bytes[1..]),
                    (Some(&STDIN), None) => {
                        // What a program does not read is lost at some point, as everything else it is sent.
                        if let Some(fed) = &mut fed && fed.write_all(&bytes[1..]).is_err() {
                            return;
                        }
                    }
                    (Some(&CLOSE), _) if bytes.get(1) == Some(&STDIN) => {
                        fed = None;
                        if let Some(terminal) = &terminal {
                            terminal.hang_up();
                        }
                    }
                    _ => {}
                },
                Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                Some(Ok(_)) => {}
            },
        }
    };
    while let Ok(message) = written.try_recv() {
        if sink.send(message).await.is_err() {
            return;
        }
    }
    let _ = sink.send(frame(ERROR, status.to_string().as_bytes())).await;
    // A close without a code is no good end to kubectl.
    let _ = sink.send(Message::Close(Some(CloseFrame { code: CloseCode::Normal, reason: "".into() }))).await;
    // The caller closes in its turn; what it still says is of no interest.
    while let Some(Ok(_)) = source.next().await {}
}

fn frame(channel: u8, bytes: &[u8]) -> Message {
    let mut framed = Vec::with_capacity(bytes.len() + 1);
    framed.push(channel);
    framed.extend_from_slice(bytes);
    Message::Binary(framed.into())
}

fn send(out: &mpsc::UnboundedSender<Message>, channel: u8, bytes: &[u8]) {
    if !bytes.is_empty() {
        // A caller that hung up reads nothing more.
        let _ = out.send(frame(channel, bytes));
    }
}

/// One channel of the connection as a place to write to.
struct Channel {
    out: mpsc::UnboundedSender<Message>,
    channel: u8,
}

impl Write for Channel {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        send(&self.out, self.channel, bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// How a program's end is told on the error channel.
fn exit_status(code: i32) -> Value {
    if code == 0 {
        return json!({"metadata": {}, "status": "Success"});
    }
    json!({
        "metadata": {}, "status": "Failure",
        "message": format!("command terminated with non-zero exit code: error executing command, exit code {code}"),
        "reason": "NonZeroExitCode",
        "details": {"causes": [{"reason": "ExitCode", "message": code.to_string()}]},
    })
}

fn not_found(name: &str, id: &str) -> Value {
    let why = if name.contains('/') {
        format!("exec: {name:?}: stat {name}: no such file or directory: unknown")
    } else {
        format!("exec: {name:?}: executable file not found in $PATH: unknown")
    };
    let message = format!(
        "Internal error occurred: error executing command in container: failed to exec in container: failed to start exec {id:?}: OCI runtime exec failed: exec failed: unable to start container process: {why}"
    );
    Status::internal(message).to_value()
}

#[cfg(test)]
mod tests {
    use super::{exit_status, not_found};

    #[test]
    fn ends_as_recorded() {
        assert_eq!(exit_status(0)["status"], "Success");
        assert_eq!(exit_status(3)["details"]["causes"][0]["message"], "3");
        let text = not_found("nosuchcommand", "c2");
        assert_eq!(
            text["message"],
            "Internal error occurred: Internal error occurred: error executing command in container: failed to exec in container: failed to start exec \"c2\": OCI runtime exec failed: exec failed: unable to start container process: exec: \"nosuchcommand\": executable file not found in $PATH: unknown"
        );
    }
}
