//! `/api/branches`: the subjects of a user.

use axum::extract::State;
use seedbed::Pool;

use super::body::Body;
use super::fields::reads;
use super::form::Text;
use super::path::Id;
use super::query::{OfUser, Query};
use super::reply::{Created, NoContent, Reply};
use crate::documents::Shelf;
use crate::error::AppError;
use crate::schema::Branch;
use crate::store::branches;

/// A branch that is to be made.
#[derive(Debug)]
pub struct Draft {
    title: String,
    user_id: String,
}

reads!(Draft, "title and userId are required" {
    /// What is to be learned.
    title: required("title", Text),
    /// The user who learns it.
    user_id: required("userId", Text),
});

/// What is to change in a branch.
#[derive(Debug)]
pub struct Changes {
    title: Option<String>,
}

reads!(Changes, "" {
    /// What is to be learned.
    title: changed("title", Text),
});

/// `GET /api/branches?userId`
pub async fn list(
    State(pool): State<Pool>,
    Query(of): Query<OfUser>,
) -> Result<Reply<Vec<Branch>>, AppError> {
    pool.read(move |tx| branches::of_user(tx, &of.user_id).map(Reply::of)).await
}

/// `GET /api/branches/:id`
pub async fn get(State(pool): State<Pool>, Id(id): Id) -> Result<Reply<Branch>, AppError> {
    pool.read(move |tx| branches::get(tx, &id).map(Reply::of)).await
}

/// `POST /api/branches`
pub async fn create(State(pool): State<Pool>, Body(draft): Body<Draft>) -> Result<Created<Branch>, AppError> {
    Ok(Created(pool.write(move |tx| branches::create(tx, &draft.title, &draft.user_id)).await?))
}

/// `PATCH /api/branches/:id`
pub async fn update(
    State(pool): State<Pool>,
    Id(id): Id,
    Body(changes): Body<Changes>,
) -> Result<Reply<Branch>, AppError> {
    Ok(Reply::of(pool.write(move |tx| branches::update(tx, &id, changes.title.as_deref())).await?))
}

/// `DELETE /api/branches/:id`
pub async fn delete(
    State(pool): State<Pool>,
    State(shelf): State<Shelf>,
    Id(id): Id,
) -> Result<NoContent, AppError> {
    let objects = pool.write(move |tx| branches::delete(tx, &id)).await?;
    shelf.clear_soon(objects).await;
    Ok(NoContent)
}
