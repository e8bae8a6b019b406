//! The real program in a real terminal: start, work a step, resize, quit, kill and resume, and the ways it may fall.

use std::process::Command;

use crate::support::tutor::{Tutor, elsewhere};

#[test]
fn a_step_is_worked_and_remembered_after_a_kill() {
    let home = tempfile::tempdir().expect("a folder");
    let mut tutor = Tutor::start(home.path(), 80, 24, &[]);
    tutor.wait_for("Create a service account");
    tutor.press("\r");
    tutor.wait_for("1/7");
    // The question comes alone: an answer, and how sure it is.
    tutor.wait_for("Esc passes");
    tutor.press("2\r");
    tutor.wait_for("Are you sure?");
    tutor.press("2\r");
    tutor.wait_for("(a guess)");
    // What the first step asks for, as its own suggestion: Enter on the empty prompt puts it there.
    tutor.press("\r");
    tutor.wait_for("$ kubectl");
    tutor.press("\r");
    tutor.wait_for("✔");
    // Nothing is asked before a kill: the progress must be on disk already.
    tutor.wait_for("You guessed");
    tutor.wait_for_file(&home.path().join("progress.json"), "\"done\": [\n        \"");
    tutor.wait_for_file(&home.path().join("progress.json"), "\"sure\": false");
    tutor.kill();

    let mut again = Tutor::start(home.path(), 120, 36, &[]);
    again.wait_for("go on");
    again.press("\r");
    again.wait_for("step 2");
    again.press("\u{11}");
    again.wait_for_end(0);
}

#[test]
fn two_tutors_on_one_state_lose_nothing_to_each_other_or_to_a_kill() {
    let home = tempfile::tempdir().expect("a folder");
    let progress = home.path().join("progress.json");
    let mut one = Tutor::start(home.path(), 80, 24, &["learn", "create-service-account"]);
    let mut other = Tutor::start(home.path(), 80, 24, &["learn", "switch-the-service-account"]);
    for tutor in [&mut one, &mut other] {
        tutor.wait_for("Esc passes");
    }
    // Each learns something after it has read what the other knew.
    for (tutor, at) in [(&mut one, "\"create-service-account\""), (&mut other, "\"switch-the-service-account\"")] {
        tutor.press("1\r");
        tutor.wait_for("Are you sure?");
        tutor.press("1\r");
        tutor.wait_for("(sure)");
        tutor.wait_for_file(&progress, at);
    }
    one.press("kubectl get users\r");
    one.wait_for("You said");
    one.wait_for_file(&progress, "no-users");
    one.kill();
    other.kill();
    let text = std::fs::read_to_string(&progress).expect("there");
    let kept: serde_json::Value = serde_json::from_str(&text).expect("whole");
    let lesson = |name: &str, what: &str| kept["lessons"][name][what].clone();
    assert_eq!(lesson("create-service-account", "done"), serde_json::json!(["no-users"]), "{text}");
    for name in ["create-service-account", "switch-the-service-account"] {
        let predictions = lesson(name, "predictions");
        assert_eq!(predictions.as_object().map(serde_json::Map::len), Some(1), "{name}: {text}");
    }
}

#[test]
fn killed_at_any_moment_the_progress_is_whole() {
    let home = tempfile::tempdir().expect("a folder");
    let progress = home.path().join("progress.json");
    // One key further each time, and the kill comes without a look at what the last one did.
    let keys = ["\u{1b}", "\r", "\r", "\u{1b}OR", "y"];
    let mut done_before = 0;
    for count in 1..=keys.len() {
        let mut tutor = Tutor::start(home.path(), 80, 24, &["learn", "create-service-account"]);
        tutor.wait_for("/7");
        for key in &keys[..count] {
            tutor.press(key);
        }
        tutor.kill();
        let text = std::fs::read_to_string(&progress).expect("there");
        let kept: serde_json::Value = serde_json::from_str(&text).expect("whole");
        let done = kept["lessons"]["create-service-account"]["done"].as_array().map_or(0, Vec::len);
        assert!(done >= done_before, "what was done is still done: {text}");
        done_before = done;
    }
    let names = std::fs::read_dir(home.path()).expect("a folder").map(|entry| entry.expect("an entry").file_name());
    let names: Vec<String> = names.map(|name| name.to_string_lossy().into_owned()).collect();
    assert!(!names.iter().any(|name| name.contains("damaged")), "{names:?}");
}

#[test]
fn a_folder_of_lessons_is_worked_edited_and_resumed() {
    let (home, root) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let folder = root.path().join("my-class");
    std::fs::create_dir(&folder).expect("made");
    let lesson = |task: &str| {
        format!(
            "id: hello\ntitle: Hello class\nminutes: 3\nreleases: [\"1.36\"]\nsteps:\n  - id: make\n    text: Welcome.\n    \
             task: {task}\n    suggest: kubectl create sa hello\n    checks:\n      - say: hello exists\n        \
             object: {{kind: ServiceAccount, name: hello}}\n    hints: [Which verb makes things?, kubectl create sa hello]\n    \
             debrief: It is there.\nsummary: [How to say hello.]\nsolutions: [{{make: [kubectl create serviceaccount hello]}}]\n"
        )
    };
    let file = folder.join("1-hello.yaml");
    std::fs::write(&file, lesson("Make an account.")).expect("written");
    std::fs::write(folder.join("2-broken.yaml"), "id: broken\ntitel: x\n").expect("written");
    let place = folder.to_string_lossy().into_owned();
    let arguments = ["--lessons", place.as_str()];
    let mut tutor = Tutor::start(home.path(), 100, 30, &arguments);
    tutor.wait_for("my-class");
    tutor.wait_for("cannot be read");
    tutor.press("q");
    tutor.wait_for_end(0);
    let mut tutor = Tutor::start(home.path(), 100, 30, &["learn", "hello", "--lessons", place.as_str()]);
    tutor.wait_for("Make an account.");
    std::fs::write(&file, lesson("Make an account called hello.")).expect("written");
    tutor.wait_for("Make an account called hello.");
    std::fs::write(&file, "id: hello\n").expect("written");
    tutor.wait_for("what was read before stays");
    std::fs::write(&file, lesson("Make it.")).expect("written");
    tutor.wait_for("▸ Do  Make it.");
    tutor.press("\r");
    tutor.wait_for("$ kubectl create sa hello");
    tutor.press("\r");
    tutor.wait_for("It is there.");
    tutor.wait_for_file(&home.path().join("progress.json"), "\"my-class/hello\"");
    tutor.kill();
    let mut again = Tutor::start(home.path(), 100, 30, &arguments);
    again.wait_for("✔ done");
    again.press("q");
    again.wait_for_end(0);
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_sa-tutor"))
            .env("SA_TUTOR_HOME", home.path())
            .args(arguments)
            .output()
            .expect("run");
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (code, list) = run(&["lessons", "list", "--lessons", &place]);
    assert!(code == Some(0) && list.contains("my-class/hello") && list.contains("1 of 1 steps"), "{list}");
    assert!(list.contains("cannot be read") && list.contains("titel"), "{list}");
    let (code, proof) = run(&["lessons", "check", &file.to_string_lossy()]);
    assert!(code == Some(0) && proof.contains("all proved"), "{proof}");
    let (code, proof) = run(&["lessons", "check", &place]);
    assert!(code == Some(1) && proof.contains("2-broken.yaml:2:1"), "{proof}");
}

#[test]
fn the_panes_follow_another_terminal_and_the_door_follows_the_lesson() {
    let home = tempfile::tempdir().expect("a folder");
    let kubeconfig = home.path().join("kubeconfig");
    // What a run that was killed left behind leads nowhere.
    std::fs::write(&kubeconfig, "stale").expect("written");
    let mut tutor = Tutor::start(home.path(), 120, 36, &["learn", "create-service-account"]);
    tutor.wait_for_file(&kubeconfig, "current-context: kubernetes-admin@kubernetes");
    tutor.wait_for("Esc passes");
    tutor.press("\u{1b}OP");
    tutor.wait_for(&format!("export KUBECONFIG={}", kubeconfig.display()));
    tutor.press("q");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&kubeconfig).expect("there").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    // The panes tell nothing while the question is open.
    tutor.press("\u{1b}");
    tutor.wait_for("▸ Do");
    assert_eq!(elsewhere(&kubeconfig, "create sa from-outside"), "serviceaccount/from-outside created\n");
    tutor.wait_for("from-outside");
    assert_eq!(
        elsewhere(&kubeconfig, "delete sa from-outside"),
        "serviceaccount \"from-outside\" deleted from default namespace\n"
    );

    // Another lesson is another cluster behind the same path.
    assert_eq!(elsewhere(&kubeconfig, "create sa left-behind"), "serviceaccount/left-behind created\n");
    tutor.wait_for("left-behind");
    tutor.press("\u{1b}[21~");
    tutor.wait_for("go on");
    tutor.press("j\r");
    tutor.wait_for("Inspect the mount · step 1");
    let mut answer = String::new();
    tutor.wait_until("the door leads to the new cluster", || {
        answer = elsewhere(&kubeconfig, "get sa -o name");
        answer.starts_with("serviceaccount/") && !answer.contains("left-behind")
    });
    tutor.press("\u{11}");
    tutor.wait_for_end(0);
    assert!(!kubeconfig.exists(), "the kubeconfig goes with the tutor");
}

#[cfg(unix)]
#[test]
fn a_signal_ends_the_tutor_in_order() {
    let home = tempfile::tempdir().expect("a folder");
    let mut tutor = Tutor::start(home.path(), 80, 24, &["learn", "create-service-account"]);
    tutor.wait_for_file(&home.path().join("kubeconfig"), "current-context");
    let killed = Command::new("kill").args(["-TERM", &tutor.id().to_string()]).status().expect("run");
    assert!(killed.success());
    tutor.wait_for_end(0);
    tutor.expect_terminal_restored();
    assert!(!home.path().join("kubeconfig").exists());
}

#[test]
fn without_a_place_for_the_kubeconfig_the_tutor_goes_on() {
    let home = tempfile::tempdir().expect("a folder");
    // A folder stands where the file should.
    std::fs::create_dir_all(home.path().join("kubeconfig/x")).expect("made");
    let mut tutor = Tutor::start(home.path(), 100, 30, &["learn", "create-service-account"]);
    tutor.wait_for("Other terminals cannot work on this cluster");
    tutor.press("\u{1b}");
    tutor.wait_for("▸ Do");
    tutor.press("echo still here\r");
    tutor.wait_for("still here");
    tutor.press("\u{11}");
    tutor.wait_for_end(0);
}

#[test]
fn typing_and_resizing() {
    let home = tempfile::tempdir().expect("a folder");
    let mut tutor = Tutor::start(home.path(), 120, 36, &["learn", "create-service-account"]);
    tutor.wait_for("step 1");
    tutor.wait_for("Objects");
    tutor.press("\u{1b}");
    tutor.wait_for("▸ Do");
    tutor.press("kubectl get serviceacounts\r");
    tutor.wait_for("error: the server doesn't have a resource type \"serviceacounts\"");
    tutor.resize(30, 8);
    tutor.wait_for("60");
    tutor.resize(80, 24);
    tutor.wait_for("1/7");
    tutor.press("echo still here\r");
    tutor.wait_for("still here");
    tutor.press("\u{11}");
    tutor.wait_for_end(0);
    tutor.expect_terminal_restored();
}

#[test]
fn pasted_nonsense_and_wrong_keys_do_no_harm() {
    let home = tempfile::tempdir().expect("a folder");
    let mut tutor = Tutor::start(home.path(), 100, 30, &["learn", "create-service-account"]);
    tutor.wait_for("step 1");
    tutor.press("\u{1b}");
    tutor.wait_for("▸ Do");
    tutor.press("\u{1b}[200~\u{1b}[31mred\u{7} $(( `\n'\u{1b}[201~");
    tutor.press("\u{1b}[23~\u{1b}OP\u{1b}[24~\u{0}\u{1b}[1;5A");
    tutor.press("\u{1b}\u{1b}\u{3}\u{3}");
    tutor.press("\u{1b}\u{1b}i\u{3}echo alive\r");
    tutor.wait_for("alive");
    tutor.press("\u{11}");
    tutor.wait_for_end(0);
}

#[test]
fn the_mouse_chooses_tabs_and_scrolls() {
    let home = tempfile::tempdir().expect("a folder");
    let mut tutor = Tutor::start(home.path(), 80, 24, &["learn", "projected-volume"]);
    tutor.wait_for("1/8");
    tutor.press("\u{1b}");
    tutor.wait_for("▸ Do");
    // A click on the tab in the second row, as terminals report it (SGR coordinates, from 1).
    tutor.press("\u{1b}[<0;14;2M\u{1b}[<0;14;2m");
    tutor.wait_for("[Objects");
    tutor.wait_for("sa d");
    tutor.press("\u{1b}[<0;3;2M\u{1b}[<0;3;2m");
    tutor.wait_for("[Lesson]");
    // The wheel over the lesson brings its end into sight.
    tutor.press(&"\u{1b}[<65;10;8M".repeat(12));
    tutor.wait_for("Alt-↑");
    tutor.press("\u{11}");
    tutor.wait_for_end(0);
}

#[test]
fn a_step_is_worked_by_the_mouse_alone() {
    let home = tempfile::tempdir().expect("a folder");
    let mut tutor = Tutor::start(home.path(), 120, 36, &[]);
    // A click selects; one on what is selected opens it.
    tutor.click("Inspect the mount");
    tutor.wait_for("▸ 2");
    tutor.click("Create a service account");
    tutor.wait_for("▸ 1");
    tutor.click("Create a service account");
    tutor.wait_for("Esc passes");
    tutor.click("an error");
    tutor.wait_for("▸ ");
    tutor.click("that one");
    tutor.wait_for("Are you sure?");
    tutor.click("It is a guess.");
    tutor.click("that one");
    tutor.wait_for("an error (a guess)");
    tutor.click("to prompt");
    tutor.wait_for("$ kubectl get users█");
    tutor.click("⏎ run");
    tutor.wait_for("You guessed “an error”, and so it is.");
    tutor.click("F3 next");
    tutor.wait_for("step 2 of 7 ──");
    tutor.click("Esc pass  ");
    tutor.wait_for("▸ Do");
    tutor.click("Ctrl-Q quit");
    tutor.wait_for_end(0);
}

#[cfg(unix)]
#[test]
fn it_stops_and_goes_on_as_the_job_of_a_shell() {
    let home = tempfile::tempdir().expect("a folder");
    let mut tutor = Tutor::start_as_job(home.path(), 80, 24, &["learn", "create-service-account"]);
    tutor.wait_for("Esc passes");
    // By its key, while a question is open; what is typed then is the shell's.
    tutor.press("\u{1a}");
    tutor.wait_for("stopped 1, cooked");
    assert!(!tutor.screen().alternate_screen() && !tutor.screen().hide_cursor());
    tutor.expect_terminal_restored();
    // The window changes meanwhile.
    tutor.resize(120, 36);
    tutor.press("\r");
    tutor.wait_for("Objects");
    tutor.wait_for("Esc passes");
    assert!(tutor.screen().alternate_screen());
    tutor.press("\u{1b}");
    tutor.wait_for("▸ Do");
    tutor.press("echo alive\r");
    tutor.wait_for("alive");
    // From outside.
    let pid = std::fs::read_to_string(home.path().join("pid")).expect("written");
    let stopped = Command::new("kill").args(["-TSTP", pid.trim()]).status().expect("run");
    assert!(stopped.success());
    tutor.wait_for("stopped 2, cooked");
    tutor.expect_terminal_restored();
    tutor.press("\r");
    tutor.wait_for("▸ Do");
    tutor.press("echo again\r");
    tutor.wait_for("again");
    tutor.press("\u{11}");
    tutor.wait_for("ended with 0");
    tutor.expect_terminal_restored();
    tutor.wait_for_end(0);
}

#[cfg(unix)]
#[test]
fn without_a_shell_it_does_not_stop() {
    let home = tempfile::tempdir().expect("a folder");
    let mut tutor = Tutor::start(home.path(), 80, 24, &["learn", "create-service-account"]);
    tutor.wait_for("Esc passes");
    tutor.press("\u{1b}");
    tutor.wait_for("▸ Do");
    tutor.press("\u{1a}");
    tutor.wait_for("No shell is here");
    tutor.press("echo still here\r");
    tutor.wait_for("still here");
    tutor.press("\u{11}");
    tutor.wait_for_end(0);
}

#[test]
fn a_damaged_progress_file_is_set_aside_and_reported() {
    let home = tempfile::tempdir().expect("a folder");
    std::fs::write(home.path().join("progress.json"), "{ this is not progress").expect("written");
    let mut tutor = Tutor::start(home.path(), 100, 30, &[]);
    tutor.wait_for("Create a service account");
    tutor.wait_for("set aside");
    tutor.press("q");
    tutor.wait_for_end(0);
    let names: Vec<String> = std::fs::read_dir(home.path())
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
        .collect();
    assert!(names.iter().any(|name| name.starts_with("progress.json.damaged-")), "{names:?}");
}

#[test]
fn without_a_terminal_there_is_a_sentence_and_no_escape_codes() {
    let home = tempfile::tempdir().expect("a folder");
    let output = Command::new(env!("CARGO_BIN_EXE_sa-tutor"))
        .env("SA_TUTOR_HOME", home.path())
        .stdin(std::process::Stdio::null())
        .output()
        .expect("run");
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.starts_with("error: sa-tutor draws on a terminal") && !said.contains('\u{1b}'), "{said}");
    assert!(said.contains("sa-tutor --linear"), "{said}");
}

/// Runs the tutor until it ends by itself, and gives what was on the screen then.
fn answer(variables: &[(&str, &str)], args: &[&str], code: u32) -> String {
    let home = tempfile::tempdir().expect("a folder");
    let mut tutor = Tutor::start_in(home.path(), 100, 30, args, variables);
    tutor.wait_for_end(code);
    tutor.written()
}

#[test]
fn a_terminal_that_cannot_be_drawn_on_is_told_what_to_do() {
    let said = answer(&[("TERM", "dumb")], &[], 1);
    assert!(
        said.contains("cannot move its cursor") && said.contains("--linear") && said.contains("TERM=xterm"),
        "{said}"
    );
    assert!(!said.contains('\u{1b}'), "{said}");
    let said = answer(&[("NO_COLOR", "1")], &["--theme", "blue"], 2);
    assert!(said.contains("[possible values: auto, dark, light, high-contrast, colour-blind]"), "{said}");
}

#[test]
fn what_the_environment_has_no_signs_for_is_drawn_in_ascii() {
    let rows = [
        (("LANG", "C"), "learn", true),
        (("LC_ALL", "POSIX"), "learn", true),
        (("TERM", "linux"), "learn", true),
        (("LANG", "C.UTF-8"), "--ascii", true),
        (("LANG", "C.UTF-8"), "learn", false),
    ];
    for (variable, argument, is_ascii) in rows {
        let home = tempfile::tempdir().expect("a folder");
        let mut tutor = Tutor::start_in(home.path(), 100, 30, &[argument], &[variable]);
        tutor.wait_for(" begin");
        tutor.press("q");
        tutor.wait_for_end(0);
        assert_eq!(tutor.written().is_ascii(), is_ascii, "{variable:?} {argument}");
    }
}

#[test]
fn settings_are_read_said_and_kept() {
    let home = tempfile::tempdir().expect("a folder");
    let file = home.path().join("settings.yaml");
    std::fs::write(&file, "# mine\nmouse: off\ntheme: blue\n").expect("written");
    let mut tutor = Tutor::start(home.path(), 160, 30, &[]);
    tutor.wait_for("settings.yaml:3:1: theme cannot be `blue`");
    assert!(!tutor.written().contains("\u{1b}[?1000h"), "the mouse is the terminal's");
    tutor.press("\u{1b}[24~");
    tutor.wait_for("With Shift it selects");
    assert!(tutor.written().contains("\u{1b}[?1000h"), "the mouse is ours");
    tutor.press("t");
    tutor.wait_for("The theme is dark.");
    tutor.press("t");
    tutor.wait_for_file(&file, "# mine\nmouse: off\ntheme: light\n");
    tutor.press("q");
    tutor.wait_for_end(0);
    tutor.expect_terminal_restored();
    let ground = |home: &std::path::Path, args: &[&str], variables: &[(&str, &str)]| {
        let mut tutor = Tutor::start_in(home, 100, 30, args, variables);
        tutor.wait_for(" begin");
        let ground = tutor.screen().cell(0, 0).expect("a cell").bgcolor();
        tutor.press("q");
        tutor.wait_for_end(0);
        ground
    };
    assert_eq!(ground(home.path(), &[], &[]), vt100::Color::Idx(231));
    assert_eq!(ground(home.path(), &["--theme", "high-contrast"], &[]), vt100::Color::Idx(16));
    assert_eq!(ground(home.path(), &[], &[("NO_COLOR", "1")]), vt100::Color::Default);
    assert_eq!(ground(home.path(), &[], &[("TERM", "xterm")]), vt100::Color::Default);
    // Where a lesson opens at once, it is said when the lesson is there.
    std::fs::write(&file, "theme: blue\n").expect("written");
    let mut tutor = Tutor::start(home.path(), 160, 30, &["learn", "create-service-account"]);
    tutor.wait_for("theme cannot be `blue`");
    tutor.kill();
}

#[test]
fn what_a_command_changed_is_taken_back_by_a_key() {
    let home = tempfile::tempdir().expect("a folder");
    let mut tutor = Tutor::start(home.path(), 120, 40, &["learn", "inspect-the-mount"]);
    tutor.wait_for("type here");
    tutor.press("kubectl create sa builder\r");
    tutor.wait_for("├ sa builder");
    tutor.wait_for("created");
    tutor.wait_for("$ █");
    tutor.press("\u{1b}z");
    tutor.wait_for("Taken back: kubectl create sa builder");
    tutor.press("kubectl get sa builder\r");
    tutor.wait_for("\"builder\" not found");
    tutor.wait_for("This step asks");
    tutor.wait_for("$ █");
    tutor.press("\u{1b}y");
    tutor.wait_for("Done again: kubectl create sa builder");
    tutor.press("clear; kubectl get sa builder -o name\r");
    tutor.wait_for("serviceaccount/builder");
    tutor.press("\u{11}");
    tutor.wait_for_end(0);
}
