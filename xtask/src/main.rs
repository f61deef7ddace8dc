//! The project's own commands: `cargo xtask demo`, `cargo xtask test` and the commands they consist of.

mod budget;
mod checks;
mod demo;
mod deploy;
mod documents;
mod doors;
mod fuzz;
mod header;
mod hosts;
mod kinds;
mod lint;
mod module;
mod mutants;
mod package;
mod parallel;
mod publishing;
mod python;
mod real;
mod release;
mod results;
mod shell;
mod site;
mod source;
mod structure;
mod tally;
mod test;
mod tidy;
mod tree;
mod tuf;
mod units;

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;
use clap::{CommandFactory as _, Parser, Subcommand, ValueEnum};

use crate::tally::{Absent, Form};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Build, show, test and check Interdict")]
struct Arguments {
    #[command(subcommand)]
    command: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Publish a signed list, screen merchants through the module, print the verdicts
    Demo {
        /// Use a public list of 13,752 domains instead of the sample (needs npm and its registry)
        #[arg(long)]
        real: bool,
    },
    /// Run all tests in every language that is installed
    Test {
        /// Fail if any part, or any test of one, had to be skipped
        #[arg(long)]
        require_all: bool,
        /// Run the long form of each part: more random cases, every fuzz target, every mutant
        #[arg(long)]
        long: bool,
    },
    /// Build and test the hosts of every language that is installed
    Hosts {
        /// Let threads run for half a minute instead of two seconds, and build the C host with a newer wasm2c too
        #[arg(long)]
        long: bool,
    },
    /// Build the module and put it into wasm/dist
    Build {
        /// Change nothing; fail unless the committed module is what this source gives
        #[arg(long)]
        check: bool,
    },
    /// Write the sample repositories of fixtures/ again
    Fixtures {
        /// Change nothing; fail unless the committed ones are what this source gives
        #[arg(long)]
        check: bool,
    },
    /// Run the published test vectors natively and in the module, and print a table of the verdicts
    Vectors,
    /// Print the worked examples of docs/scoring.md, computed from its formulas
    Scores,
    /// Make the npm package for checkout pages, ready for `npm pack` (needs Node and its package index)
    Package {
        /// Where to [default: package, in cargo's target folder]
        #[arg(long, value_name = "DIR")]
        to: Option<PathBuf>,
    },
    /// Make a release of this commit in a folder: everything that users install, signed. Uploads nothing
    Release(release::Options),
    /// Check the signature and the files of a release, and run what its README says, from its files alone
    CheckRelease(release::Check),
    /// Serve a marketplace's payment page that screens the shop that is paid, until ctrl-c (needs Node)
    Checkout {
        /// Where the market listens on this machine; its gateway listens at the next port
        #[arg(long, default_value_t = 8460)]
        port: u16,
    },
    /// Run a benchmark: by default the cost of a request in the module and natively
    Bench {
        /// Which benchmark
        #[arg(value_enum, default_value_t = Benchmark::Screen)]
        benchmark: Benchmark,
        /// The older module, for `against` and `languages`, and the newer one [default: the committed one]
        #[arg(
            required_if_eq_any([("benchmark", "against"), ("benchmark", "languages")]),
            num_args = 1..=2
        )]
        modules: Vec<PathBuf>,
        /// Also what takes minutes: ten million entries for `load`, a million for `live`,
        /// and of requests for `service`, kills for `portfolio`
        #[arg(long)]
        long: bool,
    },
    /// Give two builds of the module the same calls and fail unless all answers are the same bytes
    Compare(checks::Compare),
    /// Fuzz every reader of foreign bytes (needs a C++ compiler)
    Fuzz(fuzz::Options),
    /// Remove each rule of the core once, and check that a test fails
    Mutants(mutants::Options),
    /// Compare our client of The Update Framework with two others (needs Python and its package index)
    Tuf(tuf::Options),
    /// Run every command line that the documents print
    Documents {
        /// Also those that take more than a minute
        #[arg(long)]
        long: bool,
    },
    /// Build the documents as a site, and check its links and anchors (the first time installs mdBook, which takes minutes)
    Site,
    /// Check rooms, cycles, dependencies and texts
    Tidy,
    /// Check the workflows, and licences, sources and second versions of all dependencies (needs Go)
    Lint {
        /// Also fetch the database of advisories from its repository, and ask it about every dependency
        #[arg(long)]
        advisories: bool,
    },
    /// Print sizes and cycles of every package, of this checkout or another
    Structure(structure::Options),
    /// Everything CI runs: format, clippy, docs, tidy, and all tests with none skipped, each part
    /// within its minutes
    Ci {
        /// Seconds for each fuzz target of the trust room; 0 leaves it at their seeds
        #[arg(long, default_value_t = 30)]
        fuzz_seconds: u32,
        /// Seconds spent before this command, for example on installing programs
        #[arg(long, default_value_t = 0, value_name = "SECONDS")]
        before: u64,
    },
    /// Make what wasm-bindgen gives the package, from a built wasm file
    #[cfg(feature = "js")]
    #[command(hide = true)]
    GeneratePackage {
        /// The built file
        wasm: PathBuf,
        /// Where to
        out: PathBuf,
    },
}

/// What can be measured. `docs/benchmarks.md` explains each.
#[derive(Clone, Copy, ValueEnum)]
enum Benchmark {
    /// A whole request, in the module and natively
    Screen,
    /// False-positive rates and bits per entry of built filters
    Rates,
    /// Building and loading releases of up to ten million entries
    Size,
    /// Loading releases natively and in the module, by their size
    Load,
    /// The gzip copies of a release, and records by rows against columns
    Copies,
    /// What a list takes in each edition: bytes, gzip copies and memory
    Editions,
    /// One look-up, its steps, and other data structures
    Lookup,
    /// The tags of a name for 1 to 32 coalitions, under token scheme 2 and as scheme 1 made them
    Tokens,
    /// What an update costs between two bases
    Updates,
    /// A running gateway: memory by instances, refreshes beside queries, verdicts by coalitions
    Live,
    /// What a dictionary of ten million names finds in what is published
    Enumeration,
    /// Importing, releasing and changing lists of up to ten million entries
    Publisher,
    /// A whole refresh of metadata, in the module and natively
    Trust,
    /// What each room adds to the module, raw and gzipped
    Module,
    /// What each kind of identifier adds to the module, and what a request of one costs
    Kinds,
    /// Predicted against observed shares in a simulated world, also under wrong estimates
    Calibration,
    /// Sixteen rules and every signal, in the module and natively, with and without a receipt
    Scoring,
    /// Until the module answers: compiled, or loaded as an earlier process compiled it
    Start,
    /// The committed module, or a newer one, against an older one: size, requests, refreshes, loads
    Against,
    /// The same two in Node, Python, Go and Java, as far as they are there: loads and requests
    Languages,
    /// The host of each language that is there beside the Rust host: start, loads, requests, memory
    Hosts,
    /// `interdict serve` under a fixed rate of requests, beside releases
    Service,
    /// A portfolio of 100,000 merchants after a release; `--long` kills it at random
    Portfolio,
    /// `interdict serve --stateless` until it is ready
    Pod,
    /// A request through Envoy and NGINX, with the door and without
    Doors,
    /// The package for checkout pages in Chromium: sizes, first verdicts, tasks, and look-ups beside other filters
    Checkout,
    /// Redis, PostgreSQL, SQLite, a `HashSet` and Open Policy Agent beside the Rust host
    Peers,
}

impl Benchmark {
    const fn name(self) -> &'static str {
        match self {
            Self::Screen => "screen",
            Self::Rates => "rates",
            Self::Size => "size",
            Self::Load => "load",
            Self::Copies => "copies",
            Self::Editions => "editions",
            Self::Lookup => "lookup",
            Self::Tokens => "tokens",
            Self::Updates => "updates",
            Self::Live => "live",
            Self::Enumeration => "enumeration",
            Self::Publisher => "publisher",
            Self::Trust => "trust",
            Self::Module => "module",
            Self::Kinds => "kinds",
            Self::Calibration => "calibration",
            Self::Scoring => "scoring",
            Self::Start => "start",
            Self::Against => "against",
            Self::Languages => "languages",
            Self::Hosts => "hosts",
            Self::Service => "service",
            Self::Portfolio => "portfolio",
            Self::Pod => "pod",
            Self::Doors => "doors",
            Self::Checkout => "checkout",
            Self::Peers => "peers",
        }
    }
}

fn main() -> Result<()> {
    match Arguments::parse().command {
        Task::Demo { real: false } => demo::run_demo(),
        Task::Demo { real: true } => real::run_demo(),
        Task::Test { require_all, long } => {
            let form = if long { Form::Long } else { Form::Short };
            let absent = if require_all {
                Absent::Failed
            } else {
                Absent::Skipped
            };
            test::run_tests(form, absent)
        }
        Task::Hosts { long } => test::run_hosts(if long { Form::Long } else { Form::Short }),
        Task::Build { check: false } => module::build(),
        Task::Build { check: true } => module::check(),
        Task::Fixtures { check } => checks::fixtures(check),
        Task::Vectors => checks::vectors(),
        Task::Scores => checks::scores(),
        Task::Package { to } => package::package(to).map(|_| ()),
        Task::Release(options) => release::release(&options),
        Task::CheckRelease(options) => release::check(&options),
        Task::Checkout { port } => package::checkout(port),
        Task::Bench {
            benchmark: Benchmark::Module,
            ..
        } => checks::bench_module(),
        Task::Bench {
            benchmark: Benchmark::Kinds,
            ..
        } => checks::bench_kinds(),
        Task::Bench {
            benchmark: Benchmark::Languages,
            modules,
            ..
        } => checks::bench_languages(&modules),
        Task::Bench {
            benchmark: Benchmark::Hosts,
            ..
        } => hosts::bench(),
        Task::Bench {
            benchmark: Benchmark::Doors,
            ..
        } => doors::bench(),
        Task::Bench {
            benchmark: Benchmark::Checkout,
            ..
        } => package::bench(),
        Task::Bench {
            benchmark: Benchmark::Peers,
            ..
        } => checks::bench_peers(),
        Task::Bench {
            benchmark,
            modules,
            long,
        } => {
            let form = if long { Form::Long } else { Form::Short };
            checks::bench(benchmark.name(), &modules, form)
        }
        Task::Compare(options) => checks::compare(&options),
        Task::Fuzz(options) => fuzz::fuzz(&options),
        Task::Mutants(options) => mutants::mutants(&options),
        Task::Tuf(options) => tuf::compare(&options),
        Task::Documents { long } => {
            documents::run_alone(if long { Form::Long } else { Form::Short })
        }
        Task::Site => site::build().map(drop),
        Task::Tidy => tidy::tidy(&Arguments::command()),
        Task::Lint { advisories: true } => lint::check(lint::Advisories::Asked),
        Task::Lint { advisories: false } => lint::check(lint::Advisories::NotAsked),
        Task::Structure(options) => structure::structure(&options),
        Task::Ci {
            fuzz_seconds,
            before,
        } => checks::ci(
            fuzz_seconds,
            Duration::from_secs(before),
            &Arguments::command(),
        ),
        #[cfg(feature = "js")]
        Task::GeneratePackage { wasm, out } => package::generate_glue(&wasm, &out),
    }
}
