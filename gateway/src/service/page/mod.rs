//! The page for people at `/`: HTML from templates, without a script.
//!
//! 1. Every request passes `guard`: whoever is a payment client finds nothing here, a form comes from this page's own
//!    origin, and no answer may load or run anything but the style sheet.
//! 2. Behind the sign-in every form also holds its session's own token.
//! 3. What a person typed or a list says is put into a page by a template, which escapes it. What may be a card number
//!    is not put back.

mod alarms;
mod case;
mod decide;
mod entrance;
mod form;
mod frame;
mod guard;
mod lists;
mod queue;
mod routes;
mod screening;
mod sorry;
mod today;
mod without;
mod words;

pub(crate) use routes::routes;
