//! The requests of those who come to the door: registrations, logins, and whatever may stand for a login.

use serde_json::{Value, json};

use crate::steps::*;

pub(crate) fn registration() -> Vec<Step> {
    let to = |name| post(name, "/auth/register");
    let email = |name, email: &str| to(name).json(account(email));
    let with = |name, who: &str, field: &str, value: Value| {
        let mut body = account(&format!("{who}@example.com"));
        body[field] = value;
        to(name).json(body)
    };
    vec![
        to("register: nothing in the body").json(json!({})),
        to("register: no address").json(json!({ "password": PASSWORD })),
        to("register: no password").json(json!({ "email": "ada@example.com" })),
        email("register: no address but a word", "ada"),
        email("register: an empty address", ""),
        email("register: a host without a period", "ada@localhost"),
        email("register: a reserved domain", "ada@shop.test"),
        email("register: a space inside", "a da@example.com"),
        email("register: two addresses", "ada@example.com,bob@example.com"),
        email("register: two signs", "ada@bob@example.com"),
        email("register: nothing before the sign", "@example.com"),
        email("register: nothing after the sign", "ada@"),
        email("register: two periods", "ada..l@example.com"),
        email("register: a domain that begins with a hyphen", "ada@-example.com"),
        email("register: an address literal", "ada@[127.0.0.1]"),
        email("register: a name before the address", "Ann <ann@example.com>"),
        with("register: null as address", "ada", "email", Value::Null),
        with("register: a number as address", "ada", "email", json!(42)),
        with("register: null as password", "ada", "password", Value::Null),
        with("register: a number as password", "ada", "password", json!(42)),
        with("register: a list as password", "ada", "password", json!(["x"])),
        with("register: a short password", "ada", "password", json!("short")),
        with("register: an empty password", "ada", "password", json!("")),
        to("register: a list").json(json!([])),
        to("register: a text").json(json!("ada")),
        to("register: null").json(Value::Null),
        to("register: broken JSON").raw("application/json", "{"),
        to("register: JSON with something behind it").raw("application/json", "{} x"),
        to("register: no body"),
        to("register: a form").form("email=ada@example.com&password=correct horse battery"),
        to("register: text").raw("text/plain", &account("ada@example.com").to_string()),
        register("register: ada", "ada"),
        register("register: a taken address", "ada"),
        email("register: a taken address in capitals", "ADA@EXAMPLE.COM"),
        with("register: a taken address with a short password", "ada", "password", json!("short")),
        email("register: capitals are kept before the sign", "Grace@Example.Com").keep("grace"),
        email("register: spaces around are cut", " edsger@example.com ").keep("edsger"),
        email("register: a letter that is not ASCII", "zo\u{eb}@example.com"),
        email("register: a domain that is not ASCII", "ada@b\u{fc}cher.example"),
        email("register: a subaddress", "ada+shop@example.com"),
        with("register: a request to be a superuser is ignored", "mallory", "is_superuser", json!(true))
            .keep("mallory"),
        with("register: who asks to be inactive is active", "trent", "is_active", json!(false)).keep("trent"),
        with("register: who asks to be verified is not", "peggy", "is_verified", json!(true)).keep("peggy"),
        with("register: an invalid flag", "victor", "is_superuser", json!("perhaps")),
        with("register: an id", "walter", "id", json!("01890000-0000-7000-8000-000000000000")),
        with("register: a hash", "wendy", "hashed_password", json!("x")),
        with("register: an unknown field", "carol", "shoe_size", json!(42)).keep("carol"),
        to("register: a field twice").raw(
            "application/json",
            r#"{"email":"dan@example.com","email":"dana@example.com","password":"correct horse battery"}"#,
        ),
        with("register: a common password", "erin", "password", json!("password123")),
        with("register: the address as password", "frank", "password", json!("frank@example.com")),
        with("register: a password of 2000 characters", "heidi", "password", json!("0123456789".repeat(200))),
        with(
            "register: a password that is not ASCII",
            "ivan",
            "password",
            json!("\u{447}\u{435}\u{441}\u{442}\u{43d}\u{44b}\u{439} \u{43a}\u{43e}\u{43d}\u{44c}"),
        ),
        register("register: bob", "bob"),
        register("register: root", "root"),
        promote("root@example.com"),
    ]
}

pub(crate) fn logins() -> Vec<Step> {
    let to = |name, body: &str| post(name, "/auth/jwt/login").form(body);
    let multipart = "--x\r\nContent-Disposition: form-data; name=\"username\"\r\n\r\nada@example.com\r\n\
                     --x\r\nContent-Disposition: form-data; name=\"password\"\r\n\r\ncorrect horse battery\r\n--x--\r\n";
    vec![
        to("login: nothing in the form", ""),
        to("login: no name", "password=correct horse battery"),
        to("login: no password", "username=ada@example.com"),
        to("login: an empty name", "username=&password=correct horse battery"),
        to("login: an empty password", "username=ada@example.com&password="),
        to("login: unknown", "username=nobody@example.com&password=correct horse battery"),
        to("login: no address", "username=ada&password=correct horse battery"),
        to("login: a wrong password", "username=ada@example.com&password=correct horse batterz"),
        to("login: the password with a space behind it", "username=ada@example.com&password=correct horse battery "),
        login("login: ada", "ada"),
        login("login: bob", "bob"),
        login("login: root", "root"),
        to("login: capitals", "username=ADA@Example.COM&password=correct horse battery"),
        to("login: capitals that were registered", "username=grace@example.com&password=correct horse battery")
            .keep("grace"),
        to("login: signs escaped", "username=ada%40example.com&password=correct+horse%20battery"),
        to("login: grant type", "grant_type=password&username=ada@example.com&password=correct horse battery"),
        to("login: another grant type", "grant_type=client_credentials&username=ada@example.com&password=x"),
        to("login: an empty grant type", "grant_type=&username=ada@example.com&password=correct horse battery"),
        to(
            "login: a client's fields",
            "username=ada@example.com&password=correct horse battery&scope=a b&client_id=web&client_secret=x",
        ),
        to("login: a name twice", "username=bob@example.com&username=ada@example.com&password=correct horse battery"),
        post("login: multipart", "/auth/jwt/login").raw("multipart/form-data; boundary=x", multipart),
        post("login: JSON", "/auth/jwt/login").json(json!({ "username": "ada@example.com", "password": PASSWORD })),
        post("login: text", "/auth/jwt/login").raw("text/plain", "username=ada@example.com&password=x"),
        post("login: no body", "/auth/jwt/login"),
        post("login: in the query", "/auth/jwt/login?username=ada@example.com&password=x"),
        login_with("login: with a client's Basic credentials", "ada", PASSWORD)
            .header("authorization", "Basic d2ViOng="),
        post("login: another backend", "/auth/nothing/login").form("username=ada@example.com&password=x"),
        get("login: asked for", "/auth/jwt/login"),
        post("cookie login: wrong password", "/auth/cookie/login").form("username=ada@example.com&password=x"),
        post("cookie login: ada", "/auth/cookie/login")
            .form("username=ada@example.com&password=correct horse battery")
            .keep("ada"),
        post("cookie login: bob", "/auth/cookie/login")
            .form("username=bob@example.com&password=correct horse battery")
            .keep("bob"),
        post("cookie login: no password", "/auth/cookie/login").form("username=ada@example.com"),
    ]
}

pub(crate) fn credentials() -> Vec<Step> {
    let me = |name| get(name, "/users/me");
    let authorization = |name, value: &str| me(name).header("authorization", value);
    vec![
        me("me: anonymous"),
        me("me: ada").bearer("ada"),
        me("me: ada by cookie").cookie("ada"),
        authorization("me: the word in small letters", "bearer $(bearer:ada)"),
        authorization("me: the word in capitals", "BEARER $(bearer:ada)"),
        authorization("me: a token without the word", "$(bearer:ada)"),
        authorization("me: the word without a token", "Bearer"),
        authorization("me: the word and a space", "Bearer "),
        authorization("me: an invalid token", "Bearer x.y.z"),
        authorization("me: a token with more behind it", "Bearer $(bearer:ada)x"),
        authorization("me: another scheme", "Basic YWRhOng="),
        authorization(
            "me: a token without a valid signature",
            "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIiwiYXVkIjpbImZhc3RhcGktdXNlcnM6YXV0aCJdfQ.",
        ),
        me("me: an invalid cookie").header("cookie", "fastapiusersauth=x"),
        me("me: an empty cookie").header("cookie", "fastapiusersauth="),
        me("me: another cookie").header("cookie", "other=$(cookie:ada)"),
        me("me: a cookie among others").header("cookie", "a=b; fastapiusersauth=$(cookie:ada); c=d"),
        me("me: a bad token beside a good cookie").cookie("ada").header("authorization", "Bearer x.y.z"),
        me("me: a good token beside a bad cookie").bearer("ada").header("cookie", "fastapiusersauth=x"),
        me("me: a token and a cookie of one user").bearer("ada").cookie("ada"),
        me("me: a token and a cookie of two users").bearer("ada").cookie("bob"),
        me("me: Basic credentials beside a good cookie").cookie("ada").header("authorization", "Basic YWRhOng="),
        get("me: a token in the query", "/users/me?access_token=$(bearer:ada)"),
        step("me: the head alone", "HEAD", "/users/me").bearer("ada"),
        step("me: the head alone, anonymous", "HEAD", "/users/me"),
        step("me: PUT", "PUT", "/users/me").bearer("ada"),
        step("me: POST", "POST", "/users/me").bearer("ada"),
        get("me: with a slash", "/users/me/").bearer("ada"),
    ]
}
