//! The OpenAPI 3.1 document of the routes, made from the same tables as the routes.

mod fields;
mod operation;
mod permissions;
mod response;
mod schema;

use ::http::Method;
use utoipa::{
    ToSchema,
    openapi::{
        ComponentsBuilder, Content, HttpMethod, Info, ObjectBuilder, OpenApi, OpenApiBuilder, Paths, RefOr, Required,
        Schema, Type,
        path::{Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn},
        request_body::{RequestBody, RequestBodyBuilder},
        security::{
            ApiKey, ApiKeyValue, Flow, HttpAuthScheme, HttpBuilder, OAuth2, Password, Scopes, SecurityRequirement,
            SecurityScheme,
        },
    },
};

use self::operation::{Described, Who};
pub use self::permissions::require;
use crate::{
    engine::{Engine, IMPERSONATION},
    http::{Endpoint, Mounted, Routes, SEARCH, Takes},
    manager::UserManager,
    session::{Backend, Transport},
    store::{ListQuery, UserStore},
    user::USERNAME,
};

/// The document of these routes of a manager: for each backend its own login and logout, for each route every possible status with its
/// codes, and the schemas of the users with the application's profile.
///
/// It is a value of [`utoipa`], which you can change, or merge with that of the application. Operation ids and names of schemas are those
/// that FastAPI gives to FastAPI Users' routes, so that generated clients keep their names.
///
/// If a hook refuses with its own status ([`Rejection::status`](crate::Rejection::status)), the application must describe it.
///
/// ```
/// use usermgr::{http::{Endpoint, Routes}, openapi, prelude::*};
///
/// struct Accounts { engine: Engine<MemoryStore> }
///
/// #[user_manager(store = MemoryStore, secret = "only-for-an-example-0123456789abcdef")]
/// impl Accounts {}
///
/// let accounts = Accounts { engine: Engine::new(MemoryStore::new()) };
/// let routes = Routes::all().without(&[Endpoint::Register]);
/// let mut document = openapi::document(&accounts, &routes);
/// document.info.title = "Shop".into();
/// assert!(document.paths.get_path_item("/auth/bearer/login").is_some());
/// assert!(document.paths.get_path_item("/auth/register").is_none());
/// ```
pub fn document<M>(manager: &M, routes: &Routes<M>) -> OpenApi
where
    M: UserManager<Store: UserStore<Profile: ToSchema>>,
{
    let engine = manager.engine_ref();
    let facts = EngineFacts::of(engine);
    let mut schemas = schema::named(engine);
    let invites = |route: &&Mounted<M>| route.is_served_by(engine) && route.route().takes == Takes::Invite;
    if routes.iter().any(|route| invites(&route)) {
        schemas.extend(schema::of_invitations::<M::Store>());
    }
    let mut components = ComponentsBuilder::new().schemas_from_iter(schemas);
    for backend in engine.backends() {
        components = components.security_scheme(scheme_name(engine.backends(), backend), scheme(routes, backend));
    }
    if facts.accepts_keys {
        let what = "An API key, for the routes of the application that accept keys.";
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(what)).build();
        components = components.security_scheme(KEYS, SecurityScheme::Http(bearer));
    }
    if engine.backends().iter().any(|backend| matches!(backend.transport(), Transport::Header(_))) {
        components = components.schema("APIKeyResponse", schema::token("api_key"));
    }
    for (name, response) in response::shared() {
        components = components.response(name, response);
    }
    let id = schema::id::<<M::Store as UserStore>::Id>();
    let mut paths = Paths::new();
    for route in routes.iter().filter(|route| route.is_served_by(engine)) {
        let Some(method) = method(route.method()) else { continue };
        if route.path().contains("{backend}") {
            let refreshes =
                |backend: &&Backend<M::Store>| route.route().takes != Takes::Refresh || backend.strategy().refreshes();
            for backend in engine.backends().iter().filter(refreshes) {
                let described = Described::of(route.route(), engine, Some(backend.transport()));
                let place = Place {
                    name: described.route.name.replace("{}", backend.name()),
                    path: route.path().replace("{backend}", backend.name()),
                    method: route.method(),
                    transport: Some(backend.transport()),
                };
                components = components.schemas_from_iter(sent(&described).map(|sent| (place.body_name(), sent)));
                paths.add_path_operation(&place.path, vec![method.clone()], facts.operation(&described, &place, &id));
            }
        } else {
            let described = Described::of(route.route(), engine, None);
            let (name, path) = (described.route.name.to_owned(), route.path().to_owned());
            let place = Place { name, path, method: route.method(), transport: None };
            components = components.schemas_from_iter(sent(&described).map(|sent| (place.body_name(), sent)));
            paths.add_path_operation(route.path(), vec![method], facts.operation(&described, &place, &id));
        }
    }
    OpenApiBuilder::new()
        .info(Info::new("Users", env!("CARGO_PKG_VERSION")))
        .paths(paths)
        .components(Some(components.build()))
        .build()
}

/// The response with a document, for an adapter's route.
#[cfg(any(feature = "axum", feature = "actix"))]
pub(crate) fn answer(document: &OpenApi) -> crate::http::Outgoing {
    use crate::http::{Outgoing, Problem};
    Outgoing::json(::http::StatusCode::OK, document).unwrap_or_else(Problem::into_outgoing)
}

/// The scheme of API keys.
const KEYS: &str = "APIKeyBearer";

/// What all routes of one engine share.
struct EngineFacts {
    cookies: bool,
    requires_verified: bool,
    /// Whether some users must have a second factor.
    demands_factor: bool,
    /// Whether requests may have API keys, which all routes of the library refuse.
    accepts_keys: bool,
    /// Whether superusers may act as users.
    lets_act: bool,
    /// Whether users may have names.
    has_usernames: bool,
    securities: Vec<String>,
    /// Those of the backends, in their order.
    transports: Vec<Transport>,
}

/// One route of one backend.
struct Place<'a> {
    name: String,
    path: String,
    method: &'a Method,
    transport: Option<&'a Transport>,
}

impl Place<'_> {
    /// As FastAPI makes it: name, path and method, with an underscore for every other character.
    fn operation_id(&self) -> String {
        let word = |c: char| if c.is_alphanumeric() || c == '_' { c } else { '_' };
        let method = self.method.as_str().to_lowercase();
        format!("{}{}", self.name, self.path).chars().map(word).chain(['_']).collect::<String>() + &method
    }

    /// The name that FastAPI gives to the schema of a body of single fields.
    fn body_name(&self) -> String {
        format!("Body_{}", self.operation_id())
    }
}

impl EngineFacts {
    fn of<S: UserStore>(engine: &Engine<S>) -> Self {
        Self {
            cookies: engine.backends().iter().any(|backend| matches!(backend.transport(), Transport::Cookie(_))),
            requires_verified: engine.requires_verified(),
            demands_factor: engine.demands_factor_of_some(),
            lets_act: engine.has_part(IMPERSONATION),
            has_usernames: engine.usernames().is_some(),
            accepts_keys: engine.keyring().is_some(),
            securities: engine.backends().iter().map(|backend| scheme_name(engine.backends(), backend)).collect(),
            transports: engine.backends().iter().map(|backend| backend.transport().clone()).collect(),
        }
    }

    /// That a credential of any backend is needed.
    fn requirements(&self) -> impl Iterator<Item = SecurityRequirement> {
        self.securities.iter().map(|name| SecurityRequirement::new(name, [""; 0]))
    }

    fn operation(&self, described: &Described, place: &Place<'_>, id: &utoipa::openapi::Object) -> Operation {
        let (tag, _) = described.route.name.split_once(':').unwrap_or((described.route.name, ""));
        let operation = OperationBuilder::new()
            .operation_id(Some(place.operation_id()))
            .tag(if ["users", "outbox"].contains(&tag) { tag } else { "auth" })
            .summary(Some(described.route.summary))
            .responses(response::responses(self, described, place.transport));
        let operation =
            parameters(self, &place.path, described, id).into_iter().fold(operation, OperationBuilder::parameter);
        let operation = match described.who {
            Who::Anybody => operation,
            Who::Visitor | Who::User | Who::Superuser => {
                // An empty one says that none is needed.
                let none = (described.who == Who::Visitor).then(SecurityRequirement::default);
                operation.securities(Some(self.requirements().chain(none)))
            }
        };
        operation.request_body(body(described, place)).build()
    }
}

/// The parameters of the path, and those of a page.
fn parameters(facts: &EngineFacts, path: &str, described: &Described, id: &utoipa::openapi::Object) -> Vec<Parameter> {
    let parameter = |place, name: &str, required, schema: RefOr<Schema>| {
        ParameterBuilder::new().name(name).parameter_in(place).required(required).schema(Some(schema)).build()
    };
    let names = path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
    // The others are names of rows, such as sessions.
    let named = || if path.contains("/users/{id}") { id.clone().into() } else { schema::text().into() };
    let optional = |name: &str, schema: RefOr<Schema>| parameter(ParameterIn::Query, name, Required::False, schema);
    let mut parameters: Vec<_> =
        names.map(|name| parameter(ParameterIn::Path, name, Required::True, named())).collect();
    if described.route.takes == Takes::Search {
        // The beginning of an address is not an address.
        let schema = |name: &str| if name == "email" { schema::text() } else { schema::field(name) };
        parameters.extend(SEARCH.map(|name| optional(name, schema(name).into())));
        parameters.extend(facts.has_usernames.then(|| optional(USERNAME, schema::text().into())));
    }
    if matches!(described.route.takes, Takes::Page | Takes::Search) {
        let most = f64::from(ListQuery::<()>::MAX_LIMIT);
        let limit = schema::of_type(Type::Integer).minimum(Some(1.0)).maximum(Some(most));
        let limit = limit.default(Some(ListQuery::<()>::default().limit.into()));
        parameters.push(optional("cursor", schema::text().into()));
        parameters.push(optional("limit", limit.into()));
    }
    if let Takes::Query(names) = described.route.takes {
        parameters.extend(names.iter().map(|name| optional(name, schema::text().into())));
    }
    parameters
}

/// The media type of a form. Multipart and JSON are accepted too; FastAPI Users does not accept them, and generated clients do not need them.
const FORM: &str = "application/x-www-form-urlencoded";

fn body(described: &Described, place: &Place<'_>) -> Option<RequestBody> {
    let (media, name) = match described.route.takes {
        Takes::Nothing | Takes::Page | Takes::Search | Takes::Query(_) => return None,
        Takes::Register => ("application/json", "UserCreate".to_owned()),
        Takes::Invite => ("application/json", "UserInvite".to_owned()),
        Takes::Accept => ("application/json", "UserAccept".to_owned()),
        Takes::UpdateMe => ("application/json", "UserUpdateMe".to_owned()),
        Takes::Update => ("application/json", "UserUpdate".to_owned()),
        Takes::Fields(_) | Takes::FieldsAnd(..) => ("application/json", place.body_name()),
        Takes::Login | Takes::Refresh | Takes::OptionalForm(_) => (FORM, place.body_name()),
    };
    let content = Content::new(Some(schema::reference(&name)));
    let is_optional = matches!(described.route.takes, Takes::OptionalForm(_) | Takes::FieldsAnd([], _));
    let required = if is_optional { Required::False } else { Required::True };
    Some(RequestBodyBuilder::new().required(Some(required)).content(media, content).build())
}

/// The schema of a body of single fields.
fn sent(described: &Described) -> Option<ObjectBuilder> {
    let sent = match described.route.takes {
        Takes::Nothing | Takes::Page | Takes::Search | Takes::Query(_) => None,
        Takes::Register | Takes::Invite | Takes::Accept | Takes::UpdateMe | Takes::Update => None,
        Takes::OptionalForm(names) => Some(schema::with_optional(schema::of_type(Type::Object), names)),
        Takes::Fields(names) => Some(schema::fixed(names)),
        Takes::FieldsAnd(names, more) => Some(schema::with_optional(schema::fixed(names), more)),
        Takes::Login => Some(schema::login()),
        Takes::Refresh => Some(schema::refresh()),
    };
    sent.map(|sent| with_captcha(sent, described))
}

/// With the field of the captcha, if there is one.
fn with_captcha(object: ObjectBuilder, described: &Described) -> ObjectBuilder {
    match &described.captcha {
        Some((name, true)) => object.property(name, schema::text()).required(name),
        Some((name, false)) => object.property(name, schema::text()),
        None => object,
    }
}

/// The name of a backend's security scheme: FastAPI's for the first of its kind, and for more of them the backend's beside it.
fn scheme_name<S>(backends: &[Backend<S>], backend: &Backend<S>) -> String {
    let kind = |backend: &Backend<S>| match backend.transport() {
        Transport::Bearer => "OAuth2PasswordBearer",
        Transport::Cookie(_) => "APIKeyCookie",
        Transport::Header(_) => "APIKeyHeader",
    };
    let first = backends.iter().find(|other| kind(other) == kind(backend));
    match first.is_some_and(|first| first.name() == backend.name()) {
        true => kind(backend).to_owned(),
        false => format!("{}_{}", kind(backend), backend.name()),
    }
}

/// The path of a backend's own route, if that is mounted.
fn path_of<M, S>(routes: &Routes<M>, endpoint: Endpoint, backend: &Backend<S>) -> Option<String> {
    let route = routes.iter().find(|route: &&Mounted<M>| route.endpoint() == endpoint)?;
    Some(route.path().replace("{backend}", backend.name()))
}

fn scheme<M, S: UserStore>(routes: &Routes<M>, backend: &Backend<S>) -> SecurityScheme {
    let refresh = path_of(routes, Endpoint::Refresh, backend).filter(|_| backend.strategy().refreshes());
    let flow = |login: String| match refresh {
        Some(refresh) => Password::with_refresh_url(login, Scopes::new(), refresh),
        None => Password::new(login, Scopes::new()),
    };
    match (backend.transport(), path_of(routes, Endpoint::Login, backend)) {
        (Transport::Bearer, Some(login)) => SecurityScheme::OAuth2(OAuth2::new([Flow::Password(flow(login))])),
        (Transport::Bearer, None) => SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build()),
        (Transport::Cookie(cookie), _) => {
            SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(cookie.cookie_name())))
        }
        (Transport::Header(name), _) => SecurityScheme::ApiKey(ApiKey::Header(ApiKeyValue::new(name.as_ref()))),
    }
}

fn method(method: &Method) -> Option<HttpMethod> {
    match *method {
        Method::GET => Some(HttpMethod::Get),
        Method::POST => Some(HttpMethod::Post),
        Method::PUT => Some(HttpMethod::Put),
        Method::PATCH => Some(HttpMethod::Patch),
        Method::DELETE => Some(HttpMethod::Delete),
        _ => None,
    }
}
