//! The handlers of the application, over tables of its own.

use std::sync::Arc;

use axum::extract::rejection::{JsonRejection, PathRejection};
use axum::extract::{Json, Path, State};
use sqlx::SqlitePool;
use usermgr::{Fault, StoreError, http::Problem, prelude::*};
use uuid::Uuid;

use crate::accounts::{Accounts, Member};

type CurrentUser = usermgr::axum::CurrentUser<Accounts>;
type Superuser = usermgr::axum::Superuser<Accounts>;
type RequestContext = usermgr::axum::RequestContext<Accounts>;

/// A database that fails is answered as the library answers it: 503, and the log says why.
fn failed(error: sqlx::Error) -> Problem {
    Fault::from(StoreError::backend(error)).into()
}

pub(crate) async fn list(user: CurrentUser, State(db): State<SqlitePool>) -> Result<Json<Vec<String>>, Problem> {
    let notes = sqlx::query_scalar("SELECT text FROM notes WHERE user_id = ? ORDER BY id").bind(user.id);
    Ok(Json(notes.fetch_all(&db).await.map_err(failed)?))
}

/// Counts and writes in one statement, so that two requests at once cannot pass the quota.
pub(crate) async fn add(
    user: CurrentUser,
    State(db): State<SqlitePool>,
    text: Result<Json<String>, JsonRejection>,
) -> Result<Json<String>, Problem> {
    let Json(text) = text?;
    let sql = "INSERT INTO notes (user_id, text)
        SELECT ?1, ?2 WHERE (SELECT COUNT(*) FROM notes WHERE user_id = ?1) < ?3";
    let added = sqlx::query(sql).bind(user.id).bind(&text).bind(user.profile.quota).execute(&db).await;
    match added.map_err(failed)?.rows_affected() {
        0 => Err(Rejection::new("NOTES_FULL").reason("your quota is used up").status(409))?,
        _ => Ok(Json(text)),
    }
}

/// Makes a code that is good for one registration.
pub(crate) async fn invite(_: Superuser, State(db): State<SqlitePool>) -> Result<Json<String>, Problem> {
    let code = Uuid::new_v4().to_string();
    sqlx::query("INSERT INTO invitations (code) VALUES (?)").bind(&code).execute(&db).await.map_err(failed)?;
    Ok(Json(code))
}

/// Changes what no member can change, with the hooks and the event of every update.
pub(crate) async fn set_quota(
    admin: Superuser,
    cx: RequestContext,
    State(accounts): State<Arc<Accounts>>,
    id: Result<Path<Uuid>, PathRejection>,
    quota: Result<Json<u32>, JsonRejection>,
) -> Result<Json<User<Member>>, Problem> {
    let (Path(id), Json(quota)) = (id?, quota?);
    Ok(Json(accounts.update_profile(&admin.admin(), &id, |member| member.quota = quota, &cx).await?))
}
