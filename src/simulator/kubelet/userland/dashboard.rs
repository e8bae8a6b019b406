//! `my-kubernetes-dashboard`: every few seconds it reads its token and lists the pods of its namespace, and says
//! what came of it.

use futures::future::BoxFuture;
use http::Method;
use jiff::SignedDuration;
use serde_json::Value;

use super::http::{Url, send};
use super::{Process, Program};

const DIRECTORY: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
const PAUSE: i64 = 3;

/// The program.
pub struct Dashboard;

impl Program for Dashboard {
    fn names(&self) -> &'static [&'static str] {
        &["my-kubernetes-dashboard"]
    }

    fn run(&self, process: Process) -> BoxFuture<'static, i32> {
        Box::pin(async move {
            loop {
                let (level, line) = look(&process).await;
                let now = process.world.clock.now().strftime("%Y-%m-%d %H:%M:%S,%3f").to_string();
                process.print(format!("{now} {level} dashboard: {line}\n"));
                process.world.clock.sleep(SignedDuration::from_secs(PAUSE)).await;
            }
        })
    }
}

async fn look(process: &Process) -> (&'static str, String) {
    let path = format!("{DIRECTORY}/token");
    let token = match process.read(&path) {
        Ok(token) => String::from_utf8_lossy(&token).into_owned(),
        Err(error) => return ("ERROR", format!("cannot read {path}: {error}")),
    };
    let namespace = process
        .read(&format!("{DIRECTORY}/namespace"))
        .map_or_else(|_| "default".to_owned(), |namespace| String::from_utf8_lossy(&namespace).into_owned());
    let url = Url::parse(&format!("https://kubernetes.default.svc/api/v1/namespaces/{namespace}/pods"));
    let headers = [("Authorization".to_owned(), format!("Bearer {token}"))];
    let answer = match send(process, Method::GET, &url, &headers, Vec::new()).await {
        Ok(answer) => answer,
        Err(why) => return ("ERROR", format!("GET {}: {why}", url.path)),
    };
    let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
    let code = answer.status().as_u16();
    if code == 200 {
        let pods = body["items"].as_array().map_or(0, Vec::len);
        return ("INFO", format!("GET {} 200: {pods} pods", url.path));
    }
    ("WARNING", format!("GET {} {code}: {}", url.path, body["message"].as_str().unwrap_or_default()))
}
