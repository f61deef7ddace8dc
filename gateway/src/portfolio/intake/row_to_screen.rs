use interdict_core::policy::Flow;
use serde_json::Value;

use super::rows::{MerchantFile, SourceRow};
use crate::error::Error;
use crate::portfolio::merchant::MerchantId;
use crate::portfolio::reader::MerchantReader;
use crate::portfolio_problem::RowProblem;

/// A row of a file whose merchant is screened and not kept.
#[derive(Clone)]
pub struct RowToScreen {
    /// The line it begins in, from 1.
    pub line: u64,
    /// Whose row it is, if it has an id of the right form.
    pub merchant: Option<MerchantId>,
    /// The message of `screen` about it.
    pub request: Result<String, RowProblem>,
}

impl MerchantFile {
    /// The next row, as [`MerchantReader`] reads it; `flow` is of one that names none. `None` at the end.
    ///
    /// # Errors
    /// The file cannot be read on.
    pub fn next_to_screen(
        &mut self,
        reader: &mut MerchantReader,
        flow: Option<Flow>,
    ) -> Result<Option<RowToScreen>, Error> {
        let Some(row) = self.next()? else {
            return Ok(None);
        };
        let SourceRow {
            line,
            id,
            request,
            left_out,
            ..
        } = row;
        let merchant = id.as_deref().and_then(|id| MerchantId::parse(id).ok());
        let request = request.and_then(|mut request| {
            if let (Some(flow), Value::Object(members)) = (flow, &mut request) {
                members.entry("flow").or_insert_with(|| flow.name().into());
            }
            let id = id.ok_or(RowProblem::NoId)?;
            // A row without one of its cells would be another merchant's.
            match left_out.into_iter().next() {
                Some(problem) => Err(problem),
                None => reader.read(&id, &request),
            }
        });
        Ok(Some(RowToScreen {
            line,
            merchant,
            request: request.map(|merchant| merchant.request(merchant.flow())),
        }))
    }
}

/// What it asks is not printed.
impl std::fmt::Debug for RowToScreen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut told = f.debug_struct("RowToScreen");
        told.field("line", &self.line).finish_non_exhaustive()
    }
}
