//! The kind of credential, and the factor that proves it.

use async_trait::async_trait;

use crate::{
    amr::{Amr, Method},
    engine::{EngineBuilder, Factor, FactorContext, Part, Proof},
    error::Fault,
    store::{CredentialKind, CredentialStore, UserStore},
};

pub(super) const BADGE: CredentialKind = CredentialKind::new("sample:badge");
pub(super) const PART: &str = "sample:badge";

/// The number on a badge, as a second factor.
pub(super) struct Badges;

impl<S: CredentialStore> Part<S> for Badges {
    fn name(&self) -> &'static str {
        PART
    }

    fn install(self, engine: &mut EngineBuilder<S>) {
        engine.add_factor(self);
    }
}

#[async_trait]
impl<S> Factor<S> for Badges {
    fn kind(&self) -> CredentialKind {
        BADGE
    }

    fn methods(&self) -> Amr {
        Method::new("sample:badge").into()
    }

    async fn prove(&self, cx: &FactorContext<'_, S>, proof: &Proof) -> Result<bool, Fault>
    where
        S: UserStore,
    {
        Ok(cx.of_kind(&BADGE).any(|badge| badge.data == proof.answer()))
    }
}
