//! What real kubectl sends, every field of every kind, and bodies that are none.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{Fault, decode, message};
use crate::apimachinery::messages::{self, Field, Kind, Shape};
use crate::apimachinery::strict;

fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> =
        hex.bytes().filter_map(|digit| char::from(digit).to_digit(16)).map(|digit| digit as u8).collect();
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

/// Bodies that kubectl 1.37 sent.
fn recorded() -> Vec<(&'static str, String, Value)> {
    vec![
        (
            "create sa w",
            concat!(
                "6b3873000a140a027631120e536572766963654163636f756e7412130a110a017712001a0022002a003200380042001a",
                "002200",
            )
            .to_owned(),
            json!({"kind": "ServiceAccount", "apiVersion": "v1", "metadata": {"name": "w"}}),
        ),
        (
            "create token w --duration=1h --audience=a --bound-object-kind=Pod --bound-object-name=p --bound-object-uid=u",
            concat!(
                "6b3873000a280a1861757468656e7469636174696f6e2e6b38732e696f2f7631120c546f6b656e526571756573741231",
                "0a100a0012001a0022002a0032003800420012170a01611a0f0a03506f64120276311a017022017520901c1a040a0012",
                "001a002200",
            )
            .to_owned(),
            json!({
                "kind": "TokenRequest", "apiVersion": "authentication.k8s.io/v1", "metadata": {},
                "spec": {
                    "audiences": ["a"], "expirationSeconds": 3600,
                    "boundObjectRef": {"kind": "Pod", "apiVersion": "v1", "name": "p", "uid": "u"},
                },
                "status": {},
            }),
        ),
        (
            "create secret generic s --from-literal=a=b",
            concat!(
                "6b3873000a0c0a0276311206536563726574121d0a110a017312001a0022002a0032003800420012060a01611201621a",
                "001a002200",
            )
            .to_owned(),
            json!({"kind": "Secret", "apiVersion": "v1", "metadata": {"name": "s"}, "data": {"a": "Yg=="}}),
        ),
        (
            "create rolebinding rb --role=r --serviceaccount=default:w",
            concat!(
                "6b3873000a2b0a1c726261632e617574686f72697a6174696f6e2e6b38732e696f2f7631120b526f6c6542696e64696e",
                "67125a0a120a02726212001a0022002a00320038004200121e0a0e536572766963654163636f756e7412001a01772207",
                "64656661756c741a240a19726261632e617574686f72697a6174696f6e2e6b38732e696f1204526f6c651a01721a0022",
                "00",
            )
            .to_owned(),
            json!({
                "kind": "RoleBinding", "apiVersion": "rbac.authorization.k8s.io/v1", "metadata": {"name": "rb"},
                "subjects": [{"kind": "ServiceAccount", "name": "w", "namespace": "default"}],
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "r"},
            }),
        ),
        (
            "create clusterrole cr --verb=get '--non-resource-url=/logs/*'",
            concat!(
                "6b3873000a2b0a1c726261632e617574686f72697a6174696f6e2e6b38732e696f2f7631120b436c7573746572526f6c",
                "6512240a120a02637212001a0022002a00320038004200120e0a036765742a072f6c6f67732f2a1a002200",
            )
            .to_owned(),
            json!({
                "kind": "ClusterRole", "apiVersion": "rbac.authorization.k8s.io/v1", "metadata": {"name": "cr"},
                "rules": [{"verbs": ["get"], "nonResourceURLs": ["/logs/*"]}],
            }),
        ),
        (
            "create deployment d --image=x --replicas=0 --port=80 -- sleep 1",
            concat!(
                "6b3873000a150a07617070732f7631120a4465706c6f796d656e7412b2010a1b0a016412001a0022002a003200380042",
                "005a080a036170701201641284010800120a0a080a036170701201641a6c0a1a0a0012001a0022002a00320038004200",
                "5a080a03617070120164124e12300a01781201781a05736c6565701a01312a00320a0a001000185022002a0042006a00",
                "7200800100880100900100a201001a00320042004a0052005800600068008201008a01009a0100c2010022020a002800",
                "38001a0c0800100018002000280038001a002200",
            )
            .to_owned(),
            json!({
                "kind": "Deployment", "apiVersion": "apps/v1", "metadata": {"name": "d", "labels": {"app": "d"}},
                "spec": {
                    "replicas": 0, "selector": {"matchLabels": {"app": "d"}},
                    "template": {
                        "metadata": {"labels": {"app": "d"}},
                        "spec": {"containers": [{
                            "name": "x", "image": "x", "command": ["sleep", "1"],
                            "ports": [{"containerPort": 80}], "resources": {},
                        }]},
                    },
                    "strategy": {},
                },
                "status": {},
            }),
        ),
        (
            "auth can-i get /healthz",
            concat!(
                "6b3873000a320a17617574686f72697a6174696f6e2e6b38732e696f2f7631121753656c665375626a65637441636365",
                "7373526576696577122f0a100a0012001a0022002a003200380042001211120f0a082f6865616c74687a12036765741a",
                "08080012001a0020001a002200",
            )
            .to_owned(),
            json!({
                "kind": "SelfSubjectAccessReview", "apiVersion": "authorization.k8s.io/v1", "metadata": {},
                "spec": {"nonResourceAttributes": {"path": "/healthz", "verb": "get"}}, "status": {},
            }),
        ),
    ]
}

#[test]
fn what_kubectl_sends() {
    for (command, hex, want) in recorded() {
        let object = decode(&bytes(&hex), "", "").unwrap();
        assert_eq!(object, want, "kubectl {command}");
    }
}

/// A field key and a value with its length.
fn framed(number: i32, content: &[u8]) -> Vec<u8> {
    let mut out = varint(u64::from(number.unsigned_abs()) << 3 | 2);
    out.extend(varint(content.len() as u64));
    out.extend(content);
    out
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value > 0x7f {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

fn keyed_varint(number: i32, value: u64) -> Vec<u8> {
    [varint(u64::from(number.unsigned_abs()) << 3), varint(value)].concat()
}

/// A value of each field that says something.
fn sample(kind: Kind) -> Vec<u8> {
    match kind {
        Kind::Bool | Kind::Int32 | Kind::Int64 => varint(1),
        Kind::String | Kind::Bytes => b"text".to_vec(),
        Kind::Time | Kind::MicroTime => [keyed_varint(1, 1_600_000_000), keyed_varint(2, 5_000)].concat(),
        Kind::Quantity => framed(1, b"100m"),
        Kind::IntOrString => [keyed_varint(1, 1), framed(3, b"25%")].concat(),
        Kind::Json => framed(1, br#"{"f:metadata":{}}"#),
        Kind::Items => framed(1, b"item"),
        Kind::Message(name) => full(name),
    }
}

fn full_field(field: &Field) -> Vec<u8> {
    let value = sample(field.kind);
    match field.shape {
        Shape::Map => framed(field.number, &[framed(1, b"key"), framed(2, &value)].concat()),
        _ if field.kind.is_number() => keyed_varint(field.number, 1),
        Shape::List => framed(field.number, &value).repeat(2),
        _ => framed(field.number, &value),
    }
}

/// A message with all its fields.
fn full(name: &str) -> Vec<u8> {
    messages::fields(name).unwrap().iter().flat_map(full_field).collect()
}

fn enveloped(api_version: &str, kind: &str, raw: &[u8]) -> Vec<u8> {
    let type_meta = [framed(1, api_version.as_bytes()), framed(2, kind.as_bytes())].concat();
    [b"k8s\0".to_vec(), framed(1, &type_meta), framed(2, raw), framed(3, b""), framed(4, b"")].concat()
}

/// What protobuf says of a kind, its JSON says too.
#[test]
fn every_field_of_every_kind() {
    for kind in [
        "Binding",
        "ConfigMap",
        "Event",
        "Namespace",
        "Node",
        "Pod",
        "Secret",
        "ServiceAccount",
        "Deployment",
        "ReplicaSet",
        "ClusterRole",
        "ClusterRoleBinding",
        "Role",
        "RoleBinding",
        "SelfSubjectReview",
        "TokenRequest",
        "TokenReview",
        "LocalSubjectAccessReview",
        "SelfSubjectAccessReview",
        "SelfSubjectRulesReview",
        "SubjectAccessReview",
        "Scale",
        "Eviction",
        "DeleteOptions",
    ] {
        let object = Value::Object(message::decode(kind, &full(kind)).unwrap());
        let decoded = strict::decode(kind, object.clone()).unwrap();
        assert_eq!(decoded.unknown, Vec::<String>::new(), "{kind}");
        let mut typed = decoded.object;
        for own in ["kind", "apiVersion"] {
            typed.as_object_mut().unwrap().shift_remove(own).unwrap_or_default();
        }
        assert_eq!(typed, object, "{kind}");
    }
}

#[test]
fn fields_in_detail() {
    let data = |raw: &[u8]| message::decode("ConfigMap", raw).map(Value::Object);
    let name = |name: &str| framed(1, &framed(1, name.as_bytes()));
    let rows: [(&str, Vec<u8>, Result<Value, &str>); 10] = [
        (
            "a message in parts",
            [name("a"), framed(1, &framed(3, b"n"))].concat(),
            Ok(json!({"metadata": {"name": "a", "namespace": "n"}})),
        ),
        ("the last of two", [name("a"), name("b")].concat(), Ok(json!({"metadata": {"name": "b"}}))),
        ("a field of later days", [framed(900, b"x"), name("a")].concat(), Ok(json!({"metadata": {"name": "a"}}))),
        ("a group", vec![0x83, 0x7d, 0x08, 0x01, 0x84, 0x7d], Ok(json!({}))),
        ("a pointer to a zero", keyed_varint(4, 0), Ok(json!({"immutable": false}))),
        ("no creation time", framed(1, &framed(8, b"")), Ok(json!({"metadata": {}}))),
        ("an entry without value", framed(2, &framed(1, b"k")), Ok(json!({"data": {"k": ""}}))),
        ("cut off", vec![0x0a, 0x05, 0x01], Err("unexpected EOF")),
        ("a number for an object", keyed_varint(1, 1), Err("proto: wrong wireType = 0 for field ObjectMeta")),
        ("a group's end", vec![0x0c], Err("proto: ConfigMap: wiretype end group for non-group")),
    ];
    for (what, raw, want) in rows {
        assert_eq!(data(&raw), want.map_err(str::to_owned), "{what}");
    }
}

#[test]
fn bodies_that_are_none() {
    let claimed = |kind: &str| Some(("v1".to_owned(), kind.to_owned()));
    for (body, message, claims) in [
        (b"".to_vec(), "empty data", None),
        (
            b"{}".to_vec(),
            "provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]",
            None,
        ),
        (b"k8s\0".to_vec(), "empty body", None),
        (b"k8s\0\x0a\x7f".to_vec(), "unexpected EOF", None),
        (b"k8s\0\x06".to_vec(), "proto: Unknown: illegal tag 0 (wire type 6)", None),
        (b"k8s\0\x0e".to_vec(), "proto: illegal wireType 6", None),
        (enveloped("", "", b"\x0a\x7f"), "unexpected EOF", claimed("Secret")),
        (
            enveloped("v1", "Foo", b""),
            "no kind \"Foo\" is registered for version \"v1\" in scheme \"pkg/api/legacyscheme/scheme.go:30\"",
            claimed("Foo"),
        ),
    ] {
        let want = Fault { message: message.to_owned(), claimed: claims };
        assert_eq!(decode(&body, "v1", "Secret"), Err(want), "{body:?}");
    }
    let nameless = decode(&enveloped("", "", b""), "v1", "Secret");
    assert_eq!(nameless, Ok(json!({"kind": "Secret", "apiVersion": "v1"})));
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_refused(raw in proptest::collection::vec(any::<u8>(), 0..300)) {
        for kind in ["Pod", "Event", "TokenReview", "Secret", "DeleteOptions"] {
            let _ = decode(&enveloped("v1", kind, &raw), "v1", kind);
        }
        let _ = decode(&[b"k8s\0".to_vec(), raw].concat(), "v1", "Pod");
    }

    #[test]
    fn so_are_damaged_objects(at in any::<proptest::sample::Index>(), byte in any::<u8>(), cut in any::<proptest::sample::Index>()) {
        let mut raw = full("Pod");
        let at = at.index(raw.len());
        raw[at] = byte;
        raw.truncate(cut.index(raw.len()) + 1);
        let _ = message::decode("Pod", &raw);
    }
}
