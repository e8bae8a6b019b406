//! What each rule says, where, and of what.

use crate::course::load::{Source, load};

const GOOD: &str = r#"id: a-lesson
title: A lesson
minutes: 5
releases: ["1.36"]
files:
  pod.yaml: "image: {{image}}"
steps:
  - id: one
    text: Text.
    predict:
      ask: How many?
      answers:
        - {text: none, right: true, say: So it is.}
        - {text: one, say: Not on this release.}
    task: Make `x`.
    suggest: kubectl create sa x
    checks:
      - say: x exists
        object: {kind: ServiceAccount, name: x, fields: {/metadata/name: x}}
      - say: you made it
        ran: {command: kubectl create serviceaccount}
    wrong:
      - when: {object: {kind: ServiceAccount, name: y}}
        say: That is another name.
    hints: [Which verb makes things?, kubectl create sa x]
    debrief: It is made.
summary: [Something.]
solutions:
  - one: [kubectl create serviceaccount x]
mistakes:
  - {step: one, do: [kubectl create sa y], hears: another name}
"#;

/// The faults of a lesson's text.
fn faults_of(text: String) -> Vec<String> {
    let source = Source { file: "a-lesson.yaml".to_owned(), text };
    load(&[source]).1.iter().map(ToString::to_string).collect()
}

/// The faults of the lesson with one piece of it replaced.
fn faults(from: &str, to: &str) -> Vec<String> {
    assert!(GOOD.contains(from), "{from:?} is not in the lesson");
    faults_of(GOOD.replacen(from, to, 1))
}

#[test]
fn a_good_lesson_has_no_fault() {
    assert_eq!(faults("Text.", "Text."), Vec::<String>::new());
}

#[test]
fn a_text_that_gives_the_answer_away() {
    for (text, answer, given_away) in [
        ("The account is called `default-sa`.", "default-sa", true),
        ("It gets **a token secret** then.", "a token\n            secret", true),
        ("Nobody made one yet.", "one", false),
        ("It is defaulted.", "default", false),
        ("There are `default-sa` and `one two three`.", "default-sa", false),
    ] {
        let text = GOOD.replace("Text.", text).replace("text: none", &format!("text: {answer:?}"));
        let text = text.replace("text: one,", "text: one two three,");
        let faults = faults_of(text);
        assert_eq!(faults.iter().any(|fault| fault.contains("the text above the question")), given_away, "{faults:?}");
    }
}

#[test]
fn a_whole_lesson_fades_and_gives_no_sign() {
    let step = |number: usize, right: usize, support: &str| {
        let answers: String =
            (0..3).map(|at| format!("        - {{text: a{at}, right: {}, say: Because.}}\n", at == right)).collect();
        format!(
            "  - id: s{number}\n    text: Text.\n    predict:\n      ask: What?\n      answers:\n{answers}    task: Make `x`.\n    \
             {support}\n    checks: [{{say: x exists, object: {{kind: ServiceAccount, name: x}}}}]\n    \
             hints: [Which verb makes things?, kubectl create sa x]\n    debrief: It is made.\n"
        )
    };
    let told = |places: [usize; 3], last: &str| {
        let head = "id: a-lesson\ntitle: A lesson\nminutes: 5\nreleases: [\"1.36\"]\nsteps:\n";
        let worked = "suggest: kubectl create sa x";
        let steps = [step(1, places[0], worked), step(2, places[1], worked), step(3, places[2], last)].concat();
        let way = "[kubectl create serviceaccount x]";
        let tail = format!("summary: [Something.]\nsolutions: [{{s1: {way}, s2: {way}, s3: {way}}}]\n");
        let source = Source { file: "a-lesson.yaml".to_owned(), text: format!("{head}{steps}{tail}") };
        load(&[source]).1.iter().map(|fault| fault.message.clone()).collect::<Vec<_>>()
    };
    let alone = "support: alone\n    solution: [kubectl create sa x]";
    assert_eq!(told([0, 1, 2], alone), Vec::<String>::new());
    assert_eq!(told([1, 1, 1], alone), ["in every question the right answer is number 2"]);
    assert_eq!(told([0, 1, 2], "suggest: kubectl create sa x"), ["the last step shows its command"]);
}

#[test]
fn a_hint_that_says_no_more_than_the_blank() {
    let blank = "suggest: kubectl create sa ___\n    support: blank\n    solution: [kubectl create sa x]";
    for (hint, less) in [("The shape is `kubectl create sa NAME`.", true), ("It is what comes after `sa`.", false)] {
        let text = GOOD
            .replace("suggest: kubectl create sa x", blank)
            .replace("Which verb makes things?", &format!("{hint:?}"));
        let faults = faults_of(text);
        assert_eq!(faults.iter().any(|fault| fault.contains("says no more")), less, "{faults:?}");
    }
}

#[test]
fn every_fault_has_its_place_and_its_advice() {
    let long = "text: |\n".to_owned() + &"      line\n".repeat(13);
    let doubled = "steps:\n  - {id: one, text: T., task: T., suggest: kubectl create sa x, checks: [{say: s, \
                   ran: {command: kubectl}}], hints: [kubectl create sa x], debrief: D.}\n";
    let rows = [
        ("id: a-lesson", "id: A lesson", "1:1: `A lesson` is no name", "lower-case words"),
        ("id: a-lesson", "id: b-lesson", "1:1: the file `a-lesson.yaml` holds", "rename the file"),
        ("minutes: 5", "minutes: 0", "3:1: a lesson takes", "such as 7"),
        ("[\"1.36\"]", "[]", "4:1: the lesson is proved on no release", "1.36"),
        ("{{image}}", "{{picture}}", "6:3: nothing fills in `{{picture`", "`{{image}}`"),
        ("pod.yaml:", "../pod.yaml:", "6:3: `../pod.yaml` is no plain file name", "pod.yaml"),
        ("steps:\n", doubled, "9:5: two steps are called `one`", "a name of its own"),
        ("text: Text.\n", &long, "9:5: the text is 13 lines", "at most 12"),
        ("text: Text.", "text: Just look.", "9:5: the text says \"just\"", "without it"),
        ("text: Text.", "text: Adjust `just!` it.", "", ""),
        ("text: Text.", "text: Look!", "9:5: the text has an exclamation mark", "full stop"),
        ("text: Text.", "text: ''", "9:5: there is nothing to read here", "a sentence"),
        (", right: true", "", "12:7: no answer is right", "right: true"),
        ("{text: one,", "{text: one, right: true,", "12:7: two answers are right", "one of them"),
        ("suggest: kubectl create sa x", "suggest: ''", "8:5: nothing solves the step", "the command line that does"),
        ("kind: ServiceAccount", "kind: ServiceAcount", "19:18: checks cannot look at", "did you mean `Serv"),
        ("/metadata/name:", "metadata.name:", "19:58: `metadata.name` is no JSON pointer", "/spec"),
        ("/metadata/name:", "/metadata~name:", "19:58: `/metadata~name` is no JSON pointer", "~1"),
        ("command: kubectl create serviceaccount", "command: kubectl get", "20:9: the step's own solution", "words"),
        ("command: kubectl create serviceaccount", "command: ''", "21:15: every command would do", "words"),
        ("say: That is another name.", "say: Simply no.", "24:9: the text says \"simply\"", "without it"),
        ("task: Make `x`.", "task: Fill the gap `___`.", "15:5: the gap is spoken of", "shown no command"),
        ("things?, kubectl create sa x]", "things?]", "25:13: the last hint is not the answer", "create sa x"),
        ("hints: [Which verb makes things?, kubectl create sa x]", "hints: []", "25:5: there is no hint", "question"),
        ("suggest: kubectl create sa x", "suggest: kubectl create sa ___", "16:5: the command has a hole", "blank"),
        (
            "suggest: kubectl create sa x",
            "suggest: kubectl create sa x\n    solution: [kubectl create sa x]",
            "16:5: the command is given twice",
            "for more",
        ),
        ("    suggest: kubectl create sa x\n", "", "8:5: nothing solves the step", "suggest"),
        (
            "suggest: kubectl create sa x",
            "suggest: kubectl create sa x\n    support: blank",
            "16:5: there is no hole to fill",
            "___",
        ),
        (
            "suggest: kubectl create sa x",
            "suggest: kubectl get ___\n    support: blank\n    solution: [kubectl create sa x]",
            "16:5: the solution does not fill this hole",
            "the hole filled",
        ),
        (
            "suggest: kubectl create sa x",
            "suggest: kubectl create sa x\n    support: alone",
            "16:5: in a step done alone nothing is suggested",
            "solution:",
        ),
        ("suggest: kubectl create sa x", "support: alone", "8:5: nothing solves the step", "solution:"),
        (
            "suggest: kubectl create sa x",
            &format!("suggest: kubectl create sa x{}", " ".repeat(150) + "--save-config"),
            "16:5: a command line is 182 signs long",
            "at most 160",
        ),
        ("Which verb makes things?", "Make x.", "25:13: this hint says no more", "adds something"),
        (
            "  - one: [kubectl create serviceaccount x]",
            "  - one: [kubectl create sa x]",
            "8:5: step `one` is proved in one spelling alone",
            "another right way",
        ),
        (
            "    task: Make",
            "    compare: [\"1.20\"]\n    task: Make",
            "15:5: these are no releases",
            "two or three of them",
        ),
        ("[Something.]", "[]", "27:1: the summary has 0 lines", "one to 3"),
        ("  - one:", "  - ones:", "29:5: there is no step `ones`", "did you mean `one`?"),
        ("step: one", "step: two", "31:6: there is no step `two`", "`one`"),
        ("hears: another name", "hears: nonsense", "31:44: nothing in step `one` says", "wrong"),
    ];
    for (from, to, place, instead) in rows {
        let faults = faults(from, to);
        if place.is_empty() {
            assert!(faults.is_empty(), "{to}: {faults:?}");
            continue;
        }
        let wanted = format!("a-lesson.yaml:{place}");
        let found = faults.iter().find(|fault| fault.starts_with(&wanted));
        assert!(found.is_some_and(|fault| fault.contains(instead)), "{to}: wanted {wanted} … {instead}: {faults:#?}");
    }
}
