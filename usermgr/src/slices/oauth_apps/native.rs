//! The sign-in with an ID token that an application has received itself.

use crate::{
    federation::{Awaited, FlowKind, Installed, NativeAnswer, Nonce},
    login::{LoggedIn, login_backend, use_up},
    manager::UserManager,
    op::Op,
    slices::oauth::{OAuthError, Place, counted, sign_in},
    store::UserStore,
    token::OAuthStateToken,
};

/// What an application has sent.
pub(super) struct Received {
    pub(super) state: OAuthStateToken,
    pub(super) id_token: String,
    pub(super) name: Option<String>,
}

/// Makes the nonce for an ID token of this provider.
pub(super) fn begin<M: UserManager>(op: Op<'_, M>, place: &Place<'_, M::Store>) -> Result<Nonce, OAuthError> {
    Ok(place.flow(op).nonce(op.engine.now())?)
}

/// The provider of a name, if it accepts ID tokens of applications.
pub(super) fn place<'a, S: UserStore>(installed: &'a Installed<S>, name: &str) -> Option<Place<'a, S>> {
    let remote = installed.remote(name).filter(|remote| remote.provider().is_native())?;
    Some(Place { installed, remote, kind: FlowKind::Native })
}

/// Logs in the user of an ID token. The state is used up before anything else, so that no second token can be tried with it.
pub(super) async fn log_in<M: UserManager>(
    op: Op<'_, M>,
    installed: &Installed<M::Store>,
    received: &Received,
    backend: &str,
) -> Result<LoggedIn<M::Store>, OAuthError> {
    login_backend(op.engine, backend)?;
    let work = async {
        let now = op.engine.now();
        let Awaited { provider, nonce, once } = Awaited::of(op.configured, &received.state, now)?;
        let place = place(installed, &provider).ok_or(OAuthError::InvalidState)?;
        if !use_up(op.engine, &once).await? {
            return Err(OAuthError::InvalidState);
        }
        let answer = NativeAnswer { id_token: &received.id_token, name: received.name.as_deref(), nonce: &nonce };
        let identified = place.remote.identify_native(&answer, op.engine.email_rules(), now).await;
        let identified = identified.map_err(|error| place.failed(op, &error))?;
        sign_in(op, installed, place.remote.provider(), identified, backend).await
    };
    counted(op, work).await
}
