//! The token pane as an X-ray: the raw form, two tokens side by side, forgeries and where they are refused. No message and no
//! screen has enough of a token to use it.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use sa_tutor::apimachinery::Release;
use sa_tutor::base::{Clock, Ids};
use sa_tutor::cluster::{Cluster, Workbench};
use sa_tutor::course::Lesson;
use sa_tutor::shell::Shell;
use sa_tutor::token::{self, Forger, Forgery, Token};
use sa_tutor::tui::msg::{Answer, ClusterInfo, Feed, TokenSeen, Verdict};
use sa_tutor::tui::overlay::compare::Compare;
use sa_tutor::tui::overlay::raw::Raw;
use sa_tutor::tui::pane::PaneId;
use sa_tutor::tui::settings::{Abilities, Settings, Signs};
use sa_tutor::tui::world::Focus;
use sa_tutor::tui::{Effect, Msg, Progress, World, update, view};
use sa_tutor::why::{Review, Sign, Tried};
use serde_json::{Value, json};

use crate::support::tutor::Tutor;

const API: &str = "https://kubernetes.default.svc.cluster.local";
const NOW: &str = "2026-11-23T10:42:07Z";
const CRYPTO: &str = "[invalid bearer token, go-jose/go-jose: error in cryptographic primitive]";

fn at(text: &str) -> Timestamp {
    text.parse().expect("a time")
}

fn compact(header: &Value, claims: &Value, signature: &[u8]) -> Token {
    let part = |text: String| URL_SAFE_NO_PAD.encode(text);
    let text =
        format!("{}.{}.{}", part(header.to_string()), part(claims.to_string()), URL_SAFE_NO_PAD.encode(signature));
    token::decode(&text).expect("a token")
}

/// Bytes that look like a signature.
fn signature() -> Vec<u8> {
    (0..=255_u8).map(|byte| byte.wrapping_mul(73).wrapping_add(41)).collect()
}

/// A pod's token, as today's releases make it.
fn of_a_pod() -> Token {
    let (from, until) = (at("2026-11-23T10:42:04Z").as_second(), at("2027-11-23T10:42:04Z").as_second());
    let claims = json!({"aud": [API], "exp": until, "iat": from, "iss": API,
        "jti": "7e5b2f0e-5d1c-4b7a-9a53-0d9b8f1c2e4a", "kubernetes.io": {"namespace": "default",
            "node": {"name": "node-1", "uid": "5c6f7a8b-0000-4000-8000-000000000001"},
            "pod": {"name": "my-kubernetes-dashboard", "uid": "0f1e2d3c-0000-4000-8000-000000000002"},
            "serviceaccount": {"name": "dashboard-sa", "uid": "8a9b0c1d-0000-4000-8000-000000000003"},
            "warnafter": from + 3607},
        "nbf": from, "sub": "system:serviceaccount:default:dashboard-sa"});
    compact(&json!({"alg": "RS256", "kid": "wVwoH3yqTzq1JX0c9mBd8rKQn0S2u4pLk7eYxGf5iZs"}), &claims, &signature())
}

/// A secret's token, as 1.20 made it.
fn of_a_secret() -> Token {
    let claims = json!({"iss": "kubernetes/serviceaccount", "kubernetes.io/serviceaccount/namespace": "default",
        "kubernetes.io/serviceaccount/secret.name": "dashboard-sa-token-x7k2p",
        "kubernetes.io/serviceaccount/service-account.name": "dashboard-sa",
        "kubernetes.io/serviceaccount/service-account.uid": "1b2c3d4e-0000-4000-8000-000000000004",
        "sub": "system:serviceaccount:default:dashboard-sa"});
    compact(&json!({"alg": "RS256", "kid": "wVwoH3yqTzq1JX0c9mBd8rKQn0S2u4pLk7eYxGf5iZs"}), &claims, &signature())
}

fn seen(token: &Token, from: &str, minor: u8) -> Msg {
    let seen = TokenSeen::of(token, from, Verdict::Verified, vec![API.to_owned()], Some(Release::minor(minor)));
    Msg::token(TokenSeen { id: 7, ..seen })
}

fn lesson() -> Box<Lesson> {
    let text = "{id: l, title: Tokens, minutes: 1, releases: ['1.36'], steps: [{id: s, text: A step., task: Look., suggest: ls, \
                checks: [{say: seen, ran: {command: ls}}], hints: [ls], debrief: Done.}], summary: [What?]}";
    let value: Value = serde_yaml::from_str(text).expect("YAML");
    Box::new(serde_json::from_value(value).expect("a lesson"))
}

struct Stage {
    world: World,
    effects: Vec<Effect>,
}

impl Stage {
    fn new(width: u16, height: u16) -> Self {
        let world = World::new(width, height, at(NOW), true, Shell::is_incomplete);
        let mut stage = Self { world, effects: Vec::new() };
        let cluster = ClusterInfo {
            name: "simulator".into(),
            release: Some(Release::DEFAULT),
            server: None,
            namespace: "default".into(),
            beside: None,
        };
        let progress = Progress { lesson: "l".into(), ..Progress::default() };
        stage.send([Msg::Cluster(cluster), Msg::LessonOpened { lesson: lesson(), step: 0, progress }]);
        stage
    }

    fn send(&mut self, messages: impl IntoIterator<Item = Msg>) -> &mut Self {
        for message in messages {
            let text = serde_json::to_string(&message).expect("JSON");
            assert_eq!(serde_json::from_str::<Msg>(&text).expect("a message"), message, "{text}");
            self.effects.extend(update(&mut self.world, message));
        }
        self
    }

    fn press(&mut self, keys: &str) -> &mut Self {
        let keys: Vec<Msg> = keys.split(' ').map(|key| Msg::Key(key.parse().expect("a key"))).collect();
        self.send(keys)
    }

    fn in_the_pane(&mut self, keys: &str) -> &mut Self {
        self.press("Tab Tab Tab").press(keys)
    }

    fn picture(&self) -> String {
        let mut buf = Buffer::empty(Rect::new(0, 0, self.world.width, self.world.height));
        view(&self.world, &mut buf);
        let row = |y: u16| (0..buf.area.width).map(|x| buf[(x, y)].symbol()).collect::<String>();
        (0..buf.area.height).map(|y| format!("{}\n", row(y).trim_end())).collect()
    }
}

/// The picture of what is open over the token pane.
fn check(name: &str, size: (u16, u16), story: impl Fn(&mut Stage)) {
    let mut stage = Stage::new(size.0, size.1);
    story(&mut stage);
    insta::assert_snapshot!(format!("{name}_{}x{}", size.0, size.1), stage.picture());
}

/// What came of a token in which only the subject was changed.
fn refused() -> Tried {
    let check = |sign, name: &str, say: &str| sa_tutor::why::Check { sign, name: name.into(), say: say.into() };
    Tried {
        code: 401,
        said: "Unauthorized".into(),
        review: Review::Refused(CRYPTO.into()),
        trace: Some(sa_tutor::why::Trace {
            at: at(NOW),
            origin: sa_tutor::why::Origin::Learner,
            asks: "list pods in default".into(),
            user: String::new(),
            steps: vec![sa_tutor::why::Step {
                rung: sa_tutor::why::Rung::Authentication,
                stopped: true,
                say: "nobody knows who this is".into(),
                checks: vec![
                    check(Sign::Good, "issuer", API),
                    check(Sign::Bad, "signature", "go-jose/go-jose: error in cryptographic primitive"),
                ],
            }],
            code: 401,
            is_quiet: false,
        }),
    }
}

fn tampered(forgery: Forgery, tried: Tried) -> Msg {
    let changed =
        "sub: system:serviceaccount:default:dashboard-sa → system:serviceaccount:kube-system:default".to_owned();
    Msg::Tampered { forgery, answer: Box::new(Answer::Sent { changed, tried }) }
}

#[test]
fn a_token_is_shown_as_it_is_written_and_read_step_by_step() {
    let pod = || seen(&of_a_pod(), "pod my-kubernetes-dashboard", 36);
    check("raw_header", (80, 24), |stage| _ = stage.send([pod()]).in_the_pane("Alt-R"));
    check("raw_claims", (80, 24), |stage| _ = stage.send([pod()]).in_the_pane("Alt-R Right"));
    check("raw_claims_below", (80, 24), |stage| _ = stage.send([pod()]).in_the_pane("Alt-R Right PageDown"));
    check("raw_signature", (80, 24), |stage| _ = stage.send([pod()]).in_the_pane("Alt-R Left"));
    check("raw_claims", (200, 50), |stage| _ = stage.send([pod()]).in_the_pane("Alt-R Right"));
    // An unsigned one has no third part.
    let unsigned = compact(&json!({"alg": "none"}), &json!({"sub": "x"}), &[]);
    let mut stage = Stage::new(80, 24);
    stage.send([seen(&unsigned, "the terminal", 36)]).in_the_pane("Alt-R Left");
    assert!(stage.picture().contains("This token is not signed"), "{}", stage.picture());
    // Letters that base64 writes otherwise.
    let odd = compact(&json!({"alg": "RS256"}), &json!({"sub": "a?>?>~"}), &signature());
    let mut stage = Stage::new(80, 24);
    stage.send([seen(&odd, "the terminal", 36)]).in_the_pane("Alt-R Right");
    assert!(stage.picture().contains("Replace - by + and _ by /, "), "{}", stage.picture());
}

#[test]
fn two_tokens_stand_side_by_side() {
    let both = |stage: &mut Stage| {
        // The one of the earlier cluster is still there when the cluster has changed.
        stage.send([
            seen(&of_a_secret(), "secret dashboard-sa-token-x7k2p", 20),
            Msg::objects(Feed::Cleared),
            seen(&of_a_pod(), "pod my-kubernetes-dashboard", 36),
        ]);
        stage.in_the_pane("Alt-V");
    };
    check("compare", (80, 24), both);
    check("compare", (200, 50), both);
    // Of two there is no other to choose.
    let mut stage = Stage::new(80, 24);
    both(&mut stage);
    let shown = |stage: &Stage| stage.world.over::<Compare>().map(|compare| compare.shown);
    stage.press("Right Tab Right");
    assert_eq!(shown(&stage), Some([0, 1]));
    // The arrows choose, Tab changes the side, all that is offered, and no token stands beside itself.
    stage.press("Esc");
    let third = compact(&json!({"alg": "RS256"}), &json!({"sub": "third"}), &signature());
    stage.send([seen(&third, "the terminal", 36)]).press("Alt-V");
    assert_eq!(shown(&stage), Some([0, 2]));
    let picture = stage.picture();
    assert!(picture.contains("→ later   ← earlier   Tab other side   Esc close"), "{picture}");
    stage.press("Left");
    assert_eq!(shown(&stage), Some([1, 2]));
    stage.press("Tab Right");
    assert_eq!(shown(&stage), Some([1, 0]));
    // The same token seen again is one; no more than eight are kept.
    for number in 0..20 {
        let claims = json!({"sub": format!("account-{}", number / 2)});
        stage.send([seen(&compact(&json!({"alg": "RS256"}), &claims, &signature()), "the terminal", 36)]);
    }
    assert_eq!(stage.world.panes.token.kept.len(), 8);
    stage.picture();
}

#[test]
fn a_token_of_a_time_that_was_taken_back_says_so() {
    let mut stage = Stage::new(120, 36);
    let since = stage.world.now;
    let turned = |undone| Msg::Turned { undone, what: "kubectl create sa x".into(), since, lines: Vec::new() };
    stage.send([seen(&of_a_pod(), "pod my-kubernetes-dashboard", 36), turned(true)]);
    assert!(stage.picture().contains("from a time that was taken back"), "{}", stage.picture());
    // Seen again it is the same.
    stage.send([seen(&of_a_pod(), "the terminal", 36), turned(true), turned(false)]);
    assert!(stage.picture().contains("from a time that was taken back"), "{}", stage.picture());
    stage.send([turned(false)]);
    assert!(!stage.picture().contains("taken back"), "{}", stage.picture());
}

#[test]
fn two_tokens_of_one_account_differ_by_their_time() {
    let of = |iat: i64, jti: &str| {
        let claims = json!({"sub": "system:serviceaccount:default:x", "iat": iat, "exp": iat + 3600, "jti": jti});
        seen(
            &compact(&json!({"alg": "RS256"}), &claims, &signature()),
            "a container of the pod my-kubernetes-dashboard",
            36,
        )
    };
    let mut stage = Stage::new(80, 24);
    stage.send([of(1_763_890_000, "a"), of(1_763_890_100, "b")]).in_the_pane("Alt-V");
    let picture = stage.picture();
    assert!(picture.contains("another time") && picture.contains("another token"), "{picture}");
    assert!(!picture.contains("differs"), "{picture}");
    // The titles break between words.
    let titles: Vec<&str> = picture.lines().skip_while(|line| !line.contains("▸ 1.36")).take(2).collect();
    assert!(titles.iter().all(|line| !line.contains("my-kuber ") && !line.contains("contai ")), "{picture}");
}

#[test]
fn a_forgery_is_sent_and_its_refusal_said_in_words() {
    let open =
        |stage: &mut Stage| _ = stage.send([seen(&of_a_pod(), "pod my-kubernetes-dashboard", 36)]).in_the_pane("Alt-T");
    check("tamper", (80, 24), open);
    let sent = |stage: &mut Stage| {
        open(stage);
        stage.press("Down Enter");
        assert_eq!(stage.effects.last(), Some(&Effect::Tamper { token: 7, forgery: Forgery::Subject }));
        stage.send([tampered(Forgery::Subject, refused())]);
    };
    check("tampered", (80, 24), sent);
    check("tampered", (200, 50), sent);
    check("tampered", (60, 16), sent);
    // While it waits nothing more is sent, and an answer to something else is not taken for it.
    let mut stage = Stage::new(80, 24);
    open(&mut stage);
    stage.press("Down Enter Enter Down Enter");
    assert_eq!(stage.effects.iter().filter(|effect| matches!(effect, Effect::Tamper { .. })).count(), 1);
    stage.send([tampered(Forgery::Nothing, refused())]);
    assert!(stage.picture().contains("Sent: stand for another account"), "{}", stage.picture());
    // Under another choice it is said of which one the answer is.
    stage.send([tampered(Forgery::Subject, refused())]);
    assert!(stage.picture().contains("Sent: stand for another account"), "{}", stage.picture());
    stage.press("Up");
    assert!(!stage.picture().contains("Sent: "), "{}", stage.picture());
    stage.press("Up Enter");
    // What a real cluster says, of which no ladder is known.
    for (forgery, code, review, words) in [
        (Forgery::Subject, 401, Review::Refused(CRYPTO.into()), "it was made over the claims as they were"),
        (Forgery::Unsigned, 401, Review::Refused(CRYPTO.into()), "The signature is missing"),
        (Forgery::OtherKey, 401, Review::Refused("[x, invalid signature, no keys found]".into()), "your key made it"),
        (Forgery::Nothing, 401, Review::Refused("service account token has expired".into()), "The token has ended"),
        (Forgery::Nothing, 401, Review::Refused("service account token is not valid yet".into()), "has not begun"),
        (Forgery::Nothing, 401, Review::Refused("Token could not be validated.".into()), "has not begun"),
        (Forgery::Nothing, 401, Review::Refused("token audiences [\"a\"] is invalid".into()), "The audience is not"),
        (Forgery::Nothing, 401, Review::Refused("invalid bearer token".into()), "no token of this cluster"),
        (Forgery::Subject, 401, Review::Unknown("forbidden".into()), "could not ask for one"),
        (Forgery::Nothing, 403, Review::Taken("u".into()), "The API server takes it, and knows who asks: u."),
        (Forgery::Nothing, 200, Review::Taken("u".into()), "may list pods, too"),
        (Forgery::Subject, 200, Review::Taken("u".into()), "took the token that was tampered with"),
    ] {
        let mut stage = Stage::new(120, 36);
        open(&mut stage);
        let downs = Forgery::ALL.iter().position(|other| *other == forgery).expect("listed");
        for _ in 0..downs {
            stage.press("Down");
        }
        stage.press("Enter");
        stage.send([tampered(forgery, Tried { code, said: String::new(), review, trace: None })]);
        let picture = stage.picture();
        assert!(picture.contains(words), "{forgery:?} {words}\n{picture}");
    }
}

#[test]
fn nothing_is_shown_while_a_question_stands() {
    let mut stage = Stage::new(80, 24);
    stage.send([seen(&of_a_secret(), "secret s", 20), seen(&of_a_pod(), "pod p", 36)]);
    let mut asking = lesson();
    asking.steps[0].predict =
        serde_json::from_value(json!({"ask": "How long?", "answers": [{"text": "a", "right": true, "say": "b"},
        {"text": "c", "say": "d"}]}))
        .ok();
    let progress = Progress { lesson: "l".into(), ..Progress::default() };
    stage.send([Msg::LessonOpened { lesson: asking, step: 0, progress }]);
    for keys in ["Alt-R", "Alt-T", "Alt-V", "Enter"] {
        stage.world.focus = Focus::Pane(PaneId::Token);
        stage.press(keys);
        assert!(stage.world.over.is_empty(), "{keys}: {}", stage.picture());
    }
}

#[test]
fn another_token_is_read_from_its_top() {
    let mut stage = Stage::new(60, 16);
    stage.send([seen(&of_a_pod(), "the terminal", 36)]).in_the_pane("Down Down Down");
    assert!(stage.world.panes.token.scroll > 0);
    stage.press("Alt-R").send([seen(&of_a_secret(), "secret s", 36)]);
    assert_eq!(stage.world.panes.token.scroll, 0);
    assert!(stage.world.over::<Raw>().is_none(), "what was open was about another token");
}

#[test]
fn in_ascii_too() {
    for keys in ["", "Alt-R", "Alt-R Left", "Alt-T", "Alt-V"] {
        let mut stage = Stage::new(80, 24);
        let ascii = Settings { signs: Signs::Ascii, ..Settings::default() };
        stage.send([Msg::Looks(ascii, Abilities::default())]);
        stage.send([seen(&of_a_secret(), "secret s", 20), seen(&of_a_pod(), "pod p", 36)]);
        stage.press("Tab Tab Tab");
        if !keys.is_empty() {
            stage.press(keys);
        }
        let picture = stage.picture();
        assert!(picture.is_ascii() && !picture.contains("??"), "{picture}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_message_and_no_screen_has_a_whole_token(
        signature in prop::collection::vec(any::<u8>(), 1..600), sub in "[ -~]{0,40}", kid in "[ -~]{0,40}",
        width in 20..220_u16, height in 8..60_u16,
        keys in prop::collection::vec(prop::sample::select(vec![
            "Tab", "Enter", "Esc", "Alt-R", "Alt-V", "Alt-T", "Left", "Right", "Up", "Down", "PageDown", "Home", "End",
        ]), 0..20),
    ) {
        let token = compact(&json!({"alg": "RS256", "kid": kid}), &json!({"sub": sub}), &signature);
        let third = token.raw.rsplit('.').next().expect("a part");
        // More than a dozen letters of it are nowhere; of a short one none is.
        let longest = if third.len() < 40 { third.len().min(4) } else { 13 };
        let pieces: Vec<&str> = (0..=third.len() - longest).map(|from| &third[from..from + longest]).collect();
        let without_rest = |text: &str| pieces.iter().find(|piece| text.contains(**piece)).copied();
        let msg = seen(&token, "the terminal", 36);
        let text = serde_json::to_string(&msg).expect("JSON");
        let parts = token.signed();
        let rest = text.replace(parts.split('.').next().expect("a header"), "").replace(parts.split('.').nth(1).expect("claims"), "");
        if third.len() >= 40 {
            prop_assert_eq!(without_rest(&rest), None);
        } else {
            prop_assert!(!rest.contains(third) || third.len() < 8, "{}", rest);
        }
        let mut stage = Stage::new(width, height);
        stage.send([seen(&of_a_secret(), "secret s", 20), msg]).press("Tab Tab Tab");
        for key in keys {
            stage.press(key);
            let picture: String = stage.picture().split_whitespace().collect();
            prop_assert!(third.len() < 40 || without_rest(&picture).is_none(), "{}", stage.picture());
            prop_assert!(!picture.contains(&token.raw));
        }
    }
}

// ---- On the simulator ----

async fn cluster(minor: u8, clock: Clock) -> Cluster {
    let bench = Workbench::new(clock, Ids::seeded(3));
    let cluster = Cluster::simulated(&bench, Release::minor(minor)).expect("a cluster");
    cluster.ready().await;
    cluster
}

async fn post(cluster: &Cluster, path: &str, body: &Value) -> Value {
    let request = http::Request::post(path).header("content-type", "application/json");
    let request = request.body(body.to_string().into_bytes()).expect("a request");
    cluster.client.request(request).await.expect("an answer")
}

async fn request_token(cluster: &Cluster, spec: Value) -> Token {
    let path = "/api/v1/namespaces/default/serviceaccounts/default/token";
    let answer = post(cluster, path, &json!({"spec": spec})).await;
    token::decode(answer["status"]["token"].as_str().expect("a token")).expect("a token")
}

/// What the screen says of a token that was tried.
async fn shown(cluster: &Cluster, token: &Token, forgery: Forgery) -> (Tried, String) {
    let jwks = cluster.jwks().await.ok();
    let forged = Forger::default().forge(token, forgery, jwks.as_ref(), cluster.clock.now()).expect("forged");
    let tried = cluster.present(&forged.token).await.expect("an answer");
    let mut stage = Stage::new(200, 50);
    stage.send([seen(token, "the terminal", 36)]).in_the_pane("Alt-T");
    for _ in 0..Forgery::ALL.iter().position(|other| *other == forgery).expect("listed") {
        stage.press("Down");
    }
    stage.press("Enter");
    let answer = Box::new(Answer::Sent { changed: forged.changed, tried: tried.clone() });
    stage.send([Msg::Tampered { forgery, answer }]);
    (tried, stage.picture())
}

/// The check that failed, as the ladder has it.
fn failed(tried: &Tried) -> Option<&str> {
    let mut checks = tried.trace.as_ref()?.steps.iter().flat_map(|step| &step.checks);
    checks.find(|check| check.sign == Sign::Bad).map(|check| check.name.as_str())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_forgery_is_refused_at_the_check_that_the_words_name() {
    const FIT: &str = "The signature does not fit: ";
    for (minor, crypto) in [(20, "square/go-jose"), (24, "square/go-jose"), (36, "go-jose/go-jose")] {
        let cluster = cluster(minor, Clock::system()).await;
        let mut tokens = vec![request_token(&cluster, json!({})).await];
        if minor < 24 {
            let secrets: Value = {
                let request =
                    http::Request::get("/api/v1/namespaces/default/secrets").body(Vec::new()).expect("a request");
                cluster.client.request(request).await.expect("secrets")
            };
            let data = secrets["items"][0]["data"]["token"].as_str().expect("a token");
            let text = String::from_utf8(STANDARD.decode(data).expect("base64")).expect("text");
            tokens.push(token::decode(&text).expect("a token"));
        }
        for token in &tokens {
            for (forgery, words) in [
                (Forgery::Subject, "made over the claims as they were"),
                (Forgery::Longer, "made over the claims as they were"),
                (Forgery::Audience, "made over the claims as they were"),
                (Forgery::ClaimLetter, "made over the claims as they were"),
                (Forgery::SignatureLetter, "with one letter changed"),
                (Forgery::Unsigned, "The signature is missing"),
                (Forgery::OtherKey, "your key made it"),
                (Forgery::SharedSecret, "the public key is no secret"),
            ] {
                let (tried, picture) = shown(&cluster, token, forgery).await;
                assert_eq!((tried.code, tried.said.as_str()), (401, "Unauthorized"), "1.{minor} {forgery:?}");
                assert_eq!(failed(&tried), Some("signature"), "1.{minor} {forgery:?}");
                let error = format!("[invalid bearer token, {crypto}: error in cryptographic primitive]");
                assert_eq!(tried.review, Review::Refused(error), "1.{minor} {forgery:?}");
                let fits = forgery == Forgery::Unsigned || picture.contains(FIT);
                assert!(fits && picture.contains(words), "1.{minor} {forgery:?}: {words}\n{picture}");
            }
            let (tried, picture) = shown(&cluster, token, Forgery::Nothing).await;
            assert_eq!((tried.code, failed(&tried).is_some()), (403, false), "1.{minor} {tried:?}");
            assert!(
                picture.contains("takes it, and knows who asks: system:serviceaccount:default:default"),
                "{picture}"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_token_that_ended_is_refused_at_the_check_that_the_words_name() {
    let clock = Clock::still(at(NOW));
    let cluster = cluster(36, clock.clone()).await;
    let vault = request_token(&cluster, json!({"audiences": ["vault"]})).await;
    let (tried, picture) = shown(&cluster, &vault, Forgery::Nothing).await;
    assert_eq!((tried.code, failed(&tried)), (401, Some("audience")), "{tried:?}");
    assert!(picture.contains("The audience is not this API server"), "{picture}");
    // Its issuer is its own, so the forger makes it be for the API server; the signature is looked at first.
    let (tried, picture) = shown(&cluster, &vault, Forgery::Audience).await;
    assert_eq!((tried.code, failed(&tried)), (401, Some("signature")), "{tried:?}");
    assert!(picture.contains(&format!("aud: vault → {API}")), "{picture}");
    let good = request_token(&cluster, json!({})).await;
    clock.advance(SignedDuration::from_hours(2));
    let (tried, picture) = shown(&cluster, &good, Forgery::Nothing).await;
    assert_eq!((tried.code, failed(&tried)), (401, Some("time")), "{tried:?}");
    assert!(picture.contains("The token has ended"), "{picture}");
    let other = token::decode("eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL2V4YW1wbGUifQ.c2lnbmF0dXJl").expect("a token");
    let (tried, picture) = shown(&cluster, &other, Forgery::Nothing).await;
    assert_eq!((tried.code, failed(&tried)), (401, Some("issuer")), "{tried:?}");
    assert!(picture.contains("The issuer is not this cluster"), "{picture}");
}

// ---- In the program ----

#[test]
fn a_token_in_a_variable_is_seen_and_forged() {
    let home = tempfile::tempdir().expect("a folder");
    let mut tutor = Tutor::start(home.path(), 80, 24, &["learn", "create-token"]);
    tutor.wait_for("Esc passes");
    tutor.press("\u{1b}");
    tutor.wait_for("▸ Do");
    tutor.press("TOKEN=$(kubectl create token dashboard-sa)\r");
    tutor.wait_for("Token new");
    tutor.press("\t\t\t");
    tutor.wait_for("from $TOKEN");
    // Alt-T, the second forgery.
    tutor.press("\u{1b}t");
    tutor.wait_for("change nothing, to compare");
    tutor.press("\r");
    tutor.wait_for("The API server takes it");
    tutor.press("\u{1b}[B\r");
    tutor.wait_for("it was made over the claims as they were");
    tutor.press("\u{1b}");
    tutor.wait_for("signed by this cluster");
    assert!(!token::find_in(&tutor.written()).iter().any(|found| found.len() > 500), "the token was shown");
    tutor.press("\u{11}");
    tutor.wait_for_end(0);
}
