//! What axum's own extractors refuse, answered as the routes of the library answer it.

use std::error::Error;

use ::axum::extract::rejection::{BytesRejection, FailedToBufferBody, JsonRejection, PathRejection};

use crate::http::{Problem, refused_json};

/// 422 for a body that is not JSON or not of the type, with the entries of the library's routes and without what was
/// sent; 415 for another media type; 413 for a body over the limit; 400 for one that is incomplete.
impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        match &rejection {
            JsonRejection::JsonDataError(error) => unreadable(error),
            JsonRejection::JsonSyntaxError(error) => unreadable(error),
            JsonRejection::MissingJsonContentType(_) => Self::unsupported_media_type(),
            JsonRejection::BytesRejection(BytesRejection::FailedToBufferBody(
                FailedToBufferBody::LengthLimitError(_),
            )) => Self::too_large(),
            _ => Self::unreadable(),
        }
    }
}

/// 404 for a parameter that cannot be read, because nothing has that name; 500 for an extractor that does not match the
/// route.
impl From<PathRejection> for Problem {
    fn from(rejection: PathRejection) -> Self {
        match &rejection {
            PathRejection::FailedToDeserializePathParams(error) if error.status().is_client_error() => {
                Self::not_found()
            }
            other => Self::internal(other),
        }
    }
}

/// The error of the reader is among the causes of axum's.
fn unreadable(error: &(dyn Error + 'static)) -> Problem {
    refused_json(error).unwrap_or_else(|| error.source().map_or_else(Problem::unreadable, unreadable))
}
