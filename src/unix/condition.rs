//! `[[ … ]]`

use brush_parser::ast::{BinaryPredicate as Binary, ExtendedTestExpr as Test, UnaryPredicate as Unary, Word};
use futures::FutureExt;
use futures::future::BoxFuture;

use super::execute::Io;
use super::expand::Fault;
use super::program::regexp::{self, Syntax};
use super::{Access, Shell, pattern};

/// How deep an expression may go.
const DEPTH_LIMIT: usize = 32;

impl Shell {
    pub(super) fn condition<'a>(
        &'a mut self,
        test: &'a Test,
        io: &'a Io<'_>,
        depth: usize,
    ) -> BoxFuture<'a, Result<bool, Fault>> {
        async move {
            if depth > DEPTH_LIMIT {
                return Err("[[: this expression is nested too deeply for this shell".to_owned());
            }
            match test {
                Test::And(left, right) => {
                    Ok(self.condition(left, io, depth + 1).await? && self.condition(right, io, depth + 1).await?)
                }
                Test::Or(left, right) => {
                    Ok(self.condition(left, io, depth + 1).await? || self.condition(right, io, depth + 1).await?)
                }
                Test::Not(inner) => Ok(!self.condition(inner, io, depth + 1).await?),
                Test::Parenthesized(inner) => self.condition(inner, io, depth + 1).await,
                Test::UnaryTest(predicate, word) => self.unary(predicate, word, io).await,
                Test::BinaryTest(predicate, left, right) => self.binary(predicate, left, right, io).await,
            }
        }
        .boxed()
    }

    async fn unary(&mut self, predicate: &Unary, word: &Word, io: &Io<'_>) -> Result<bool, Fault> {
        let text = self.expand_whole(word, io).await?;
        let found = self.files.metadata(&text).ok();
        Ok(match predicate {
            Unary::StringHasZeroLength => text.is_empty(),
            Unary::StringHasNonZeroLength => !text.is_empty(),
            Unary::FileExists
            | Unary::FileExistsAndOwnedByEffectiveUserId
            | Unary::FileExistsAndOwnedByEffectiveGroupId => found.is_some(),
            Unary::FileExistsAndIsReadable => self.files.may(&text, Access::Read),
            Unary::FileExistsAndIsWritable => self.files.may(&text, Access::Write),
            Unary::FileExistsAndIsExecutable => self.files.may(&text, Access::Enter),
            Unary::FileExistsAndIsSymlink => self.files.is_link(&text),
            Unary::FileExistsAndIsDir => found.is_some_and(|found| found.directory),
            Unary::FileExistsAndIsRegularFile => found.is_some_and(|found| !found.directory),
            Unary::FileExistsAndIsNotZeroLength => found.is_some_and(|found| found.size > 0),
            Unary::ShellVariableIsSetAndAssigned => {
                self.variables.contains_key(&text) || self.arrays.contains_key(&text)
            }
            Unary::ShellOptionEnabled => text == "pipefail" && self.options.pipefail,
            _ => false,
        })
    }

    async fn binary(&mut self, predicate: &Binary, left: &Word, right: &Word, io: &Io<'_>) -> Result<bool, Fault> {
        let text = self.expand_whole(left, io).await?;
        Ok(match predicate {
            Binary::StringExactlyMatchesPattern => pattern::matches(&self.expand_pattern(right, io).await?, &text),
            Binary::StringDoesNotExactlyMatchPattern => {
                !pattern::matches(&self.expand_pattern(right, io).await?, &text)
            }
            Binary::StringExactlyMatchesString => text == self.expand_whole(right, io).await?,
            Binary::StringDoesNotExactlyMatchString => text != self.expand_whole(right, io).await?,
            Binary::StringContainsSubstring => text.contains(&self.expand_whole(right, io).await?),
            Binary::LeftSortsBeforeRight => text < self.expand_whole(right, io).await?,
            Binary::LeftSortsAfterRight => text > self.expand_whole(right, io).await?,
            Binary::StringMatchesRegex => {
                let expression = self.expand_whole(right, io).await?;
                match regexp::build(&expression, Syntax::Extended, false) {
                    Ok(expression) => {
                        let found = expression.captures(text.as_bytes());
                        let groups = found.iter().flat_map(|found| found.iter()).map(|group| {
                            group
                                .map(|group| String::from_utf8_lossy(group.as_bytes()).into_owned())
                                .unwrap_or_default()
                        });
                        let groups: Vec<String> = groups.collect();
                        let matched = !groups.is_empty();
                        self.assign_list("BASH_REMATCH", groups)?;
                        matched
                    }
                    Err(fault) => {
                        self.complain(io, &format!("[[: {expression}: {fault}"));
                        return Err(format!("[[: `{expression}': invalid regular expression"));
                    }
                }
            }
            Binary::FilesReferToSameDeviceAndInodeNumbers => {
                let right = self.expand_whole(right, io).await?;
                self.files.resolve(&text) == self.files.resolve(&right) && self.files.metadata(&text).is_ok()
            }
            Binary::LeftFileIsNewerOrExistsWhenRightDoesNot | Binary::LeftFileIsOlderOrDoesNotExistWhenRightDoes => {
                let right = self.expand_whole(right, io).await?;
                let modified = |path: &str| self.files.metadata(path).ok().map(|found| found.modified);
                match predicate {
                    Binary::LeftFileIsNewerOrExistsWhenRightDoesNot => modified(&text) > modified(&right),
                    _ => modified(&text) < modified(&right),
                }
            }
            number => {
                let right = self.expand_whole(right, io).await?;
                let order = self.arithmetic(&text, io).await?.cmp(&self.arithmetic(&right, io).await?);
                match number {
                    Binary::ArithmeticEqualTo => order.is_eq(),
                    Binary::ArithmeticNotEqualTo => order.is_ne(),
                    Binary::ArithmeticLessThan => order.is_lt(),
                    Binary::ArithmeticLessThanOrEqualTo => order.is_le(),
                    Binary::ArithmeticGreaterThan => order.is_gt(),
                    _ => order.is_ge(),
                }
            }
        })
    }
}
