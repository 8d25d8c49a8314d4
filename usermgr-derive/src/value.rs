//! The value of one setting: an expression goes in, and comes out checked as far as is possible at compile time.

use proc_macro2::Span;
use quote::ToTokens;
use syn::{
    BinOp, Expr, ExprBinary, ExprCall, ExprLit, ExprMacro, ExprPath, ExprUnary, Ident, Lit, LitInt, PathSegment, UnOp,
};

use crate::errors::{Errors, Message};

/// The minimum length in bytes of a secret that signs tokens.
pub(crate) const SECRET_BYTES: usize = 32;

const SECRET_HELP: &str = "use at least 32 random bytes, such as the output of `openssl rand -hex 32`";
const AUDIENCE_HELP: &str = "name the application and the purpose, such as `\"shop:verify\"`";
pub(crate) const AUDIENCE_NOTE: &str =
    "the audience keeps a token made for one purpose from being accepted for another";

/// The audiences that no setting changes, and what has them.
pub(crate) const FIXED_AUDIENCES: [(&str, &str); 3] =
    [("usermgr:mail_login", "login links"), ("usermgr:invitation", "invitations"), ("usermgr:passkey", "passkeys")];
/// The longest lifetime of most purposes, about 136 years, so that no expiry overflows.
pub(crate) const LIFETIME_SECONDS: u64 = u32::MAX as u64;

#[derive(Clone)]
pub(crate) struct Value {
    pub(crate) kind: ValueKind,
    pub(crate) expr: Expr,
    pub(crate) known: Known,
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum ValueKind {
    Secret,
    Audience,
    /// Of at most so many seconds.
    Lifetime {
        longest: u64,
    },
}

impl ValueKind {
    /// Checks a value of this kind as far as it is known.
    pub(crate) fn judge(self, name: &str, expr: Expr, errors: &mut Errors) -> Option<Value> {
        let judged = match self {
            ValueKind::Secret => secret(name, expr, errors),
            ValueKind::Audience => audience(name, expr, errors),
            ValueKind::Lifetime { longest } => lifetime(name, longest, expr, errors),
        };
        judged.map(|(expr, known)| Value { kind: self, expr, known })
    }

    /// What the runtime has for values of this kind.
    pub(crate) fn runtime(self) -> Runtime {
        let (witness, convert, known, check) = match self {
            ValueKind::Secret => ("AsSecret", "to_secret", "text", "secret"),
            ValueKind::Audience => ("AsAudience", "to_audience", "text", "audience"),
            ValueKind::Lifetime { .. } => ("AsLifetime", "to_lifetime", "seconds", "lifetime"),
        };
        let [witness, convert, known, check] =
            [witness, convert, known, check].map(|name| Ident::new(name, Span::call_site()));
        Runtime { witness, convert, known, check }
    }
}

pub(crate) struct Runtime {
    /// The trait of types that can be such a value.
    pub(crate) witness: Ident,
    /// Its method that takes the value.
    pub(crate) convert: Ident,
    /// The method that returns what the compiler knows about a constant.
    pub(crate) known: Ident,
    /// The function that checks that.
    pub(crate) check: Ident,
}

type Judged = Option<(Expr, Known)>;

/// When the compiler can know a value.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(crate) enum Known {
    /// A literal, checked by the macro.
    Literal,
    /// Integer literals and operators: a constant of type `u64`.
    Arithmetic,
    /// A path to a constant, a text by a macro of the language, or a `Duration` in seconds: checked by a constant that the macro emits.
    Constant,
    /// Anything else: checked when the manager is checked.
    Running,
}

fn secret(name: &str, expr: Expr, errors: &mut Errors) -> Judged {
    match peel(&expr) {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => {
            let length = text.value().len();
            let message = if length == 0 {
                Message::new(format!("`{name}` must not be empty")).help(SECRET_HELP)
            } else if length < SECRET_BYTES {
                let unit = if length == 1 { "byte" } else { "bytes" };
                Message::new(format!("`{name}` is {length} {unit} long, but must be at least {SECRET_BYTES}"))
                    .help(SECRET_HELP)
                    .note("tokens are signed with HMAC-SHA256, and a shorter key weakens them")
            } else {
                return Some((expr, Known::Literal));
            };
            errors.at(text, message);
            None
        }
        Expr::Lit(ExprLit { lit, .. }) => {
            let help = "write a string literal, or an expression of type `Secret`";
            errors.at(lit, Message::new(format!("`{name}` must be a string, found {}", kind(lit))).help(help));
            None
        }
        _ => {
            let known = knowledge(&expr);
            Some((expr, known))
        }
    }
}

fn audience(name: &str, expr: Expr, errors: &mut Errors) -> Judged {
    match peel(&expr) {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => {
            let value = text.value();
            let message = if value.is_empty() {
                Message::new(format!("`{name}` must not be empty")).help(AUDIENCE_HELP)
            } else if let Some((fixed, bearers)) = FIXED_AUDIENCES.iter().find(|(fixed, _)| *fixed == value) {
                Message::new(format!("`{name}` must not be `{fixed}`, the audience of {bearers}"))
                    .help(AUDIENCE_HELP)
                    .note(AUDIENCE_NOTE)
            } else {
                return Some((expr, Known::Literal));
            };
            errors.at(text, message);
            None
        }
        Expr::Lit(ExprLit { lit, .. }) => {
            let message = Message::new(format!("`{name}` must be a string, found {}", kind(lit)));
            errors.at(lit, message.help(AUDIENCE_HELP));
            None
        }
        _ => {
            let known = knowledge(&expr);
            Some((expr, known))
        }
    }
}

fn lifetime(name: &str, longest: u64, expr: Expr, errors: &mut Errors) -> Judged {
    match peel(&expr) {
        Expr::Lit(ExprLit { lit: Lit::Int(seconds), attrs }) => {
            let seconds = whole_seconds(name, longest, seconds, errors)?;
            let expr = Expr::Lit(ExprLit { attrs: attrs.clone(), lit: Lit::Int(seconds) });
            Some((expr, Known::Literal))
        }
        Expr::Lit(ExprLit { lit, .. }) => {
            let message = Message::new(format!("`{name}` must be an integer number of seconds, found {}", kind(lit)));
            let quoted = match lit {
                Lit::Str(text) => text.value().parse::<u64>().ok(),
                _ => None,
            };
            errors.at(
                lit,
                match quoted {
                    Some(seconds) => message.help(format!("write `{seconds}`")),
                    None => message.help(lifetime_help(longest)),
                },
            );
            None
        }
        negative @ Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr: number, .. }) if is_number(number) => {
            let message = format!("`{name}` must be a positive number of seconds, found a negative one");
            errors.at(negative, Message::new(message).help(lifetime_help(longest)));
            None
        }
        _ => {
            let known = knowledge(&expr);
            if let (Known::Arithmetic, Some(literal)) = (known, foreign(&expr)) {
                errors.at(literal, wrong_suffix(name, literal));
                return None;
            }
            Some((expr, known))
        }
    }
}

/// The literal with the suffix `u64`, so that no other integer type is inferred for it.
fn whole_seconds(name: &str, longest: u64, literal: &LitInt, errors: &mut Errors) -> Option<LitInt> {
    let message = match (literal.suffix(), literal.base10_digits().parse::<u64>()) {
        ("" | "u64", Ok(0)) => Message::new(format!("`{name}` must be greater than zero")).help(lifetime_help(longest)),
        ("" | "u64", Ok(seconds)) if seconds <= longest => {
            return Some(LitInt::new(&format!("{seconds}u64"), literal.span()));
        }
        ("" | "u64", _) => Message::new(format!("`{name}` is larger than the maximum of {longest} seconds"))
            .help(lifetime_help(longest)),
        _ => wrong_suffix(name, literal),
    };
    errors.at(literal, message);
    None
}

fn lifetime_help(longest: u64) -> String {
    format!("write a number of seconds, such as `{}`", longest.min(3600))
}

fn wrong_suffix(name: &str, literal: &LitInt) -> Message {
    let suffix = literal.suffix();
    Message::new(format!("`{name}` must be a `u64`, found the suffix `{suffix}`"))
        .help(format!("remove the suffix `{suffix}`"))
}

/// The expression without parentheses and without the invisible groups that `macro_rules!` puts around it.
pub(crate) fn peel(mut expr: &Expr) -> &Expr {
    loop {
        expr = match expr {
            Expr::Group(group) => &group.expr,
            Expr::Paren(paren) => &paren.expr,
            other => return other,
        };
    }
}

/// What is known about two values of one kind at compile time.
pub(crate) enum Comparison {
    Equal,
    Unequal,
    /// At least one is a constant: the compiler can compare them.
    Open,
}

pub(crate) fn compare(left: &Value, right: &Value) -> Comparison {
    let literal = |value: &Value| match peel(&value.expr) {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    };
    let written = |value: &Value| peel(&value.expr).to_token_stream().to_string();
    match (left.known, right.known) {
        (Known::Literal, Known::Literal) if literal(left) == literal(right) => Comparison::Equal,
        (Known::Constant, Known::Constant) if written(left) == written(right) => Comparison::Equal,
        (Known::Constant, Known::Constant | Known::Literal) | (Known::Literal, Known::Constant) => Comparison::Open,
        _ => Comparison::Unequal,
    }
}

fn knowledge(expr: &Expr) -> Known {
    const CONSTANT_MACROS: [&str; 4] = ["concat", "env", "include_str", "stringify"];
    match peel(expr) {
        // A name that is not in capitals is more likely a function or a variable.
        Expr::Path(ExprPath { qself: None, path, .. }) if path.segments.last().is_some_and(is_in_capitals) => {
            Known::Constant
        }
        Expr::Macro(ExprMacro { mac, .. }) => match mac.path.segments.last() {
            Some(last) if CONSTANT_MACROS.iter().any(|name| last.ident == name) => Known::Constant,
            _ => Known::Running,
        },
        Expr::Call(call) if is_duration(call) => Known::Constant,
        other if is_arithmetic(other) => Known::Arithmetic,
        _ => Known::Running,
    }
}

fn is_in_capitals(segment: &PathSegment) -> bool {
    !segment.ident.to_string().contains(char::is_lowercase)
}

/// `Duration::from_secs(60 * 60)`: a constant function with arguments that the compiler knows.
fn is_duration(call: &ExprCall) -> bool {
    const MADE_BY: [&str; 6] = ["from_secs", "from_mins", "from_hours", "from_millis", "from_micros", "from_nanos"];
    let Expr::Path(ExprPath { qself: None, path, .. }) = peel(&call.func) else { return false };
    let mut last = path.segments.iter().rev().map(|segment| &segment.ident);
    last.next().is_some_and(|method| MADE_BY.iter().any(|name| method == name))
        && last.next().is_some_and(|ty| ty == "Duration")
        && call.args.len() == 1
        && call.args.iter().all(is_arithmetic)
}

fn is_arithmetic(expr: &Expr) -> bool {
    match peel(expr) {
        Expr::Lit(ExprLit { lit: Lit::Int(_), .. }) => true,
        Expr::Binary(ExprBinary {
            left,
            op: BinOp::Add(_) | BinOp::Sub(_) | BinOp::Mul(_) | BinOp::Div(_),
            right,
            ..
        }) => is_arithmetic(left) && is_arithmetic(right),
        _ => false,
    }
}

/// The first number of another type than `u64`.
fn foreign(arithmetic: &Expr) -> Option<&LitInt> {
    match peel(arithmetic) {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => (!matches!(number.suffix(), "" | "u64")).then_some(number),
        Expr::Binary(ExprBinary { left, right, .. }) => foreign(left).or_else(|| foreign(right)),
        _ => None,
    }
}

fn is_number(expr: &Expr) -> bool {
    matches!(peel(expr), Expr::Lit(ExprLit { lit: Lit::Int(_) | Lit::Float(_), .. }))
}

fn kind(literal: &Lit) -> &'static str {
    match literal {
        Lit::Str(_) => "a string",
        Lit::ByteStr(_) => "a byte string",
        Lit::CStr(_) => "a C string",
        Lit::Byte(_) => "a byte",
        Lit::Char(_) => "a character",
        Lit::Int(_) => "an integer",
        Lit::Float(_) => "a float",
        Lit::Bool(_) => "a boolean",
        _ => "another literal",
    }
}
