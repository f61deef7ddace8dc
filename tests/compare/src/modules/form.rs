//! Whether both modules take the `configure` message of this source.

use anyhow::{Context as _, Result, bail};
use serde_json::json;

use super::engines::{COALITION, RECEIPT_KEY};
use super::material::Material;
use super::repositories::{choices, enrolled, requiring};
use interdict_tests::subject::Subject;

/// Configures both modules with every choice of every repository.
///
/// # Errors
/// Names the module that refuses the message, and what it says. Nothing could be compared then: every
/// later call would differ for this reason alone.
pub(super) fn check(mut modules: [(&str, impl Subject); 2], material: &Material) -> Result<()> {
    for repository in &material.repositories {
        for choice in choices(repository) {
            let coalitions = [enrolled(COALITION, &repository.root, &choice.members)];
            let policy = requiring(&coalitions);
            let message = json!({"coalitions": coalitions, "policy": policy,
                "receipt_key": RECEIPT_KEY});
            let message = message.to_string();
            for (name, module) in &mut modules {
                module.renew()?;
                let answer = module.call("configure", message.as_bytes(), None, repository.fresh);
                let answer = answer.with_context(|| format!("the {name} module"))?;
                if let Err((code, sentence)) = answer {
                    bail!(
                        "the {name} module refuses the `configure` message of docs/abi.md ({code}: \
                         {sentence}), for {} {}; only modules that speak the same messages can be compared",
                        repository.name,
                        choice.about
                    );
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use interdict_tests::subject::Answer;

    /// Answers every message alike.
    struct Always(Answer);

    impl Subject for Always {
        fn renew(&mut self) -> Result<()> {
            Ok(())
        }

        fn call(&mut self, _: &str, _: &[u8], _: Option<Vec<u8>>, _: u32) -> Result<Answer> {
            Ok(self.0.clone())
        }
    }

    #[test]
    fn a_module_that_refuses_the_form_of_configure_is_named_before_anything_is_compared() {
        let material = Material::read(&interdict_tests::fixtures()).unwrap();
        let takes = || Always(Ok("{}".to_owned()));
        let refuses = || Always(Err((-17, "unknown member".to_owned())));
        let checked = |old, new| check([("old", old), ("new", new)], &material);
        checked(takes(), takes()).unwrap();
        for (old, new, named) in [
            (refuses(), takes(), "the old module refuses"),
            (takes(), refuses(), "the new module refuses"),
        ] {
            let error = checked(old, new).unwrap_err().to_string();
            assert!(error.starts_with(named), "{error}");
            assert!(error.contains("-17: unknown member"), "{error}");
        }
    }
}
