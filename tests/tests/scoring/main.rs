//! What scoring promises, on random requests, policies, lists and typologies.

mod alike;
mod clock;
mod limits;
mod listings;
mod lowered;
mod monotone;
mod order;
mod receipts;
mod refusals;
mod unanswered;
mod world;
