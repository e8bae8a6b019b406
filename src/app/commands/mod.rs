//! The commands of the binary, one file each.

pub mod kubectl;
pub mod learn;
pub mod lessons;
pub mod serve;
pub mod token;

use std::path::PathBuf;

use crate::app::Error;
use crate::course;

/// The lesson files: the built-in ones, or a folder's.
pub(super) fn sources(dir: Option<PathBuf>) -> Result<Vec<course::Source>, Error> {
    match dir {
        None => Ok(course::embedded()),
        Some(dir) => {
            let sources = course::directory(&dir)
                .map_err(|error| format!("cannot read the lessons in {}: {error}", dir.display()))?;
            if sources.is_empty() {
                return Err(
                    format!("{} holds no lesson files; a lesson is a file that ends in .yaml", dir.display()).into()
                );
            }
            Ok(sources)
        }
    }
}
