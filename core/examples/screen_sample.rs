//! A Rust program that embeds the core: it loads a coalition's list from a folder and asks whether a
//! shop may be paid. No JSON, no network, no WebAssembly.
//!
//! ```text
//! cargo run -p interdict-core --example screen_sample
//! ```

mod sample;

use std::error::Error;

use interdict_core::list::Action;

fn main() -> Result<(), Box<dyn Error>> {
    let now = sample::now()?;
    let engine = sample::loaded(now)?;
    let question = sample::question()?;

    let verdict = engine.screen(&question, now);
    println!("{}, score {}", verdict.action.name(), verdict.score);
    for reason in &verdict.reasons {
        println!("  {} {:?}", reason.code.name(), reason.list);
    }
    if verdict.action != Action::Block || verdict.degraded {
        return Err("the sample lists this shop".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_listed_shop_is_blocked() {
        super::main().unwrap();
    }
}
