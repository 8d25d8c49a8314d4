//! What is done with tokens that are kept: they are refreshed (RFC 6749, 6) and revoked (RFC 7009).

use std::time::Duration;

use ::http::StatusCode;
use jiff::Timestamp;
use serde_json::Value;

use super::{
    exchange::{Grant, NotExchanged},
    reader::ProviderError,
    remote::Remote,
    tokens::Tokens,
};

/// What a provider answers when a refresh token has ended, so that no further attempt helps. The second is GitHub's.
const ENDED: [&str; 2] = ["invalid_grant", "bad_refresh_token"];
/// What is added to the time of a call, because the clocks of two servers differ.
const CLOCK_SKEW: Duration = Duration::from_secs(5);

impl Remote {
    /// For how long a caller who refreshes keeps others from it: at least as long as its calls may take.
    pub(crate) fn lease(&self) -> Duration {
        self.calls.timeout + CLOCK_SKEW
    }

    /// Returns new tokens for a refresh token, or `None` if the provider says that the token has ended.
    pub(crate) async fn refresh(&self, token: &str, now: Timestamp) -> Result<Option<Tokens>, ProviderError> {
        let work = async {
            let metadata = self.metadata(now).await?;
            match self.client(&metadata, now).exchange(&metadata.token, &Grant::Refresh(token)).await {
                Ok(exchanged) => Ok(Some(exchanged.tokens)),
                Err(NotExchanged::Refused(code)) if ENDED.contains(&code.as_str()) => Ok(None),
                Err(error) => Err(error.of("the refresh token")),
            }
        };
        self.in_turn(work).await
    }

    /// Asks the provider to revoke tokens, if it has an endpoint for it. Nothing depends on it, so a failure is only
    /// logged.
    pub(crate) async fn revoke(&self, tokens: &Tokens, now: Timestamp) {
        if let Err(error) = self.in_time(self.try_revoke(tokens, now)).await {
            let provider = self.provider.name();
            tracing::warn!(target: "usermgr", provider, %error, "the tokens of a provider could not be revoked");
        }
    }

    /// The refresh token comes first: with it, many providers end the access tokens too (RFC 7009, 2.1).
    async fn try_revoke(&self, tokens: &Tokens, now: Timestamp) -> Result<(), ProviderError> {
        let metadata = self.metadata(now).await?;
        let Some(endpoint) = &metadata.revocation else { return Ok(()) };
        let client = self.client(&metadata, now);
        let refresh = tokens.refresh.as_ref().map(|token| (token, "refresh_token"));
        for (token, hint) in refresh.into_iter().chain([(&tokens.access, "access_token")]) {
            let response = client.post(endpoint, vec![("token", token.as_str()), ("token_type_hint", hint)]).await?;
            let answer = crate::http::read_json(response.body());
            // An unknown token is 200 (2.2). Google says so instead.
            let is_gone =
                answer.is_some_and(|answer| answer.get("error").and_then(Value::as_str) == Some("invalid_token"));
            if response.status() != StatusCode::OK && !is_gone {
                return Err(ProviderError::refused(format!("the status is {}", response.status().as_u16())));
            }
        }
        Ok(())
    }
}
