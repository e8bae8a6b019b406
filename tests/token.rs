//! A token from the prompt verifies with a library that shares nothing with the one that signed it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rsa::pkcs1v15::{Signature, VerifyingKey};
use rsa::signature::Verifier as _;
use rsa::{BoxedUint, PublicKey};
use sa_tutor::apimachinery::Release;
use sa_tutor::base::{Clock, Ids};
use sa_tutor::cluster::{Cluster, Workbench};
use sa_tutor::shell::{Screen, Shell};
use serde_json::Value;
use sha2::Sha256;

/// Whether one of the keys at `/openid/v1/jwks` signed the token.
fn verifies(keys: &Value, token: &str) -> bool {
    let (signed, signature) = token.rsplit_once('.').expect("three parts");
    let header: Value = serde_json::from_slice(&bytes(signed.split('.').next().expect("a header"))).expect("JSON");
    let key = keys["keys"]
        .as_array()
        .expect("keys")
        .iter()
        .find(|key| key["kid"] == header["kid"])
        .expect("the key it names");
    let number = |name: &str| BoxedUint::from_be_slice_vartime(&bytes(key[name].as_str().expect("a number")));
    let key = VerifyingKey::<Sha256>::new(PublicKey::new(number("n"), number("e")).expect("a key"));
    let signature = Signature::try_from(bytes(signature).as_slice()).expect("a signature");
    key.verify(signed.as_bytes(), &signature).is_ok()
}

fn bytes(text: &str) -> Vec<u8> {
    URL_SAFE_NO_PAD.decode(text).expect("base64url")
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_verify_independently() {
    for release in [Release::minor(20), Release::minor(24), Release::minor(36)] {
        let cluster = Cluster::simulated(&Workbench::new(Clock::system(), Ids::seeded(1)), release).expect("started");
        cluster.ready().await;
        let mut shell = Shell::new(cluster.kubeconfig());
        // `kubectl create token` came with 1.24; the API is older.
        let line = if release >= Release::minor(24) {
            "kubectl create token default"
        } else {
            "kubectl get secret $(kubectl get sa default -o jsonpath='{.secrets[0].name}') -o jsonpath='{.data.token}' | base64 -d"
        };
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let outcome = shell.run(line, &mut Screen { stdout: &mut out, stderr: &mut err }).await;
        assert_eq!(outcome.status, 0, "{}", String::from_utf8_lossy(&err));
        let printed = String::from_utf8_lossy(&out).into_owned();
        let token = sa_tutor::token::find_in(&printed).first().copied().expect("a token").to_owned();
        let request = http::Request::get("/openid/v1/jwks").body(Vec::new()).expect("a request");
        let keys: Value = cluster.client.request(request).await.expect("keys");
        assert!(verifies(&keys, &token), "{release}: {token}");
        let mut forged = token.clone().into_bytes();
        let at = forged.iter().position(|byte| *byte == b'.').expect("a dot") + 5;
        forged[at] = if forged[at] == b'A' { b'B' } else { b'A' };
        assert!(!verifies(&keys, &String::from_utf8(forged).expect("text")), "{release}: a changed token verifies");
    }
}
