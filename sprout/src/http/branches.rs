//! `/api/branches`: the subjects of a user.

use axum::extract::State;
use axum::response::Response;
use seedbed::Pool;
use serde::Serialize;

use super::fields::{Fields, Query};
use super::path::Id;
use super::reply;
use crate::error::AppError;
use crate::schema::Branch;
use crate::store::branches;
use crate::time::iso_from_stored;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BranchReply {
    id: String,
    title: String,
    user_id: String,
    created_at: String,
    updated_at: String,
}

impl From<Branch> for BranchReply {
    fn from(branch: Branch) -> Self {
        Self {
            id: branch.id,
            title: branch.title,
            user_id: branch.user_id,
            created_at: iso_from_stored(branch.created_at),
            updated_at: iso_from_stored(branch.updated_at),
        }
    }
}

/// `GET /api/branches?userId`
pub async fn list(State(pool): State<Pool>, mut query: Query) -> Result<Response, AppError> {
    let user_id = query.required("userId");
    query.check("userId query param required")?;
    let found = pool.read(move |tx| branches::of_user(tx, &user_id)).await?;
    Ok(reply::ok(&found.into_iter().map(BranchReply::from).collect::<Vec<_>>()))
}

/// `GET /api/branches/:id`
pub async fn get(State(pool): State<Pool>, Id(id): Id) -> Result<Response, AppError> {
    let branch = pool.read(move |tx| branches::get(tx, &id)).await?;
    Ok(reply::ok(&BranchReply::from(branch)))
}

/// `POST /api/branches`
pub async fn create(State(pool): State<Pool>, mut fields: Fields) -> Result<Response, AppError> {
    let title = fields.required_text("title");
    let user_id = fields.required_text("userId");
    fields.check("title and userId are required")?;
    let branch = pool.write(move |tx| branches::create(tx, &title, &user_id)).await?;
    Ok(reply::created(&BranchReply::from(branch)))
}

/// `PATCH /api/branches/:id`
pub async fn update(State(pool): State<Pool>, Id(id): Id, mut fields: Fields) -> Result<Response, AppError> {
    let title = fields.changed_text("title");
    fields.check("")?;
    let branch = pool.write(move |tx| branches::update(tx, &id, title.as_deref())).await?;
    Ok(reply::ok(&BranchReply::from(branch)))
}

/// `DELETE /api/branches/:id`
pub async fn delete(State(pool): State<Pool>, Id(id): Id) -> Result<Response, AppError> {
    pool.write(move |tx| branches::delete(tx, &id)).await?;
    Ok(reply::no_content())
}
