//! The pictures in the README: drawn from the real program, and held to what it shows.
//!
//! `UPDATE_PICTURE=1 cargo test --test all picture` draws them anew.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use crate::support::tutor::Tutor;

/// What the learner does, and the words that say it has come about.
enum Do {
    /// Presses keys.
    Press(&'static str, &'static str),
    /// Goes from the prompt to a pane, by Tab.
    Pane(&'static str),
    /// Closes what shows these words.
    Close(&'static str),
}

use Do::{Close, Pane, Press};

/// The panes beside the prompt, as Tab goes through them.
const PANES: [&str; 7] = ["Lesson", "Objects", "Token", "Why", "Mount", "Clock", "Releases"];

/// A picture: its file below `assets/`, what it is of, how the learner gets there, and what it has to show.
struct Shot {
    file: &'static str,
    label: &'static str,
    keys: &'static [Do],
    shows: &'static [&'static str],
}

const ESC: &str = "\u{1b}";
const DOWN: &str = "\u{1b}[B";
const F5: &str = "\u{1b}[15~";
const F6: &str = "\u{1b}[17~";
const CTRL_P: &str = "\u{10}";

/// From a pane back to the prompt, and out of what lies over the token pane.
const TO_PROMPT: Do = Press(ESC, "type here");
const TO_TOKEN: Do = Press(ESC, "[Token]");

/// The size of one cell, in the picture's units.
const CELL: (f32, f32) = (8.4, 18.0);

/// The dark theme's own.
const GROUND: &str = "#1c1c1c";
const INK: &str = "#d0d0d0";

fn colour(colour: vt100::Color, default: &str) -> String {
    match colour {
        vt100::Color::Default => default.to_owned(),
        vt100::Color::Idx(index @ 232..) => {
            let grey = 8 + 10 * (index - 232);
            format!("#{grey:02x}{grey:02x}{grey:02x}")
        }
        vt100::Color::Idx(index @ 16..) => {
            let step = |at: u8| if at == 0 { 0 } else { 55 + 40 * at };
            let [r, g, b] = [(index - 16) / 36, (index - 16) / 6 % 6, (index - 16) % 6].map(step);
            format!("#{r:02x}{g:02x}{b:02x}")
        }
        // The program paints with none of the scheme's colours where it has others.
        vt100::Color::Idx(_) => default.to_owned(),
        vt100::Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The screen as SVG: one text element for each run of cells that look the same.
fn svg(screen: &vt100::Screen, label: &str) -> String {
    let (rows, columns) = (screen.size().0.get(), screen.size().1.get());
    let (width, height) = (f32::from(columns) * CELL.0, f32::from(rows) * CELL.1);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w:.0} {h:.0}\" width=\"{w:.0}\" height=\"{h:.0}\" role=\"img\" aria-label=\"{label}\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{GROUND}\"/>\n\
         <g font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" font-size=\"14\" xml:space=\"preserve\" transform=\"translate(10 10)\">\n",
        w = width + 20.0,
        h = height + 20.0,
    );
    for row in 0..rows {
        let mut column = 0;
        while column < columns {
            let Some(first) = screen.cell(row, column) else { break };
            let look = |cell: &vt100::Cell| {
                let (mut ink, mut ground) = (colour(cell.fgcolor(), INK), colour(cell.bgcolor(), GROUND));
                if cell.inverse() {
                    std::mem::swap(&mut ink, &mut ground);
                }
                (ink, ground, cell.bold(), cell.dim())
            };
            let style = look(first);
            let from = column;
            let mut text = String::new();
            while let Some(cell) = screen.cell(row, column).filter(|cell| column < columns && look(cell) == style) {
                text.push_str(if cell.contents().is_empty() { " " } else { cell.contents() });
                column += 1;
            }
            let (x, y) = (f32::from(from) * CELL.0, f32::from(row) * CELL.1);
            let length = f32::from(column - from) * CELL.0;
            let (ink, ground, bold, dim) = style;
            if ground != GROUND {
                let _ = writeln!(
                    out,
                    "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{length:.1}\" height=\"{:.1}\" fill=\"{ground}\"/>",
                    CELL.1
                );
            }
            if !text.trim().is_empty() {
                let weight = if bold { " font-weight=\"bold\"" } else { "" };
                let opacity = if dim { " opacity=\"0.6\"" } else { "" };
                let baseline = y + 13.5;
                let text = escape(&text);
                let _ = writeln!(
                    out,
                    "<text x=\"{x:.1}\" y=\"{baseline:.1}\" textLength=\"{length:.1}\" fill=\"{ink}\"{weight}{opacity}>{text}</text>"
                );
            }
        }
    }
    out.push_str("</g>\n</svg>\n");
    out
}

/// What a picture has as words, without what is another each time: times, names and tokens that were drawn by lot.
fn words(picture: &str) -> BTreeSet<&str> {
    let text =
        picture.lines().filter_map(|line| line.strip_prefix("<text")?.split_once('>')?.1.strip_suffix("</text>"));
    text.flat_map(str::split_whitespace)
        .filter(|word| word.len() > 2 && word.chars().all(|letter| letter.is_ascii_lowercase()))
        .collect()
}

/// Whether a token stands in a picture whole, over however many lines.
fn has_a_token(picture: &str) -> bool {
    let text =
        picture.lines().filter_map(|line| line.strip_prefix("<text")?.split_once('>')?.1.strip_suffix("</text>"));
    let joined: String = text.flat_map(str::chars).filter(|letter| !letter.is_whitespace() && *letter != '│').collect();
    let outside = |letter: char| !(letter.is_ascii_alphanumeric() || "._-".contains(letter));
    joined.split(outside).any(|piece| {
        let token = piece.find("eyJ").map(|at| &piece[at..]);
        // A signature by RS256 has 342 letters.
        token.and_then(|token| token.splitn(3, '.').nth(2)).is_some_and(|signature| signature.len() >= 342)
    })
}

/// Works through a lesson, and draws each picture or holds the one that is kept against what the program shows.
fn sit(lesson: &str, (width, height): (u16, u16), shots: &[Shot]) {
    let home = tempfile::tempdir().expect("a folder");
    let mut tutor = Tutor::start(home.path(), width, height, &["learn", lesson]);
    for Shot { file, label, keys, shows } in shots {
        for key in *keys {
            match key {
                Press(keys, seen) => {
                    tutor.press(keys);
                    tutor.wait_for(seen);
                }
                Close(shown) => {
                    tutor.press(ESC);
                    tutor.wait_until_gone(shown);
                }
                Pane(name) => {
                    for pane in PANES.iter().take_while(|pane| *pane != name).chain([name]) {
                        tutor.press("\t");
                        tutor.wait_for(&format!(" {pane} ▸"));
                    }
                }
            }
        }
        for shown in *shows {
            tutor.wait_for(shown);
        }
        tutor.settle();
        let now = svg(tutor.screen(), label);
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets").join(file);
        if std::env::var_os("UPDATE_PICTURE").is_some() {
            std::fs::write(&path, &now).expect("written");
        }
        let kept = std::fs::read_to_string(&path).expect("a picture");
        assert!(!has_a_token(&kept), "{file} has a whole token");
        assert!(kept.len() < 60_000, "{file} is large: {}", kept.len());
        let (now, kept) = (words(&now), words(&kept));
        let missing: Vec<_> = now.difference(&kept).collect();
        assert!(missing.len() * 10 <= now.len(), "{file} does not show {missing:?}; draw it anew");
    }
}

#[test]
fn the_picture_shows_the_program() {
    const KEYS: &[Do] = &[
        Press("", "step 1"),
        Press("", "sa default"),
        Press("", "▸ Do"),
        Press("kubectl apply -f pod.yaml\r", "Running"),
        Press(
            "T=$(kubectl exec my-kubernetes-dashboard -- cat /var/run/secrets/kubernetes.io/serviceaccount/token); echo $T\r",
            "RS256",
        ),
        Press("clear\rkubectl get pods,sa\r", "serviceaccount/default"),
    ];
    let shows: &[&str] = &["Lesson", "Objects", "Token", "Terminal", "kube-api-access", "simulator 1.36"];
    sit(
        "inspect-the-mount",
        (120, 36),
        &[Shot { file: "screen.svg", label: "sa-tutor in a lesson", keys: KEYS, shows }],
    );
}

#[test]
fn pictures_of_a_token_and_where_it_is() {
    const SHOTS: &[Shot] = &[
        Shot {
            file: "panes/token.svg",
            label: "The token pane",
            keys: &[
                Press("", "▸ Do"),
                Press("kubectl apply -f pod.yaml\r", "✔ Done"),
                Press(
                    "T=$(kubectl exec my-kubernetes-dashboard -- cat /var/run/secrets/kubernetes.io/serviceaccount/token); echo $T\r",
                    "Token new",
                ),
                Press("clear\rkubectl get pods\r", "STATUS"),
                Pane("Token"),
            ],
            shows: &["signed by this cluster", "warnafter", "uid matches"],
        },
        Shot {
            file: "panes/token-raw.svg",
            label: "A token as it is written",
            keys: &[Press("\u{1b}r", "as it is written")],
            shows: &["header: which key signed", "Anyone can read this part"],
        },
        Shot {
            file: "panes/tamper.svg",
            label: "A forged token, and what the API server says of it",
            keys: &[
                TO_TOKEN,
                Press("\u{1b}t", "▸ change nothing"),
                Press(DOWN, "▸ stand for another"),
                Press("\r", "TokenReview"),
            ],
            shows: &["401", "checks"],
        },
        Shot {
            file: "panes/releases.svg",
            label: "The releases pane",
            keys: &[TO_TOKEN, TO_PROMPT, Press(F5, "Releases ▸")],
            shows: &["answered in different ways", "KEP-2799"],
        },
        Shot {
            file: "panes/two-tokens.svg",
            label: "Two tokens side by side",
            keys: &[
                TO_PROMPT,
                Press("T=$(kubectl create token default); echo $T\r", "Token new"),
                Press("clear\rkubectl get pods\r", "STATUS"),
                Pane("Token"),
                Press("\u{1b}v", "Two tokens side by side"),
            ],
            shows: &["differs"],
        },
        Shot {
            file: "panes/mount.svg",
            label: "The mount pane",
            keys: &[TO_TOKEN, TO_PROMPT, Pane("Mount")],
            shows: &["..data ->"],
        },
        Shot {
            file: "panes/palette.svg",
            label: "The palette of actions",
            keys: &[TO_PROMPT, Press(CTRL_P, "Find an action"), Press("tok", "what is: JWT")],
            shows: &["go to the pane Token"],
        },
        Shot {
            file: "panes/clock.svg",
            label: "The clock pane",
            keys: &[
                Close("Find an action"),
                Press(F6, "▸ forward by 10 minutes"),
                Press(DOWN, "▸ forward by 1 hour"),
                Press("\r", "1 hour passed"),
            ],
            shows: &["has written a new token", "What comes by itself"],
        },
    ];
    sit("inspect-the-mount", (96, 30), SHOTS);
}

#[test]
fn pictures_of_rights() {
    const SHOTS: &[Shot] = &[
        Shot {
            file: "panes/objects.svg",
            label: "The objects pane",
            keys: &[
                Press("", "Esc passes"),
                Press(ESC, "▸ Do"),
                Press("kubectl create role pod-lister --verb=list --resource=pods\r", "pod-lister created"),
                Press(
                    "kubectl create rolebinding dashboard-lists-pods --role=pod-lister --user=dashboard-sa\r",
                    "dashboard-lists-pods created",
                ),
                Press("clear\rkubectl get pods --as=system:serviceaccount:default:dashboard-sa\r", "Forbidden"),
                Pane("Objects"),
            ],
            shows: &["list on pods", "no sa here"],
        },
        Shot {
            file: "panes/why.svg",
            label: "The why pane",
            keys: &[Press("\t", " Token ▸"), Press("\t", " Why ▸")],
            shows: &["another kind of subject", "▸ kubectl create rolebinding"],
        },
    ];
    sit("let-the-dashboard-in", (96, 30), SHOTS);
}
