//! Keeps a filter within bounds, and away from the host: no environment, clock or log of the machine.
//!
//! jaq cannot be interrupted, so definitions are rewritten to pass a counter: each call of a definition, each value
//! of a path and each comma counts. What goes on without one of these ends by itself.

use std::cell::{Cell, RefCell};

use jaq_core::box_iter::box_once;
use jaq_core::load::lex::StrPart;
use jaq_core::load::parse::{BinaryOp, Def, Pattern, Term};
use jaq_core::native::{Fun, bome, run, v};
use jaq_core::path::{Part, Path};
use jaq_core::{DataT, Error, Exn, Lut, Native, ValX, data, ops};
use jaq_json::{Num, Val};
use jaq_std::input::{HasInputs, Inputs};

/// The exit code that stands for a filter that was stopped.
pub(super) const EXHAUSTED: i32 = i32::MIN;
/// How often the counter may be passed.
const STEPS: u64 = 2_000_000;
/// How far down the stack a filter may go.
const DEPTH: usize = 24 << 20;
/// The longest text or array that a filter may make.
const SIZE: usize = 2 << 20;

/// What one run of a filter has used, and what it may know of the world.
pub(super) struct Meter {
    steps: Cell<u64>,
    base: usize,
    now: f64,
    environment: Val,
    pub stderr: RefCell<Vec<u8>>,
}

impl Meter {
    pub fn new(now: f64, environment: Val) -> Self {
        Self { steps: Cell::new(0), base: here(), now, environment, stderr: RefCell::default() }
    }

    /// Counts a step that has this value in hand. Whether the filter may go on.
    fn pass(&self, value: &Val) -> bool {
        self.steps.set(self.steps.get() + 1);
        self.steps.get() < STEPS && self.base.abs_diff(here()) < DEPTH && size(value) < SIZE
    }
}

/// A place on the stack.
fn here() -> usize {
    let local = 0u8;
    std::hint::black_box(&raw const local).addr()
}

fn size(value: &Val) -> usize {
    match value {
        Val::TStr(text) | Val::BStr(text) => text.len(),
        Val::Arr(array) => array.len(),
        Val::Obj(object) => object.len(),
        Val::Num(Num::BigInt(number)) => usize::try_from(number.bits()).unwrap_or(usize::MAX),
        _ => 0,
    }
}

/// The kind of data that filters run on here.
pub(super) struct Kind;

/// What native functions can see.
#[derive(Clone)]
pub(super) struct Data<'a> {
    pub lut: &'a Lut<Kind>,
    pub inputs: Inputs<'a, Val>,
    pub meter: &'a Meter,
}

impl DataT for Kind {
    type V<'a> = Val;
    type Data<'a> = Data<'a>;
}

impl<'a> data::HasLut<'a, Kind> for Data<'a> {
    fn lut(&self) -> &'a Lut<Kind> {
        self.lut
    }
}

impl<'a> HasInputs<'a, Val> for Data<'a> {
    fn inputs(&self) -> Inputs<'a, Val> {
        self.inputs
    }
}

fn stopped<'a, T>() -> Result<T, Exn<'a, Val>> {
    Err(Exn::halt(EXHAUSTED))
}

/// All native functions: jaq's that touch nothing outside, and ours in place of the others.
pub(super) fn functions() -> impl Iterator<Item = Fun<Kind>> {
    const REPLACED: &[(&str, usize)] = &[
        ("env", 0),
        ("now", 0),
        ("debug_empty", 0),
        ("stderr_empty", 0),
        ("localtime", 0),
        ("strflocaltime", 1),
        ("decode_base64", 0),
        ("range", 3),
    ];
    let theirs = jaq_core::funs::<Kind>().chain(jaq_std::funs()).chain(jaq_json::funs());
    let kept = theirs.filter(|(name, args, _)| !REPLACED.contains(&(name, args.len())));
    kept.chain(jaq_std::input::funs::<Kind>().into_vec().into_iter().map(|filter| run::<Kind>(filter))).chain(own())
}

fn own() -> Vec<Fun<Kind>> {
    let count = Native::<Kind>::new(|cv| match cv.0.data().meter.pass(&cv.1) {
        true => box_once(Ok(cv.1)),
        false => box_once(stopped()),
    })
    .with_paths(|cv| match cv.0.data().meter.pass(&cv.1.0) {
        true => box_once(Ok(cv.1)),
        false => box_once(stopped()),
    })
    .with_update(|cv, update| match cv.0.data().meter.pass(&cv.1) {
        true => update(cv.1),
        false => box_once(stopped()),
    });
    let mut functions: Vec<Fun<Kind>> = vec![("count_", v(0), count)];
    functions.extend([
        run::<Kind>(("env", v(0), |cv| box_once(Ok(cv.0.data().meter.environment.clone())))),
        run::<Kind>(("now", v(0), |cv| box_once(Ok(Val::from(cv.0.data().meter.now))))),
        run::<Kind>(("debug_empty", v(0), |cv| {
            note(cv.0.data().meter, &format!("[\"DEBUG:\",{}]\n", cv.1));
            Box::new(std::iter::empty())
        })),
        run::<Kind>(("stderr_empty", v(0), |cv| {
            note(cv.0.data().meter, &cv.1.to_string());
            Box::new(std::iter::empty())
        })),
        // Every time is UTC here, as everywhere in the tutor.
        run::<Kind>(("localtime", v(0), |cv| bome(no_local_time(&cv.1)))),
        run::<Kind>(("decode_base64", v(0), |cv| bome(decode(&cv.1)))),
        run::<Kind>(("times_", v(2), |mut cv| {
            let (right, left) = (cv.0.pop_var(), cv.0.pop_var());
            match product_fits(&left, &right) {
                true => bome(left * right),
                false => box_once(stopped()),
            }
        })),
        run::<Kind>(("range", v(3), |mut cv| {
            let (by, to, from) = (cv.0.pop_var(), cv.0.pop_var(), cv.0.pop_var());
            let meter = cv.0.data().meter;
            let zero = Val::from(0usize);
            let (up, down) = (by > zero, by < zero);
            let mut next = Some(from);
            Box::new(std::iter::from_fn(move || -> Option<ValX<'_, Val>> {
                let at = next.take()?;
                let inside = match (up, down) {
                    (true, _) => at < to,
                    (_, true) => at > to,
                    _ => at != to,
                };
                if !inside {
                    return None;
                }
                if !meter.pass(&at) {
                    return Some(stopped());
                }
                match at.clone() + by.clone() {
                    Ok(after) => next = Some(after),
                    Err(error) => return Some(Err(error.into())),
                }
                Some(Ok(at))
            }))
        })),
    ]);
    functions
}

fn note(meter: &Meter, text: &str) {
    let mut stderr = meter.stderr.borrow_mut();
    if stderr.len() < SIZE {
        stderr.extend_from_slice(text.as_bytes());
    }
}

fn no_local_time(value: &Val) -> Result<Val, Error<Val>> {
    Err(Error::str(format_args!("localtime is not part of this shell; use gmtime on {value}")))
}

/// Whether a product is of bearable size: a text times a number repeats the text.
fn product_fits(left: &Val, right: &Val) -> bool {
    let times = |number: &Num| number.as_isize().map_or(usize::MAX, isize::unsigned_abs);
    match (left, right) {
        (text @ (Val::TStr(_) | Val::BStr(_)), Val::Num(number))
        | (Val::Num(number), text @ (Val::TStr(_) | Val::BStr(_))) => {
            let count = match number {
                Num::Float(count) => *count as usize,
                number => times(number),
            };
            size(text).saturating_mul(count) < SIZE
        }
        _ => size(left).saturating_add(size(right)) < SIZE,
    }
}

/// `@base64d` as jq 1.7 has it: padding may be missing, letters of base64url are an error.
/// Upstream: src/builtin.c:f_format.
fn decode(value: &Val) -> Result<Val, Error<Val>> {
    let Val::TStr(text) = value else { return Err(Error::typ(value.clone(), "string")) };
    let invalid = || {
        let shown = value.to_string();
        let shown = match shown.chars().count() {
            0..=14 => shown,
            _ => shown.chars().take(11).collect::<String>() + "...",
        };
        Error::str(format_args!("string ({shown}) is not valid base64 data"))
    };
    let mut bits = Vec::new();
    for byte in text.iter().copied().take_while(|byte| *byte != b'=') {
        bits.push(match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return Err(invalid()),
        });
    }
    let mut bytes = Vec::with_capacity(bits.len() / 4 * 3 + 2);
    for group in bits.chunks(4) {
        if group.len() == 1 {
            return Err(invalid());
        }
        let word = group.iter().enumerate().fold(0u32, |word, (at, six)| word | (u32::from(*six) << (18 - 6 * at)));
        bytes.extend_from_slice(&word.to_be_bytes()[1..group.len()]);
    }
    Ok(Val::from(String::from_utf8_lossy(&bytes).into_owned()))
}

/// A definition that counts its calls and all that its body gives.
pub(super) fn count(def: Def<&str>) -> Def<&str> {
    Def { body: pipe(counter(), term(def.body)), ..def }
}

fn counter<'s>() -> Term<&'s str> {
    Term::Call("count_", Vec::new())
}

fn pipe<'s>(left: Term<&'s str>, right: Term<&'s str>) -> Term<&'s str> {
    Term::BinOp(Box::new(left), BinaryOp::Pipe(None), Box::new(right))
}

// The syntax tree holds its branches in boxes.
#[allow(clippy::boxed_local)]
fn boxed(inner: Box<Term<&str>>) -> Box<Term<&str>> {
    Box::new(term(*inner))
}

fn term(whole: Term<&str>) -> Term<&str> {
    match whole {
        leaf @ (Term::Id | Term::Num(_) | Term::Break(_) | Term::Var(_)) => leaf,
        Term::Recurse => pipe(Term::Recurse, counter()),
        Term::Str(format, parts) => Term::Str(format, parts.into_iter().map(part).collect()),
        Term::Arr(inner) => Term::Arr(inner.map(boxed)),
        Term::Obj(entries) => Term::Obj(
            entries
                .into_iter()
                .map(|(key, value)| match value {
                    // `{a}`, `{$x}`: the key is read as it stands.
                    None => (key, None),
                    Some(value) => (plain(key), Some(term(value))),
                })
                .collect(),
        ),
        Term::Neg(inner) => Term::Neg(boxed(inner)),
        Term::BinOp(left, op, right) => match op {
            BinaryOp::Comma => Term::BinOp(boxed(left), BinaryOp::Comma, Box::new(pipe(counter(), term(*right)))),
            BinaryOp::Math(ops::Math::Mul) => Term::Call("times_", vec![term(*left), term(*right)]),
            BinaryOp::Pipe(Some(found)) => Term::BinOp(boxed(left), BinaryOp::Pipe(Some(pattern(found))), boxed(right)),
            op => Term::BinOp(boxed(left), op, boxed(right)),
        },
        Term::Label(name, inner) => Term::Label(name, boxed(inner)),
        Term::Fold(name, source, found, steps) => {
            let steps = steps.into_iter().map(|step| pipe(counter(), term(step))).collect();
            Term::Fold(name, boxed(source), pattern(found), steps)
        }
        Term::TryCatch(inner, catch) => Term::TryCatch(boxed(inner), catch.map(boxed)),
        Term::IfThenElse(branches, otherwise) => Term::IfThenElse(
            branches.into_iter().map(|(condition, then)| (term(condition), term(then))).collect(),
            otherwise.map(boxed),
        ),
        Term::Def(defs, rest) => Term::Def(defs.into_iter().map(count).collect(), boxed(rest)),
        Term::Call(name, args) => Term::Call(name, args.into_iter().map(term).collect()),
        Term::Path(from, Path(parts)) => {
            let parts = parts.into_iter().map(|(found, optional)| {
                let found = match found {
                    Part::Index(index) => Part::Index(plain(index)),
                    Part::Range(low, high) => Part::Range(low.map(plain), high.map(plain)),
                };
                (found, optional)
            });
            pipe(Term::Path(boxed(from), Path(parts.collect())), counter())
        }
    }
}

/// A text stays as it is where jaq treats it in its own way; anything else is counted.
fn plain(whole: Term<&str>) -> Term<&str> {
    match whole {
        Term::Str(format, parts) => Term::Str(format, parts.into_iter().map(part).collect()),
        other => term(other),
    }
}

fn part<'s>(part: StrPart<&'s str, Term<&'s str>>) -> StrPart<&'s str, Term<&'s str>> {
    match part {
        StrPart::Term(inner) => StrPart::Term(term(inner)),
        other => other,
    }
}

fn pattern(found: Pattern<&str>) -> Pattern<&str> {
    match found {
        Pattern::Var(name) => Pattern::Var(name),
        Pattern::Arr(parts) => Pattern::Arr(parts.into_iter().map(pattern).collect()),
        Pattern::Obj(parts) => {
            Pattern::Obj(parts.into_iter().map(|(key, inner)| (plain(key), pattern(inner))).collect())
        }
    }
}
