//! A repository that never ends a file, beside one that works; and what another process has fetched.

use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use interdict_helpers::{Coalition, NOW, Release, TinyModule, base, change, reply_from, serve};
use interdict_host::{
    Action, Addresses, Choices, CoalitionSettings, Gateway, Instance, Loaded, Module, Operator,
    Outcome, Patience, Settings, Store,
};
use serde_json::{Value, json};

use crate::opened::{enrol_file, settings};

/// Sends what it does, until the other end is dropped.
type Drip = mpsc::Sender<()>;

/// Serves a folder, and a byte now and then instead of any file whose path ends so.
fn dripping(folder: &Path, end: &'static str) -> (String, mpsc::Receiver<()>, Arc<Mutex<bool>>) {
    let (reached, waits): (Drip, _) = mpsc::channel();
    let drips = Arc::new(Mutex::new(true));
    let (folder, still) = (folder.to_owned(), Arc::clone(&drips));
    let base = serve(move |path, stream| {
        if !path.ends_with(end) || !*still.lock().unwrap() {
            return reply_from(&folder, path, stream);
        }
        let head = b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n";
        let mut sent = std::io::Write::write_all(stream, head);
        let _ = reached.send(());
        while sent.is_ok() && *still.lock().unwrap() {
            std::thread::sleep(Duration::from_millis(20));
            sent = std::io::Write::write_all(stream, b" ");
        }
    });
    (base, waits, drips)
}

/// The enrolment of coalition `nl`, which publishes to `room/repository`.
fn dutch(coalition: &Coalition, location: &str) -> Vec<u8> {
    let mut file: Value = serde_json::from_slice(&coalition.enrolment(location, &[1])).unwrap();
    file["coalition"] = json!("nl");
    file["lists"] = json!(["nl/merchants"]);
    file.to_string().into_bytes()
}

fn choices() -> Choices {
    let required = json!({"required": {"se": ["se/merchants"]}});
    Choices {
        policy: Some(required),
        ..Choices::default()
    }
}

fn opened(settings: Settings) -> Gateway {
    Gateway::open(settings, Arc::new(choices()), NOW).unwrap()
}

fn action(gateway: &Gateway, domain: &str) -> Action {
    let request =
        format!(r#"{{"flow":"payout","identifiers":[{{"kind":"domain","value":"{domain}"}}]}}"#);
    gateway.screen(&request, NOW).unwrap().action
}

/// Settings for repositories on this machine that may take their time.
fn patient(room: &Path, patience: Patience) -> Settings {
    let private = CoalitionSettings {
        addresses: Addresses::Private,
        ..CoalitionSettings::default()
    };
    Settings {
        patience,
        coalitions: [("nl".to_owned(), private)].into(),
        ..settings(room)
    }
}

#[test]
fn a_mirror_that_drips_holds_up_no_other_coalition_and_no_lock_of_one() {
    let room = tempfile::tempdir().unwrap();
    let (se, nl) = (Coalition::new(room.path()), room.path().join("nl"));
    let nl = Coalition::new(&nl);
    se.publish(1, &[base()]);
    let listed = Release {
        list: "nl/merchants",
        listed: &["kaas.example"],
        ..base()
    };
    nl.publish(1, &[listed]);
    let (location, reached, drips) = dripping(&nl.repository, "timestamp.json");
    enrol_file(room.path(), &se.enrolment("repository", &[1]));
    enrol_file(room.path(), &dutch(&nl, &location));
    let settings = patient(room.path(), Patience::default());
    let gateway = opened(settings.clone());
    std::thread::scope(|scope| {
        let refreshing = scope.spawn(|| gateway.refresh(NOW).unwrap());
        reached.recv().unwrap();
        while action(&gateway, "shop.example") != Action::Block {
            assert!(!refreshing.is_finished(), "nl went first");
            std::thread::sleep(Duration::from_millis(20));
        }
        // Another process, in the same time.
        se.publish(2, &[change()]);
        let other = opened(settings);
        let reports = other.refresh(NOW).unwrap();
        let [Outcome::Failed(busy), Outcome::Updated] = [&reports[0].outcome, &reports[1].outcome]
        else {
            panic!("{reports:?}")
        };
        assert!(busy.contains("another process is changing it"), "{busy}");
        assert_eq!(action(&other, "new.example"), Action::Block);
        enrol_file(room.path(), &se.enrolment("repository", &[1, 2]));
        assert!(!refreshing.is_finished());
        *drips.lock().unwrap() = false;
        let reports = refreshing.join().unwrap();
        assert_eq!(reports[1].outcome, Outcome::Updated);
        assert!(!reports[0].succeeded(), "a file cut short is no file");
    });
    gateway.refresh(NOW).unwrap();
    assert_eq!(action(&gateway, "kaas.example"), Action::Block);
}

#[test]
fn a_mirror_that_drips_for_ever_is_given_up() {
    let room = tempfile::tempdir().unwrap();
    let nl = Coalition::new(room.path());
    nl.publish(1, &[]);
    let (location, _reached, drips) = dripping(&nl.repository, "timestamp.json");
    enrol_file(room.path(), &dutch(&nl, &location));
    let patience = Patience {
        file: Duration::from_secs(1),
        ..Patience::default()
    };
    let gateway = opened(patient(room.path(), patience));
    let report = gateway.refresh(NOW).unwrap().remove(0);
    let Outcome::Failed(why) = &report.outcome else {
        panic!("{report:?}")
    };
    assert!(why.contains("the server was too slow"), "{why}");
    *drips.lock().unwrap() = false;
}

#[test]
fn a_mirror_that_is_slow_with_every_file_is_given_up() {
    let room = tempfile::tempdir().unwrap();
    let nl = Coalition::new(room.path());
    nl.publish(1, &[]);
    let folder = nl.repository.clone();
    let location = serve(move |path, stream| {
        std::thread::sleep(Duration::from_millis(300));
        reply_from(&folder, path, stream);
    });
    enrol_file(room.path(), &dutch(&nl, &location));
    let patience = Patience {
        refresh: Duration::from_millis(500),
        ..Patience::default()
    };
    let gateway = opened(patient(room.path(), patience));
    let report = gateway.refresh(NOW).unwrap().remove(0);
    let Outcome::Failed(why) = &report.outcome else {
        panic!("{report:?}")
    };
    assert!(why.contains("took longer than a refresh may"), "{why}");
}

/// Counts how often instances were built.
#[derive(Debug, Default)]
struct Counting(AtomicUsize);

impl Operator for Counting {
    fn choices(&self) -> Choices {
        choices()
    }

    fn loaded(&self, _: &Loaded<'_>, _: &mut Instance, _: u32) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

#[test]
fn what_another_process_fetched_or_enrolled_is_loaded_once_and_nothing_is_when_nothing_changed() {
    let room = tempfile::tempdir().unwrap();
    let se = Coalition::new(room.path());
    enrol_file(room.path(), &se.enrolment("repository", &[1]));
    se.publish(1, &[base()]);
    let operator = Arc::new(Counting::default());
    let gateway = Gateway::open(settings(room.path()), operator.clone(), NOW).unwrap();
    let built = || operator.0.load(Ordering::Relaxed);
    let other = opened(settings(room.path()));
    for (publish, asked, builds) in [
        (Some((2, base())), "shop.example", 2),
        (None, "shop.example", 2),
        (Some((3, change())), "new.example", 3),
        (None, "new.example", 3),
    ] {
        if let Some((version, release)) = publish {
            se.publish(version, &[release]);
            other.refresh(NOW).unwrap();
        }
        gateway.reload_if_changed(NOW).unwrap();
        assert_eq!((action(&gateway, asked), built()), (Action::Block, builds));
    }
    enrol_file(room.path(), &dutch(&se, "repository"));
    gateway.reload_if_changed(NOW).unwrap();
    assert_eq!((gateway.state(NOW).unwrap().len(), built()), (2, 4));
    // Another process kept compiled code, from which no verdict depends.
    let code = Store::open(&room.path().join("state")).unwrap();
    let code = code.compiled_code().unwrap();
    Module::cached(&TinyModule::default().bytes(), &code).unwrap();
    gateway.reload_if_changed(NOW).unwrap();
    assert_eq!(built(), 4);
    std::fs::create_dir(room.path().join("state/overrides")).unwrap();
    gateway.reload_if_changed(NOW).unwrap();
    assert_eq!(built(), 5);
}

#[test]
fn a_reload_that_fails_is_an_error_every_time_and_the_last_list_answers() {
    let room = tempfile::tempdir().unwrap();
    let se = Coalition::new(room.path());
    enrol_file(room.path(), &se.enrolment("repository", &[1]));
    se.publish(1, &[base()]);
    let gateway = opened(settings(room.path()));
    gateway.refresh(NOW).unwrap();
    std::fs::write(room.path().join("state/se/enrolment.json"), b"{").unwrap();
    for _ in 0..2 {
        gateway.reload_if_changed(NOW).unwrap_err();
        assert_eq!(action(&gateway, "shop.example"), Action::Block);
    }
}
