//! What belongs to an account of another database: the texts of a row go in, and a credential comes out. A row of this library is kept as it
//! is, because sealed data opens only in the row of its id.

use std::error::Error;

use jiff::Timestamp;
use sqlx::{AnyPool, AssertSqlSafe, Row as _, any::AnyRow};
use usermgr::store::{Credential, CredentialDigest, CredentialId, CredentialKind, Identity, NewCredential};
use uuid::Uuid;

use super::{table::Table, value::microseconds};

/// How the credentials of users are kept, besides the column `user_id`.
pub(super) enum Form {
    /// As rows of this library.
    Rows,
    /// As identities: the columns of the provider, the subject and the address.
    Identities([&'static str; 3]),
}

const ROWS: [&str; 9] = ["id", "kind", "lookup", "label", "data", "version", "created_at", "used_at", "expires_at"];

impl Form {
    /// The columns without which none can be read. They are in the order of the first two.
    pub(super) fn columns(&self) -> &[&'static str] {
        match self {
            Self::Rows => &ROWS,
            Self::Identities(names) => names,
        }
    }

    /// Reads a row whose columns are texts.
    ///
    /// # Errors
    /// A column has a value that this library never writes.
    pub(super) fn read(&self, row: &AnyRow, user_id: Uuid) -> Result<Credential<Uuid>, Box<dyn Error>> {
        match self {
            Self::Rows => stored(row, user_id),
            Self::Identities([provider, subject, email]) => {
                let [provider, subject] = [row.try_get::<String, _>(provider)?, row.try_get::<String, _>(subject)?];
                let mut identity = Identity::new(provider.as_str(), account_id(&provider, &subject));
                identity.email = row.try_get(email)?;
                Ok(identity.to_credential(user_id, Timestamp::now()).into())
            }
        }
    }
}

fn stored(row: &AnyRow, user_id: Uuid) -> Result<Credential<Uuid>, Box<dyn Error>> {
    let text = |name: &str| row.try_get::<Option<String>, _>(name);
    let needed = |name: &str| row.try_get::<String, _>(name);
    let id = needed("id")?;
    let unreadable = |name: &str| format!("the column `{name}` of the credential {id} cannot be read");
    let time = |name: &'static str| -> Result<Option<Timestamp>, Box<dyn Error>> {
        let time = text(name)?.map(|text| microseconds(&text).ok_or_else(|| unreadable(name)));
        Ok(time.transpose()?)
    };
    let created_at = time("created_at")?.ok_or_else(|| unreadable("created_at"))?;
    let mut new =
        NewCredential::new(user_id, CredentialKind::from_stored(needed("kind")?), needed("data")?, created_at);
    new.id = CredentialId::new(id.as_str());
    new.lookup = text("lookup")?.map(CredentialDigest::from_stored);
    (new.label, new.expires_at) = (text("label")?, time("expires_at")?);
    let mut credential = Credential::from(new);
    credential.version = needed("version")?.parse().map_err(|_| unreadable("version"))?;
    credential.used_at = time("used_at")?;
    Ok(credential)
}

/// The id of an account as the provider's ID tokens have it. FastAPI Users stores the resource name of Google's People API, `people/123`.
fn account_id<'a>(provider: &str, stored: &'a str) -> &'a str {
    match provider {
        "google" => stored.strip_prefix("people/").unwrap_or(stored),
        _ => stored,
    }
}

/// The tokens that were ended or used and have not expired, behind this one, in the order of their names.
pub(super) async fn ended_tokens(
    pool: &AnyPool,
    table: &Table,
    after: &str,
    now: Timestamp,
    limit: usize,
) -> Result<Vec<(String, Timestamp)>, Box<dyn Error>> {
    let text = format!(
        "SELECT id, expires_at FROM {} WHERE id > $1 AND expires_at > $2 ORDER BY id LIMIT {limit}",
        table.quoted()
    );
    let query = sqlx::query_as::<_, (String, i64)>(AssertSqlSafe(text)).bind(after).bind(now.as_microsecond());
    let read = |(id, until)| Timestamp::from_microsecond(until).map(|until| (id, until));
    Ok(query.fetch_all(pool).await?.into_iter().map(read).collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::account_id;

    #[test]
    fn o5_an_imported_identity_is_the_one_with_which_its_user_signs_in() {
        for (provider, stored, expected) in [
            ("google", "people/110169484474386276334", "110169484474386276334"),
            ("google", "110169484474386276334", "110169484474386276334"),
            ("github", "people/1", "people/1"),
        ] {
            assert_eq!(account_id(provider, stored), expected);
        }
    }
}
