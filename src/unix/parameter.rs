//! What `$A`, `${A:-…}`, `${A%…}`, `${A[@]}` and their like give.

use brush_parser::word::{
    Parameter, ParameterExpr, ParameterTestType, ParameterTransformOp, SpecialParameter, SubstringMatchKind, WordPiece,
    WordPieceWithSource,
};

use super::execute::Io;
use super::expand::{Fault, Fields, Mode, read};
use super::{Shell, ansi, pattern};

impl Shell {
    /// The value of a parameter. `None` for one that is not set.
    fn value(&self, parameter: &Parameter) -> Result<Option<String>, Fault> {
        Ok(match parameter {
            Parameter::Named(name) if name == "PWD" => Some(self.files.current()),
            Parameter::Named(name) => match self.variables.get(name) {
                Some(value) => Some(value.clone()),
                None => self.listed(name).into_iter().next(),
            },
            Parameter::Positional(0) | Parameter::Special(SpecialParameter::ShellName) => Some(self.called.clone()),
            Parameter::Positional(at) => self.positional.get(*at as usize - 1).cloned(),
            Parameter::Special(special) => match special {
                SpecialParameter::LastExitStatus => Some(self.status.to_string()),
                SpecialParameter::PositionalParameterCount => Some(self.positional.len().to_string()),
                SpecialParameter::ProcessId => Some("1".to_owned()),
                SpecialParameter::CurrentOptionFlags => Some("i".to_owned()),
                SpecialParameter::AllPositionalParameters { .. } => {
                    Some(self.positional.join(" ")).filter(|text| !text.is_empty())
                }
                _ => None,
            },
            Parameter::NamedWithIndex { name, index } => {
                let values = self.listed(name);
                let at = match index.trim().trim_start_matches('$').parse::<i64>() {
                    Ok(at) => at,
                    Err(_) => {
                        let name = index.trim().trim_start_matches('$').trim_matches(['{', '}']);
                        self.variables.get(name).and_then(|text| text.parse().ok()).unwrap_or(0)
                    }
                };
                let at = if at < 0 { at + values.len() as i64 } else { at };
                usize::try_from(at).ok().and_then(|at| values.get(at).cloned())
            }
            Parameter::NamedWithAllIndices { name, .. } => {
                Some(self.listed(name).join(" ")).filter(|text| !text.is_empty())
            }
        })
    }

    /// The values of `$@`, `$*`, `${A[@]}` and `${!A[@]}`, and whether they are one word when quoted.
    pub(super) fn list_of(&self, expression: &ParameterExpr) -> Result<Option<(Vec<String>, bool)>, Fault> {
        Ok(match expression {
            ParameterExpr::Parameter { parameter, indirect: false } => match parameter {
                Parameter::Special(SpecialParameter::AllPositionalParameters { concatenate }) => {
                    Some((self.positional.clone(), *concatenate))
                }
                Parameter::NamedWithAllIndices { name, concatenate } => Some((self.listed(name), *concatenate)),
                _ => None,
            },
            ParameterExpr::Substring { parameter, offset, length, .. } => {
                let values = match parameter {
                    Parameter::Special(SpecialParameter::AllPositionalParameters { .. }) => {
                        let name = std::iter::once("bash".to_owned());
                        name.chain(self.positional.iter().cloned()).collect()
                    }
                    Parameter::NamedWithAllIndices { name, .. } => self.listed(name),
                    _ => return Ok(None),
                };
                let number = |text: &str| text.trim().parse::<usize>().map_err(|_| format!("{text}: bad substitution"));
                let skip = number(&offset.value)?;
                let take = length.as_ref().map_or(Ok(usize::MAX), |length| number(&length.value))?;
                Some((values.into_iter().skip(skip).take(take).collect(), false))
            }
            ParameterExpr::MemberKeys { variable_name, concatenate } => {
                Some(((0..self.listed(variable_name).len()).map(|at| at.to_string()).collect(), *concatenate))
            }
            ParameterExpr::VariableNames { prefix, concatenate } => {
                let names = self.variables.keys().filter(|name| name.starts_with(prefix.as_str()));
                Some((names.cloned().collect(), *concatenate))
            }
            _ => None,
        })
    }

    /// Whether this is just `"$@"` or `"${A[@]}"`, and has no values.
    pub(super) fn is_empty_list(&self, pieces: &[WordPieceWithSource]) -> bool {
        match pieces {
            [WordPieceWithSource { piece: WordPiece::ParameterExpansion(expression), .. }] => {
                matches!(self.list_of(expression), Ok(Some((values, false))) if values.is_empty())
            }
            _ => false,
        }
    }

    fn listed(&self, name: &str) -> Vec<String> {
        match name {
            "PIPESTATUS" => self.statuses.iter().map(ToString::to_string).collect(),
            name => match self.arrays.get(name) {
                Some(values) => values.clone(),
                None => self.variables.get(name).cloned().into_iter().collect(),
            },
        }
    }

    /// What `${…}` gives; `None` when the default's own pieces were added to `fields` already.
    pub(super) async fn parameter(
        &mut self,
        expression: &ParameterExpr,
        mode: Mode,
        fields: &mut Fields,
        io: &Io<'_>,
        depth: usize,
    ) -> Result<Option<String>, Fault> {
        use ParameterExpr as P;
        let is_set = |value: &Option<String>, test: &ParameterTestType| match test {
            ParameterTestType::Unset => value.is_some(),
            ParameterTestType::UnsetOrNull => value.as_ref().is_some_and(|value| !value.is_empty()),
        };
        let (parameter, indirect) = match expression {
            P::Parameter { parameter, indirect }
            | P::UseDefaultValues { parameter, indirect, .. }
            | P::AssignDefaultValues { parameter, indirect, .. }
            | P::IndicateErrorIfNullOrUnset { parameter, indirect, .. }
            | P::UseAlternativeValue { parameter, indirect, .. }
            | P::ParameterLength { parameter, indirect }
            | P::RemoveSmallestSuffixPattern { parameter, indirect, .. }
            | P::RemoveLargestSuffixPattern { parameter, indirect, .. }
            | P::RemoveSmallestPrefixPattern { parameter, indirect, .. }
            | P::RemoveLargestPrefixPattern { parameter, indirect, .. }
            | P::ReplaceSubstring { parameter, indirect, .. }
            | P::UppercasePattern { parameter, indirect, .. }
            | P::UppercaseFirstChar { parameter, indirect, .. }
            | P::LowercaseFirstChar { parameter, indirect, .. }
            | P::Transform { parameter, indirect, .. }
            | P::Substring { parameter, indirect, .. }
            | P::LowercasePattern { parameter, indirect, .. } => (parameter, indirect),
            _ => return Err("this expansion is not part of this shell".to_owned()),
        };
        let mut value = self.value(parameter)?;
        if *indirect {
            value = match value {
                Some(name) => self.value(&Parameter::Named(name))?,
                None => None,
            };
        }
        let may_be_unset = matches!(
            expression,
            P::UseDefaultValues { .. }
                | P::AssignDefaultValues { .. }
                | P::IndicateErrorIfNullOrUnset { .. }
                | P::UseAlternativeValue { .. }
        ) || matches!(parameter, Parameter::Special(_));
        if self.options.nounset && value.is_none() && !may_be_unset {
            self.abandon();
            return Err(format!("{}: unbound variable", plain_name(parameter)));
        }
        Ok(Some(match expression {
            P::UseDefaultValues { test_type, default_value, .. } => match value {
                value if is_set(&value, test_type) => value.unwrap_or_default(),
                _ => {
                    let pieces = default_value.as_deref().map(read).transpose()?.unwrap_or_default();
                    self.pieces(&pieces, mode, fields, io, depth + 1).await?;
                    return Ok(None);
                }
            },
            P::UseAlternativeValue { test_type, alternative_value, .. } => {
                if is_set(&value, test_type) {
                    let pieces = alternative_value.as_deref().map(read).transpose()?.unwrap_or_default();
                    self.pieces(&pieces, mode, fields, io, depth + 1).await?;
                }
                return Ok(None);
            }
            P::AssignDefaultValues { test_type, default_value, .. } => match value {
                value if is_set(&value, test_type) => value.unwrap_or_default(),
                _ => {
                    let text = self.whole(default_value.as_deref().unwrap_or_default(), io, depth + 1).await?.text;
                    if let Parameter::Named(name) = parameter {
                        self.assign(name, text.clone())?;
                    }
                    text
                }
            },
            P::IndicateErrorIfNullOrUnset { test_type, error_message, .. } => match value {
                value if is_set(&value, test_type) => value.unwrap_or_default(),
                _ => {
                    self.abandon();
                    let message = error_message.as_deref().unwrap_or("parameter null or not set");
                    return Err(format!(
                        "{}: {}",
                        plain_name(parameter),
                        self.whole(message, io, depth + 1).await?.text
                    ));
                }
            },
            P::ParameterLength { parameter: Parameter::NamedWithAllIndices { name, .. }, .. } => {
                self.listed(name).len().to_string()
            }
            P::ParameterLength {
                parameter: Parameter::Special(SpecialParameter::AllPositionalParameters { .. }),
                ..
            } => self.positional.len().to_string(),
            P::UppercaseFirstChar { .. } => first(&value.unwrap_or_default(), |c| c.to_uppercase().collect()),
            P::LowercaseFirstChar { .. } => first(&value.unwrap_or_default(), |c| c.to_lowercase().collect()),
            P::Transform { op, .. } => match op {
                ParameterTransformOp::Quoted => {
                    format!("'{}'", value.unwrap_or_default().replace('\'', r"'\''"))
                }
                ParameterTransformOp::ToUpperCase => value.unwrap_or_default().to_uppercase(),
                ParameterTransformOp::ToLowerCase => value.unwrap_or_default().to_lowercase(),
                ParameterTransformOp::CapitalizeInitial => {
                    first(&value.unwrap_or_default(), |c| c.to_uppercase().collect())
                }
                ParameterTransformOp::ExpandEscapeSequences => {
                    ansi::unescape(&value.unwrap_or_default(), ansi::Kind::Quote).0
                }
                _ => return Err("this ${...@...} is not part of this shell".to_owned()),
            },
            P::Substring { offset, length, .. } => {
                let letters: Vec<char> = value.unwrap_or_default().chars().collect();
                let all = letters.len() as i64;
                let offset = self.arithmetic(&offset.value, io).await?;
                let start = if offset < 0 { all.saturating_add(offset) } else { offset };
                let end = match length {
                    None => all,
                    Some(length) => match self.arithmetic(&length.value, io).await? {
                        length if length < 0 => {
                            let end = all.saturating_add(length);
                            if end < start {
                                return Err(format!("{length}: substring expression < 0"));
                            }
                            end
                        }
                        length => start.saturating_add(length).min(all),
                    },
                };
                match (usize::try_from(start), usize::try_from(end)) {
                    (Ok(start), Ok(end)) if start < end => letters.get(start..end).unwrap_or_default().iter().collect(),
                    _ => String::new(),
                }
            }
            P::ParameterLength { .. } => value.unwrap_or_default().chars().count().to_string(),
            P::RemoveSmallestSuffixPattern { pattern, .. } => {
                self.remove(value, pattern, false, false, io, depth).await?
            }
            P::RemoveLargestSuffixPattern { pattern, .. } => {
                self.remove(value, pattern, false, true, io, depth).await?
            }
            P::RemoveSmallestPrefixPattern { pattern, .. } => {
                self.remove(value, pattern, true, false, io, depth).await?
            }
            P::RemoveLargestPrefixPattern { pattern, .. } => self.remove(value, pattern, true, true, io, depth).await?,
            P::ReplaceSubstring { pattern, replacement, match_kind, .. } => {
                let pattern = self.whole(pattern, io, depth + 1).await?.pattern;
                let by = self.whole(replacement.as_deref().unwrap_or_default(), io, depth + 1).await?.text;
                replace(&value.unwrap_or_default(), &pattern, &by, match_kind)?
            }
            P::UppercasePattern { .. } => value.unwrap_or_default().to_uppercase(),
            P::LowercasePattern { .. } => value.unwrap_or_default().to_lowercase(),
            _ => value.unwrap_or_default(),
        }))
    }

    /// `${A%…}`, `${A##…}` and their like.
    async fn remove(
        &mut self,
        value: Option<String>,
        pattern: &Option<String>,
        prefix: bool,
        largest: bool,
        io: &Io<'_>,
        depth: usize,
    ) -> Result<String, Fault> {
        let value = value.unwrap_or_default();
        let pattern = self.whole(pattern.as_deref().unwrap_or_default(), io, depth + 1).await?.pattern;
        within_reach(&value)?;
        let mut cuts: Vec<usize> = value.char_indices().map(|(at, _)| at).chain([value.len()]).collect();
        if prefix == largest {
            cuts.reverse();
        }
        Ok(match prefix {
            true => cuts.into_iter().find(|&at| pattern::matches(&pattern, &value[..at])).map(|at| &value[at..]),
            false => cuts.into_iter().find(|&at| pattern::matches(&pattern, &value[at..])).map(|at| &value[..at]),
        }
        .unwrap_or(&value)
        .to_owned())
    }
}

fn plain_name(parameter: &Parameter) -> String {
    match parameter {
        Parameter::Named(name) => name.clone(),
        other => other.to_string().trim_start_matches('$').trim_matches(['{', '}']).to_owned(),
    }
}

/// The text with another first letter.
fn first(text: &str, change: impl Fn(char) -> String) -> String {
    let mut letters = text.chars();
    letters.next().map(|c| change(c) + letters.as_str()).unwrap_or_default()
}

/// Matching at each place of a value is quadratic: only reasonable values are looked through.
fn within_reach(value: &str) -> Result<(), Fault> {
    if value.len() > 16 << 10 { Err("the value is too long for this expansion".to_owned()) } else { Ok(()) }
}

fn replace(value: &str, pattern: &str, by: &str, kind: &SubstringMatchKind) -> Result<String, Fault> {
    // Each start is tried with each end, the farthest first.
    if value.len() > 1 << 10 {
        return Err("the value is too long for this expansion".to_owned());
    }
    if pattern.is_empty() {
        return Ok(value.to_owned());
    }
    let ends: Vec<usize> = value.char_indices().map(|(at, _)| at).chain([value.len()]).collect();
    let mut out = String::new();
    let mut at = 0;
    while at < value.len() {
        let allowed = match kind {
            SubstringMatchKind::Prefix => at == 0,
            _ => true,
        };
        let fits = |end: &&usize| {
            **end > at
                && (!matches!(kind, SubstringMatchKind::Suffix) || **end == value.len())
                && pattern::matches(pattern, &value[at..**end])
        };
        match ends.iter().rev().find(fits).filter(|_| allowed) {
            Some(&end) => {
                out.push_str(by);
                at = end;
                if !matches!(kind, SubstringMatchKind::Anywhere) {
                    break;
                }
            }
            None => {
                let c = value[at..].chars().next().unwrap_or_default();
                out.push(c);
                at += c.len_utf8();
            }
        }
    }
    out.push_str(&value[at..]);
    Ok(out)
}
