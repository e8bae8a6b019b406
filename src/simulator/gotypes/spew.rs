//! A dump of a value with all its types, and the hash of it. Upstream: spew's `%#v`, pkg/util/hash, and
//! controller.ComputeHash.

use std::fmt::{self, Write};

use super::{Node, Package, Value};

/// FNV-1a of 32 bits.
struct Fnv(u32);

impl Fnv {
    fn add(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193));
    }
}

impl Write for Fnv {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.add(text.as_bytes());
        Ok(())
    }
}

/// The hash of a value of the API's, spelled so that it is no word. Upstream: rand.SafeEncodeString.
pub fn hash(node: &Node, collisions: i64) -> String {
    const SAFE: &[u8] = b"bcdfghjklmnpqrstvwxz2456789";
    let mut hash = Fnv(0x811c_9dc5);
    // Writing to a hash cannot fail.
    let _ = write(&mut hash, node, true);
    if collisions > 0 {
        // Upstream writes the low half of eight bytes.
        let low = u64::try_from(collisions).unwrap_or_default() & u64::from(u32::MAX);
        hash.add(&low.to_le_bytes());
    }
    hash.0.to_string().bytes().map(|digit| char::from(SAFE[usize::from(digit) % SAFE.len()])).collect()
}

/// The type comes before a value, except where the list, map or pointer that holds it has named it.
fn write(out: &mut impl Write, node: &Node, typed: bool) -> fmt::Result {
    if typed {
        out.write_char('(')?;
        node.ty.write(out, Package::V1)?;
        out.write_char(')')?;
    }
    match &node.value {
        Value::Nil => out.write_str("<nil>"),
        Value::Bool(flag) => write!(out, "{flag}"),
        Value::Int(number) => write!(out, "{number}"),
        Value::Text(text) => out.write_str(text),
        Value::Pointer(to) => write(out, to, false),
        Value::Struct(fields) | Value::Marshaler(_, fields) => {
            out.write_char('{')?;
            for (at, (field, node)) in fields.iter().enumerate() {
                out.write_str(if at == 0 { "" } else { " " })?;
                out.write_str(field.go)?;
                out.write_char(':')?;
                write(out, node, true)?;
            }
            out.write_char('}')
        }
        Value::List(items) => {
            out.write_char('[')?;
            for (at, item) in items.iter().enumerate() {
                out.write_str(if at == 0 { "" } else { " " })?;
                write(out, item, false)?;
            }
            out.write_char(']')
        }
        Value::Map(entries) => {
            out.write_str("map[")?;
            for (at, (key, value)) in entries.iter().enumerate() {
                out.write_str(if at == 0 { "" } else { " " })?;
                out.write_str(key)?;
                out.write_char(':')?;
                write(out, value, false)?;
            }
            out.write_char(']')
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::super::Reader;
    use super::{Package, hash, write};
    use crate::apimachinery::Release;

    fn dump(release: u8, name: &'static str, json: &Json) -> String {
        let reader = Reader { package: Package::V1, release: Release::minor(release) };
        let mut out = String::new();
        write(&mut out, &reader.read(name, json), true).expect("a string takes all");
        out
    }

    /// `kubectl create deployment web-dashboard --image=my-kubernetes-dashboard`, defaults filled in.
    fn template(account: Option<&str>) -> Json {
        let mut template = json!({
            "metadata": {"creationTimestamp": null, "labels": {"app": "web-dashboard"}},
            "spec": {
                "containers": [{"image": "my-kubernetes-dashboard", "imagePullPolicy": "Always",
                    "name": "my-kubernetes-dashboard", "resources": {},
                    "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File"}],
                "dnsPolicy": "ClusterFirst", "restartPolicy": "Always", "schedulerName": "default-scheduler",
                "securityContext": {}, "terminationGracePeriodSeconds": 30,
            },
        });
        if let Some(account) = account {
            template["spec"]["serviceAccount"] = account.into();
            template["spec"]["serviceAccountName"] = account.into();
        }
        template
    }

    /// As recorded on real clusters.
    #[test]
    fn hashes_of_real_clusters() {
        for (release, plain, with_account) in [
            (20, "684b7d859c", "578fd45fcc"),
            (23, "699b5f4cdc", "859ddd5bb7"),
            (25, "757598f94b", "67c45b7cd6"),
            (36, "7879f48789", "567b7d8ffc"),
        ] {
            let reader = Reader { package: Package::V1, release: Release::minor(release) };
            for (account, want) in [(None, plain), (Some("dashboard-sa"), with_account)] {
                let node = reader.read("PodTemplateSpec", &template(account));
                assert_eq!(hash(&node, 0), want, "1.{release} {account:?}");
                assert_ne!(hash(&node, 1), want);
            }
        }
    }

    #[test]
    fn dumps() {
        let q = |value: &str, scale: i32, cached: &str, format: &str| {
            format!(
                "{{i:(resource.int64Amount){{value:(int64){value} scale:(resource.Scale){scale}}} \
                 d:(resource.infDecAmount){{Dec:(*inf.Dec)<nil>}} s:(string){cached} Format:(resource.Format){format}}}"
            )
        };
        for (name, json, want) in [
            ("PodOS", json!({"name": "linux"}), "(v1.PodOS){Name:(v1.OSName)linux}".to_owned()),
            (
                "PodDNSConfigOption",
                json!({"name": "a", "value": "b"}),
                "(v1.PodDNSConfigOption){Name:(string)a Value:(*string)b}".to_owned(),
            ),
            (
                "Capabilities",
                json!({"add": ["A", "B"], "drop": []}),
                "(v1.Capabilities){Add:([]v1.Capability)[A B] Drop:([]v1.Capability)<nil>}".to_owned(),
            ),
            (
                "meta.LabelSelector",
                json!({"matchLabels": {"b": "2", "a": "1"}, "unknown": 1}),
                "(v1.LabelSelector){MatchLabels:(map[string]string)map[a:1 b:2] \
                 MatchExpressions:([]v1.LabelSelectorRequirement)<nil>}"
                    .to_owned(),
            ),
            (
                "TCPSocketAction",
                json!({"port": "http"}),
                "(v1.TCPSocketAction){Port:(intstr.IntOrString){Type:(intstr.Type)1 IntVal:(int32)0 \
                 StrVal:(string)http} Host:(string)}"
                    .to_owned(),
            ),
            (
                "ConfigMapEnvSource",
                json!({"name": "c"}),
                "(v1.ConfigMapEnvSource){LocalObjectReference:(v1.LocalObjectReference){Name:(string)c} \
                 Optional:(*bool)<nil>}"
                    .to_owned(),
            ),
            (
                "VolumeResourceRequirements",
                json!({"limits": {"memory": "64Mi", "cpu": "250m"}, "requests": {"x": "0", "y": 3}}),
                format!(
                    "(v1.VolumeResourceRequirements){{Limits:(v1.ResourceList)map[cpu:{} memory:{}] \
                     Requests:(v1.ResourceList)map[x:{} y:{}]}}",
                    q("250", -3, "250m", "DecimalSI"),
                    q("67108864", 0, "", "BinarySI"),
                    q("0", 0, "0", "DecimalSI"),
                    q("3", 0, "3", "DecimalSI")
                ),
            ),
        ] {
            assert_eq!(dump(36, name, &json), want, "{name}");
        }
    }
}
