//! How a gateway shows that it works: the self-test against the lists it really has, the signed statement
//! about one, and a coalition that is built in for the first hour.

mod coalition;
mod gateway;
mod merchants;
mod self_test;
mod state;
mod statement;

pub use gateway::Trial;
pub use merchants::{TEST_MERCHANTS, TestMerchant};
pub use self_test::{ListTest, SelfTest, TestName, TestOutcome, self_test};
pub use statement::{CoalitionTest, ModuleUsed, ReleaseUsed, Statement};
