//! The responses of a route: its success, and every refusal with its codes.

use ::http::StatusCode;
use utoipa::openapi::{
    Array, Content, Header, ObjectBuilder, Ref, RefOr, Response, ResponseBuilder, Responses, ResponsesBuilder, Schema,
    Type,
    example::ExampleBuilder,
    schema::{AnyOfBuilder, SchemaType},
};

use super::{
    EngineFacts,
    operation::{Described, Who},
    schema::{
        added_factor, api_key, created_api_key, example, factor, fixed, identity, invitation, login_entry, of_type,
        passkey_options, passkeys, pending_login, provider, reference, refusal, text, undelivered,
    },
};
use crate::{
    error::{Code, PermissionRequired},
    http::{Problem, Success},
    session::Transport,
};

/// The refusals that are the same everywhere.
const SHARED: [(u16, &str, &str, Option<&str>); 5] = [
    (401, "Unauthorized", "No user, or an inactive one.", Some("WWW-Authenticate")),
    (404, "Not Found", "There is no such account.", None),
    (413, "Content Too Large", "The body is larger than 64 KiB.", None),
    (415, "Unsupported Media Type", "The body has an unsupported media type.", None),
    (503, "Service Unavailable", "Overloaded, or the store is not available. Try again later.", Some("Retry-After")),
];

/// They are in the components, under their names.
pub(super) fn shared() -> impl Iterator<Item = (String, Response)> {
    SHARED.into_iter().map(|(status, detail, words, header)| {
        let response = ResponseBuilder::new().description(words).content(
            JSON,
            Content::builder()
                .schema(Some(refusal(&[detail], &[], false)))
                .example(Some(example(detail, None)))
                .build(),
        );
        let response = match header {
            Some("Retry-After") => response.header("Retry-After", Header::new(of_type(Type::Integer))),
            Some(name) => response.header(name, Header::new(text())),
            None => response,
        };
        (shared_name(status), response.build())
    })
}

const JSON: &str = "application/json";

fn shared_name(status: u16) -> String {
    let status = StatusCode::from_u16(status).unwrap_or_default();
    status.canonical_reason().unwrap_or_default().replace(' ', "")
}

/// The responses of one route.
pub(super) fn responses(facts: &EngineFacts, described: &Described, transport: Option<&Transport>) -> Responses {
    let mut responses = ResponsesBuilder::new();
    // Without a backend in its path, a login is one of the caller's backend.
    let of_callers = facts.transports.iter().filter(|_| described.answer == Success::Login && transport.is_none());
    let of_callers = of_callers.rev().map(Some).collect::<Vec<_>>();
    for transport in if of_callers.is_empty() { vec![transport] } else { of_callers } {
        let (status, success) = success(described, transport);
        responses = responses.response(status.to_string(), success);
    }
    let waits = described.codes.iter().any(|code| code.status() == 503);
    for status in [400, 403, 429, 503] {
        let codes: Vec<_> = described.codes.iter().copied().filter(|code| code.status() == status).collect();
        let (details, open) = match status {
            403 => (forbidden(facts, described, transport), described.route.gated),
            503 if waits => (vec!["Service Unavailable"], false),
            _ => (Vec::new(), false),
        };
        if !codes.is_empty() || !details.is_empty() || open {
            responses = responses.response(status.to_string(), coded(status, &codes, &details, open));
        }
    }
    let applies = [
        (401, matches!(described.who, Who::User | Who::Superuser)),
        (404, described.route.names_something),
        (413, true),
        (415, described.reads_body()),
        (503, described.answer != Success::Keys && !waits),
    ];
    for (status, _) in applies.into_iter().filter(|(_, applies)| *applies) {
        let response: RefOr<Response> = RefOr::Ref(Ref::from_response_name(shared_name(status)));
        responses = responses.response(status.to_string(), response);
    }
    if described.can_be_invalid() {
        let content = Content::new(Some(reference("HTTPValidationError")));
        let response = ResponseBuilder::new().description("The input is invalid.").content(JSON, content);
        responses = responses.response("422", response.build());
    }
    responses.build()
}

/// The details of a 403 that are not a code of the operation.
fn forbidden(facts: &EngineFacts, described: &Described, transport: Option<&Transport>) -> Vec<&'static str> {
    let by_cookie = match described.who {
        Who::Anybody | Who::Visitor => matches!(transport, Some(Transport::Cookie(_))),
        Who::User | Who::Superuser => facts.cookies,
    };
    let lacking = match described.who {
        Who::Anybody | Who::Visitor => false,
        Who::User => facts.requires_verified,
        Who::Superuser => true,
    };
    let setting_up = facts.demands_factor && described.refuses_during_setup();
    let acting = facts.lets_act && described.is_for_users_themselves();
    details(lacking, setting_up, by_cookie, facts.accepts_keys, acting)
}

/// The details of the guards.
fn details(lacking: bool, setting_up: bool, by_cookie: bool, refuses_keys: bool, acting: bool) -> Vec<&'static str> {
    let all = [
        (lacking, "Forbidden"),
        (setting_up, Code::SecondFactorSetupRequired.as_str()),
        (by_cookie, Code::CrossOriginRequest.as_str()),
        (refuses_keys, Code::ApiKeyNotAccepted.as_str()),
        (acting, Code::ImpersonatedSession.as_str()),
    ];
    all.into_iter().filter(|(applies, _)| *applies).map(|(_, detail)| detail).collect()
}

/// The refusals of a route of the application that needs permissions. The example is the response to a user who has none of them.
pub(super) fn permission_responses(facts: &EngineFacts, refused: PermissionRequired) -> Vec<(String, RefOr<Response>)> {
    let shared = |status: u16| {
        let response = RefOr::Ref(Ref::from_response_name(shared_name(status)));
        (status.to_string(), response)
    };
    let code = Code::PermissionRequired;
    let details = details(facts.requires_verified, facts.demands_factor, facts.cookies, false, false);
    let missing = fixed(&["code", "reason", "required"]).property("code", text().enum_values(Some([code.as_str()])));
    let mut detail = AnyOfBuilder::new();
    if !details.is_empty() {
        detail = detail.item(text().enum_values(Some(details)));
    }
    let schema = of_type(Type::Object).property("detail", detail.item(missing)).required("detail");
    let body = Problem::from(refused).into_outgoing().body;
    let content = Content::builder().schema(Some(schema)).example(serde_json::from_slice(&body).ok());
    let forbidden = ResponseBuilder::new()
        .description("Permissions are missing; `required` has their names, with spaces between them.")
        .content(JSON, content.build());
    let wrong_keys = facts.accepts_keys.then(|| {
        let response = coded(429, &[Code::TooManyRequests], &[], false);
        ("429".to_owned(), response.into())
    });
    let always = [shared(401), (code.status().to_string(), forbidden.build().into()), shared(503)];
    always.into_iter().chain(wrong_keys).collect()
}

fn coded(status: u16, codes: &[Code], details: &[&str], open: bool) -> Response {
    let (reasoned, plain): (Vec<_>, Vec<_>) = codes.iter().copied().partition(|code| reason(*code).is_some());
    let examples = codes.iter().map(|code| (code.as_str(), reason(*code)));
    let examples = examples
        .chain(details.iter().map(|detail| (*detail, None)))
        .map(|(code, reason)| (code, ExampleBuilder::new().value(Some(example(code, reason))).build()));
    let (reasoned, plain) = (texts(&reasoned), [texts(&plain), details.to_vec()].concat());
    let content = Content::builder().schema(Some(refusal(&plain, &reasoned, open))).examples_from_iter(examples);
    let response = ResponseBuilder::new().content(JSON, content);
    let response = match status {
        403 => response.description("The user does not have the right."),
        503 => response
            .description("Overloaded, or the store or a provider is not available. Try again later.")
            .header("Retry-After", Header::new(of_type(Type::Integer))),
        429 => response
            .description("Too many failed attempts, or too many requests. Try again later.")
            .header("Retry-After", Header::new(of_type(Type::Integer))),
        _ => response.description("Refused, with a code."),
    };
    response.build()
}

/// The reason that stands beside a code, as an example.
fn reason(code: Code) -> Option<&'static str> {
    match code {
        Code::LoginSecondFactorRequired => Some("a second factor is needed"),
        Code::RegisterInvalidUsername | Code::UpdateUserInvalidUsername => Some("the user name is reserved"),
        code if code.has_reason() => Some("the password is shorter than 15 characters"),
        _ => None,
    }
}

fn texts(codes: &[Code]) -> Vec<&'static str> {
    codes.iter().map(|code| code.as_str()).collect()
}

fn success(described: &Described, transport: Option<&Transport>) -> (u16, Response) {
    let json = |words: &str, schema: RefOr<Schema>| {
        ResponseBuilder::new().description(words).content(JSON, Content::new(Some(schema))).build()
    };
    let with_cookie = |words: &str| {
        let response = ResponseBuilder::new().description(words);
        response.header("Set-Cookie", Header::new(text())).build()
    };
    let status = described.answer.status();
    match (described.answer, transport) {
        (Success::Login, Some(Transport::Cookie(_))) => (204, with_cookie("Logged in; the cookie has the token.")),
        (Success::Login | Success::Tokens, Some(Transport::Header(_))) => {
            (status, json("Logged in.", reference("APIKeyResponse")))
        }
        (Success::Login | Success::Tokens, _) => (status, json("Logged in.", reference("BearerResponse"))),
        (Success::Done, Some(Transport::Cookie(_))) => (status, with_cookie("Done; the cookie is removed.")),
        (Success::Done | Success::Accepted, _) => (status, Response::new("Done.")),
        (Success::Null | Success::Requested, _) => {
            // As in FastAPI: few generators can write a type that is only `null`.
            let anything = ObjectBuilder::new().schema_type(SchemaType::AnyValue);
            (status, json("Done; `null`.", anything.into()))
        }
        (Success::LoginRequested, _) => {
            (status, json("The request; the code of the mail is good together with it.", fixed(&["request"]).into()))
        }
        (Success::User | Success::Created, _) => (status, json("The user.", reference("UserRead"))),
        (Success::Invited, _) => (status, json("The invitation.", invitation())),
        (Success::Invitations, _) => {
            (status, json("The invitations, the oldest first.", Array::new(invitation()).into()))
        }
        (Success::Sessions, _) => {
            (status, json("The sessions, the latest login first.", Array::new(reference("SessionRead")).into()))
        }
        (Success::Logins, _) => (status, json("The logins, the latest first.", Array::new(login_entry()).into())),
        (Success::Undelivered, _) => {
            (status, json("The notifications, the oldest first.", Array::new(undelivered()).into()))
        }
        (Success::Keys, _) => {
            let keys = of_type(Type::Object).property("keys", Array::new(of_type(Type::Object))).required("keys");
            (status, json("The keys, as a JSON Web Key Set.", keys.into()))
        }
        (Success::AuthorizationUrl, _) => {
            let url = of_type(Type::Object).property("authorization_url", text()).required("authorization_url");
            (status, json("The URL at the provider.", url.into()))
        }
        (Success::Redirect, _) => {
            let response = ResponseBuilder::new().description("The browser goes on.");
            (status, response.header("Location", Header::new(text())).build())
        }
        (Success::Providers, _) => (status, json("The providers.", Array::new(provider()).into())),
        (Success::Nonce, _) => {
            (status, json("The nonce for the provider, and its state.", fixed(&["nonce", "state"]).into()))
        }
        (Success::PendingLogin, _) => (status, json("The second factors, one of which is asked for.", pending_login())),
        (Success::Factors, _) => (status, json("The second factors.", Array::new(factor()).into())),
        (Success::Factor, _) => (status, json("The second factor.", factor())),
        (Success::AddedFactor, _) => {
            (status, json("The second factor, and recovery codes with the first one.", added_factor()))
        }
        (Success::RecoveryCodes, _) => {
            let codes = of_type(Type::Object).property("recovery_codes", Array::new(text())).required("recovery_codes");
            (status, json("The recovery codes. They are shown once.", codes.into()))
        }
        (Success::TotpEnrolment, _) => {
            let enrolment = fixed(&["pending_token", "secret", "uri"]);
            let enrolment = enrolment.property("expires_in", of_type(Type::Integer)).required("expires_in");
            (status, json("What an authenticator app needs.", enrolment.into()))
        }
        (Success::Identities, _) => (status, json("The identities.", Array::new(identity()).into())),
        (Success::PasskeyOptions, _) => {
            (status, json("The options for the browser, and the token for the answer.", passkey_options()))
        }
        (Success::Passkeys, _) => (status, json("The passkeys, the oldest first.", passkeys())),
        (Success::ApiKeys, _) => {
            (status, json("The API keys, the oldest first.", Array::new(api_key().build()).into()))
        }
        (Success::ApiKey, _) => (status, json("The API key, without its text.", api_key().into())),
        (Success::CreatedApiKey, _) => (status, json("The API key. Its text is shown once.", created_api_key().into())),
        (Success::Page, _) => (status, json("A page of users.", reference("UserPage"))),
    }
}
