//! What scoring promises, on random requests, policies, lists and typologies.

mod alike;
mod clearances;
mod cleared;
mod clock;
mod compact;
mod described;
mod limits;
mod listings;
mod lowered;
mod monotone;
mod order;
mod priors;
mod receipts;
mod red_flags;
mod refusals;
mod reported;
mod shadow;
mod silent;
mod typologies;
mod unanswered;
mod world;
