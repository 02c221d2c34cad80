use axum::extract::FromRequestParts;
use axum::response::Response;
use distribution::Caller;
use headers::authorization::Bearer;
use headers::{Authorization, HeaderMapExt};
use http::StatusCode;
use http::request::Parts;

use crate::WebState;
use crate::error::HttpError;

/// Who calls, by the bearer token; a request without a live one goes no further.
pub(crate) struct ApiCaller(pub(crate) Caller);

impl FromRequestParts<WebState> for ApiCaller {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Response> {
        let refuse =
            |message: String| HttpError::new(StatusCode::UNAUTHORIZED, "unauthorised", message).into_json();
        let Some(Authorization(bearer)) = parts.headers.typed_get::<Authorization<Bearer>>() else {
            return Err(refuse("send a token: `Authorization: Bearer airstair_…`".to_owned()));
        };
        match state.distribution.caller(bearer.token()).await {
            Ok(Ok(caller)) => Ok(Self(caller)),
            Ok(Err(refusal)) => {
                Err(refuse(format!("{refusal}; make a new one with `airstair admin token create`")))
            }
            Err(error) => Err(HttpError::from(error).into_json()),
        }
    }
}
