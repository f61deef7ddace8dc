//! `interdict-publish`: a coalition's command.

mod command;

use std::io;
use std::process::ExitCode;

use clap::Parser as _;

use command::{Arguments, Exit, Output, versions};
use interdict_core::wire::Versions;

fn main() -> ExitCode {
    if Versions::are_asked(std::env::args_os().skip(1)) {
        println!("{}", versions());
        return Exit::Well.into();
    }
    let arguments = Arguments::parse();
    let mut out = io::stdout().lock();
    let mut output = Output::new(&mut out, arguments.json());
    let done = arguments.run(&mut output).err();
    // Who reads our output has seen enough; the work itself is done before it is reported.
    let done = done.filter(|error| !is_broken_pipe(error));
    let exit = done.as_ref().map_or(Exit::Well, Exit::of);
    if let Some(error) = &done {
        eprintln!("interdict-publish: {error:#}");
    }
    match output.finish(exit, done.as_ref()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            eprintln!("interdict-publish: {error}");
            Exit::Refused.into()
        }
        _ => exit.into(),
    }
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<io::Error>();
    error.is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
