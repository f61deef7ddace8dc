//! The tags of a page that mdBook wrote.

/// An opening tag.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Tag {
    pub(super) name: String,
    attributes: Vec<(String, String)>,
}

impl Tag {
    /// The value of an attribute.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    }
}

/// Every opening tag of a page, in order. What stands in comments, scripts and styles is no tag.
pub(super) fn read(page: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut rest = page;
    while let Some((_, after)) = rest.split_once('<') {
        if let Some(comment) = after.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, rest)| rest);
            continue;
        }
        if !after.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
            rest = after;
            continue;
        }
        let (tag, after) = tag(after);
        rest = match tag.name.as_str() {
            "script" | "style" => {
                let end = format!("</{}", tag.name);
                after.split_once(&end).map_or("", |(_, rest)| rest)
            }
            _ => after,
        };
        tags.push(tag);
    }
    tags
}

/// Reads a tag from its name on, and returns what follows it.
fn tag(text: &str) -> (Tag, &str) {
    let (name, mut rest) = word(text);
    let mut tag = Tag {
        name: name.to_ascii_lowercase(),
        attributes: Vec::new(),
    };
    loop {
        rest = rest.trim_start_matches(|letter: char| letter.is_whitespace() || letter == '/');
        if rest.is_empty() {
            return (tag, "");
        }
        if let Some(after) = rest.strip_prefix('>') {
            return (tag, after);
        }
        let (name, after) = word(rest);
        // A character that begins no attribute, such as a quote.
        if name.is_empty() {
            rest = rest.get(1..).unwrap_or_default();
            continue;
        }
        let (value, after) = match after.trim_start().strip_prefix('=') {
            Some(after) => value(after.trim_start()),
            None => ("", after),
        };
        tag.attributes
            .push((name.to_ascii_lowercase(), unescaped(value)));
        rest = after;
    }
}

/// The name of a tag or of an attribute, and what follows it.
fn word(text: &str) -> (&str, &str) {
    let ends = |letter: char| letter.is_whitespace() || matches!(letter, '>' | '/' | '=' | '"');
    text.split_at(text.find(ends).unwrap_or(text.len()))
}

fn value(text: &str) -> (&str, &str) {
    for quote in ['"', '\''] {
        if let Some(quoted) = text.strip_prefix(quote) {
            return quoted.split_once(quote).unwrap_or((quoted, ""));
        }
    }
    let ends = |letter: char| letter.is_whitespace() || letter == '>';
    text.split_at(text.find(ends).unwrap_or(text.len()))
}

/// The references that mdBook writes.
fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&#39;", "'")
        .replace("&#x27;", "'")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn attributes_are_read_however_they_are_quoted() {
        let tags =
            read("<p><A class=x HREF='a.html' title=\"a > b &amp; c\"/>t</a><br><img src=b>");
        let shown: Vec<_> = tags
            .iter()
            .map(|tag| (tag.name.as_str(), tag.value("href"), tag.value("src")))
            .collect();
        assert_eq!(
            shown,
            [
                ("p", None, None),
                ("a", Some("a.html"), None),
                ("br", None, None),
                ("img", None, Some("b"))
            ]
        );
        assert_eq!(tags[1].value("title"), Some("a > b & c"));
    }

    #[test]
    fn comments_scripts_and_styles_have_no_tags() {
        let page = "<!doctype html><!-- <a> --><script>if (a < b) '<a href=x>'</script>\
                    <style>a > b {}</style>1 < 2<i id=\"y\">";
        let names: Vec<_> = read(page).into_iter().map(|tag| tag.name).collect();
        assert_eq!(names, ["script", "style", "i"]);
    }
}
