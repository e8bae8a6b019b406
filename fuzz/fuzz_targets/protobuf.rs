//! Protobuf: any body is read into an object of its kind or refused, and reading it twice gives the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sa_tutor::apimachinery::protobuf;

/// The kinds kubectl and the client libraries send, and what a request to each would be for.
const KINDS: &[(&str, &str)] = &[
    ("v1", "Pod"),
    ("v1", "ServiceAccount"),
    ("v1", "Secret"),
    ("v1", "DeleteOptions"),
    ("apps/v1", "Deployment"),
    ("authentication.k8s.io/v1", "TokenRequest"),
    ("authentication.k8s.io/v1", "TokenReview"),
    ("authorization.k8s.io/v1", "SubjectAccessReview"),
    ("rbac.authorization.k8s.io/v1", "ClusterRole"),
];

fuzz_target!(|input: (u8, bool, &[u8])| {
    let (kind, framed, bytes) = input;
    let (api_version, kind) = KINDS[usize::from(kind) % KINDS.len()];
    let body = if framed { [b"k8s\0", bytes].concat() } else { bytes.to_vec() };
    let read = protobuf::decode(&body, api_version, kind);
    assert_eq!(read, protobuf::decode(&body, api_version, kind));
    if let Ok(object) = read {
        assert!(object["kind"].is_string() && object["apiVersion"].is_string());
    }
});
