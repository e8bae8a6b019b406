//! Lets pods stay five minutes on a node that is not ready or not reachable.
//! Upstream: plugin/pkg/admission/defaulttolerationseconds.

use serde_json::{Value, json};

use super::{Attributes, Plugin};
use crate::apimachinery::{Status, meta};
use crate::simulator::ControlPlane;

const SECONDS: i64 = 300;
const TAINTS: &[&str] = &["node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable"];

/// `DefaultTolerationSeconds`
pub struct DefaultTolerationSeconds;

impl Plugin for DefaultTolerationSeconds {
    fn name(&self) -> &'static str {
        "DefaultTolerationSeconds"
    }

    fn admit(&self, _plane: &ControlPlane, attributes: &Attributes<'_>, pod: &mut Value) -> Result<(), Status> {
        if !attributes.is_about_pods() || !matches!(attributes.operation, "CREATE" | "UPDATE") {
            return Ok(());
        }
        let tolerations = meta::child_mut(pod, "spec").entry("tolerations").or_insert_with(|| json!([]));
        let Value::Array(tolerations) = tolerations else { return Ok(()) };
        let own = tolerations.clone();
        for taint in TAINTS {
            let field = |toleration: &Value, field: &str| toleration[field].as_str().unwrap_or_default().to_owned();
            let tolerated = own.iter().any(|toleration| {
                let (key, effect) = (field(toleration, "key"), field(toleration, "effect"));
                (key.is_empty() || key == *taint) && matches!(effect.as_str(), "" | "NoExecute")
            });
            if !tolerated {
                tolerations.push(json!({
                    "key": taint, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": SECONDS,
                }));
            }
        }
        Ok(())
    }
}
