//! The doors with the software that they are for: a real Envoy and a real NGINX in front of a small payment API, and
//! `interdict serve` behind them.

mod api;
mod latency;
mod peer;
mod room;
mod scenarios;

pub use latency::Latencies;
pub use peer::{Peer, PeerKind};
pub use room::Room;
pub use scenarios::{SCENARIOS, Scenario};
