//! The schemas: a user with the application's profile, the input to create or change one, and the bodies of refusals.

use std::{any::TypeId, borrow::Cow};

use serde_json::{Value, json};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        AllOfBuilder, Array, ArrayBuilder, KnownFormat, Object, ObjectBuilder, Ref, RefOr, Schema, SchemaFormat, Type,
        schema::{AnyOfBuilder, SchemaType},
    },
};
use uuid::Uuid;

use super::fields::fields;
use crate::{
    captcha::Action,
    engine::{Engine, IMPERSONATION},
    http::{ACCEPT, INVITE, REGISTER, UPDATE, UPDATE_ME},
    store::UserStore,
    user::{NoProfile, Profile, USERNAME, User},
};

pub(super) fn reference(name: &str) -> RefOr<Schema> {
    RefOr::Ref(Ref::from_schema_name(name))
}

pub(super) fn of_type(kind: Type) -> ObjectBuilder {
    ObjectBuilder::new().schema_type(kind)
}

pub(super) fn text() -> ObjectBuilder {
    of_type(Type::String)
}

pub(super) fn formatted(format: KnownFormat) -> ObjectBuilder {
    text().format(Some(SchemaFormat::KnownFormat(format)))
}

pub(super) fn nullable(schema: ObjectBuilder) -> ObjectBuilder {
    schema.schema_type(SchemaType::from_iter([Type::String, Type::Null]))
}

/// A field of the fixed ones, by its name.
pub(super) fn field(name: &str) -> ObjectBuilder {
    match name {
        "email" => formatted(KnownFormat::Email),
        "password" | "current_password" => formatted(KnownFormat::Password),
        "credential" | "options" => of_type(Type::Object),
        name if name.starts_with("is_") => of_type(Type::Boolean),
        _ => text(),
    }
}

/// An object that must have these fields.
pub(super) fn fixed(required: &[&str]) -> ObjectBuilder {
    let schema = |name: &str| match name {
        "scopes" => Array::new(text()).into(),
        name => RefOr::from(field(name)),
    };
    required.iter().fold(of_type(Type::Object), |object, name| object.property(*name, schema(name)).required(*name))
}

/// An object with further fields that may be absent: texts, if their names do not say otherwise.
pub(super) fn with_optional(object: ObjectBuilder, names: &[&str]) -> ObjectBuilder {
    let schema = |name: &str| match name {
        "expires_in" | "overlap" => of_type(Type::Integer).minimum(Some(0.0)),
        "never_expires" => of_type(Type::Boolean),
        _ => text(),
    };
    names.iter().fold(object, |object, name| object.property(*name, schema(name)))
}

/// A provider, for a button.
pub(super) fn provider() -> RefOr<Schema> {
    fixed(&["name", "label"]).into()
}

/// An account at a provider.
pub(super) fn identity() -> RefOr<Schema> {
    fixed(&["id", "provider", "subject"])
        .property("email", nullable(text()))
        .required("email")
        .property("linked_at", formatted(KnownFormat::DateTime))
        .required("linked_at")
        .into()
}

/// A challenge for an authenticator.
pub(super) fn passkey_options() -> RefOr<Schema> {
    let lifetime = of_type(Type::Integer);
    fixed(&["options", "pending_token"]).property("expires_in", lifetime).required("expires_in").into()
}

/// The second factors that a login waits for.
pub(super) fn pending_login() -> RefOr<Schema> {
    let options = SchemaType::from_iter([Type::Object, Type::Null]);
    let factor = fixed(&["kind"]).property("options", ObjectBuilder::new().schema_type(options)).required("options");
    of_type(Type::Object)
        .property("factors", Array::new(factor))
        .required("factors")
        .property("expires_in", of_type(Type::Integer))
        .required("expires_in")
        .into()
}

/// The passkeys of a user, with what a browser must know to forget others.
pub(super) fn passkeys() -> RefOr<Schema> {
    fixed(&["rp_id"])
        .property("user_handle", nullable(text()))
        .required("user_handle")
        .property("passkeys", Array::new(passkey()))
        .required("passkeys")
        .into()
}

/// A passkey of a user.
fn passkey() -> RefOr<Schema> {
    fixed(&["id", "credential_id", "is_synced"])
        .property("label", nullable(text()))
        .required("label")
        .property("created_at", formatted(KnownFormat::DateTime))
        .required("created_at")
        .property("used_at", nullable(formatted(KnownFormat::DateTime)))
        .required("used_at")
        .into()
}

/// A second factor. Only recovery codes say how many are left.
pub(super) fn factor() -> RefOr<Schema> {
    fixed(&["id", "kind"])
        .property("label", nullable(text()))
        .required("label")
        .property("created_at", formatted(KnownFormat::DateTime))
        .required("created_at")
        .property("used_at", nullable(formatted(KnownFormat::DateTime)))
        .required("used_at")
        .property("codes_left", of_type(Type::Integer))
        .into()
}

/// An API key, without its text.
pub(super) fn api_key() -> ObjectBuilder {
    let time = || formatted(KnownFormat::DateTime);
    let nullables = [("label", text()), ("expires_at", time()), ("used_at", time()), ("used_from", text())];
    let object = fixed(&["id", "hint", "scopes"]).property("created_at", time()).required("created_at");
    nullables.into_iter().fold(object, |object, (name, schema)| object.property(name, nullable(schema)).required(name))
}

/// An API key with its text.
pub(super) fn created_api_key() -> ObjectBuilder {
    api_key().property("key", text()).required("key")
}

/// A second factor that was added, with recovery codes if it is the first one.
pub(super) fn added_factor() -> RefOr<Schema> {
    let codes = ArrayBuilder::new().schema_type(SchemaType::from_iter([Type::Array, Type::Null])).items(text());
    of_type(Type::Object)
        .property("factor", factor())
        .required("factor")
        .property("recovery_codes", codes)
        .required("recovery_codes")
        .into()
}

/// An invitation that was not accepted.
pub(super) fn invitation() -> RefOr<Schema> {
    let user =
        of_type(Type::Object).property("id", ObjectBuilder::new().schema_type(SchemaType::AnyValue)).required("id");
    let user = user.property("email", field("email")).required("email");
    let user = user.property("invited_by", nullable(text())).required("invited_by");
    let times = ["invited_at", "sent_at", "expires_at"];
    let object = times
        .into_iter()
        .fold(user, |object, name| object.property(name, formatted(KnownFormat::DateTime)).required(name));
    object.property("is_expired", field("is_expired")).required("is_expired").into()
}

/// A login, or a refused one.
pub(super) fn login_entry() -> RefOr<Schema> {
    let object = of_type(Type::Object).property("at", formatted(KnownFormat::DateTime)).required("at");
    let object = object.property("outcome", text().enum_values(Some(["logged_in", "refused"]))).required("outcome");
    let object = object.property("methods", Array::new(text())).required("methods");
    let texts = ["reason", "ip", "user_agent"].into_iter();
    texts.fold(object, |object, name| object.property(name, nullable(text())).required(name)).into()
}

/// A notification that was given up. It has no user if it was meant for an address.
pub(super) fn undelivered() -> RefOr<Schema> {
    fixed(&["id", "event", "error"])
        .property("user_id", ObjectBuilder::new().schema_type(SchemaType::AnyValue))
        .required("user_id")
        .property("attempts", of_type(Type::Integer))
        .required("attempts")
        .property("failed_at", formatted(KnownFormat::DateTime))
        .required("failed_at")
        .into()
}

/// An id as it is in JSON: the types of this crate are known, another type may be anything.
pub(super) fn id<I: 'static>() -> Object {
    let is = |id| TypeId::of::<I>() == id;
    if is(TypeId::of::<Uuid>()) {
        text().format(Some(SchemaFormat::Custom("uuid".to_owned()))).build()
    } else if is(TypeId::of::<i64>()) {
        of_type(Type::Integer).format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64))).build()
    } else if is(TypeId::of::<String>()) {
        text().build()
    } else {
        ObjectBuilder::new().schema_type(SchemaType::AnyValue).build()
    }
}

impl PartialSchema for NoProfile {
    fn schema() -> RefOr<Schema> {
        of_type(Type::Object).into()
    }
}

impl ToSchema for NoProfile {}

/// The fixed fields and those of the profile, all in one object.
impl<P: Profile + PartialSchema, I: 'static> PartialSchema for User<P, I> {
    fn schema() -> RefOr<Schema> {
        let base = of_type(Type::Object).property("id", id::<I>()).required("id");
        let base = ["email", "is_active", "is_superuser", "is_verified"]
            .into_iter()
            .fold(base, |object, name| object.property(name, field(name)).required(name))
            .property("created_at", formatted(KnownFormat::DateTime))
            .required("created_at");
        joined(base, shown::<P>())
    }
}

/// One object of the fixed fields and the profile's, since generators make one type of it. A profile that is more than its fields is put
/// beside them.
fn joined(own: ObjectBuilder, profile: RefOr<Schema>) -> RefOr<Schema> {
    match profile {
        RefOr::T(Schema::Object(profile)) if profile.additional_properties.is_none() => {
            let mut all = own.build();
            all.properties.extend(profile.properties);
            all.required.extend(profile.required);
            all.into()
        }
        profile => AllOfBuilder::new().item(own).item(profile).into(),
    }
}

/// The schema of a user, or of a body about one, with a further text.
fn with_text(schema: RefOr<Schema>, name: &str, is_required: bool) -> RefOr<Schema> {
    let own = |object: &mut Object| {
        object.properties.insert(name.to_owned(), text().into());
        if is_required {
            object.required.push(name.to_owned());
        }
    };
    match schema {
        RefOr::T(Schema::Object(mut object)) => {
            own(&mut object);
            RefOr::T(Schema::Object(object))
        }
        // The profile is more than its fields, and is beside the fixed ones.
        RefOr::T(Schema::AllOf(mut all)) => {
            if let Some(RefOr::T(Schema::Object(object))) = all.items.first_mut() {
                own(object);
            }
            RefOr::T(Schema::AllOf(all))
        }
        other => other,
    }
}

/// With the name that FastAPI Users' documentation uses.
impl<P: Profile + ToSchema, I: 'static> ToSchema for User<P, I> {
    fn name() -> Cow<'static, str> {
        "UserRead".into()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        P::schemas(schemas);
    }
}

/// The named schemas of a store's users, and of the refusals of all routes.
pub(super) fn named<S: UserStore<Profile: ToSchema>>(engine: &Engine<S>) -> Vec<(String, RefOr<Schema>)> {
    let optional = |names: &[&str]| {
        names.iter().fold(of_type(Type::Object), |object, name| {
            let schema = field(name);
            object.property(*name, if name.ends_with("password") { nullable(schema) } else { schema })
        })
    };
    let (register, update) = (register::<S::Profile>, update::<S::Profile>);
    let admin_update = profile::<S::Profile>(fields::<<S::Profile as Profile>::AdminUpdate>(), true);
    let has_username = |schema: RefOr<Schema>| match engine.usernames() {
        Some(_) => with_text(schema, USERNAME, false),
        None => schema,
    };
    let create = joined(fixed(&REGISTER), register());
    let create = match engine.usernames().filter(|_| engine.registers_usernames()) {
        Some(part) => with_text(create, USERNAME, part.is_required()),
        None => create,
    };
    let create = match engine.captcha_for(Action::Register) {
        Some(captcha) => with_text(create, captcha.name(), captcha.threshold().is_none()),
        None => create,
    };
    let users = Array::new(reference("UserRead"));
    let page = of_type(Type::Object).property("users", users).required("users");
    // Users whose profile cannot be read: the fixed fields alone.
    let page = page.property("unreadable", Array::new(reference("UserWithoutProfile")));
    let page = page.property("next_cursor", nullable(text())).required("next_cursor");
    let mut schemas = vec![
        (User::<S::Profile, S::Id>::name().into_owned(), has_username(User::<S::Profile, S::Id>::schema())),
        ("UserWithoutProfile".to_owned(), has_username(User::<NoProfile, S::Id>::schema())),
        ("UserCreate".to_owned(), create),
        ("UserUpdateMe".to_owned(), has_username(joined(optional(&UPDATE_ME), update()))),
        ("UserUpdate".to_owned(), has_username(joined(optional(&UPDATE), admin_update))),
        ("UserPage".to_owned(), page.into()),
        ("BearerResponse".to_owned(), token("bearer").into()),
        ("SessionRead".to_owned(), session(engine.has_part(IMPERSONATION))),
        ("ErrorModel".to_owned(), error()),
        ("ValidationError".to_owned(), validation_error()),
        ("HTTPValidationError".to_owned(), validation()),
    ];
    User::<S::Profile, S::Id>::schemas(&mut schemas);
    schemas
}

/// The named schemas of what inviting and accepting take.
pub(super) fn of_invitations<S: UserStore<Profile: ToSchema>>() -> Vec<(String, RefOr<Schema>)> {
    vec![
        ("UserInvite".to_owned(), joined(fixed(&INVITE), register::<S::Profile>())),
        ("UserAccept".to_owned(), joined(fixed(&ACCEPT), update::<S::Profile>())),
    ]
}

/// What a registration may send of the profile.
fn register<P: Profile + PartialSchema>() -> RefOr<Schema> {
    profile::<P>(fields::<P::Register>(), false)
}

/// What a change may send of the profile.
fn update<P: Profile + PartialSchema>() -> RefOr<Schema> {
    profile::<P>(fields::<P::Update>(), true)
}

/// The profile's own schema, without what is hidden.
fn shown<P: Profile + PartialSchema>() -> RefOr<Schema> {
    match P::schema() {
        RefOr::T(Schema::Object(mut object)) => {
            object.properties.retain(|name, _| !P::HIDDEN.contains(&name.as_str()));
            object.required.retain(|name| !P::HIDDEN.contains(&name.as_str()));
            RefOr::T(Schema::Object(object))
        }
        other => other,
    }
}

/// The profile's own schema, reduced to what may be sent. A schema that is not a plain object cannot be reduced, and only says that it is an object.
fn profile<P: PartialSchema>(sent: Option<&[&str]>, optional: bool) -> RefOr<Schema> {
    match P::schema() {
        RefOr::T(Schema::Object(mut object)) => {
            if let Some(sent) = sent {
                object.properties.retain(|name, _| sent.contains(&name.as_str()));
                object.required.retain(|name| sent.contains(&name.as_str()));
            }
            if optional {
                object.required.clear();
            }
            RefOr::T(Schema::Object(object))
        }
        _ => of_type(Type::Object).into(),
    }
}

fn session(has_actor: bool) -> RefOr<Schema> {
    let time = || formatted(KnownFormat::DateTime);
    let fields = [
        ("id", text()),
        ("backend", text()),
        ("authenticated_at", time()),
        ("seen_at", nullable(time())),
        ("expires_at", time()),
        ("ip", nullable(text())),
        ("user_agent", nullable(text())),
        ("is_current", field("is_current")),
    ];
    let object = |object: ObjectBuilder, (name, schema)| object.property(name, schema).required(name);
    let session = fields.into_iter().fold(of_type(Type::Object), object);
    // Only a session in which an administrator acts has it.
    if has_actor { session.property("actor", fixed(&["id"])) } else { session }.into()
}

fn error() -> RefOr<Schema> {
    let reasoned = ["reason", "reason_code", "reason_limit"];
    let reasoned = reasoned.into_iter().fold(fixed(&["code"]), |object, name| object.property(name, text()));
    let detail = AnyOfBuilder::new().item(text()).item(reasoned);
    of_type(Type::Object).property("detail", detail).required("detail").into()
}

/// FastAPI's format, without the `input` that would send passwords back.
fn validation_error() -> RefOr<Schema> {
    let part = AnyOfBuilder::new().item(text()).item(of_type(Type::Integer));
    let object = of_type(Type::Object).property("loc", Array::new(part)).required("loc");
    let object = object.property("msg", text()).required("msg").property("type", text()).required("type");
    object.property("ctx", of_type(Type::Object)).into()
}

fn validation() -> RefOr<Schema> {
    let detail = Array::new(reference("ValidationError"));
    of_type(Type::Object).property("detail", detail).required("detail").into()
}

/// An [`error`] whose detail is one of these texts, or one of these codes with a reason. If it is open, also a code that only the
/// application knows.
pub(super) fn refusal(details: &[&str], reasoned: &[&str], open: bool) -> RefOr<Schema> {
    let mut detail = AnyOfBuilder::new();
    if !details.is_empty() {
        detail = detail.item(text().enum_values(Some(details.iter().copied())));
    }
    let with_reason = |code: ObjectBuilder| {
        of_type(Type::Object).property("code", code).required("code").property("reason", text()).required("reason")
    };
    if !reasoned.is_empty() {
        detail = detail.item(with_reason(text().enum_values(Some(reasoned.iter().copied()))));
    }
    if open {
        let words = "The code of one of the application's own hooks.";
        detail = detail.item(text().description(Some(words))).item(with_reason(text()).description(Some(words)));
    }
    let narrowed = of_type(Type::Object).property("detail", detail).required("detail");
    AllOfBuilder::new().item(reference("ErrorModel")).item(narrowed).into()
}

/// The fields of a login, including the other fields of OAuth 2.0, which are accepted and ignored.
pub(super) fn login() -> ObjectBuilder {
    let object = ["username", "password"].into_iter().fold(of_type(Type::Object), |object, name| {
        object.property(name, field(name).min_length(Some(1))).required(name)
    });
    let object = object.property("grant_type", text().pattern(Some("^password$")));
    ["scope", "client_id", "client_secret"].into_iter().fold(object, |object, name| object.property(name, text()))
}

/// The response to a login, with the type of its token.
pub(super) fn token(kind: &str) -> ObjectBuilder {
    let token = fixed(&["access_token", "token_type"]).property("token_type", text().enum_values(Some([kind])));
    // If the backend has refresh tokens.
    token.property("refresh_token", text()).property("expires_in", of_type(Type::Integer))
}

/// The fields of a refresh.
pub(super) fn refresh() -> ObjectBuilder {
    let object = of_type(Type::Object).property("refresh_token", text().min_length(Some(1))).required("refresh_token");
    object.property("grant_type", text().pattern(Some("^refresh_token$")))
}

/// The body of a refusal with this code.
pub(super) fn example(code: &str, reason: Option<&str>) -> Value {
    match reason {
        Some(reason) => json!({ "detail": { "code": code, "reason": reason } }),
        None => json!({ "detail": code }),
    }
}
