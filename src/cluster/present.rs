//! Presenting a token to the cluster, as whoever carries it would, and hearing why it is taken or not.

use http::{Request, header};
use http_body_util::BodyExt as _;
use kube::client::Body;
use serde_json::{Value, json};

use std::sync::{Arc, Mutex, PoisonError};

use crate::why::{Review, Trace, Tried};

use super::Cluster;
use super::connect::{HELLO, said};

const REVIEWS: &str = "/apis/authentication.k8s.io/v1/tokenreviews";

impl Cluster {
    /// Lists the pods of the namespace with nothing but this token, and asks by a TokenReview what is wrong with it. The token
    /// goes to this cluster and nowhere else.
    ///
    /// # Errors
    /// When the cluster cannot be asked in this way, or does not answer.
    pub async fn present(&self, token: &str) -> Result<Tried, String> {
        let seen: Arc<Mutex<Option<Trace>>> = Arc::default();
        let told = Arc::clone(&seen);
        let client = match &self.simulator {
            Some(simulator) => simulator.bearer(move |trace| {
                *told.lock().unwrap_or_else(PoisonError::into_inner) = Some(trace);
            }),
            None => self.bearer.clone().ok_or("this cluster cannot be reached without your own identity")?,
        };
        let path = format!("/api/v1/namespaces/{}/pods?limit=1", self.namespace);
        let request = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {token}")).body(Body::empty());
        let request = request.map_err(|error| error.to_string())?;
        let answered = async {
            let response = client.send(request).await.map_err(|error| said(&error))?;
            let code = response.status().as_u16();
            let body = response.into_body().collect().await.map_err(|error| said(&error))?.to_bytes();
            Ok::<_, String>((code, body))
        };
        let silent = |_| "it did not answer".to_owned();
        let (code, body) = tokio::time::timeout(HELLO, answered).await.map_err(silent)??;
        let message = serde_json::from_slice::<Value>(&body).ok();
        let message = message.as_ref().and_then(|status| status.get("message")?.as_str()).unwrap_or_default();
        let review = tokio::time::timeout(HELLO, self.review(token))
            .await
            .unwrap_or_else(|_| Review::Unknown("the cluster did not answer".to_owned()));
        let trace = seen.lock().unwrap_or_else(PoisonError::into_inner).take();
        Ok(Tried { code, said: message.to_owned(), review, trace })
    }

    /// What a TokenReview says of a token, asked for as the administrator.
    async fn review(&self, token: &str) -> Review {
        let body = json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenReview", "spec": {"token": token}});
        let request = Request::post(REVIEWS).header(header::CONTENT_TYPE, "application/json");
        let request = match request.body(body.to_string().into_bytes()) {
            Ok(request) => request,
            Err(error) => return Review::Unknown(error.to_string()),
        };
        let status = match self.client.request::<Value>(request).await {
            Ok(review) => review.get("status").cloned().unwrap_or_default(),
            Err(error) => return Review::Unknown(said(&error)),
        };
        let text = |pointer: &str| status.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        match status["authenticated"] == true {
            true => Review::Taken(text("/user/username")),
            false => Review::Refused(text("/error")),
        }
    }
}
