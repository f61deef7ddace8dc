//! The Java host as a Maven repository in a folder, with what Maven Central asks for.

use std::fs;

use anyhow::Result;

use super::packing::Packing;
use super::stage::Stage;
use crate::shell::run;

macro_rules! artefact {
    ($suffix:literal) => {
        concat!(
            "maven/example/interdict/interdict-host/{v}/interdict-host-{v}",
            $suffix
        )
    };
}

pub(super) const FILES: [&str; 12] = [
    artefact!(".jar"),
    artefact!(".jar.md5"),
    artefact!(".jar.sha1"),
    artefact!(".pom"),
    artefact!(".pom.md5"),
    artefact!(".pom.sha1"),
    artefact!("-javadoc.jar"),
    artefact!("-javadoc.jar.md5"),
    artefact!("-javadoc.jar.sha1"),
    artefact!("-sources.jar"),
    artefact!("-sources.jar.md5"),
    artefact!("-sources.jar.sha1"),
];

/// Compiles the host and deploys it into the release's folder. Its tests run elsewhere.
pub(super) fn pack(packing: &Packing<'_>, stage: &Stage) -> Result<()> {
    let out = packing.to.join("maven");
    fs::create_dir_all(&out)?;
    // The modes of files go into two of the archives.
    let mut maven = stage.command("sh", "host-example/java");
    maven.args(["-c", "umask 022 && exec mvn \"$@\"", "mvn"]);
    maven.args(["--batch-mode", "--no-transfer-progress", "--quiet"]);
    // The tests are not compiled either.
    maven.arg("-Dmaven.test.skip=true");
    maven.arg(format!("-Dproject.build.outputTimestamp={}", packing.time));
    maven.arg(format!(
        "-DaltDeploymentRepository=release::file://{}",
        out.display()
    ));
    run(maven.arg("deploy"))?;
    // These name the time of deployment, and each index keeps its own.
    for entry in fs::read_dir(out.join("example/interdict/interdict-host"))? {
        let path = entry?.path();
        if path.is_file() {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}
