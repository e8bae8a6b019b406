//! `sa-tutor token decode`

use std::io::{IsTerminal as _, Read as _, Write as _, stdin, stdout};
use std::process::ExitCode;

use crate::app::Error;
use crate::base::{Clock, sanitize};
use crate::token;

/// The most that is read from standard input: far more than any token.
const LIMIT: u64 = 1024 * 1024;

/// Prints what a token says.
pub fn decode(given: Option<String>) -> Result<ExitCode, Error> {
    let text = match given {
        Some(token) => token,
        None => {
            if stdin().is_terminal() {
                eprintln!("Paste a token, then press Enter and Ctrl-D.");
            }
            let mut text = String::new();
            stdin()
                .take(LIMIT)
                .read_to_string(&mut text)
                .map_err(|error| format!("cannot read standard input: {error}"))?;
            text
        }
    };
    let token = token::decode(text.trim())?;
    let report = token::report(&token, Clock::system().now(), None);
    let mut out = stdout().lock();
    out.write_all(sanitize(&report).as_bytes())?;
    Ok(ExitCode::SUCCESS)
}
