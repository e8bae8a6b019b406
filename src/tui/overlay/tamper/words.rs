//! What came of a forged token, in plain words.

use crate::token::Forgery;
use crate::tui::theme::Meaning;
use crate::why::{Review, Rung, Sign, Tried};

/// What is said of it.
pub struct Verdict {
    /// How it looks.
    pub meaning: Meaning,
    /// The same as a sign.
    pub sign: &'static str,
    /// Which check refused it, and why; or that it was taken.
    pub say: String,
    /// What followed from that.
    pub then: String,
}

/// A check, and how it turned out; without a sign it was not reached.
pub struct Checked {
    /// What was looked at.
    pub name: String,
    /// How it turned out.
    pub sign: Option<Sign>,
}

/// The checks of a token made on request, in the order in which an API server makes them.
const ORDER: [&str; 5] = ["issuer", "signature", "audience", "time", "account"];
/// Those of a secret's token.
const ORDER_OF_OLD: [&str; 4] = ["issuer", "signature", "audience", "secret and account"];
/// What comes after them.
const AFTER: &str = "may it list pods?";
/// What the ladder calls a token that was taken a moment ago, and is not looked at again.
const REMEMBERED: &str = "token";

/// The verdict.
pub fn verdict(forgery: Forgery, tried: &Tried) -> Verdict {
    if tried.code == 401 {
        let is_known = tried.trace.is_some() || !matches!(tried.review, Review::Unknown(_));
        return Verdict {
            meaning: Meaning::Refused,
            sign: "✘",
            say: match is_known {
                true => match refused_by(tried) {
                    Some(check) if check == "time" => untimely(tried).to_owned(),
                    check => refusal(check.as_deref(), forgery),
                },
                false => "It is refused. Why is told by a TokenReview alone, and you could not ask for one.".to_owned(),
            },
            then: "It got no further: nobody looked at what the account may do.".to_owned(),
        };
    }
    let user = match (&tried.review, &tried.trace) {
        (Review::Taken(user), _) => user.clone(),
        (_, Some(trace)) => trace.user.clone(),
        _ => "its account".to_owned(),
    };
    let user = crate::base::sanitize_line(&user).into_owned();
    let then = match tried.code {
        403 => "Whether the account may list pods is another question, asked after this one. It may not.",
        200 => "The account may list pods, too.",
        _ => "What came after that is no matter of the token.",
    };
    if forgery == Forgery::Nothing {
        let say = format!("The API server takes it, and knows who asks: {user}.");
        return Verdict { meaning: Meaning::Good, sign: "✔", say, then: then.to_owned() };
    }
    let say = format!("The API server took the token that was tampered with for one of {user}. That must not be.");
    let then = "Tell whoever looks after this cluster.".to_owned();
    Verdict { meaning: Meaning::Change, sign: "!", say, then }
}

/// The check that refused it: from the ladder, else from what the review says.
fn refused_by(tried: &Tried) -> Option<String> {
    if let Some(trace) = &tried.trace {
        let checks = trace.steps.iter().filter(|step| step.rung == Rung::Authentication).flat_map(|step| &step.checks);
        return checks.into_iter().find(|check| check.sign == Sign::Bad).map(|check| check.name.clone());
    }
    let Review::Refused(why) = &tried.review else { return None };
    SAID.iter().find(|(words, _)| words.iter().any(|word| why.contains(word))).map(|(_, check)| (*check).to_owned())
}

/// Words of upstream's errors, and the check that says so.
const SAID: &[(&[&str], &str)] = &[
    (&["error in cryptographic primitive", "invalid signature", "no keys found"], "signature"),
    (&["token audiences"], "audience"),
    (&["expired", "not valid yet", "could not be validated", "issued in the future"], "time"),
    (&["does not match server's copy", "claim is missing", "claim is invalid"], "secret and account"),
    (&["has been invalidated", "ref claim"], "bound object"),
    (&["UID", "not found", "has been deleted"], "account"),
    (&["to unmarshal", "duplicate key"], "claims"),
];

/// Whether it has ended or has not begun: from the ladder, else from what the review says.
fn untimely(tried: &Tried) -> &'static str {
    let said = tried.trace.as_ref().and_then(|trace| {
        let checks = trace.steps.iter().filter(|step| step.rung == Rung::Authentication).flat_map(|step| &step.checks);
        checks.into_iter().find(|check| check.sign == Sign::Bad).map(|check| check.say.as_str())
    });
    let said = match (said, &tried.review) {
        (Some(said), _) => said,
        (None, Review::Refused(why)) => why,
        (None, _) => "",
    };
    // Upstream until 1.22 said of one that has not begun no more than that it could not be validated.
    if said.contains("expired") {
        "The token has ended: the signature fits, and the time in `exp` is over."
    } else if said.contains("issued in the future") {
        "The token was issued in the future: the signature fits, and the time in `iat` is still to come."
    } else {
        "The token has not begun: the signature fits, and the time in `nbf` is still to come."
    }
}

/// Why the check refused, in a sentence.
fn refusal(check: Option<&str>, forgery: Forgery) -> String {
    let say = match (check, forgery) {
        (Some("signature"), Forgery::Subject | Forgery::Longer | Forgery::Audience | Forgery::ClaimLetter) => {
            "The signature does not fit: it was made over the claims as they were."
        }
        (Some("signature"), Forgery::SignatureLetter) => {
            "The signature does not fit: with one letter changed it is a signature of nothing."
        }
        (Some("signature"), Forgery::Unsigned) => {
            "The signature is missing. `alg: none` is the token's own wish, and the server does not ask the token how to check it."
        }
        (Some("signature"), Forgery::OtherKey) => {
            "The signature does not fit: your key made it, and the server checks with the cluster's."
        }
        (Some("signature"), Forgery::SharedSecret) => {
            "The signature does not fit: the public key is no secret, and the server takes only what the private key signed."
        }
        (Some("signature"), Forgery::Nothing) => "The signature does not fit: this cluster's key did not make it.",
        (Some("form"), _) => "It cannot be read as a token: three parts in base64url, with JSON in the first two.",
        (Some("issuer"), _) => "The issuer is not this cluster: it says it is from somebody else.",
        (Some("claims"), _) => "The claims are not what they should be: one has a value of the wrong kind.",
        (Some("audience"), _) => {
            "The audience is not this API server: the signature fits, and it is for somebody else."
        }
        (Some("account" | "account's uid"), _) => {
            "The account is not there any more: the signature fits, and its account is gone, or another has the name now."
        }
        (Some("secret and account"), _) => {
            "The secret or the account does not fit: it is gone, or the secret holds another token now."
        }
        (Some(_), _) => "What it is bound to is gone: the signature fits, and the object it was made for is not there.",
        (None, _) => "It is no token of this cluster: its form or its issuer is not right.",
    };
    say.to_owned()
}

/// The checks it went through, and those it did not reach; a secret's token (`is_old`) has others.
pub fn checks(tried: &Tried, is_old: bool) -> Vec<Checked> {
    let checked = |name: &str, sign| Checked { name: name.to_owned(), sign };
    let is_refused = tried.code == 401;
    let after = || checked(AFTER, (!is_refused).then_some(if tried.code == 403 { Sign::Bad } else { Sign::Good }));
    let order: &[&str] = if is_old { &ORDER_OF_OLD } else { &ORDER };
    if let Some(trace) = &tried.trace {
        let steps = trace.steps.iter().filter(|step| step.rung == Rung::Authentication);
        let mut all: Vec<Checked> =
            steps.flat_map(|step| &step.checks).map(|check| checked(&check.name, Some(check.sign))).collect();
        for check in all.iter_mut().filter(|check| check.name == REMEMBERED && check.sign == Some(Sign::Good)) {
            "it was taken a moment ago, and is remembered for ten seconds".clone_into(&mut check.name);
        }
        let reached = order.iter().rposition(|name| all.iter().any(|check| check.name == *name));
        if is_refused {
            let rest = order.iter().skip(reached.map_or(0, |at| at + 1));
            all.extend(rest.map(|name| checked(name, None)));
        }
        all.push(after());
        return all;
    }
    let failed = if is_refused { refused_by(tried) } else { None };
    let mut passed = true;
    let mut all = Vec::new();
    for name in order {
        let is_it = failed.as_deref() == Some(*name);
        let sign = if is_it { Some(Sign::Bad) } else { passed.then_some(Sign::Good) };
        passed &= !is_it;
        // What refused it cannot always be told from outside.
        all.push(checked(name, sign.filter(|_| !is_refused || failed.is_some())));
    }
    if let Some(other) = failed.filter(|failed| !order.contains(&failed.as_str())) {
        all.push(checked(&other, Some(Sign::Bad)));
    }
    all.push(after());
    all
}
