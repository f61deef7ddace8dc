use std::fmt::Write as _;

use interdict_core::policy::FlowPolicy;
use serde_json::{Map, Value, json};

use super::fields::{FIELDS, Field, Form, PRESETS, Preselected};

/// Longest line of the commented file.
const WIDTH: usize = 100;

/// A `policy.toml` that requires these lists, by coalition, and sets nothing else: every other field is in
/// a comment, with its default, unit and reason.
#[must_use]
pub fn commented_policy(required: &[(String, Vec<String>)]) -> String {
    let mut text = String::from(
        "# What an Interdict gateway does with evidence. The required lists must be named; every other\n\
         # field is optional, and what stands here is the default, or an example where there is none.\n\
         # Take the # away to change one, then ask:\n\
         #   interdict policy check policy.toml\n\
         # docs/scoring.md explains how a verdict comes about.\n",
    );
    comment_fields(&mut text, "", FIELDS);
    let Some(example) = FIELDS
        .iter()
        .find(|field| matches!(field.form, Form::Lists(_)))
    else {
        return text;
    };
    let commented = format!("# {} = {}\n", example.name, example.example);
    let given = match required {
        [] => example.example.to_owned(),
        required => required_lists(required),
    };
    text.replacen(&commented, &format!("{} = {given}\n", example.name), 1)
}

/// Required lists as an inline table of TOML.
#[must_use]
pub fn required_lists(required: &[(String, Vec<String>)]) -> String {
    let coalitions = required.iter().map(|(name, lists)| {
        let lists: Vec<_> = lists.iter().map(|list| format!("\"{list}\"")).collect();
        format!("{name} = [{}]", lists.join(", "))
    });
    format!("{{ {} }}", coalitions.collect::<Vec<_>>().join(", "))
}

fn comment_fields(text: &mut String, table: &str, fields: &[Field]) {
    let is_table = |field: &&Field| matches!(field.form, Form::Table(_) | Form::Tables(..));
    for field in fields.iter().filter(|field| !is_table(field)) {
        text.push('\n');
        comment(text, &about(field));
        let value = match field.example {
            "" => field.default.to_string(),
            example => example.to_owned(),
        };
        let _ = writeln!(text, "# {} = {value}", field.name);
    }
    for field in fields.iter().filter(is_table) {
        let path = match table {
            "" => field.name.to_owned(),
            table => format!("{table}.{}", field.name),
        };
        text.push('\n');
        comment(text, &sentence(field.reason));
        match field.form {
            Form::Tables(most, inner) => {
                comment(text, &format!("At most {most} tables like this one:"));
                let _ = writeln!(text, "# [[{path}]]");
                comment_fields(text, &path, inner);
            }
            Form::Table(inner) => {
                if inner.iter().any(|field| !is_table(&field)) {
                    let _ = writeln!(text, "# [{path}]");
                }
                comment_fields(text, &path, inner);
            }
            _ => {}
        }
    }
}

/// "How many … (merchants of a million, 1 to 500000)."
fn about(field: &Field) -> String {
    let mut text = field.reason.to_owned();
    let range = field.form.range();
    let _ = match field.unit {
        "" => write!(text, " ({range})"),
        unit => write!(text, " ({unit}; {range})"),
    };
    if !field.example.is_empty() && !field.default.is_nothing() {
        let _ = write!(text, "; default {}", field.default);
    }
    sentence(&text)
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|first| first.to_uppercase().to_string());
    format!("{}{}.", first.unwrap_or_default(), chars.as_str())
}

/// The text as comment lines. No text contains a word before an equals sign: it would look like a setting.
fn comment(text: &mut String, words: &str) {
    let mut line = String::from("#");
    for word in words.split(' ') {
        if line.chars().count() + 1 + word.chars().count() > WIDTH {
            let _ = writeln!(text, "{line}");
            line = String::from("#");
        }
        line.push(' ');
        line.push_str(word);
    }
    let _ = writeln!(text, "{line}");
}

/// The JSON Schema (2020-12) of a policy, for editors; what only the module can judge, such as one
/// score against another, is in the descriptions.
#[must_use]
pub fn policy_schema() -> Value {
    let mut schema = schema_of_table(FIELDS);
    if let Some(schema) = schema.as_object_mut() {
        schema.insert(
            "$schema".into(),
            "https://json-schema.org/draft/2020-12/schema".into(),
        );
        schema.insert("title".into(), "Interdict policy".into());
        let either = ["required", "without_lists"].map(|name| json!({"required": [name]}));
        schema.insert("anyOf".into(), json!(either));
    }
    schema
}

fn schema_of_table(fields: &[Field]) -> Value {
    let properties: Map<String, Value> = fields
        .iter()
        .map(|field| (field.name.to_owned(), schema_of(field)))
        .collect();
    let required: Vec<&str> = fields
        .iter()
        .filter(|field| is_required(field))
        .map(|field| field.name)
        .collect();
    let mut schema = json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    if let (false, Some(schema)) = (required.is_empty(), schema.as_object_mut()) {
        schema.insert("required".into(), required.into());
    }
    schema
}

/// Only members of repeated tables have no default.
fn is_required(field: &Field) -> bool {
    let is_table = matches!(
        field.form,
        Form::Table(_) | Form::Tables(..) | Form::Lists(_)
    );
    field.default.is_nothing() && !is_table
}

fn schema_of(field: &Field) -> Value {
    let mut schema = match field.form {
        Form::Number(low, high) => json!({"type": "integer", "minimum": low, "maximum": high}),
        Form::Word(words) => json!({"type": "string", "enum": words}),
        Form::Name(most) => json!({"type": "string", "minLength": 1, "maxLength": most}),
        Form::Text(most) => json!({"type": "string", "maxLength": most}),
        Form::Texts(most) => {
            json!({"type": "array", "items": {"type": "string"}, "maxItems": most})
        }
        Form::Truth => json!({"type": "boolean"}),
        Form::Lists(most) => json!({
            "type": "object",
            "additionalProperties": {"type": "array", "items": {"type": "string"}, "minItems": 1},
            "minProperties": 1,
            "maxProperties": most,
        }),
        Form::Table(fields) => schema_of_table(fields),
        Form::Tables(most, fields) => {
            json!({"type": "array", "items": schema_of_table(fields), "maxItems": most})
        }
    };
    let unit = match field.unit {
        "" => String::new(),
        unit => format!(" ({unit})"),
    };
    let description = sentence(&format!("{}{unit}", field.reason));
    if let Some(schema) = schema.as_object_mut() {
        schema.insert("description".into(), description.into());
        if let Some(default) = default(field) {
            schema.insert("default".into(), default);
        }
    }
    schema
}

/// A default as JSON.
fn default(field: &Field) -> Option<Value> {
    let text = format!("value = {}", field.default);
    let mut table: toml::Table = toml::from_str(&text).ok()?;
    serde_json::to_value(table.remove("value")?).ok()
}

/// The table of every field for the documents, in Markdown.
#[must_use]
pub fn policy_table() -> String {
    let mut text = String::from(
        "| field | default | range | unit | meaning |\n| --- | ---: | --- | --- | --- |\n",
    );
    table_rows(&mut text, "", FIELDS);
    text
}

fn table_rows(text: &mut String, table: &str, fields: &[Field]) {
    for field in fields {
        let path = match table {
            "" => field.name.to_owned(),
            table => format!("{table}.{}", field.name),
        };
        match field.form {
            Form::Table(inner) => table_rows(text, &path, inner),
            Form::Tables(most, inner) => {
                let _ = writeln!(
                    text,
                    "| `{path}[]` | | at most {most} tables | | {} |",
                    field.reason
                );
                table_rows(text, &format!("{path}[]"), inner);
            }
            form => {
                let default = match field.default {
                    Preselected::Nothing => "required".to_owned(),
                    default => format!("`{default}`"),
                };
                let range = match form {
                    Form::Word(words) => format!("`{}`", words.join("`, `")),
                    form => form.range(),
                };
                let _ = writeln!(
                    text,
                    "| `{path}` | {default} | {range} | {} | {} |",
                    field.unit, field.reason
                );
            }
        }
    }
}

/// The presets of the flows, in Markdown.
#[must_use]
pub fn presets_table() -> String {
    let mut text = String::from(
        "| preset | monitor_score | review_score | unavailable | why |\n\
         | --- | ---: | ---: | --- | --- |\n",
    );
    for preset in PRESETS {
        let FlowPolicy {
            monitor_score,
            review_score,
            unavailable,
            ..
        } = preset.choices;
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} |",
            preset.name,
            monitor_score,
            review_score,
            unavailable.name(),
            preset.reason
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn document(name: &str) -> String {
        let path = interdict_helpers::workspace().join("docs").join(name);
        fs::read_to_string(path).unwrap()
    }

    #[test]
    fn the_schema_of_the_documents_is_this_one() {
        let printed = serde_json::to_string_pretty(&policy_schema()).unwrap();
        assert!(
            document("policy.schema.json") == format!("{printed}\n"),
            "write it again: interdict policy schema > docs/policy.schema.json"
        );
    }

    #[test]
    fn the_table_of_the_documents_is_this_one() {
        assert!(
            document("scoring.md").contains(&policy_table()),
            "put the table that interdict policy table prints into docs/scoring.md"
        );
    }

    #[test]
    fn every_line_of_the_commented_policy_taken_in_is_toml_of_known_fields() {
        let commented = commented_policy(&[]);
        let known: toml::Table = toml::from_str(&commented).unwrap();
        assert!(known.keys().eq(["required"]));
        let setting = |line: &&str| {
            let line = line.trim_start_matches("# ");
            line.starts_with('[') || line.split(' ').nth(1) == Some("=")
        };
        let taken_in: String = commented
            .lines()
            .filter(setting)
            .map(|line| format!("{}\n", line.trim_start_matches("# ")))
            .collect();
        let whole: toml::Table = toml::from_str(&taken_in).unwrap();
        assert_eq!(whole.len(), FIELDS.len());
        assert_eq!(
            whole["flows"]["payout"]["review_score"].as_integer(),
            Some(600)
        );
        assert!(commented.lines().all(|line| line.chars().count() <= WIDTH));
    }

    #[test]
    fn every_default_and_example_is_a_value_of_its_field() {
        fn check(fields: &[Field]) {
            for field in fields {
                match field.form {
                    Form::Table(inner) | Form::Tables(_, inner) => check(inner),
                    Form::Number(low, high) => {
                        for text in [field.default.to_string(), field.example.to_owned()] {
                            let number = text.parse::<i32>();
                            assert!(text.is_empty() || (low..=high).contains(&number.unwrap()));
                        }
                    }
                    Form::Word(words) => {
                        for text in [field.default.to_string(), field.example.to_owned()] {
                            let word = text.trim_matches('"');
                            assert!(text.is_empty() || words.contains(&word), "{text}");
                        }
                    }
                    _ => {}
                }
                assert!(!field.reason.is_empty() && !field.reason.contains('|'));
            }
        }
        check(FIELDS);
    }
}
