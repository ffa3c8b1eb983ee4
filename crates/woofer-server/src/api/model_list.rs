use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::{Problem, ProblemBody};
use crate::models::ServedModel;
use crate::service::Service;

/// The models that answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModelList {
    /// The first is asked when none is named.
    models: Vec<ModelFacts>,
}

/// What a model is.
#[derive(Debug, Serialize, ToSchema)]
pub struct ModelFacts {
    name: String,
    /// What kind of network it is.
    description: String,
    /// What it tells apart, in the order of the ids.
    classes: Vec<String>,
    /// The class that stands for everything else, if there is one.
    rest: Option<String>,
}

impl ModelFacts {
    fn of(model: &ServedModel) -> Self {
        Self {
            name: model.name.clone(),
            description: model.description.clone(),
            classes: model.classes.clone(),
            rest: model.rest.and_then(|id| model.classes.get(id).cloned()),
        }
    }
}

/// The models that answer, and what they tell apart.
#[utoipa::path(
    get, path = "/v1/models", tag = "Woofer",
    responses(
        (status = 200, body = ModelList),
        (status = 401, description = "The token is missing or wrong.", body = ProblemBody),
    ),
    security((), ("token" = []))
)]
pub async fn model_list(State(service): State<Service>) -> Result<Json<ModelList>, Problem> {
    let models = service.models().all();
    let models = models.iter().map(|model| ModelFacts::of(model)).collect();
    Ok(Json(ModelList { models }))
}
