use std::io::Write;

use anyhow::{Context as _, Result, anyhow, bail};
use clap::Args;
use interdict::{Bound, Service, serve_trial};
use interdict_core::common::hex;
use sha2::{Digest as _, Sha256};
use tokio::signal::unix::{SignalKind, signal};

use crate::terminal::common::Common;
use crate::terminal::exit::Exit;

/// Answer payment systems over HTTP
///
/// It refreshes by itself. gateway.toml says where it listens and whom it answers ([service], [[client]]);
/// docs/service.md describes what it serves. SIGTERM or Ctrl-C lets it finish what is in work.
#[derive(Args)]
pub(crate) struct Options {
    /// Print a new bearer token and the lines of gateway.toml that let a client of this name use it, and end.
    #[arg(long, value_name = "NAME")]
    new_client: Option<String>,
    /// Serve the built-in coalition of interdict try on this machine: without enrolment, with "test": true in every
    /// answer.
    #[arg(long)]
    r#try: bool,
    /// With --try: where, instead of 127.0.0.1:8470. Without it gateway.toml says where.
    #[arg(long, value_name = "HOST:PORT")]
    listen: Option<String>,
}

impl Options {
    pub(crate) fn run(self, common: &Common, out: &mut dyn Write) -> Result<Exit> {
        if let Some(name) = &self.new_client {
            return new_client(name, out);
        }
        if self.listen.is_some() && !self.r#try {
            bail!(
                "--listen goes with --try; without it write into gateway.toml: [service] and below it listen = \
                 \"127.0.0.1:8470\", or give the variable INTERDICT_SERVICE__LISTEN"
            );
        }
        tracing_subscriber::fmt()
            .json()
            .flatten_event(true)
            .with_writer(std::io::stderr)
            .init();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .enable_all()
            .build()?;
        if self.r#try {
            let told = |place: &str| {
                let _ = writeln!(out, "listening on {place}, with test merchants")
                    .and_then(|()| out.flush());
            };
            let served = serve_trial(
                &common.config,
                self.listen.as_deref(),
                common.fixed_now(),
                told,
                ended(),
            );
            runtime.block_on(served).context("the trial cannot start")?;
            return Ok(Exit::Done);
        }
        // Many systems allow 1,024 open files, which connections alone could take.
        let _ = rlimit::increase_nofile_limit(rlimit::INFINITY);
        let service = Service::open(common.config()?, common.fixed_now(), common.is_stateless())
            .context("the service cannot start")?;
        runtime.block_on(async {
            let (bound, stopper) = Bound::new(service).await?;
            let envoy = bound.envoy_place();
            let envoy = envoy.map_or_else(String::new, |place| format!(", for Envoy on {place}"));
            writeln!(out, "listening on {}{envoy}", bound.place())?;
            out.flush()?;
            tokio::spawn(async move {
                ended().await;
                stopper.stop();
            });
            bound.serve().await?;
            Ok(Exit::Done)
        })
    }
}

/// Until somebody wants the service to end, by a signal or with the terminal that it runs in.
async fn ended() {
    let both = (
        signal(SignalKind::terminate()),
        signal(SignalKind::hangup()),
    );
    match both {
        (Ok(mut terminated), Ok(mut hung_up)) => tokio::select! {
            _ = terminated.recv() => {}
            _ = hung_up.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        },
        _ => {
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}

fn new_client(name: &str, out: &mut dyn Write) -> Result<Exit> {
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(|_| anyhow!("this machine gives no random bytes"))?;
    let token = hex::text(&secret);
    let digest = hex::text(&Sha256::digest(token.as_bytes()));
    writeln!(out, "# The client sends: Authorization: Bearer {token}")?;
    writeln!(
        out,
        "# It is shown this once; gateway.toml has only its SHA-256:"
    )?;
    writeln!(
        out,
        "[[client]]\nname = {name:?}\ntoken_sha256 = \"{digest}\""
    )?;
    Ok(Exit::Done)
}
