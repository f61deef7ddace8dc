//! What the package of an ecosystem is called and what it needs when it runs, read from its own manifest.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use toml::Table;

/// The name of a package, and what it does not bring along.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Manifest {
    pub(super) name: String,
    /// Without a version: `pkg:npm/interdict-host`.
    pub(super) purl: String,
    pub(super) needs: Vec<Need>,
}

/// Something that an installer or a system brings.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Need {
    pub(super) name: String,
    /// The one version that is named; `None` if the manifest leaves a choice.
    pub(super) version: Option<String>,
    /// The manifest's own words where it leaves a choice.
    pub(super) range: Option<String>,
    /// Without a version; `None` for what no index of packages has.
    pub(super) purl: Option<String>,
    pub(super) is_optional: bool,
    /// What the ecosystem's own file of checksums says.
    pub(super) checksum: Option<String>,
}

impl Need {
    fn new(name: &str, version: Option<&str>, purl: Option<String>) -> Self {
        Self {
            name: name.to_owned(),
            version: version.map(str::to_owned),
            range: None,
            purl,
            is_optional: false,
            checksum: None,
        }
    }

    fn ranged(name: &str, range: &str, purl: Option<String>) -> Self {
        Self {
            range: Some(range.to_owned()),
            ..Self::new(name, None, purl)
        }
    }
}

/// `package.json`.
pub(super) fn npm(text: &str) -> Result<Manifest> {
    let manifest: Value = serde_json::from_str(text)?;
    let name = manifest["name"].as_str().context("no name")?;
    let purl = |name: &str| format!("pkg:npm/{}", name.replace('@', "%40"));
    let mut needs = Vec::new();
    for (key, is_optional) in [
        ("dependencies", false),
        ("peerDependencies", false),
        ("optionalDependencies", true),
    ] {
        for (name, range) in manifest[key].as_object().into_iter().flatten() {
            let range = range.as_str().context("a range")?;
            let is_exact = range.starts_with(|first: char| first.is_ascii_digit())
                && !range.contains([' ', 'x', '*', '|']);
            let purl = Some(purl(name));
            let need = if is_exact {
                Need::new(name, Some(range), purl)
            } else {
                Need::ranged(name, range, purl)
            };
            needs.push(Need {
                is_optional,
                ..need
            });
        }
    }
    for (name, range) in manifest["engines"].as_object().into_iter().flatten() {
        let range = range.as_str().context("a range")?;
        needs.push(Need::ranged(name, range, None));
    }
    Ok(Manifest {
        name: name.to_owned(),
        purl: purl(name),
        needs,
    })
}

/// `pyproject.toml`.
pub(super) fn python(text: &str) -> Result<Manifest> {
    let manifest: Table = text.parse()?;
    let project = manifest.get("project").context("no project")?;
    let of = |key: &str| {
        project
            .get(key)
            .and_then(toml::Value::as_str)
            .with_context(|| format!("no {key}"))
    };
    let purl = |name: &str| format!("pkg:pypi/{name}");
    let name = of("name")?;
    let mut needs = Vec::new();
    let dependencies = project.get("dependencies").and_then(toml::Value::as_array);
    for dependency in dependencies.into_iter().flatten() {
        let dependency = dependency.as_str().context("a dependency")?;
        let end = dependency.find(['<', '>', '=', '~', '!', ' ', ';', '[']);
        let (name, range) = dependency.split_at(end.unwrap_or(dependency.len()));
        let purl = Some(purl(name));
        needs.push(match range.strip_prefix("==") {
            Some(version) => Need::new(name, Some(version), purl),
            None => Need::ranged(name, range, purl),
        });
    }
    needs.push(Need::ranged("python", of("requires-python")?, None));
    Ok(Manifest {
        name: name.to_owned(),
        purl: purl(name),
        needs,
    })
}

/// `pom.xml`, as far as this project writes it: versions are numbers or properties.
pub(super) fn maven(text: &str) -> Result<Manifest> {
    let group = tag(text, "groupId").context("no group")?;
    let name = tag(text, "artifactId").context("no artifact")?;
    let purl = |group: &str, name: &str| format!("pkg:maven/{group}/{name}");
    let mut needs = Vec::new();
    let (dependencies, _) = text
        .split_once("<dependencies>")
        .and_then(|(_, rest)| rest.split_once("</dependencies>"))
        .context("no dependencies")?;
    for dependency in dependencies.split("<dependency>").skip(1) {
        let of = |key: &str| tag(dependency, key).with_context(|| format!("no {key}"));
        if matches!(tag(dependency, "scope"), Some("test" | "provided")) {
            continue;
        }
        let version = of("version")?;
        let version = match version
            .strip_prefix("${")
            .and_then(|name| name.strip_suffix('}'))
        {
            Some(property) => tag(text, property).with_context(|| format!("no {property}"))?,
            None => version,
        };
        let (group, name) = (of("groupId")?, of("artifactId")?);
        let need = Need::new(
            &format!("{group}:{name}"),
            Some(version),
            Some(purl(group, name)),
        );
        needs.push(Need {
            is_optional: tag(dependency, "optional") == Some("true"),
            ..need
        });
    }
    let java = tag(text, "maven.compiler.release").context("no release of Java")?;
    needs.push(Need::ranged("java", &format!(">={java}"), None));
    Ok(Manifest {
        name: name.to_owned(),
        purl: purl(group, name),
        needs,
    })
}

/// `go.mod` with the checksums of `go.sum`.
pub(super) fn go(module: &str, sums: &str) -> Result<Manifest> {
    let purl = |name: &str| format!("pkg:golang/{name}");
    let checksums: BTreeMap<(&str, &str), &str> = sums
        .lines()
        .filter_map(|line| {
            let mut words = line.split(' ');
            Some(((words.next()?, words.next()?), words.next()?))
        })
        .collect();
    let mut name = None;
    let mut needs = Vec::new();
    let mut is_block = false;
    for line in module.lines() {
        let line = line.split("//").next().unwrap_or_default();
        let words: Vec<_> = line.split_whitespace().collect();
        let (module, version) = match *words.as_slice() {
            ["module", module] => {
                name = Some(module.to_owned());
                continue;
            }
            ["go", version] => {
                needs.push(Need::ranged("go", &format!(">={version}"), None));
                continue;
            }
            ["require", "("] => {
                is_block = true;
                continue;
            }
            [")"] => {
                is_block = false;
                continue;
            }
            ["require", module, version] => (module, version),
            [module, version] if is_block => (module, version),
            _ => continue,
        };
        let checksum = checksums.get(&(module, version));
        let checksum = checksum.with_context(|| format!("go.sum lacks {module} {version}"))?;
        needs.push(Need {
            checksum: Some((*checksum).to_owned()),
            ..Need::new(module, Some(version), Some(purl(module)))
        });
    }
    let name = name.context("no module")?;
    Ok(Manifest {
        purl: purl(&name),
        name,
        needs,
    })
}

/// `composer.json`, which here names only what PHP itself has.
pub(super) fn composer(text: &str) -> Result<Manifest> {
    let manifest: Value = serde_json::from_str(text)?;
    let name = manifest["name"].as_str().context("no name")?;
    let purl = |name: &str| format!("pkg:composer/{name}");
    let mut needs = Vec::new();
    for (name, range) in manifest["require"].as_object().into_iter().flatten() {
        let range = range.as_str().context("a range")?;
        // Only packages have the name of a vendor.
        let purl = name.contains('/').then(|| purl(name));
        needs.push(Need::ranged(name, range, purl));
    }
    Ok(Manifest {
        name: name.to_owned(),
        purl: purl(name),
        needs,
    })
}

/// `CMakeLists.txt`: what it looks for and can do without.
pub(super) fn cmake(text: &str) -> Result<Manifest> {
    let mut needs = Vec::new();
    for line in text.lines() {
        let found = line.trim().strip_prefix("find_package(");
        let Some(arguments) = found.and_then(|rest| rest.strip_suffix(')')) else {
            continue;
        };
        let words: Vec<_> = arguments.split(' ').collect();
        let Some(name) = words.first() else { continue };
        let need = match words.get(1) {
            Some(least) if least.starts_with(|first: char| first.is_ascii_digit()) => {
                Need::ranged(name, &format!(">={least}"), None)
            }
            _ => Need::new(name, None, None),
        };
        needs.push(Need {
            is_optional: !words.contains(&"REQUIRED"),
            ..need
        });
    }
    ensure!(!needs.is_empty(), "CMakeLists.txt looks for nothing");
    Ok(Manifest {
        name: "interdict-host".to_owned(),
        purl: "pkg:generic/interdict-host-c".to_owned(),
        needs,
    })
}

/// Reads a file of a package's folder.
pub(super) fn file(folder: &Path, name: &str) -> Result<String> {
    let path = folder.join(name);
    fs::read_to_string(&path).with_context(|| path.display().to_string())
}

/// The text of the first element with a name.
fn tag<'t>(text: &'t str, name: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(&format!("<{name}>"))?;
    let (content, _) = rest.split_once(&format!("</{name}>"))?;
    Some(content.trim())
}

#[cfg(test)]
mod tests {
    use super::{Manifest, cmake, composer, go, maven, npm, python};

    fn shown(manifest: &Manifest) -> Vec<String> {
        let needs = manifest.needs.iter().map(|need| {
            let version = need.version.as_deref().unwrap_or("-");
            let range = need.range.as_deref().unwrap_or("-");
            let optional = if need.is_optional { " optional" } else { "" };
            format!("{} {version} {range}{optional}", need.name)
        });
        needs.collect()
    }

    #[test]
    fn the_hosts_name_what_they_need_when_they_run() {
        let folder = crate::shell::root().join("host-example");
        let text = |name: &str| super::file(&folder, name).expect(name);
        let manifests = [
            npm(&text("node/package.json")).expect("Node"),
            python(&text("python/pyproject.toml")).expect("Python"),
            maven(&text("java/pom.xml")).expect("Java"),
            go(&text("go/go.mod"), &text("go/go.sum")).expect("Go"),
            composer(&text("php/composer.json")).expect("PHP"),
            cmake(&text("c/CMakeLists.txt")).expect("C"),
        ];
        let named: Vec<_> = manifests.iter().map(|one| one.purl.as_str()).collect();
        assert_eq!(named[0], "pkg:npm/interdict-host");
        assert_eq!(named[1], "pkg:pypi/interdict-host");
        assert_eq!(named[2], "pkg:maven/example.interdict/interdict-host");
        assert!(named[3].starts_with("pkg:golang/interdict.example/"));
        assert_eq!(named[4], "pkg:composer/interdict/host");
        for manifest in manifests {
            assert!(!manifest.needs.is_empty(), "{}", manifest.purl);
        }
    }

    #[test]
    fn a_dependency_of_npm_is_a_version_or_a_range() {
        let text =
            r#"{"name":"@a/b","dependencies":{"c":"1.2.3","d":"^2"},"engines":{"node":">=20"}}"#;
        let manifest = npm(text).expect("a manifest");
        assert_eq!(manifest.purl, "pkg:npm/%40a/b");
        assert_eq!(shown(&manifest), ["c 1.2.3 -", "d - ^2", "node - >=20"]);
    }

    #[test]
    fn a_pom_leaves_out_tests_and_resolves_properties() {
        let text = "<groupId>g</groupId><artifactId>a</artifactId>\
            <maven.compiler.release>17</maven.compiler.release><p.version>1.5</p.version><dependencies>\
            <dependency><groupId>h</groupId><artifactId>b</artifactId><version>${p.version}</version>\
            <optional>true</optional></dependency>\
            <dependency><groupId>t</groupId><artifactId>t</artifactId><version>1</version><scope>test</scope>\
            </dependency></dependencies>";
        let manifest = maven(text).expect("a manifest");
        assert_eq!(shown(&manifest), ["h:b 1.5 - optional", "java - >=17"]);
        maven(&text.replace("p.version>1.5</p.version>", "q>1.5</q>")).expect_err("no property");
    }

    #[test]
    fn a_module_of_go_must_have_a_checksum() {
        let module =
            "module m\n\ngo 1.25.0\n\nrequire a/b v1.0.0\n\nrequire (\n\tc v2.0.0 // indirect\n)\n";
        let sums = "a/b v1.0.0 h1:x=\nc v2.0.0 h1:y=\n";
        let manifest = go(module, sums).expect("a manifest");
        let expected = ["go - >=1.25.0", "a/b v1.0.0 -", "c v2.0.0 -"];
        assert_eq!(shown(&manifest), expected);
        assert_eq!(manifest.needs[2].checksum.as_deref(), Some("h1:y="));
        go(module, "a/b v1.0.0 h1:x=\n").expect_err("no checksum of c");
    }

    #[test]
    fn what_cmake_can_do_without_is_optional() {
        let text = "find_package(Threads REQUIRED)\n  find_package(CURL 7.85)\n";
        let manifest = cmake(text).expect("a manifest");
        let expected = ["Threads - -", "CURL - >=7.85 optional"];
        assert_eq!(shown(&manifest), expected);
    }
}
