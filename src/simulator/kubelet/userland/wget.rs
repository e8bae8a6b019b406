//! `wget`: speaks to the API server, as busybox's does.

use futures::future::BoxFuture;
use http::Method;

use super::http::{Url, header, send};
use super::{Process, Program};

/// The program.
pub struct Wget;

impl Program for Wget {
    fn names(&self) -> &'static [&'static str] {
        &["wget"]
    }

    fn run(&self, process: Process) -> BoxFuture<'static, i32> {
        Box::pin(async move {
            let (mut headers, mut output, mut target) = (Vec::new(), None, None);
            let mut words = process.arguments().iter();
            while let Some(word) = words.next() {
                if let Some(text) = word.strip_prefix("--header=") {
                    headers.extend(header(text));
                } else if word == "--header" {
                    headers.extend(words.next().and_then(|text| header(text)));
                } else if let Some(at) = word.find('O').filter(|_| word.starts_with('-') && !word.starts_with("--")) {
                    let rest = &word[at + 1..];
                    output = if rest.is_empty() { words.next().cloned() } else { Some(rest.to_owned()) };
                } else if !word.starts_with('-') {
                    target = Some(word.clone());
                }
            }
            let Some(target) = target else {
                (process.stderr)(b"BusyBox multi-call binary.\n\nUsage: wget [-q] [-O FILE] [--header STR] URL...\n");
                return 1;
            };
            let url = Url::parse(&target);
            if !url.is_api_server() {
                return process.complain(format_args!("bad address '{}'", url.host));
            }
            if !url.secure || url.port != 443 {
                return process
                    .complain(format_args!("can't connect to remote host ({}): Connection refused", url.host));
            }
            let answer = match send(&process, Method::GET, &url, &headers, Vec::new()).await {
                Ok(answer) => answer,
                Err(why) => return process.complain(why),
            };
            if !answer.status().is_success() {
                return process.complain(format_args!("server returned error: HTTP/1.1 {}", answer.status()));
            }
            let last = url.path.split('?').next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
            let file =
                output.unwrap_or_else(|| if last.is_empty() { "index.html".to_owned() } else { last.to_owned() });
            if file == "-" {
                process.print(answer.body());
                return 0;
            }
            match process.files.write(&file, answer.body()) {
                Ok(()) => 0,
                Err(error) => process.complain(format_args!("can't open '{file}': {error}")),
            }
        })
    }
}
