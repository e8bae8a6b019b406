//! Arithmetic as a shell does it: on 64 bits, which wrap. What names mean is asked of whoever has the variables.

use brush_parser::ast::{
    ArithmeticExpr as Expr, ArithmeticTarget as Target, BinaryOperator as Binary, UnaryAssignmentOperator as Step,
    UnaryOperator as Unary,
};

/// The longest expression: each sign of it may be one step deeper.
const LENGTH_LIMIT: usize = 400;
/// How far a variable may lead to another whose value is an expression again.
const DEPTH_LIMIT: usize = 8;

/// The variables an expression speaks of. `index` is there for an element of an array.
pub trait Variables {
    /// The text of a variable; empty when it is not set.
    fn text(&self, name: &str, index: Option<i64>) -> String;

    /// Sets a variable.
    ///
    /// # Errors
    /// Why it cannot be set, in the shell's words.
    fn assign(&mut self, name: &str, index: Option<i64>, value: i64) -> Result<(), String>;
}

/// The value of an expression whose words are expanded already. An empty one is 0.
///
/// # Errors
/// What is wrong with it, in bash's words.
pub fn evaluate(text: &str, variables: &mut dyn Variables) -> Result<i64, String> {
    Evaluation { variables }.number(text, 0)
}

struct Evaluation<'v> {
    variables: &'v mut dyn Variables,
}

impl Evaluation<'_> {
    fn number(&mut self, text: &str, depth: usize) -> Result<i64, String> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(0);
        }
        if let Ok(plain) = text.parse::<i64>()
            && !text.starts_with('0')
        {
            return Ok(plain);
        }
        if text.len() > LENGTH_LIMIT || depth > DEPTH_LIMIT {
            return Err(format!("{}: expression recursion level exceeded", text.chars().take(40).collect::<String>()));
        }
        let expr = brush_parser::arithmetic::parse(text)
            .map_err(|_| format!("{text}: syntax error: invalid arithmetic operator or operand expected"))?;
        self.value_of(&expr, text, depth)
    }

    fn value_of(&mut self, expr: &Expr, text: &str, depth: usize) -> Result<i64, String> {
        Ok(match expr {
            Expr::Literal(number) => *number,
            Expr::Reference(target) => self.target_value(target, depth)?,
            Expr::UnaryOp(operator, inner) => {
                let value = self.value_of(inner, text, depth)?;
                match operator {
                    Unary::UnaryPlus => value,
                    Unary::UnaryMinus => value.wrapping_neg(),
                    Unary::BitwiseNot => !value,
                    Unary::LogicalNot => i64::from(value == 0),
                }
            }
            Expr::BinaryOp(Binary::LogicalAnd, left, right) => {
                i64::from(self.value_of(left, text, depth)? != 0 && self.value_of(right, text, depth)? != 0)
            }
            Expr::BinaryOp(Binary::LogicalOr, left, right) => {
                i64::from(self.value_of(left, text, depth)? != 0 || self.value_of(right, text, depth)? != 0)
            }
            Expr::BinaryOp(operator, left, right) => {
                let (left, right) = (self.value_of(left, text, depth)?, self.value_of(right, text, depth)?);
                combined(operator, left, right).map_err(|fault| format!("{text}: {fault}"))?
            }
            Expr::Conditional(condition, yes, no) => {
                let chosen = if self.value_of(condition, text, depth)? != 0 { yes } else { no };
                self.value_of(chosen, text, depth)?
            }
            Expr::Assignment(target, inner) => {
                let value = self.value_of(inner, text, depth)?;
                self.keep(target, value, depth)?
            }
            Expr::BinaryAssignment(operator, target, inner) => {
                let (left, right) = (self.target_value(target, depth)?, self.value_of(inner, text, depth)?);
                let value = combined(operator, left, right).map_err(|fault| format!("{text}: {fault}"))?;
                self.keep(target, value, depth)?
            }
            Expr::UnaryAssignment(step, target) => {
                let before = self.target_value(target, depth)?;
                let after = match step {
                    Step::PrefixIncrement | Step::PostfixIncrement => before.wrapping_add(1),
                    Step::PrefixDecrement | Step::PostfixDecrement => before.wrapping_sub(1),
                };
                self.keep(target, after, depth)?;
                if matches!(step, Step::PostfixIncrement | Step::PostfixDecrement) { before } else { after }
            }
        })
    }

    fn target_value(&mut self, target: &Target, depth: usize) -> Result<i64, String> {
        let (name, index) = self.place(target, depth)?;
        let text = self.variables.text(name, index);
        self.number(&text, depth + 1)
    }

    fn keep(&mut self, target: &Target, value: i64, depth: usize) -> Result<i64, String> {
        let (name, index) = self.place(target, depth)?;
        self.variables.assign(name, index, value)?;
        Ok(value)
    }

    fn place<'t>(&mut self, target: &'t Target, depth: usize) -> Result<(&'t str, Option<i64>), String> {
        match target {
            Target::Variable(name) => Ok((name, None)),
            Target::ArrayElement(name, index) => Ok((name, Some(self.value_of(index, name, depth + 1)?))),
        }
    }
}

fn combined(operator: &Binary, left: i64, right: i64) -> Result<i64, String> {
    let by_zero = || format!("division by 0 (error token is \"{right}\")");
    // Only the lowest six bits of a shift count, as on the machine.
    let shift = (right & 63) as u32;
    Ok(match operator {
        Binary::Power => match u64::try_from(right) {
            Ok(mut exponent) => {
                let (mut result, mut base) = (1i64, left);
                while exponent > 0 {
                    if exponent & 1 == 1 {
                        result = result.wrapping_mul(base);
                    }
                    base = base.wrapping_mul(base);
                    exponent >>= 1;
                }
                result
            }
            Err(_) => return Err(format!("exponent less than 0 (error token is \"{right}\")")),
        },
        Binary::Multiply => left.wrapping_mul(right),
        Binary::Divide if right == 0 => return Err(by_zero()),
        Binary::Divide => left.wrapping_div(right),
        Binary::Modulo if right == 0 => return Err(by_zero()),
        Binary::Modulo => left.wrapping_rem(right),
        Binary::Comma => right,
        Binary::Add => left.wrapping_add(right),
        Binary::Subtract => left.wrapping_sub(right),
        Binary::ShiftLeft => left.wrapping_shl(shift),
        Binary::ShiftRight => left.wrapping_shr(shift),
        Binary::LessThan => i64::from(left < right),
        Binary::LessThanOrEqualTo => i64::from(left <= right),
        Binary::GreaterThan => i64::from(left > right),
        Binary::GreaterThanOrEqualTo => i64::from(left >= right),
        Binary::Equals => i64::from(left == right),
        Binary::NotEquals => i64::from(left != right),
        Binary::BitwiseAnd => left & right,
        Binary::BitwiseXor => left ^ right,
        Binary::BitwiseOr => left | right,
        Binary::LogicalAnd => i64::from(left != 0 && right != 0),
        Binary::LogicalOr => i64::from(left != 0 || right != 0),
    })
}
