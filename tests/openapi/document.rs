//! The document read as it is: against the tables, against FastAPI's names, and by a validator.

use std::{
    collections::BTreeSet,
    fs,
    process::{Command, Output},
};

use serde_json::{Value, json};
use usermgr::{
    Code,
    engine::Answers,
    http::{Endpoint, Route, Routes},
    prelude::*,
    testing::FakeClock,
};
use usermgr_tests::{Folder, python};

use crate::shop::Shop;

async fn shop() -> Shop {
    Shop::open(&Folder::new(), &FakeClock::start()).await
}

/// `METHOD path` of each operation.
fn operations(document: &Value) -> BTreeSet<String> {
    let paths = document["paths"].as_object().unwrap();
    let all = paths.iter().flat_map(|(path, item)| {
        item.as_object().unwrap().keys().map(move |method| format!("{} {path}", method.to_uppercase()))
    });
    all.collect()
}

#[tokio::test]
async fn every_route_of_the_tables_is_in_the_document_and_no_other() {
    let expected = Route::all().flat_map(|route| {
        let paths: BTreeSet<_> = ["jwt", "cookie"].map(|name| route.path.replace("{backend}", name)).into();
        paths.into_iter().map(|path| format!("{} {path}", route.method))
    });
    // The backend with the cookie gives no refresh tokens.
    let expected = expected.filter(|operation| operation != "POST /auth/cookie/refresh");
    assert_eq!(operations(&shop().await.document(&Routes::all())), expected.collect());
}

#[tokio::test]
async fn x11_every_code_of_the_table_is_in_the_document_and_no_other() {
    let document = shop().await.document(&Routes::all());
    let mut found = BTreeSet::new();
    let mut rest = vec![&document["paths"]];
    while let Some(value) = rest.pop() {
        match value {
            Value::Object(map) => rest.extend(map.values()),
            Value::Array(values) => rest.extend(values),
            Value::String(text) if text.len() > 5 && text.bytes().all(|b| b.is_ascii_uppercase() || b == b'_') => {
                found.insert(text.as_str());
            }
            _ => {}
        }
    }
    // Those of second factors, of which this engine has none.
    let of_factors = |code: &Code| {
        let text = code.as_str();
        text.contains("FACTOR") || text == "LOGIN_NOT_PENDING"
    };
    // Those of sign-ins through providers, of which this engine has none.
    let of_providers = |code: &Code| code.as_str().starts_with("OAUTH_") || code.as_str().starts_with("ACCESS_TOKEN_");
    // Those of logins by mail, whose part this engine does not have.
    let by_mail = [Code::LoginBadToken, Code::LoginBadCode];
    // Those of API keys, likewise.
    let of_keys = |code: &Code| code.as_str().starts_with("API_KEY_");
    // Those of user names, likewise.
    let of_names = |code: &Code| code.as_str().contains("USERNAME");
    // Those of superusers who act as users, likewise.
    let of_acting = |code: &Code| code.as_str().starts_with("IMPERSONATE");
    // Those of invitations, and that of a closed registration.
    let of_invitations = [Code::RegisterClosed, Code::AcceptInvitationBadToken, Code::AcceptInvitationInvalidPassword];
    // Those of captchas, likewise.
    let of_captchas = [Code::CaptchaRequired, Code::CaptchaWrong, Code::CaptchaUnavailable];
    // That of handlers of the application.
    let named = [&by_mail[..], &of_invitations, &of_captchas, &[Code::PermissionRequired]].concat();
    let of_parts =
        |code: &Code| of_factors(code) || of_keys(code) || of_names(code) || of_providers(code) || of_acting(code);
    let elsewhere = |code: &Code| of_parts(code) || named.contains(code);
    let codes = Code::ALL.iter().filter(|code| !elsewhere(code));
    assert_eq!(found, codes.map(|code| code.as_str()).collect());
}

#[tokio::test]
async fn the_document_follows_what_is_mounted() {
    let shop = shop().await;
    let open = [Endpoint::Register, Endpoint::Login];
    let routes =
        Routes::new().only(&[Endpoint::Me, Endpoint::UpdateMe, Endpoint::Login]).without(&[Endpoint::UpdateMe]);
    let document = shop.document(&routes.prefix("api").and(Routes::new().only(&open).prefix("/{tenant}")));
    let expected = [
        "GET /api/users/me",
        "POST /api/auth/cookie/login",
        "POST /api/auth/jwt/login",
        "POST /{tenant}/auth/cookie/login",
        "POST /{tenant}/auth/jwt/login",
        "POST /{tenant}/auth/register",
    ];
    assert_eq!(operations(&document), expected.map(str::to_owned).into());
    let register = &document["paths"]["/{tenant}/auth/register"]["post"];
    assert_eq!(register["operationId"], "register_register__tenant__auth_register_post");
    assert_eq!(register["parameters"][0]["name"], "tenant");
    let schemes = &document["components"]["securitySchemes"];
    let flow = &schemes["OAuth2PasswordBearer"]["flows"]["password"];
    assert_eq!(flow["tokenUrl"], "/api/auth/jwt/login");
    assert_eq!(flow.get("refreshUrl"), None, "that route is not mounted");
    let without = shop.document(&Routes::new().only(&[Endpoint::Me]));
    assert_eq!(
        without["components"]["securitySchemes"]["OAuth2PasswordBearer"],
        json!({ "type": "http", "scheme": "bearer" })
    );
}

#[tokio::test]
async fn a_guarded_route_takes_any_backend_and_each_has_its_scheme() {
    let document = shop().await.document(&Routes::all());
    let schemes = &document["components"]["securitySchemes"];
    assert_eq!(
        *schemes,
        json!({
            "OAuth2PasswordBearer": {
                "type": "oauth2",
                "flows": {
                    "password": {
                        "tokenUrl": "/auth/jwt/login", "refreshUrl": "/auth/jwt/refresh", "scopes": {}
                    }
                }
            },
            "APIKeyCookie": { "type": "apiKey", "in": "cookie", "name": "__Host-usermgr" },
        })
    );
    let any = json!([{ "OAuth2PasswordBearer": [] }, { "APIKeyCookie": [] }]);
    assert_eq!(document["paths"]["/users/me"]["get"]["security"], any);
    assert_eq!(document["paths"]["/auth/register"]["post"].get("security"), None);
    // It ends what a client holds, who need not hold anything: without the first a generated client would send nothing.
    let maybe = json!([{ "OAuth2PasswordBearer": [] }, { "APIKeyCookie": [] }, {}]);
    assert_eq!(document["paths"]["/auth/cookie/logout"]["post"]["security"], maybe);
    let login = &document["paths"]["/auth/jwt/login"]["post"];
    let bodies: Vec<_> = login["requestBody"]["content"].as_object().unwrap().keys().collect();
    assert_eq!(bodies, ["application/x-www-form-urlencoded"], "generators take one of several, and not the same");
    assert!(login["responses"].get("200").is_some() && login["responses"].get("204").is_none());
    let login = &document["paths"]["/auth/cookie/login"]["post"]["responses"];
    assert!(login.get("200").is_none() && login["204"]["headers"].get("Set-Cookie").is_some());
}

#[tokio::test]
async fn m3_a_profile_is_described_by_its_own_schema_and_only_what_may_be_sent_is_taken() {
    let document = shop().await.document(&Routes::all());
    let schemas = &document["components"]["schemas"];
    // One object each: the fixed fields, then the profile's.
    let fields = |name: &str| {
        let schema = &schemas[name];
        assert_eq!(schema["type"], "object");
        let fields = schema["properties"].as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
        let required = schema.get("required").and_then(Value::as_array).cloned().unwrap_or_default();
        (fields, required.iter().map(|name| name.as_str().unwrap()).collect::<Vec<_>>().join(" "))
    };
    for (name, all, required) in [
        (
            "UserRead",
            "created_at credits email id is_active is_superuser is_verified level name nickname",
            "id email is_active is_superuser is_verified created_at name level credits",
        ),
        ("UserCreate", "email level name nickname password", "email password name level"),
        ("UserUpdateMe", "current_password email level name nickname password", ""),
        ("UserUpdate", "email is_active is_superuser is_verified level name nickname password", ""),
    ] {
        assert_eq!(fields(name), (all.to_owned(), required.to_owned()), "{name}");
    }
    assert_eq!(schemas["Level"]["enum"], json!(["plain", "gold"]));
}

#[tokio::test]
async fn nothing_in_the_document_is_of_a_type_that_few_generators_can_write() {
    let document = shop().await.document(&Routes::all());
    for operation in document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values())
    {
        let id = operation["operationId"].as_str().unwrap();
        let content = operation["requestBody"]["content"].as_object();
        for (media, content) in content.into_iter().flatten() {
            // A unique name for each body, one body for each operation.
            assert!(content["schema"]["$ref"].is_string(), "{id}: {media}");
        }
        assert!(content.is_none_or(|content| content.len() == 1), "{id}");
        for (status, response) in operation["responses"].as_object().unwrap() {
            let schema = &response["content"]["application/json"]["schema"];
            assert_ne!(schema["type"], "null", "{id}: {status}");
        }
    }
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        assert_eq!(schema.get("allOf"), None, "{name}");
    }
}

/// The names of all fields that a request may have: of its body, wherever its schema stands, and of its address.
fn fields_of_requests(document: &Value) -> BTreeSet<String> {
    fn collect(document: &Value, schema: &Value, found: &mut BTreeSet<String>) {
        if let Some(reference) = schema["$ref"].as_str() {
            let name = reference.rsplit('/').next().unwrap();
            collect(document, &document["components"]["schemas"][name], found);
        }
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            found.insert(name.clone());
            collect(document, field, found);
        }
        for part in schema["allOf"].as_array().into_iter().flatten() {
            collect(document, part, found);
        }
    }
    let mut found = BTreeSet::new();
    for operation in document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values())
    {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            found.insert(parameter["name"].as_str().unwrap().to_owned());
        }
        for content in operation["requestBody"]["content"].as_object().into_iter().flat_map(|content| content.values())
        {
            collect(document, &content["schema"], &mut found);
        }
    }
    found
}

/// Every field that the routes take. Another one is to be thought about: is it a secret, and how long is it? Does it name a place?
const FIELDS: &[&str] = &[
    "client_id",
    "client_secret",
    "current_password",
    "cursor",
    "email",
    "grant_type",
    "id",
    "is_active",
    "is_superuser",
    "is_verified",
    "level",
    "limit",
    "name",
    "nickname",
    "password",
    "refresh_token",
    "scope",
    "token",
    "username",
];

#[tokio::test]
async fn t9_no_route_takes_a_short_code() {
    let fields = fields_of_requests(&shop().await.document(&Routes::all()));
    assert_eq!(fields.iter().map(String::as_str).collect::<Vec<_>>(), FIELDS);
    // The secrets among them: passwords, and tokens that T7 measures.
    let short = ["code", "otp", "totp", "pin", "passcode", "one_time_password", "answer"];
    assert!(FIELDS.iter().all(|field| !short.contains(field)));
}

#[tokio::test]
async fn s10_no_route_takes_a_place_to_go_to_and_none_redirects() {
    let document = shop().await.document(&Routes::all());
    let places = [
        "next",
        "redirect",
        "redirect_uri",
        "redirect_url",
        "return_to",
        "url",
        "callback",
        "continue",
        "origin",
        "host",
    ];
    let fields = fields_of_requests(&document);
    assert!(places.iter().all(|place| !fields.contains(*place)), "{fields:?}");
    for operation in document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values())
    {
        for (status, response) in operation["responses"].as_object().unwrap() {
            assert!(!status.starts_with('3'), "{operation}");
            let headers = response["headers"].as_object().into_iter().flat_map(|headers| headers.keys());
            assert!(headers.into_iter().all(|name| !name.eq_ignore_ascii_case("location")), "{operation}");
        }
    }
}

/// What FastAPI 0.165 gives to the routes of FastAPI Users 15.0.5, with the prefixes of its documentation.
const FASTAPI_USERS: [&str; 14] = [
    "auth_cookie_login_auth_cookie_login_post",
    "auth_cookie_logout_auth_cookie_logout_post",
    "auth_jwt_login_auth_jwt_login_post",
    "auth_jwt_logout_auth_jwt_logout_post",
    "register_register_auth_register_post",
    "reset_forgot_password_auth_forgot_password_post",
    "reset_reset_password_auth_reset_password_post",
    "users_current_user_users_me_get",
    "users_delete_user_users__id__delete",
    "users_patch_current_user_users_me_patch",
    "users_patch_user_users__id__patch",
    "users_user_users__id__get",
    "verify_request_token_auth_request_verify_token_post",
    "verify_verify_auth_verify_post",
];

#[tokio::test]
async fn clients_generated_for_fastapi_users_find_their_operations_and_types() {
    let document = shop().await.document(&Routes::all());
    let items = document["paths"].as_object().unwrap().values().flat_map(|item| item.as_object().unwrap().values());
    let ids: Vec<_> = items.map(|operation| operation["operationId"].as_str().unwrap()).collect();
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), ids.len(), "ids are unique");
    for id in FASTAPI_USERS {
        assert!(ids.contains(&id), "no {id} in {ids:?}");
    }
    for name in [
        "Body_auth_cookie_login_auth_cookie_login_post",
        "Body_auth_jwt_login_auth_jwt_login_post",
        "Body_reset_forgot_password_auth_forgot_password_post",
        "Body_reset_reset_password_auth_reset_password_post",
        "Body_verify_request_token_auth_request_verify_token_post",
        "Body_verify_verify_auth_verify_post",
        "UserRead",
        "UserCreate",
        "UserUpdate",
        "BearerResponse",
        "ErrorModel",
        "HTTPValidationError",
        "ValidationError",
    ] {
        assert!(document["components"]["schemas"].get(name).is_some(), "no {name}");
    }
}

#[tokio::test]
async fn the_document_is_valid_openapi_3_1() {
    let Some(python) = python("the OpenAPI document is not validated") else { return };
    let folder = Folder::new();
    let shop = Shop::open(&folder, &FakeClock::start()).await;
    for (name, routes) in [("all", Routes::all()), ("few", Routes::new().only(&[Endpoint::Me]).prefix("/{tenant}"))] {
        let document = shop.document(&routes);
        assert_eq!(document["openapi"], "3.1.0");
        let file = folder.file(&format!("{name}.json"));
        fs::write(&file, document.to_string()).unwrap();
        let validator =
            Command::new(&python).args(["-m", "openapi_spec_validator", "--schema", "3.1"]).arg(&file).output();
        let Output { status, stdout, stderr } = validator.unwrap();
        let said = [stdout, stderr].concat();
        assert!(status.success(), "{}", String::from_utf8_lossy(&said));
    }
}

#[test]
fn cp7_the_document_has_the_field_where_it_is_asked_for_alone() {
    use usermgr::captcha::{Action, Captcha};
    let document = |engine: Engine<MemoryStore>| {
        let accounts = named::Accounts { engine };
        let routes = Routes::of_engine(&accounts.engine);
        serde_json::to_value(usermgr::openapi::document(&accounts, &routes)).unwrap()
    };
    let captcha = || Captcha::new(|_| async { Ok::<_, std::io::Error>(true) }).field("x-response");
    let engine = || Engine::new(MemoryStore::new()).with(MailLogin::new()).unwrap();
    let plain = document(engine());
    assert!(!plain.to_string().contains("CAPTCHA"));

    let forms = [
        ("/auth/register", "UserCreate"),
        ("/auth/bearer/login", "Body_auth_bearer_login_auth_bearer_login_post"),
        ("/auth/cookie/login", "Body_auth_cookie_login_auth_cookie_login_post"),
        ("/auth/forgot-password", "Body_reset_forgot_password_auth_forgot_password_post"),
        ("/auth/request-verify-token", "Body_verify_request_token_auth_request_verify_token_post"),
        ("/auth/request-login", "Body_mail_login_request_auth_request_login_post"),
    ];
    // Some are asked always, some after failures, some never.
    let always = document(engine().with(captcha()).unwrap());
    let some = [Action::Register, Action::Login];
    let later = document(engine().with(captcha().only(some).after(3)).unwrap());
    for (path, name) in forms {
        for (document, is_asked, is_required) in [
            (&always, true, true),
            (&later, ["/auth/register", "/auth/bearer/login", "/auth/cookie/login"].contains(&path), false),
        ] {
            let schema = &document["components"]["schemas"][name];
            assert_eq!(schema["properties"].get("x-response").is_some(), is_asked, "{path}: {schema}");
            assert_eq!(schema["required"].to_string().contains("x-response"), is_required, "{path}");
            let responses = &document["paths"][path]["post"]["responses"];
            for (status, code) in
                [("400", "CAPTCHA_REQUIRED"), ("400", "CAPTCHA_WRONG"), ("503", "CAPTCHA_UNAVAILABLE")]
            {
                assert_eq!(responses[status].to_string().contains(code), is_asked, "{path} {code}");
            }
        }
        assert!(plain["components"]["schemas"][name].is_object(), "{name}");
    }
    // Nothing else changes: without the field and the codes, both documents are one.
    let others = |document: &Value| {
        let all = document["paths"].as_object().unwrap().iter();
        all.filter(|(path, _)| forms.iter().all(|(form, _)| form != path))
            .map(|(_, item)| item.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(others(&always), others(&plain));
}

mod named {
    use usermgr::prelude::*;

    pub(super) struct Accounts {
        pub(super) engine: Engine<MemoryStore>,
    }

    #[user_manager(store = MemoryStore, secret = "only-for-tests-0123456789abcdef-x")]
    impl Accounts {}
}

#[test]
fn un6_the_document_has_user_names_with_the_part_alone() {
    let document = |engine: Engine<MemoryStore>| {
        let document = usermgr::openapi::document(&named::Accounts { engine }, &Routes::all());
        serde_json::to_value(document).unwrap()
    };
    let plain = document(Engine::new(MemoryStore::new()));
    assert!(!plain["paths"].to_string().contains("USERNAME"));
    assert!(!plain["paths"]["/users"]["get"]["parameters"].to_string().contains("username"));
    for (name, schema) in plain["components"]["schemas"].as_object().unwrap() {
        let has_a_name = schema["properties"].get("username").is_some();
        assert!(!has_a_name || name.starts_with("Body_auth"), "the logins alone have the word: {name}");
    }

    let with = document(Engine::new(MemoryStore::new()).with(Usernames::new()).unwrap());
    let schemas = &with["components"]["schemas"];
    for name in ["UserRead", "UserCreate", "UserUpdateMe", "UserUpdate", "UserWithoutProfile"] {
        assert_eq!(schemas[name]["properties"]["username"]["type"], "string", "{name}");
        assert!(!schemas[name]["required"].to_string().contains("username"), "{name}");
    }
    let refusals = |path: &str, method: &str| with["paths"][path][method]["responses"]["400"].to_string();
    for (path, method, kind) in [
        ("/auth/register", "post", "REGISTER_"),
        ("/users/me", "patch", "UPDATE_USER_"),
        ("/users/{id}", "patch", "UPDATE_USER_"),
    ] {
        let said = refusals(path, method);
        for code in ["INVALID_USERNAME", "USERNAME_ALREADY_EXISTS"] {
            assert!(said.contains(&format!("{kind}{code}")), "{path}: {said}");
        }
    }
    let parameters = with["paths"]["/users"]["get"]["parameters"].as_array().unwrap();
    assert!(parameters.iter().any(|parameter| parameter["name"] == "username" && parameter["required"] == false));

    let required = document(Engine::new(MemoryStore::new()).with(Usernames::new().required()).unwrap());
    assert!(required["components"]["schemas"]["UserCreate"]["required"].to_string().contains("username"));
    let discreet = Engine::builder(MemoryStore::new())
        .backend(Backend::bearer("bearer", Database::new()))
        .answers(Answers::Discreet)
        .require_verified(true)
        .with(Usernames::new())
        .build();
    let discreet = document(discreet.unwrap());
    assert!(discreet["components"]["schemas"]["UserCreate"]["properties"].get("username").is_none());
    assert!(!discreet["paths"]["/auth/register"].to_string().contains("REGISTER_USERNAME_ALREADY_EXISTS"));
}

#[test]
fn im7_the_document_knows_administrators_who_act_with_the_part_alone() {
    let document = |engine: Engine<MemoryStore>| {
        let routes = Routes::of_engine(&engine);
        let document = usermgr::openapi::document(&named::Accounts { engine }, &routes);
        serde_json::to_value(document).unwrap()
    };
    let plain = document(Engine::new(MemoryStore::new()));
    assert!(!plain.to_string().contains("IMPERSONAT") && plain["paths"].get("/users/{id}/impersonate").is_none());
    assert!(plain["components"]["schemas"]["SessionRead"]["properties"].get("actor").is_none());

    let with = document(Engine::new(MemoryStore::new()).with(Impersonation::new()).unwrap());
    let session = &with["components"]["schemas"]["SessionRead"];
    assert_eq!(session["properties"]["actor"]["properties"]["id"]["type"], "string");
    assert!(!session["required"].to_string().contains("actor"), "sessions of users have none");
    let responses = &with["paths"]["/users/{id}/impersonate"]["post"]["responses"];
    assert!(responses["200"].to_string().contains("BearerResponse"), "{responses}");
    assert!(responses["204"]["headers"].get("Set-Cookie").is_some(), "{responses}");
    assert!(responses["403"].to_string().contains("IMPERSONATE_FORBIDDEN"), "{responses}");
    // What only users themselves do says so, and nothing else.
    let refuses = |path: &str, method: &str| {
        with["paths"][path][method]["responses"]["403"].to_string().contains("IMPERSONATED_SESSION")
    };
    for (path, method) in [
        ("/users/me", "patch"),
        ("/users/me", "delete"),
        ("/auth/change-password", "post"),
        ("/auth/request-email-change", "post"),
        ("/users/me/sessions", "delete"),
    ] {
        assert!(refuses(path, method), "{method} {path}");
    }
    for (path, method) in [("/users/me", "get"), ("/users/me/sessions", "get"), ("/users/{id}", "delete")] {
        assert!(!refuses(path, method), "{method} {path}");
    }
}
