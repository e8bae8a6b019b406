//! The releases that can be chosen, each with what is notable in it for service accounts.

use crate::apimachinery::Release;
use crate::base::Order as _;
use crate::tui::world::World;

/// The most releases that are compared.
pub const MOST: usize = 3;
/// What fills the choice up where a lesson names too few.
const TELLING: [Release; 3] = [Release::minor(20), Release::minor(24), Release::minor(36)];

/// What is notable in a release.
pub fn notable(release: Release) -> &'static str {
    match release.number() {
        20 => "pods mount a secret with a token that never ends",
        21 => "pods mount a projected volume; its token is bound to the pod",
        22 => "bound tokens are final; secrets are still made",
        23 => "the last release that makes a secret for each account",
        24 => "no secret is made any more; `kubectl create token`",
        25 => "`describe pod` names the service account",
        26 => "that no secret is made is final; their use can be tracked (off by default)",
        27 => "the use of secret tokens is tracked; `kubectl auth whoami`",
        28 => "tracking is final; clean-up of unused secrets (off by default)",
        29 => "unused secret tokens are marked invalid, later deleted",
        30 => "tokens have a jti, a pod's token names its node",
        31 => "tokens can be bound to a node",
        32 => "jti is final; enforce-mountable-secrets is deprecated",
        33 => "nodes ask only for audiences that their pods name",
        34 => "a token request can name the account's uid",
        35 => "the table of accounts has no column SECRETS any more",
        36 => "acting as somebody else can be allowed in part",
        37 => "tokens for webhooks (off by default)",
        _ => "",
    }
}

/// The releases to begin with: what the step says; else the one it runs on, and those that the lesson is proved on.
pub fn of_step(world: &World) -> Vec<Release> {
    let mut chosen: Vec<Release> = Vec::new();
    let open = world.lesson.as_ref();
    let step = open.and_then(|open| open.step());
    let named = step.map(|step| step.compare.as_slice()).unwrap_or_default();
    let mut add = |release: Release| {
        if chosen.len() < MOST && !chosen.contains(&release) {
            chosen.push(release);
        }
    };
    if named.is_empty() {
        let here = world.cluster.as_ref().and_then(|cluster| cluster.release);
        let own = open.map(|open| open.lesson.releases.as_slice()).unwrap_or_default();
        here.iter().chain(own).chain(&TELLING).copied().for_each(&mut add);
    } else {
        named.iter().copied().for_each(&mut add);
    }
    chosen.order();
    chosen
}

/// `1.20, 1.24 and 1.36`
pub fn in_words(releases: &[Release]) -> String {
    match releases {
        [] => String::new(),
        [only] => only.to_string(),
        [rest @ .., last] => {
            let rest: Vec<String> = rest.iter().map(ToString::to_string).collect();
            format!("{} and {last}", rest.join(", "))
        }
    }
}
