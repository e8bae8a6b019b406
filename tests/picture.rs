//! The picture in the README: drawn from the real program, and held to what it shows.
//!
//! `UPDATE_PICTURE=1 cargo test --test all picture` draws it anew.

use std::fmt::Write as _;
use std::path::Path;

use crate::support::tutor::Tutor;

const WIDTH: u16 = 120;
const HEIGHT: u16 = 36;
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
fn svg(screen: &vt100::Screen) -> String {
    let (width, height) = (f32::from(WIDTH) * CELL.0, f32::from(HEIGHT) * CELL.1);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {w:.0} {h:.0}\" width=\"{w:.0}\" height=\"{h:.0}\" role=\"img\" aria-label=\"sa-tutor in a lesson\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{GROUND}\"/>\n\
         <g font-family=\"ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace\" font-size=\"14\" xml:space=\"preserve\" transform=\"translate(10 10)\">\n",
        w = width + 20.0,
        h = height + 20.0,
    );
    for row in 0..HEIGHT {
        let mut column = 0;
        while column < WIDTH {
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
            while let Some(cell) = screen.cell(row, column).filter(|cell| column < WIDTH && look(cell) == style) {
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

#[test]
fn the_picture_shows_the_program() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/screen.svg");
    if std::env::var_os("UPDATE_PICTURE").is_some() {
        let home = tempfile::tempdir().expect("a folder");
        let mut tutor = Tutor::start(home.path(), WIDTH, HEIGHT, &["learn", "inspect-the-mount"]);
        tutor.wait_for("step 1");
        tutor.wait_for("sa default");
        tutor.wait_for("▸ Do");
        tutor.press("kubectl apply -f pod.yaml\r");
        tutor.wait_for("Running");
        tutor.press("kubectl exec my-kubernetes-dashboard -- ls /var/run/secrets/kubernetes.io/serviceaccount\r");
        tutor.wait_for("namespace");
        tutor.press("kubectl exec my-kubernetes-dashboard -- cat /var/run/secrets/kubernetes.io/serviceaccount/token | cut -c1-60\r");
        tutor.press("clear; T=$(kubectl exec my-kubernetes-dashboard -- cat /var/run/secrets/kubernetes.io/serviceaccount/token); echo $T\r");
        tutor.wait_for("RS256");
        tutor.press("kubectl get pods,sa\r");
        tutor.wait_for("serviceaccount/default");
        std::fs::write(&path, svg(tutor.screen())).expect("written");
    }
    let picture = std::fs::read_to_string(&path).expect("the README's picture");
    for shown in ["Lesson", "Objects", "Token", "Terminal", "RS256", "kube-api-access", "simulator 1.36"] {
        assert!(picture.contains(shown), "the picture does not show `{shown}`; draw it anew");
    }
}
