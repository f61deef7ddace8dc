//! A gateway for tests: an engine, and the files that its host keeps (`docs/abi.md`).

use interdict_core::common::time::Time;
use interdict_core::list::Edition;
use interdict_core::wire::Code;
use serde_json::{Value, json};

use crate::coalition::{Coalition, Files};
use crate::enrolment::{enrolled, enrolled_for, requiring};
use crate::subject::Subject;

/// The clock of every gateway.
pub const NOW: u32 = 1_795_309_323;

/// One year after [`NOW`]: the usual expiry in tests.
///
/// # Panics
/// Never.
#[must_use]
pub fn far() -> Time {
    Time::parse("2027-11-22T00:00:00Z").unwrap()
}

/// A gateway enrolled in one coalition, `se`, with the key of epoch 1.
#[derive(Debug)]
pub struct Gateway<S> {
    /// The engine.
    pub subject: S,
    coalition: Value,
    policy: Value,
    keys: Vec<String>,
    /// The files of the last completed update, by their names in the store.
    pub saved: Files,
    /// Files kept since then.
    pending: Files,
    /// Names of the files requested by the last walk.
    pub asked: Vec<String>,
}

impl<S: Subject> Gateway<S> {
    /// Enrols it for these lists, and requires them all.
    pub fn new(subject: S, coalition: &Coalition, lists: &[&str]) -> Self {
        let coalition = enrolled("se", &coalition.root(far()), lists);
        Self::enrolled(subject, coalition, lists)
    }

    /// Enrols it for the public edition of `se/merchants`.
    pub fn public(subject: S, coalition: &Coalition) -> Self {
        Self::of_edition(subject, coalition, Edition::Public)
    }

    /// Enrols it for an edition of `se/merchants`.
    pub fn of_edition(subject: S, coalition: &Coalition, edition: Edition) -> Self {
        let lists = ["se/merchants"];
        let coalition = enrolled_for(edition, "se", &coalition.root(far()), &lists);
        Self::enrolled(subject, coalition, &lists)
    }

    fn enrolled(subject: S, mut coalition: Value, lists: &[&str]) -> Self {
        // A floor, so that a gateway that comes without a history does not say so in each verdict.
        coalition["at_least"] = json!({"root": 1});
        let mut gateway = Self {
            subject,
            coalition,
            policy: match lists {
                [] => json!({"without_lists": true}),
                lists => requiring("se", lists),
            },
            keys: vec![Coalition::list_key_text(1)],
            saved: Files::new(),
            pending: Files::new(),
            asked: Vec::new(),
        };
        gateway.restart();
        gateway
    }

    /// Calls one operation.
    ///
    /// # Errors
    /// The name of the error code.
    ///
    /// # Panics
    /// If the engine gives no answer, or an error without a known code or a sentence.
    pub fn call(
        &mut self,
        operation: &str,
        message: &Value,
        file: Option<Vec<u8>>,
    ) -> Result<Value, &'static str> {
        let message = message.to_string();
        let answer = self.subject.call(operation, message.as_bytes(), file, NOW);
        match answer.unwrap() {
            Ok(answer) => Ok(serde_json::from_str(&answer).unwrap()),
            Err((code, sentence)) => {
                assert!(!sentence.is_empty(), "a refusal says why");
                let known = Code::ALL.iter().find(|known| known.number() == code);
                Err(known.expect("a code of the table").name())
            }
        }
    }

    /// Calls one operation that must succeed.
    ///
    /// # Panics
    /// On a refusal.
    pub fn ok(&mut self, operation: &str, message: &Value) -> Value {
        self.call(operation, message, None).unwrap()
    }

    /// Gives the engine the keys of these epochs and no others.
    pub fn hold_keys(&mut self, epochs: impl IntoIterator<Item = u32>) {
        self.keys = epochs.into_iter().map(Coalition::list_key_text).collect();
        self.hand_over_keys();
    }

    fn hand_over_keys(&mut self) {
        let keys = self.keys.iter();
        let keys: Vec<_> = keys
            .map(|key| json!({"coalition": "se", "key": key}))
            .collect();
        self.ok("configure", &json!({"keys": keys}));
    }

    /// Adds a member to the coalition, for the next [`Gateway::restart`].
    pub fn set(&mut self, member: &str, value: Value) {
        self.coalition[member] = value;
    }

    /// Starts a new engine from the files that the host kept.
    ///
    /// # Panics
    /// If the saved files do not load completely.
    pub fn restart(&mut self) {
        let state = self.call("state", &json!({}), None);
        let history = state.map(|state| state["coalitions"][0]["history"].clone());
        self.subject.renew().unwrap();
        if let Ok(Value::String(history)) = history {
            self.coalition["history"] = history.into();
        }
        let message = json!({"coalitions": [self.coalition], "policy": self.policy});
        self.ok("configure", &message);
        self.hand_over_keys();
        for (files, whole) in [(self.saved.clone(), true), (self.pending.clone(), false)] {
            if files.is_empty() {
                continue;
            }
            let replayed = self.replay(&files);
            assert!(!whole || replayed == "completed", "{replayed}");
        }
    }

    /// Replays files of a store: `completed`, `unfinished` if one is missing, or the name of the error
    /// code.
    pub fn replay(&mut self, files: &Files) -> &'static str {
        self.walk("store", &mut |fetch| {
            let name = fetch["name"].as_str()?;
            files.get(name).cloned()
        })
    }

    /// Updates from a repository: `completed`, or the name of the error code.
    pub fn update(&mut self, served: &Files) -> &'static str {
        let end = self.walk("repository", &mut |fetch| bring(served, fetch));
        assert_ne!(end, "unfinished", "an update ends completed or refused");
        end
    }

    /// Requests one signed file: `completed`, `unfinished`, or the name of the error code.
    pub fn target(&mut self, source: &str, served: &Files, path: &str) -> &'static str {
        let begin = json!({"coalition": "se", "begin": source, "target": path});
        match self.call("poll", &begin, None) {
            Ok(progress) => self.follow(progress, &mut |fetch| bring(served, fetch)),
            Err(code) => code,
        }
    }

    fn walk(
        &mut self,
        source: &str,
        bring: &mut dyn FnMut(&Value) -> Option<Vec<u8>>,
    ) -> &'static str {
        let begin = json!({"coalition": "se", "begin": source});
        let progress = self.ok("poll", &begin);
        let end = self.follow(progress, bring);
        if end == "completed" {
            let again = self.ok("poll", &json!({"coalition": "se"}));
            self.save(&again["files"]);
        }
        end
    }

    fn follow(
        &mut self,
        mut progress: Value,
        bring: &mut dyn FnMut(&Value) -> Option<Vec<u8>>,
    ) -> &'static str {
        self.asked.clear();
        while progress["fetch"].is_object() {
            let fetch = progress["fetch"].clone();
            match self.supply(&fetch, bring(&fetch)) {
                Ok(next) => progress = next,
                Err(code) => return code,
            }
        }
        if progress["completed"] != true {
            return "unfinished";
        }
        "completed"
    }

    fn supply(&mut self, fetch: &Value, file: Option<Vec<u8>>) -> Result<Value, &'static str> {
        let name = fetch["name"].as_str().unwrap_or_default().to_owned();
        self.asked.push(name.clone());
        let outcome = if file.is_some() { "bytes" } else { "not_found" };
        let message = json!({"coalition": "se", "name": name, "outcome": outcome});
        let progress = self.call("supply", &message, file.clone())?;
        if let Some(file) = file.filter(|_| progress["keep"] == true) {
            self.pending.insert(name, file);
        }
        Ok(progress)
    }

    /// Replaces the saved files with these.
    fn save(&mut self, names: &Value) {
        let known = |name: &str| self.pending.get(name).or_else(|| self.saved.get(name));
        let names = names.as_array().into_iter().flatten();
        let names = names.filter_map(Value::as_str);
        let saved = names.map(|name| (name.to_owned(), known(name).unwrap().clone()));
        self.saved = saved.collect();
        self.pending.clear();
    }

    /// The verdict about a domain when a payment is authorised.
    pub fn verdict(&mut self, domain: &str) -> Value {
        self.verdict_in("authorisation", domain)
    }

    /// The verdict about a domain in this flow.
    pub fn verdict_in(&mut self, flow: &str, domain: &str) -> Value {
        let identifier = json!({"kind": "domain", "value": domain});
        let message = json!({"flow": flow, "identifiers": [identifier]});
        self.ok("screen", &message)
    }

    /// The live releases, as `state` reports them.
    pub fn lists(&mut self) -> Vec<Value> {
        let state = self.ok("state", &json!({}));
        let lists = state["coalitions"][0]["lists"].as_array().cloned();
        lists.unwrap_or_default()
    }
}

/// Loads coalition `se` into whatever `ask` gives messages and files to, from a store whose files `read` gives by
/// their paths in the repository.
///
/// # Panics
/// If the load does not complete.
pub fn load_store(
    ask: impl FnMut(&str, &Value, Option<Vec<u8>>) -> Value,
    read: impl Fn(&str) -> Option<Vec<u8>>,
) {
    load(("se", "store"), ask, read);
}

/// Loads a coalition from its source, `store` or `repository`, in the same way.
///
/// # Panics
/// If the load does not complete.
pub fn load(
    (coalition, source): (&str, &str),
    mut ask: impl FnMut(&str, &Value, Option<Vec<u8>>) -> Value,
    read: impl Fn(&str) -> Option<Vec<u8>>,
) {
    let begin = json!({"coalition": coalition, "begin": source});
    let mut progress = ask("poll", &begin, None);
    while let Some(path) = progress["fetch"]["path"].as_str() {
        let file = read(path);
        let outcome = if file.is_some() { "bytes" } else { "not_found" };
        let name = &progress["fetch"]["name"];
        let message = json!({"coalition": coalition, "name": name, "outcome": outcome});
        progress = ask("supply", &message, file);
    }
    assert_eq!(progress["completed"], true, "every file was taken");
}

/// The requested file of a repository.
#[must_use]
pub fn bring(served: &Files, fetch: &Value) -> Option<Vec<u8>> {
    served.get(fetch["path"].as_str()?).cloned()
}

/// The codes of a verdict's reasons.
#[must_use]
pub fn codes(verdict: &Value) -> Vec<&str> {
    let reasons = verdict["reasons"].as_array().into_iter().flatten();
    reasons
        .filter_map(|reason| reason["code"].as_str())
        .collect()
}

/// The path in a repository with this end.
///
/// # Panics
/// Unless there is exactly one.
#[must_use]
pub fn path_of(served: &Files, end: &str) -> String {
    let mut paths = served.keys().filter(|path| path.ends_with(end));
    let path = paths.next().expect("a path with this end");
    assert!(paths.next().is_none(), "one path with this end");
    path.clone()
}
