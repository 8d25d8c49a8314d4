//! The OpenAPI document: it tells of every route, status and code that there is and of no other, and follows what is mounted.

#[path = "openapi/document.rs"]
mod document;
#[path = "openapi/given.rs"]
mod given;
#[path = "openapi/shop.rs"]
mod shop;
