//! What scoring promises, on random requests, policies, lists and typologies.

mod alike;
mod limits;
mod monotone;
mod order;
mod receipts;
mod refusals;
mod world;
