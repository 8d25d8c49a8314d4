//! A shop whose customers have numbers.

use serde::{Deserialize, Serialize};
use usermgr::prelude::*;

/// Numbers of every kind that JSON has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Profile)]
pub struct Customer {
    /// Small.
    pub age: u8,
    /// Up to the largest.
    pub points: u64,
    /// Down to the smallest.
    pub balance: i64,
    /// With a fraction.
    pub weight: f64,
    /// Perhaps.
    pub discount: Option<f32>,
    /// Inside.
    pub scores: Vec<i32>,
    /// In another.
    pub place: Place,
}

/// Where a customer is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Place {
    /// In degrees.
    pub latitude: f64,
    /// In degrees.
    pub longitude: f64,
}

/// The manager of the shop.
pub struct Accounts {
    /// Its engine.
    pub engine: Engine<SqliteStore<Customer>>,
}

#[user_manager(store = SqliteStore<Customer>, secret = "only-for-tests-0123456789abcdef-x")]
impl Accounts {}
