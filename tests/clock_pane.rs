//! The clock pane and what is taken back, as the screen shows them.

use jiff::Timestamp;
use sa_tutor::tui::effect::Jump;
use sa_tutor::tui::msg::ClockNews;
use sa_tutor::tui::{Effect, Msg};

use crate::screens::Stage;

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

/// What a simulator's clock will bring.
pub fn comes() -> Msg {
    let upcoming = vec![
        (at("2026-11-23T11:30:12Z"), "the kubelet renews the token of pod web".to_owned()),
        (at("2026-11-23T11:42:07Z"), "the token of builder that you have seen ends".to_owned()),
    ];
    Msg::clock(ClockNews::Comes { moves: true, ahead: 0, upcoming })
}

fn passed() -> Msg {
    let lines = vec![
        "pod web: the kubelet has written a new token, and will again at 12:30".to_owned(),
        "secret \u{1b}[31mred\u{1b}[0m is gone".to_owned(),
    ];
    Msg::clock(ClockNews::Passed { from: at("2026-11-23T10:42:07Z"), to: at("2026-11-23T11:42:07Z"), lines })
}

#[test]
fn the_clock() {
    for (width, height) in [(60, 16), (80, 24), (120, 36), (200, 50)] {
        let mut stage = Stage::at_work(width, height);
        stage.send([comes()]).press("F6");
        let ahead = Msg::clock(ClockNews::Comes { moves: true, ahead: 3600, upcoming: Vec::new() });
        stage.send([passed(), Msg::Tick(at("2026-11-23T11:42:08Z")), ahead, comes()]);
        insta::assert_snapshot!(format!("clock-{width}x{height}"), stage.picture());
    }
}

#[test]
fn a_span_is_chosen_and_asked_for() {
    let mut stage = Stage::at_work(80, 24);
    // Nothing can be moved before it is known that this clock moves.
    stage.take();
    assert_eq!(stage.press("F6 Enter").take(), []);
    stage.send([comes()]);
    for (keys, jump) in [
        ("Enter", Jump::By(600)),
        ("Down Enter", Jump::By(3600)),
        ("Down Enter", Jump::By(86_400)),
        ("Down Enter", Jump::By(31_536_000)),
        ("Down Enter", Jump::To(at("2026-11-23T11:30:12Z"))),
    ] {
        assert_eq!(stage.press(keys).take(), [Effect::Advance(jump)], "{keys}");
        // Until that is over no other is asked for.
        assert_eq!(stage.press("Enter").take(), [], "{keys}");
        stage.send([passed()]);
    }
    // F6 leads back to the prompt, and a letter types.
    stage.press("F6 x");
    assert_eq!(stage.world.panes.terminal.prompt.text(), "x");
}

#[test]
fn a_real_cluster_says_why_not() {
    let mut stage = Stage::at_work(80, 24);
    stage.send([Msg::clock(ClockNews::Comes { moves: false, ahead: 0, upcoming: Vec::new() })]).take();
    assert_eq!(stage.press("F6 Enter").take(), []);
    assert!(stage.picture().contains("cannot be moved"), "{}", stage.picture());
}

#[test]
fn what_is_taken_back_is_said_and_has_not_happened() {
    let mut stage = Stage::at_work(80, 24);
    stage.run("kubectl create sa builder", "serviceaccount/builder created\n", "", 0);
    stage.run("kubectl delete sa builder", "", "Error from server (NotFound): no", 1).take();
    assert_eq!(stage.press("Alt-Z").take(), [Effect::Undo]);
    let lines = vec!["kubectl create sa builder".to_owned()];
    let what = "kubectl delete sa \u{1b}[2Jbuilder".to_owned();
    stage.send([Msg::Turned { undone: true, what, since: at("2026-11-23T10:42:08Z"), lines: lines.clone() }]);
    let picture = stage.picture();
    assert!(picture.contains("Taken back: kubectl delete sa") && picture.contains("Alt-Y"), "{picture}");
    assert_eq!(stage.world.lesson.as_ref().map(|open| open.ran.clone()), Some(lines));
    // The error it explained is not there any more.
    assert!(!picture.contains("F4 what it means"), "{picture}");
    assert_eq!(stage.press("Alt-Y").take(), [Effect::Redo]);
    // What the clock pane told of a future that was taken back is forgotten.
    stage.send([comes(), passed(), Msg::Tick(at("2026-11-23T11:42:08Z")), comes()]).press("F6");
    assert!(stage.picture().contains("1 hour passed"), "{}", stage.picture());
    stage.send([Msg::Tick(at("2026-11-23T10:42:08Z")), comes()]);
    assert!(!stage.picture().contains("1 hour passed"), "{}", stage.picture());
}
