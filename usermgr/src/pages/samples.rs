//! Every page from sample values, so that a template that cannot be rendered is found at the start.

use serde_json::json;

use super::{
    AccountView, ApiKeyView, ApiKeysView, AttributeView, CaptchaView, ErrorView, FactorView, FactorsView,
    FieldValueView, FieldView, FormView, IdentityView, InvitationRowView, InvitationsView, LanguageView, LinkView,
    LoginView, MenuView, PageView, PasskeyView, PictureView, ProviderView, SessionView, SetUpView, StateView,
    UndeliveredRowView, UndeliveredView, UserRowView, UserView, UsersView,
    installed::Installed,
    row::{Page, Shows},
    table::PAGES,
    templates::{CODES, FAILED, GONE, SET_UP, has_template},
};
use crate::config_error::ConfigError;

/// Makes every page in a language, with everything and with as little as there can be.
///
/// # Errors
/// The pages that cannot be made.
pub(super) fn check(pages: &Installed, language: &str) -> Result<(), ConfigError> {
    let shown = PAGES.iter().filter(|page| has_template(page));
    let others = [(FAILED, "failed"), (GONE, "gone"), (CODES, "codes")];
    let all = shown.map(|page| (page.name, page.texts)).chain(others);
    let mut faults = Vec::new();
    for (name, texts) in all {
        let blank = |is_full| screens(pages.blank(name, texts, language), is_full);
        for view in [blank(false), full(blank(true))] {
            match pages.renderer.render(&view) {
                Ok(_) if view.title.is_empty() => {
                    faults.push(format!("the page `{name}` has no title in `{language}`"))
                }
                Ok(_) => {}
                Err(error) => faults.push(format!("the page `{name}` cannot be made: {error:#}")),
            }
        }
    }
    faults.dedup();
    ConfigError::of_part("Pages", &faults)
}

/// What the pages that are more than a form show.
fn screens(blank: PageView, is_full: bool) -> PageView {
    let many = usize::from(is_full);
    let shows = Page::named(blank.page).and_then(|page| page.shows);
    let account = || AccountView {
        user: json!({ "id": "7", "email": "ada@example.com", "is_active": true, "is_superuser": is_full, "is_verified": is_full }),
        has_usernames: is_full,
        username: is_full.then(|| "ada".into()),
        fields: vec![field_value(); many],
        sessions: vec![session(); many],
        logins: is_full.then(|| vec![login(false), login(true)]),
        has_others: is_full,
        identities: vec![IdentityView { id: "7".into(), provider: "Example".into(), account: None }; many],
        more_providers: vec![provider(); many],
        api_keys: is_full.then(|| ApiKeysView { rows: vec![key(true), key(false)], adds: true }),
        factors: is_full.then(|| FactorsView {
            rows: vec![factor("totp"), factor("recovery")],
            adds_app: true,
            adds_passkey: true,
            signal: Some("{}".into()),
        }),
    };
    let users = || UsersView {
        email: "ada".into(),
        username: is_full.then(String::new),
        states: vec![StateView { value: "blocked".into(), text: "Blocked".into(), is_chosen: is_full }],
        rows: vec![row(is_full); many],
        next: is_full.then(|| "/".into()),
        first: is_full.then(|| "/".into()),
    };
    let user = || UserView {
        id: "7".into(),
        row: row(is_full),
        fields: vec![field_value(); many],
        sessions: vec![session(); many],
        logins: is_full.then(|| vec![login(false), login(true)]),
        actions: vec![link(); many],
    };
    let for_an_address = UndeliveredRowView { user: None, ..undelivered_row() };
    let undelivered = || UndeliveredView {
        rows: [undelivered_row(), for_an_address.clone()].into_iter().take(2 * many).collect(),
        next: is_full.then(|| "/".into()),
    };
    let invitations = || InvitationsView {
        rows: vec![invitation_row(is_full); many],
        invite: is_full.then(|| "/account/admin/invitations/new".into()),
        next: is_full.then(|| "/".into()),
    };
    PageView {
        account: matches!(shows, Some(Shows::Account)).then(account),
        set_up: (blank.page == SET_UP).then(|| set_up(is_full)),
        codes: (blank.page == CODES).then(|| vec!["0A1B2-3C4D5".into(); 10]),
        users: matches!(shows, Some(Shows::Users)).then(users),
        user: matches!(shows, Some(Shows::User)).then(user),
        undelivered: (blank.page == "undelivered").then(undelivered),
        invitations: matches!(shows, Some(Shows::Invitations)).then(invitations),
        ..blank
    }
}

fn factor(kind: &str) -> FactorView {
    let at = is_app(kind).then(|| "2026-12-01T09:00:00Z".to_owned());
    FactorView {
        id: "7".into(),
        kind: kind.into(),
        name: "authenticator app".into(),
        label: is_app(kind).then(|| "phone".into()),
        added: "1 December 2026, 09:00 UTC".into(),
        added_at: "2026-12-01T09:00:00Z".into(),
        used: at.is_some().then(|| "1 December 2026, 09:00 UTC".into()),
        used_at: at,
        is_synced: is_app(kind).then_some(true),
        codes_left: (!is_app(kind)).then_some(7),
    }
}

fn key(is_full: bool) -> ApiKeyView {
    let text = |text: &str| is_full.then(|| text.to_owned());
    ApiKeyView {
        id: "7".into(),
        label: text("nightly report"),
        hint: "EqtI".into(),
        scopes: vec!["orders:read".into(), "orders:write".into()],
        made: "1 December 2026, 09:00 UTC".into(),
        made_at: "2026-12-01T09:00:00Z".into(),
        expires: text("1 March 2027, 09:00 UTC"),
        expires_at: text("2027-03-01T09:00:00Z"),
        used: text("1 December 2026, 09:00 UTC"),
        used_at: text("2026-12-01T09:00:00Z"),
        used_from: text("192.0.2.7"),
    }
}

fn is_app(kind: &str) -> bool {
    kind == "totp"
}

fn set_up(is_full: bool) -> SetUpView {
    SetUpView {
        picture: is_full.then(|| PictureView { size: 9, path: "M4,4h1v1h-1z".into() }),
        secret: "GEZD GNBV".into(),
        uri: "otpauth://totp/Shop:ada%40example.com?secret=GEZDGNBV&issuer=Shop".into(),
    }
}

fn field_value() -> FieldValueView {
    FieldValueView { label: "Name".into(), value: "Ada".into() }
}

fn link() -> LinkView {
    LinkView { href: "/".into(), text: "Link".into() }
}

fn row(flag: bool) -> UserRowView {
    UserRowView {
        href: flag.then(|| "/account/admin/users/7".into()),
        email: "ada@example.com".into(),
        username: flag.then(|| "ada".into()),
        is_active: flag,
        is_verified: flag,
        is_superuser: flag,
        created: "1 December 2026, 09:00 UTC".into(),
        created_at: "2026-12-01T09:00:00Z".into(),
    }
}

fn invitation_row(is_full: bool) -> InvitationRowView {
    InvitationRowView {
        email: "ada@example.com".into(),
        user: is_full.then(|| "/account/admin/users/7".into()),
        sent: "1 December 2026, 09:00 UTC".into(),
        sent_at: "2026-12-01T09:00:00Z".into(),
        until: "8 December 2026, 09:00 UTC".into(),
        until_at: "2026-12-08T09:00:00Z".into(),
        is_expired: is_full,
        resend: "/account/admin/invitations/7/resend".into(),
        withdraw: "/account/admin/invitations/7/withdraw".into(),
    }
}

fn undelivered_row() -> UndeliveredRowView {
    UndeliveredRowView {
        mail: "after_forgot_password".into(),
        user: Some("/account/admin/users/7".into()),
        failed: "1 December 2026, 09:00 UTC".into(),
        failed_at: "2026-12-01T09:00:00Z".into(),
        reason: "the mail server has refused it".into(),
        retry: "/account/admin/undelivered/7/retry".into(),
        drop: "/account/admin/undelivered/7/drop".into(),
    }
}

fn session() -> SessionView {
    SessionView {
        id: "7".into(),
        since: "1 December 2026, 09:00 UTC".into(),
        since_at: "2026-12-01T09:00:00Z".into(),
        device: "Firefox on Linux".into(),
        network: Some("192.0.2.7".into()),
        is_current: false,
        is_acted: true,
    }
}

fn login(is_refused: bool) -> LoginView {
    LoginView {
        at: "1 December 2026, 09:00 UTC".into(),
        at_time: "2026-12-01T09:00:00Z".into(),
        device: "Firefox on Linux".into(),
        network: is_refused.then(|| "192.0.2.7".into()),
        is_refused,
    }
}

fn provider() -> ProviderView {
    ProviderView {
        text: "Continue with Example".into(),
        action: "/account/providers/example/sign-in".into(),
        return_to: "/account/signed-in".into(),
    }
}

/// A page with everything.
fn full(blank: PageView) -> PageView {
    let error = ErrorView { field: Some("email".into()), text: "This is not an email address.".into() };
    let field = FieldView {
        name: "email".into(),
        label: "Email address".into(),
        kind: "email",
        input_mode: "text",
        autocomplete: "username".into(),
        value: "ada@example.com".into(),
        hint: Some("As in ada@example.com".into()),
        error: Some(error.text.clone()),
        is_read_only: false,
        is_required: true,
    };
    let choice = FieldView { name: "scope:orders:read".into(), kind: "checkbox", ..field.clone() };
    let hidden = FieldView { kind: "hidden", ..field.clone() };
    let form = FormView {
        action: "/account/sign-in".into(),
        fields: vec![field.clone(), FieldView { kind: "password", ..field }, choice, hidden],
        button: "Send".into(),
        is_grave: true,
        passkey: Some(PasskeyView { makes: true, waits: true, options: "{}".into() }),
        captcha: Some(CaptchaView {
            script: "https://captcha.example/api.js".into(),
            is_module: true,
            element: "div".into(),
            attributes: vec![AttributeView { name: "class".into(), value: "captcha".into() }],
        }),
    };
    PageView {
        languages: vec![LanguageView { tag: "en".into(), name: "English".into(), href: "/".into(), is_current: true }],
        lead: vec!["A paragraph.".into()],
        notice: Some("It is done.".into()),
        errors: vec![error.clone(), ErrorView { field: None, ..error }],
        passkey_form: Some(form.clone()),
        form: Some(form),
        providers: vec![provider()],
        links: vec![link()],
        goes_to: Some("https://provider.example/".into()),
        skips_to: Some("/".into()),
        menu: Some(MenuView {
            links: vec![link()],
            sign_out: "/account/sign-out".into(),
            acting: Some("You act as ada@example.com.".into()),
        }),
        ..blank
    }
}
