//! A list of the parts of each file of a release, in CycloneDX 1.6 (ECMA-424). The crates in it are those that cargo
//! links, not all of `Cargo.lock`. Nothing in it depends on the machine or on when it was written.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use interdict_core::common::hex;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::shell::root;

use super::crates::{Build, Crate, Id, Linked, Packages, linked};
use super::kind::{Kind, Program};
use super::manifest::{self, Manifest, Need};
use super::part::{self, Licence, Part};
use crate::release::origin::Origin;

/// A file of a release.
#[derive(Debug, Clone)]
pub(crate) struct Artefact {
    /// From the release's folder, with `/` between its parts.
    pub(crate) name: String,
    /// Of its bytes, in hexadecimal.
    pub(crate) sha256: String,
    pub(super) kind: Kind,
}

/// Writes one list for each artefact below the folder `to`, at the artefact's own path, and returns the files.
pub(super) fn write(
    packages: &Packages,
    artefacts: &[Artefact],
    origin: &Origin,
    to: &Path,
) -> Result<Vec<PathBuf>> {
    let mut builds = Builds::new(packages);
    let write = |artefact: &Artefact| {
        let bom = bom(&mut builds, artefact, origin).with_context(|| artefact.name.clone())?;
        let file = to.join(format!("{}.cdx.json", artefact.name));
        fs::create_dir_all(file.parent().context("a folder")?)?;
        let text = serde_json::to_string_pretty(&bom)? + "\n";
        fs::write(&file, text).with_context(|| file.display().to_string())?;
        Ok(file)
    };
    artefacts.iter().map(write).collect()
}

/// What cargo links, asked once for each build.
struct Builds<'p> {
    packages: &'p Packages,
    linked: BTreeMap<(String, String, bool), Linked>,
    parts: BTreeMap<Program, Vec<Part>>,
}

impl<'p> Builds<'p> {
    const fn new(packages: &'p Packages) -> Self {
        Self {
            packages,
            linked: BTreeMap::new(),
            parts: BTreeMap::new(),
        }
    }

    fn linked(&mut self, build: &Build<'_>) -> Result<&Linked> {
        let key = (
            build.package.to_owned(),
            build.target.to_owned(),
            build.features.is_empty(),
        );
        if !self.linked.contains_key(&key) {
            self.linked.insert(key.clone(), linked(build)?);
        }
        self.linked.get(&key).context("a build")
    }

    /// What a command has besides its crates.
    fn parts(&mut self, program: Program) -> Result<Vec<Part>> {
        if !self.parts.contains_key(&program) {
            let packages = self.packages;
            let linked = self.linked(&program.build())?;
            let parts = part::of_command(packages, linked, program.target)?;
            self.parts.insert(program, parts);
        }
        self.parts.get(&program).cloned().context("parts")
    }
}

/// The build of a committed module.
pub(super) fn module(file: &str) -> Build<'static> {
    Build {
        features: if file == EDGE {
            &["--no-default-features"]
        } else {
            &[]
        },
        ..Build::of("interdict-wasm", WASM)
    }
}

/// The build that the browser package has beside the module for pages.
pub(super) const BINDINGS: Build<'_> = Build::of("interdict-js", WASM);

const WASM: &str = "wasm32-unknown-unknown";
pub(super) const MODULE: &str = "interdict.wasm";
pub(super) const EDGE: &str = "interdict-edge.wasm";

/// The crate that has the module in it.
const HOST: &str = "interdict-host";

/// Parts by their reference, and which of them use which.
#[derive(Default)]
struct Parts {
    components: BTreeMap<String, Value>,
    uses: BTreeMap<String, BTreeSet<String>>,
}

impl Parts {
    fn use_(&mut self, user: &str, used: &str) {
        let all = self.uses.entry(user.to_owned()).or_default();
        all.insert(used.to_owned());
    }

    /// Adds the crates of a build, each with a reference that begins with `prefix`, and returns that of its root.
    fn crates(&mut self, packages: &Packages, linked: &Linked, prefix: &str) -> Result<String> {
        let reference = |id: &Id| format!("{prefix}{}@{}", id.name, id.version);
        for (id, uses) in &linked.uses {
            let name = reference(id);
            let component = of_crate(&name, id, packages.of(id)?);
            self.components.insert(name.clone(), component);
            self.uses.entry(name.clone()).or_default();
            for used in uses {
                self.use_(&name, &reference(used));
            }
        }
        Ok(reference(&linked.root))
    }

    /// Adds what is no crate. `user` is the reference of what has it.
    fn part(&mut self, part: &Part, prefix: &str, user: &str) {
        let name = format!("{prefix}{}@{}", part.name, part.version);
        let licence = match part.licence {
            Licence::Expression(text) => json!([{ "expression": text }]),
            Licence::Named(text) => json!([{ "license": { "name": text } }]),
        };
        let component = json!({
            "type": if part.name == "public-suffix-list" { "data" } else { "library" },
            "bom-ref": name,
            "name": part.name,
            "version": part.version,
            "purl": part.purl,
            "licenses": licence,
        });
        self.use_(user, &name);
        self.uses.entry(name.clone()).or_default();
        self.components.insert(name, component);
    }

    /// Adds a build for the module's target as one part with its crates inside, and returns its reference.
    fn wasm(
        &mut self,
        builds: &mut Builds<'_>,
        build: &Build<'_>,
        file: &str,
        version: &str,
    ) -> Result<String> {
        let name = format!("{file}@{version}");
        let prefix = format!("{file}/");
        let packages = builds.packages;
        let mut inside = Self::default();
        let top = inside.crates(packages, builds.linked(build)?, &prefix)?;
        inside.use_(&name, &top);
        inside.part(&part::rust_library()?, &prefix, &name);
        self.uses.extend(inside.uses);
        let mut component = json!({
            "type": "library",
            "bom-ref": name,
            "name": file,
            "version": version,
            "licenses": [{ "expression": packages.of(&builds.linked(build)?.root)?.licence }],
            "components": inside.components.into_values().collect::<Vec<_>>(),
        });
        let committed = root().join("wasm/dist").join(file);
        if committed.exists() {
            let digest = hex::text(&Sha256::digest(fs::read(&committed)?));
            component["hashes"] = json!([{ "alg": "SHA-256", "content": digest }]);
        }
        self.components.insert(name.clone(), component);
        Ok(name)
    }

    fn needs(&mut self, needs: &[Need], user: &str) {
        for need in needs {
            let name = match &need.version {
                Some(version) => format!("needs:{}@{version}", need.name),
                None => format!("needs:{}", need.name),
            };
            let component = of_need(&name, need);
            self.use_(user, &name);
            self.uses.entry(name.clone()).or_default();
            self.components.insert(name, component);
        }
    }
}

/// The whole document of one artefact.
fn bom(builds: &mut Builds<'_>, artefact: &Artefact, origin: &Origin) -> Result<Value> {
    let version = origin.version.as_str();
    let me = artefact.name.as_str();
    let mut parts = Parts::default();
    parts.uses.insert(me.to_owned(), BTreeSet::new());
    let (kind, purl) = contents(builds, artefact, version, &mut parts)?;
    let name = artefact.name.rsplit('/').next().unwrap_or_default();
    let component = json!({
        "type": kind,
        "bom-ref": me,
        "name": name,
        "version": version,
        "purl": purl,
        "licenses": [{ "expression": "MIT OR Apache-2.0" }],
        "hashes": [{ "alg": "SHA-256", "content": artefact.sha256 }],
    });
    let dependencies = parts
        .uses
        .into_iter()
        .map(|(user, used)| json!({ "ref": user, "dependsOn": used }));
    let identity = format!("{}@{version} sha256:{}", artefact.name, artefact.sha256);
    let serial = Uuid::new_v5(&Uuid::NAMESPACE_URL, identity.as_bytes());
    Ok(json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": serial.urn().to_string(),
        "version": 1,
        "metadata": {
            "timestamp": origin.date()?,
            "lifecycles": [{ "phase": "build" }],
            "tools": { "components": [{ "type": "application", "name": "cargo xtask release", "version": version }] },
            "component": component,
        },
        "components": parts.components.into_values().collect::<Vec<_>>(),
        "dependencies": dependencies.collect::<Vec<_>>(),
    }))
}

/// Adds what an artefact has and needs, and returns its type and package URL.
fn contents(
    builds: &mut Builds<'_>,
    artefact: &Artefact,
    version: &str,
    parts: &mut Parts,
) -> Result<(&'static str, String)> {
    let me = artefact.name.as_str();
    let generic = |name: &str| {
        format!(
            "pkg:generic/{name}@{version}?checksum=sha256:{}",
            artefact.sha256
        )
    };
    let hosts = root().join("host-example");
    let (manifest, has_module) = match &artefact.kind {
        Kind::Commands(programs) | Kind::Image(programs) => {
            for program in programs {
                add_command(builds, parts, *program, version, me)?;
            }
            let of_program = programs.first().context("a program")?;
            return Ok(match artefact.kind {
                Kind::Image(_) => ("container", generic("interdict-image")),
                _ => ("application", generic(of_program.package)),
            });
        }
        Kind::Modules => {
            for file in [MODULE, EDGE] {
                let inside = parts.wasm(builds, &module(file), file, version)?;
                parts.use_(me, &inside);
            }
            return Ok(("library", generic("interdict-modules")));
        }
        Kind::Module(file) => {
            let build = module(file);
            let top = parts.crates(builds.packages, builds.linked(&build)?, "")?;
            parts.use_(me, &top);
            parts.part(&part::rust_library()?, "", me);
            return Ok(("library", generic(file)));
        }
        Kind::Crate(package) => {
            // Source: whoever builds it chooses target and versions. These are the ones that were tested.
            let build = Build::of(package, "all");
            let top = parts.crates(builds.packages, builds.linked(&build)?, "")?;
            parts.use_(me, &top);
            if *package == HOST {
                let module = parts.wasm(builds, &module(MODULE), MODULE, version)?;
                parts.use_(&top, &module);
            }
            return Ok(("library", format!("pkg:cargo/{package}@{version}")));
        }
        Kind::Checkout => {
            let folder = root().join("wasm/js/package");
            let manifest = manifest::npm(&manifest::file(&folder, "package.json")?)?;
            for (build, file) in [(module(EDGE), EDGE), (BINDINGS, "interdict_js_bg.wasm")] {
                let inside = parts.wasm(builds, &build, file, version)?;
                parts.use_(me, &inside);
            }
            (manifest, false)
        }
        Kind::Node => {
            let text = manifest::file(&hosts, "node/package.json")?;
            (manifest::npm(&text)?, true)
        }
        Kind::Python => {
            let text = manifest::file(&hosts, "python/pyproject.toml")?;
            (manifest::python(&text)?, true)
        }
        Kind::Java | Kind::JavaText => {
            let text = manifest::file(&hosts, "java/pom.xml")?;
            (manifest::maven(&text)?, artefact.kind == Kind::Java)
        }
        Kind::Go => {
            let module = manifest::file(&hosts, "go/go.mod")?;
            let sums = manifest::file(&hosts, "go/go.sum")?;
            (manifest::go(&module, &sums)?, true)
        }
        Kind::C => {
            parts.part(&part::wasm2c()?, "", me);
            let text = manifest::file(&hosts, "c/CMakeLists.txt")?;
            (manifest::cmake(&text)?, true)
        }
        Kind::Php => (php(&hosts, version)?, false),
    };
    if has_module {
        let inside = parts.wasm(builds, &module(MODULE), MODULE, version)?;
        parts.use_(me, &inside);
    }
    parts.needs(&manifest.needs, me);
    let mark = if artefact.kind == Kind::Go { "v" } else { "" };
    Ok(("library", format!("{}@{mark}{version}", manifest.purl)))
}

/// PHP calls the library that the C host is built to.
fn php(hosts: &Path, version: &str) -> Result<Manifest> {
    let mut manifest = manifest::composer(&manifest::file(hosts, "php/composer.json")?)?;
    let library = manifest::cmake(&manifest::file(hosts, "c/CMakeLists.txt")?)?;
    manifest.needs.push(Need {
        name: library.name,
        version: Some(version.to_owned()),
        range: None,
        purl: Some(library.purl),
        is_optional: false,
        checksum: None,
    });
    Ok(manifest)
}

/// Adds a command with its crates, with the module if it has one, and with what is no crate.
fn add_command(
    builds: &mut Builds<'_>,
    parts: &mut Parts,
    program: Program,
    version: &str,
    me: &str,
) -> Result<()> {
    let packages = builds.packages;
    let linked = builds.linked(&program.build())?;
    let top = parts.crates(packages, linked, "")?;
    let reference = |name: &str| {
        let id = linked.uses.keys().find(|id| id.name == name)?;
        Some(format!("{}@{}", id.name, id.version))
    };
    let (host, sqlite) = (reference(HOST), reference("libsqlite3-sys"));
    parts.use_(me, &top);
    if let Some(program) = parts.components.get_mut(&top) {
        program["type"] = json!("application");
    }
    if let Some(host) = host {
        let module = parts.wasm(builds, &module(MODULE), MODULE, version)?;
        parts.use_(&host, &module);
    }
    for part in builds.parts(program)? {
        let user = match part.name {
            "sqlite" => sqlite.as_deref().unwrap_or(&top),
            _ => &top,
        };
        parts.part(&part, "", user);
    }
    Ok(())
}

fn of_crate(reference: &str, id: &Id, package: &Crate) -> Value {
    let mut component = json!({
        "type": "library",
        "bom-ref": reference,
        "name": id.name,
        "version": id.version,
        "licenses": [{ "expression": package.licence }],
    });
    if package.is_published {
        // `+` begins what a version says of its build, and means a space in some readers of URLs.
        let version = id.version.replace('+', "%2B");
        component["purl"] = json!(format!("pkg:cargo/{}@{version}", id.name));
    }
    if let Some(checksum) = &package.checksum {
        component["hashes"] = json!([{ "alg": "SHA-256", "content": checksum }]);
    }
    if let Some(repository) = &package.repository {
        component["externalReferences"] = json!([{ "type": "vcs", "url": repository }]);
    }
    component
}

fn of_need(reference: &str, need: &Need) -> Value {
    let mut component = json!({
        "type": if need.purl.is_some() { "library" } else { "platform" },
        "bom-ref": reference,
        "name": need.name,
        "scope": if need.is_optional { "optional" } else { "required" },
    });
    if let Some(version) = &need.version {
        component["version"] = json!(version);
    }
    if let Some(purl) = &need.purl {
        component["purl"] = json!(match &need.version {
            Some(version) => format!("{purl}@{version}"),
            None => purl.clone(),
        });
    }
    let properties: Vec<_> = [
        ("interdict:range", &need.range),
        ("interdict:go.sum", &need.checksum),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some(json!({ "name": name, "value": value.as_ref()? })))
    .collect();
    if !properties.is_empty() {
        component["properties"] = json!(properties);
    }
    component
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{Artefact, Builds, bom};
    use crate::release::origin::Origin;
    use crate::release::statements::crates::Packages;
    use crate::release::statements::kind::{Kind, Program};

    fn made(name: &str, digit: &str, kind: Kind) -> Value {
        let origin = Origin {
            version: "0.2.0".to_owned(),
            commit: "c0".repeat(20),
            time: 1_793_599_200,
            is_changed: false,
        };
        let artefact = Artefact {
            name: name.to_owned(),
            sha256: digit.repeat(64),
            kind,
        };
        let packages = Packages::read().expect("packages");
        bom(&mut Builds::new(&packages), &artefact, &origin).expect("a list")
    }

    fn part<'b>(parts: &'b Value, name: &str) -> Option<&'b Value> {
        let mut parts = parts["components"].as_array()?.iter();
        parts.find(|part| part["name"] == name)
    }

    fn used_by<'b>(bom: &'b Value, user: &str) -> Vec<&'b str> {
        let all = bom["dependencies"].as_array().expect("dependencies");
        let of = all.iter().find(|one| one["ref"] == user).expect("a user");
        let used = of["dependsOn"].as_array().expect("what it uses");
        used.iter().filter_map(Value::as_str).collect()
    }

    #[test]
    fn a_list_depends_on_the_file_and_its_commit_alone() {
        let one = made("go/v0.2.0.zip", "1", Kind::Go);
        assert_eq!(one, made("go/v0.2.0.zip", "1", Kind::Go));
        let other = made("go/v0.2.0.zip", "2", Kind::Go);
        assert_ne!(one["serialNumber"], other["serialNumber"]);
        assert_eq!(one["metadata"]["timestamp"], "2026-11-02T06:00:00Z");
    }

    #[test]
    fn a_host_has_the_module_with_its_crates_and_needs_what_its_manifest_names() {
        let bom = made("go/v0.2.0.zip", "1", Kind::Go);
        let module = part(&bom, "interdict.wasm").expect("the module");
        let curve = part(module, "ed25519-dalek").expect("a crate of the module");
        let checksum = curve["hashes"][0]["content"].as_str().expect("a checksum");
        assert_eq!(checksum.len(), 64);
        assert!(
            part(&bom, "ed25519-dalek").is_none(),
            "linked into the module alone"
        );
        let runtime = part(&bom, "github.com/tetratelabs/wazero").expect("the runtime");
        assert_eq!(
            runtime["purl"],
            "pkg:golang/github.com/tetratelabs/wazero@v1.12.0"
        );
        assert!(used_by(&bom, "go/v0.2.0.zip").contains(&"interdict.wasm@0.2.0"));
    }

    #[test]
    fn a_command_has_the_module_and_what_its_crates_bring_in_c_and_no_macros() {
        let gateway = Program {
            package: "interdict",
            target: "",
        };
        let bom = made("interdict.tar.gz", "1", Kind::Commands(vec![gateway]));
        assert_eq!(used_by(&bom, "interdict.tar.gz"), ["interdict@0.2.0"]);
        let host = used_by(&bom, "interdict-host@0.2.0");
        assert!(host.contains(&"interdict.wasm@0.2.0"), "{host:?}");
        let sqlite = part(&bom, "sqlite").expect("SQLite")["bom-ref"].clone();
        let binding = part(&bom, "libsqlite3-sys").expect("its binding");
        let binding = binding["bom-ref"].as_str().expect("a reference");
        assert_eq!(
            used_by(&bom, binding),
            [sqlite.as_str().expect("a reference")]
        );
        for absent in [
            "serde_derive",
            "proc-macro-error2",
            "proptest",
            "public-suffix-list",
        ] {
            assert!(part(&bom, absent).is_none(), "{absent}");
        }
    }
}
