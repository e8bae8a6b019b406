//! `my-kubernetes-dashboard`: every few seconds it reads its token and lists the pods of its namespace, and says
//! what came of it.

use bytes::Bytes;
use futures::future::BoxFuture;
use futures::{FutureExt, TryStreamExt};
use http::{Request, header};
use jiff::SignedDuration;
use serde_json::Value;

use crate::unix::{Call, Program, Run};

pub const DASHBOARD: Program = Program {
    name: "my-kubernetes-dashboard",
    summary: "looks at the pods of its namespace",
    usage: "",
    run: Run::Later(run),
};

const DIRECTORY: &str = "/var/run/secrets/kubernetes.io/serviceaccount";
const HOST: &str = "kubernetes.default.svc";
const PAUSE: i64 = 3;

fn run<'a>(call: &'a mut Call<'_>) -> BoxFuture<'a, i32> {
    async move {
        let clock = call.shell.machine.clock.clone();
        loop {
            let (level, line) = look(call).await;
            let now = clock.now().strftime("%Y-%m-%d %H:%M:%S,%3f").to_string();
            call.print(&format!("{now} {level} dashboard: {line}\n"));
            clock.sleep(SignedDuration::from_secs(PAUSE)).await;
        }
    }
    .boxed()
}

async fn look(call: &Call<'_>) -> (&'static str, String) {
    let path = format!("{DIRECTORY}/token");
    let files = &call.shell.files;
    let token = match files.read(&path) {
        Ok(token) => String::from_utf8_lossy(&token).into_owned(),
        Err(error) => return ("ERROR", format!("cannot read {path}: {error}")),
    };
    let namespace = files
        .read(&format!("{DIRECTORY}/namespace"))
        .map_or_else(|_| "default".to_owned(), |namespace| String::from_utf8_lossy(&namespace).into_owned());
    let path = format!("/api/v1/namespaces/{namespace}/pods");
    match list(call, &path, &token).await {
        Err(why) => ("ERROR", format!("GET {path}: {why}")),
        Ok((200, body)) => ("INFO", format!("GET {path} 200: {} pods", body["items"].as_array().map_or(0, Vec::len))),
        Ok((code, body)) => ("WARNING", format!("GET {path} {code}: {}", body["message"].as_str().unwrap_or_default())),
    }
}

async fn list(call: &Call<'_>, path: &str, token: &str) -> Result<(u16, Value), String> {
    let network = call.shell.machine.network.clone().ok_or("there is no network")?;
    let request = Request::get(path).header(header::AUTHORIZATION, format!("Bearer {token}"));
    let request = request.body(Bytes::new()).map_err(|error| error.to_string())?;
    let answer = network.send(HOST, 443, request).await?;
    let code = answer.status().as_u16();
    let parts: Vec<Bytes> = answer.into_body().try_collect().await?;
    Ok((code, serde_json::from_slice(&parts.concat()).unwrap_or_default()))
}
