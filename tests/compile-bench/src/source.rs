//! One manager as text, in three ways of writing it: the number goes in, Rust comes out.

/// What every crate begins with.
pub(crate) const HEAD: &str = "#![allow(dead_code, unused_imports, unused_variables)]\nuse usermgr::{error::HookFuture, settings::Settings, prelude::*};\n";

type Params = &'static [(&'static str, &'static str)];
type Hook = (&'static str, Params, Outcome, &'static str);

/// Ten hooks: name, parameters, what is returned, and the body.
const HOOKS: [Hook; 10] = [
    (
        "validate_password",
        &[("password", "&Password"), ("subject", "&PasswordSubject<'_>")],
        Outcome::Policy,
        "usermgr::password::policy(password, subject)",
    ),
    (
        "on_before_register",
        &[("draft", "&mut Draft")],
        Outcome::Gate,
        "if draft.email().as_str().len() > self.longest { return Err(Rejection::new(\"TOO_LONG\")); } Ok(())",
    ),
    (
        "on_before_delete",
        &[("user", "&User")],
        Outcome::Gate,
        "if user.is_superuser { return Err(Rejection::new(\"NOT_THIS_ONE\")); } Ok(())",
    ),
    (
        "on_after_register",
        &[("user", "&User"), ("cx", "&Context")],
        Outcome::After,
        "self.request_verify(user, cx).await?; Ok(())",
    ),
    (
        "on_after_login",
        &[("user", "&User"), ("login", "&mut Login")],
        Outcome::After,
        "login.header(\"x-user\", user.email.as_str()); Ok(())",
    ),
    (
        "on_after_request_verify",
        &[("user", "&User"), ("token", "&VerifyToken")],
        Outcome::After,
        "self.send(user, token.expose()).await; Ok(())",
    ),
    ("on_after_verify", &[("user", "&User")], Outcome::After, "self.send(user, \"verified\").await; Ok(())"),
    (
        "on_after_forgot_password",
        &[("user", "&User"), ("token", "&ResetToken")],
        Outcome::After,
        "self.send(user, token.expose()).await; Ok(())",
    ),
    ("on_after_reset_password", &[("user", "&User")], Outcome::After, "self.send(user, \"reset\").await; Ok(())"),
    ("on_after_delete", &[("user", "&User")], Outcome::After, "self.send(user, \"deleted\").await; Ok(())"),
];

#[derive(Clone, Copy)]
enum Outcome {
    Policy,
    Gate,
    After,
}

impl Outcome {
    fn error(self) -> &'static str {
        match self {
            Outcome::Policy => "InvalidPassword",
            Outcome::Gate => "Rejection",
            Outcome::After => "HookError",
        }
    }
}

const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn declaration(number: u32) -> String {
    format!(
        "pub struct Accounts{number} {{ engine: Engine<MemoryStore>, longest: usize }}\n\
         impl Accounts{number} {{ async fn send(&self, user: &User, text: &str) {{ println!(\"{{}} {{text}}\", user.email); }} }}\n"
    )
}

/// The hooks as the attribute wants them: inherent, the context only where it is used.
fn inherent_hooks() -> String {
    let hook = |(name, params, outcome, body): &Hook| {
        let params: String = params.iter().map(|(name, ty)| format!(", {name}: {ty}")).collect();
        format!("    async fn {name}(&self{params}) -> Result<(), {}> {{ {body} }}\n", outcome.error())
    };
    HOOKS.iter().map(hook).collect()
}

/// The methods of the trait, each with the future that `future` gives it.
fn trait_methods(future: impl Fn(&str, Params, &str) -> String) -> String {
    let method = |(name, params, outcome, body): &Hook| {
        let mut all: String = params.iter().map(|(name, ty)| format!(", {name}: {}", with_lifetime(ty))).collect();
        if params.iter().all(|(name, _)| *name != "cx") {
            all.push_str(", _cx: &'a Context");
        }
        let (error, future) = (outcome.error(), future(name, params, body));
        format!("    fn {name}<'a>(&'a self{all}) -> HookFuture<'a, {error}> {{ Box::pin({future}) }}\n")
    };
    HOOKS.iter().map(method).collect()
}

fn with_lifetime(ty: &str) -> String {
    ty.replacen('&', "&'a ", 1).replace("'_", "'a")
}

fn implementation(number: u32, methods: &str) -> String {
    format!(
        "impl UserManager for Accounts{number} {{\n\
         \x20   type Store = MemoryStore;\n\
         \x20   fn engine_ref(&self) -> &Engine<MemoryStore> {{ &self.engine }}\n\
         \x20   fn settings(&self) -> Settings {{ Settings::new().reset_secret(Secret::new(\"{SECRET}\").into()) }}\n{methods}}}\n"
    )
}

pub(crate) fn with_attribute(number: u32) -> String {
    let hooks = inherent_hooks();
    format!(
        "{}#[user_manager(store = MemoryStore, reset_secret = \"{SECRET}\")]\nimpl Accounts{number} {{\n{hooks}}}\n",
        declaration(number)
    )
}

/// The trait implemented directly: hooks can then only be called through the trait.
pub(crate) fn by_hand(number: u32) -> String {
    declaration(number) + &implementation(number, &trait_methods(|_, _, body| format!("async move {{ {body} }}")))
}

/// As the attribute does it: inherent hooks, which the implementation calls.
pub(crate) fn in_two_parts(number: u32) -> String {
    let forward = |name: &str, params: Params, _: &str| {
        let passed: String = params.iter().map(|(name, _)| format!(", {name}")).collect();
        format!("Self::{name}(self{passed})")
    };
    let hooks = inherent_hooks();
    format!("{}impl Accounts{number} {{\n{hooks}}}\n", declaration(number))
        + &implementation(number, &trait_methods(forward))
}
