//! A method and a path are taken apart; what is a resource and what is a path never mix.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sa_tutor::rbac::User;
use sa_tutor::simulator::endpoints::RequestInfo;

fuzz_target!(|input: (&str, &str)| {
    let (method, path) = input;
    let (Ok(method), Ok(uri)) = (http::Method::from_bytes(method.as_bytes()), path.parse::<http::Uri>()) else {
        return;
    };
    let info = RequestInfo::parse(&method, &uri);
    let attributes = info.attributes(User::default());
    assert_eq!(attributes.path.is_some(), !info.is_resource);
    assert!(attributes.path.is_none() || attributes.resource.is_empty());
});
