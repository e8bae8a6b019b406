//! Tokens: whatever is shown, it can be explained, and nobody is authenticated by it.
#![no_main]

use std::sync::{Arc, OnceLock};

use libfuzzer_sys::fuzz_target;
use sa_tutor::apimachinery::Release;
use sa_tutor::base::{Clock, Ids};
use sa_tutor::simulator::ControlPlane;
use sa_tutor::simulator::authentication::{authenticate, authenticate_token};
use sa_tutor::simulator::serviceaccount::{DEFAULT_ISSUER, Issuer};
use sa_tutor::token;

fn plane() -> &'static ControlPlane {
    static PLANE: OnceLock<ControlPlane> = OnceLock::new();
    PLANE.get_or_init(|| {
        let issuer = Arc::new(Issuer::new(DEFAULT_ISSUER));
        ControlPlane::new(Release::DEFAULT, Clock::still(jiff::Timestamp::UNIX_EPOCH), Ids::seeded(1), issuer)
    })
}

fuzz_target!(|text: &str| {
    if let Ok(token) = token::decode(text) {
        let _ = token::report(&token, jiff::Timestamp::UNIX_EPOCH, None);
    }
    let _ = (token::find_in(text), token::mask(text));
    let known = |name: &str| name != "system:anonymous";
    assert!(!authenticate(plane(), None, Some(text)).is_some_and(|user| known(&user.name)));
    assert!(!authenticate_token(plane(), text, &[]).is_ok_and(|found| known(&found.user.name)));
});
