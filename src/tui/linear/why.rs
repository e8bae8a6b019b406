//! The ladder of a request in sentences.

use crate::base::sanitize_line;
use crate::why::{Origin, Rung, Sign, Step, Trace};

/// What a rung asks.
fn asks(rung: Rung) -> &'static str {
    match rung {
        Rung::Authentication => "Who asks",
        Rung::Authorization => "May they",
        Rung::Admission => "Do the plugins let it in",
        Rung::Request => "Is it done",
    }
}

/// The ladder of a request, from who asks to what was answered. `hidden`: what would allow it is the learner's to find.
pub fn ladder(trace: &Trace, verdict: &str, hidden: bool) -> Vec<String> {
    let asked = sanitize_line(&trace.asks);
    let from = match trace.origin {
        Origin::Learner => "Your last request",
        Origin::Terminal => "The last request of another terminal",
        Origin::Pod => "The last request of a pod",
    };
    let mut lines = vec![format!("{from}: {asked}. Answer {verdict}")];
    for step in &trace.steps {
        lines.extend(rung(step, hidden));
    }
    let stopped = trace.steps.iter().find(|step| step.stopped).map(|step| step.rung);
    for rung in Rung::ALL.into_iter().filter(|rung| stopped.is_some_and(|stopped| stopped < *rung)) {
        lines.push(format!("{}? Not reached.", asks(rung)));
    }
    lines
}

fn rung(step: &Step, hidden: bool) -> Vec<String> {
    let answer = if step.stopped { "No" } else { "Yes" };
    let mut lines = vec![format!("{}? {answer}: {}.", asks(step.rung), sanitize_line(&step.say).trim_end_matches('.'))];
    let is_short = |sign: Sign| !step.stopped && sign == Sign::Good && step.rung == Rung::Authentication;
    let good: Vec<_> =
        step.checks.iter().filter(|check| is_short(check.sign)).map(|check| sanitize_line(&check.name)).collect();
    if !good.is_empty() {
        lines.push(format!("  Looked at and good: {}.", good.join(", ")));
    }
    for check in step.checks.iter().filter(|check| !is_short(check.sign)) {
        let say = sanitize_line(&check.say);
        let name = match check.name.as_str() {
            "" => String::new(),
            name => format!("{}: ", sanitize_line(name)),
        };
        lines.push(match check.sign {
            Sign::Command if hidden => continue,
            Sign::Command => format!("  This would change the answer: {say}"),
            Sign::Good => format!("  Good, {name}{say}"),
            Sign::Bad => format!("  Not so, {name}{say}"),
            Sign::NotSeen => format!("  Not seen, {name}{say}"),
            Sign::Plain => format!("  {name}{say}"),
        });
    }
    if hidden && step.checks.iter().any(|check| check.sign == Sign::Command) {
        lines.push("  What would allow it is yours to find in this step.".to_owned());
    }
    lines
}
