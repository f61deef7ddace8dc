use interdict_host::Flow;
use serde::Deserialize;

use crate::service_settings::FlowName;

/// Where a request that a proxy asks about names the merchant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MerchantAt {
    /// In a header, which the proxy sets itself.
    Header(String),
    /// In a path that the proxy puts into a header.
    PathIn(String, Pattern),
    /// In the path of the request.
    Path(Pattern),
    /// In Envoy's `context_extensions`, which only its configuration writes.
    Context(String),
    /// In the name of the client's certificate, which Envoy has verified.
    Certificate(Pattern),
}

/// A text with `{merchant}` in it, and perhaps `*` at its end for anything further.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Pattern {
    before: String,
    after: String,
    is_open: bool,
}

/// `merchant` of a door, as `gateway.toml` has it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct MerchantAtText {
    header: Option<String>,
    path: Option<Pattern>,
    context: Option<String>,
    certificate: Option<Pattern>,
}

const MERCHANT: &str = "{merchant}";

impl MerchantAtText {
    /// Takes what the file says of a door that is asked over gRPC or not.
    pub(crate) fn read(self, is_envoy: bool) -> Result<MerchantAt, &'static str> {
        let lower = |name: String| name.to_ascii_lowercase();
        if self
            .path
            .as_ref()
            .is_some_and(|path| !path.before.starts_with('/'))
        {
            return Err("path begins with /");
        }
        let at = match (self.header, self.path, self.context, self.certificate) {
            (Some(name), None, None, None) => MerchantAt::Header(lower(name)),
            (Some(name), Some(path), None, None) => MerchantAt::PathIn(lower(name), path),
            (None, Some(path), None, None) => MerchantAt::Path(path),
            (None, None, Some(name), None) if is_envoy => MerchantAt::Context(name),
            (None, None, None, Some(name)) if is_envoy => MerchantAt::Certificate(name),
            _ if is_envoy => {
                return Err(
                    "merchant has one of header, path, context and certificate, or header and path",
                );
            }
            _ => return Err("merchant has header, path, or both"),
        };
        Ok(at)
    }
}

impl TryFrom<String> for Pattern {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let told = "write a text with {merchant} once, such as /merchants/{merchant}/payouts or \
                    /merchants/{merchant}/*";
        let (before, after) = text.split_once(MERCHANT).ok_or(told)?;
        let (after, is_open) = match after.strip_suffix('*') {
            Some(after) => (after, true),
            None => (after, false),
        };
        // What may stand for the merchant ends at a slash, so an open end behind it would cut an id.
        let is_cut = is_open && !after.ends_with('/');
        if is_cut
            || [before, after]
                .iter()
                .any(|part| part.contains(['*', '{', '}']))
        {
            return Err(told);
        }
        Ok(Self {
            before: before.to_owned(),
            after: after.to_owned(),
            is_open,
        })
    }
}

impl Pattern {
    /// What stands for the merchant in a text that has this form.
    pub(crate) fn merchant<'t>(&self, text: &'t str) -> Option<&'t str> {
        let rest = text.strip_prefix(self.before.as_str())?;
        let (merchant, rest) = match rest.find('/') {
            Some(slash) => rest.split_at_checked(slash)?,
            None => (rest, ""),
        };
        // Without a slash behind it, what follows the merchant may be of its segment.
        let (merchant, rest) = match self.after.starts_with('/') || self.after.is_empty() {
            true => (merchant, rest),
            false => (
                merchant.strip_suffix(self.after.as_str())?,
                self.after.as_str(),
            ),
        };
        let fits = match self.is_open {
            true => rest.starts_with(self.after.as_str()),
            false => rest == self.after,
        };
        (fits && !merchant.is_empty()).then_some(merchant)
    }
}

/// The path of a request without its query, if nobody can read it otherwise.
///
/// Two programs may resolve an encoded slash, an empty segment or `..` differently, and then one screens another merchant
/// than the other pays.
pub(crate) fn plain_path(raw: &str) -> Option<&str> {
    let path = raw.split_once('?').map_or(raw, |(path, _)| path);
    let is_plain = path.starts_with('/')
        && path
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'\\' | b'#' | b';'));
    let has_odd_segment = path
        .split('/')
        .skip(1)
        .any(|segment| matches!(segment, "." | ".."));
    let lower = path.to_ascii_lowercase();
    let has_odd_code = ["%2f", "%5c", "%2e", "%25", "%00", "//"]
        .iter()
        .any(|code| lower.contains(code));
    (is_plain && !has_odd_segment && !has_odd_code).then_some(path)
}

/// The flow of a name.
pub(crate) fn flow_named(name: &str) -> Option<Flow> {
    FlowName::try_from(name.to_owned()).ok().map(|name| name.0)
}
