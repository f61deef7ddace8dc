/// How the names of variables with settings begin.
const PREFIX: &str = "INTERDICT_";
/// Variables of this project's own tests.
const OF_TESTS: [&str; 3] = ["LONG", "MUTANT", "LIBRARY"];

/// Settings from the environment: `INTERDICT_SERVICE__LISTEN` is `listen` of `[service]`, and wins over the file. A
/// value is TOML if it reads as TOML, and a text otherwise.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Variables(Vec<(String, String)>);

impl Variables {
    /// Those of this process.
    #[must_use]
    pub fn of_process() -> Self {
        let text = |text: std::ffi::OsString| text.to_string_lossy().into_owned();
        Self::new(std::env::vars_os().map(|(name, value)| (text(name), text(value))))
    }

    /// These, as far as they are settings: variables of other programs, and those that Kubernetes makes for a service
    /// that is called `interdict`, are not.
    #[must_use]
    pub fn new(all: impl IntoIterator<Item = (String, String)>) -> Self {
        let all = all.into_iter().filter(|(name, _)| is_setting(name));
        let mut all: Vec<_> = all.collect();
        // A table comes before its members.
        all.sort();
        Self(all)
    }

    /// Name and value of each, a table before its members.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.0.iter();
        all.map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The names of the tables that lead to a setting, and its own.
    pub(crate) fn path(variable: &str) -> Vec<String> {
        let name = variable.strip_prefix(PREFIX).unwrap_or(variable);
        name.split("__").map(str::to_ascii_lowercase).collect()
    }
}

fn is_setting(variable: &str) -> bool {
    let Some(name) = variable.strip_prefix(PREFIX) else {
        return false;
    };
    let is_of_kubernetes = ["PORT", "SERVICE_HOST", "SERVICE_PORT"].contains(&name)
        || name.starts_with("PORT_")
        || name.starts_with("SERVICE_PORT_");
    !is_of_kubernetes && !OF_TESTS.contains(&name) && !name.starts_with("TEST_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_setting_is_kept_and_what_others_set_is_not() {
        let all = [
            "INTERDICT_STAET",
            "INTERDICT_SERVICE__LISTEN",
            "INTERDICT_SERVICE",
            "INTERDICT_SERVICE_HOST",
            "INTERDICT_SERVICE_PORT_HTTP",
            "INTERDICT_PORT_8470_TCP_ADDR",
            "INTERDICT_TEST_MODULE",
            "INTERDICT_LONG",
            "PATH",
        ];
        let all = Variables::new(all.map(|name| (name.to_owned(), String::new())));
        let names: Vec<&str> = all.iter().map(|(name, _)| name).collect();
        assert_eq!(
            names,
            [
                "INTERDICT_SERVICE",
                "INTERDICT_SERVICE__LISTEN",
                "INTERDICT_STAET"
            ]
        );
        assert_eq!(
            Variables::path("INTERDICT_AT_LEAST__SE__ROOT"),
            ["at_least", "se", "root"]
        );
    }
}
