//! Two subjects as one.

use anyhow::Result;

use super::log::SharedLog;
use interdict_tests::subject::{Answer, Subject};
use interdict_tests::subjects::InModule;

/// The two modules, run in wasmtime.
pub(super) type Modules = Pair<InModule, InModule>;

/// Gives every call to both subjects, logs where they differ, and returns the answer of the first, so that
/// the caller always continues as with the first alone.
#[derive(Debug)]
pub struct Pair<A, B> {
    old: A,
    new: B,
    log: SharedLog,
}

impl<A, B> Pair<A, B> {
    /// The second must answer as the first.
    pub const fn new(old: A, new: B, log: SharedLog) -> Self {
        Self { old, new, log }
    }
}

impl<A: Subject, B: Subject> Subject for Pair<A, B> {
    fn renew(&mut self) -> Result<()> {
        self.old.renew()?;
        self.new.renew()
    }

    fn call(
        &mut self,
        operation: &str,
        input: &[u8],
        file: Option<Vec<u8>>,
        now: u32,
    ) -> Result<Answer> {
        let new = self.new.call(operation, input, file.clone(), now);
        let old = self.old.call(operation, input, file, now);
        let broken = |module: &str, error: anyhow::Error| {
            let call = self.log.borrow_mut().note_broken(operation, input);
            error.context(format!("the {module} module: {call}"))
        };
        let new = new.map_err(|error| broken("new", error))?;
        let old = old.map_err(|error| broken("old", error))?;
        self.log.borrow_mut().note(operation, input, &old, &new);
        Ok(old)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use anyhow::bail;

    use super::super::log::Log;
    use super::super::mask::Sentences;
    use super::*;

    /// Answers the same to everything.
    struct Fixed(Answer);

    impl Subject for Fixed {
        fn renew(&mut self) -> Result<()> {
            Ok(())
        }

        fn call(&mut self, _: &str, _: &[u8], _: Option<Vec<u8>>, _: u32) -> Result<Answer> {
            Ok(self.0.clone())
        }
    }

    /// Gives no answer at all, like a module that trapped.
    struct Trapped;

    impl Subject for Trapped {
        fn renew(&mut self) -> Result<()> {
            Ok(())
        }

        fn call(&mut self, _: &str, _: &[u8], _: Option<Vec<u8>>, _: u32) -> Result<Answer> {
            bail!("trapped")
        }
    }

    fn differences(operation: &str, sentences: Sentences, old: Answer, new: Answer) -> u64 {
        let log = SharedLog::new(RefCell::new(Log::new(sentences)));
        let mut pair = Pair::new(Fixed(old), Fixed(new), Rc::clone(&log));
        pair.call(operation, b"{}", None, 0).unwrap().ok();
        log.borrow().differences()
    }

    fn answer(text: &str) -> Answer {
        Ok(text.to_owned())
    }

    fn refusal(code: i32, sentence: &str) -> Answer {
        Err((code, sentence.to_owned()))
    }

    #[test]
    fn one_changed_byte_is_a_difference() {
        let old = r#"{"action":"allow","score":10,"receipt":{"mac":"00"}}"#;
        for sentences in [Sentences::Compared, Sentences::Masked] {
            assert_eq!(
                differences("screen", sentences, answer(old), answer(old)),
                0
            );
            for place in 0..old.len() {
                let mut new = old.as_bytes().to_vec();
                new[place] ^= 1;
                let new = Ok(String::from_utf8(new).unwrap());
                assert_eq!(differences("screen", sentences, answer(old), new), 1);
            }
            let longer = format!("{old} ");
            assert_eq!(
                differences("screen", sentences, answer(old), answer(&longer)),
                1
            );
        }
    }

    #[test]
    fn a_module_that_traps_is_a_difference() {
        let log = SharedLog::new(RefCell::new(Log::new(Sentences::Masked)));
        let mut pair = Pair::new(Fixed(answer("{}")), Trapped, Rc::clone(&log));
        let error = pair.call("state", b"{}", None, 0).unwrap_err();
        assert!(format!("{error:#}").contains("the new module"));
        assert_eq!(log.borrow().differences(), 1);
    }

    #[test]
    fn codes_are_compared_always_and_sentences_unless_masked() {
        let old = refusal(-17, "unknown member");
        for (new, compared, masked) in [
            (refusal(-17, "unknown member"), 0, 0),
            (refusal(-17, "an unknown member"), 1, 0),
            (refusal(-18, "unknown member"), 1, 1),
            (answer("unknown member"), 1, 1),
        ] {
            let seen = |sentences| differences("screen", sentences, old.clone(), new.clone());
            assert_eq!(seen(Sentences::Compared), compared);
            assert_eq!(seen(Sentences::Masked), masked);
        }
    }
}
