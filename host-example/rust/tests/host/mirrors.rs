//! Several places that have a coalition's files, and a proxy on the way to them.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use interdict_helpers::{Coalition, NOW, base, change, reply, reply_from, serve};
use interdict_host::{Addresses, CoalitionSettings, Gateway, Outcome, Patience, Settings};

use crate::opened::{enrol_file, open, settings};

/// Serves a folder, and counts the requests.
fn counted(folder: &Path) -> (String, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let (folder, counter) = (folder.to_owned(), Arc::clone(&count));
    let base = serve(move |path, stream| {
        counter.fetch_add(1, Ordering::Relaxed);
        reply_from(&folder, path, stream);
    });
    (base, count)
}

/// Answers every request so, and counts them.
fn failing(answer: &'static str) -> (String, Arc<AtomicUsize>) {
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    let base = serve(move |_, stream| {
        counter.fetch_add(1, Ordering::Relaxed);
        reply(stream, answer, b"{}");
    });
    (base, count)
}

fn opened(room: &Path, special: CoalitionSettings) -> Gateway {
    let special = CoalitionSettings {
        addresses: Addresses::Private,
        ..special
    };
    let patience = Patience {
        refresh: Duration::from_secs(60),
        ..Patience::default()
    };
    let settings = Settings {
        coalitions: [("se".to_owned(), special)].into(),
        patience,
        ..settings(room)
    };
    open(settings).unwrap()
}

fn enrolled(room: &Path, location: &str) -> Coalition {
    let coalition = Coalition::new(room);
    enrol_file(room, &coalition.enrolment(location, &[1]));
    coalition.publish(1, &[base()]);
    coalition
}

#[test]
fn the_next_place_is_asked_when_one_fails_and_the_one_that_answered_is_asked_first_from_then_on() {
    let room = tempfile::tempdir().unwrap();
    let (broken, broken_count) = failing("500 Oops");
    // What is no metadata is refused by the module, not by the host.
    let (wrong, wrong_count) = failing("200 OK");
    let coalition = enrolled(room.path(), &broken);
    let (good, good_count) = counted(&coalition.repository);
    let special = CoalitionSettings {
        mirrors: vec![wrong, good],
        ..CoalitionSettings::default()
    };
    let gateway = opened(room.path(), special);
    let report = gateway.refresh(NOW).unwrap().remove(0);
    assert_eq!(
        (report.outcome, report.answered),
        (Outcome::Updated, Some(2))
    );
    let asked = [&broken_count, &wrong_count].map(|count| count.load(Ordering::Relaxed));
    assert!(asked.iter().all(|count| *count > 0), "{asked:?}");
    coalition.publish(2, &[change()]);
    let report = gateway.refresh(NOW).unwrap().remove(0);
    assert_eq!(
        (report.outcome, report.answered),
        (Outcome::Updated, Some(2))
    );
    let asked_again = [&broken_count, &wrong_count].map(|count| count.load(Ordering::Relaxed));
    assert_eq!(asked_again, asked);
    assert!(good_count.load(Ordering::Relaxed) > 0);
}

#[test]
fn no_place_can_take_back_what_another_has_sent() {
    let room = tempfile::tempdir().unwrap();
    let older = Coalition::new(&room.path().join("older"));
    older.publish(1, &[base()]);
    let coalition = enrolled(room.path(), "repository");
    coalition.publish(2, &[change()]);
    opened(room.path(), CoalitionSettings::default())
        .refresh(NOW)
        .unwrap();
    std::fs::remove_dir_all(&coalition.repository).unwrap();
    let (location, _) = counted(&older.repository);
    let special = CoalitionSettings {
        mirrors: vec![location.replacen("://", "://bank:word@", 1)],
        ..CoalitionSettings::default()
    };
    let gateway = opened(room.path(), special);
    let report = gateway.refresh(NOW).unwrap().remove(0);
    let Outcome::Failed(why) = &report.outcome else {
        panic!("{report:?}")
    };
    assert!(
        why.contains("repository: ") && why.contains(&location),
        "{why}"
    );
    assert!(!why.contains("word"), "{why}");
    assert_eq!(report.code.as_deref(), Some("not_fetched"));
    assert_eq!(report.state.lists[0].sequence, 2);
}

#[test]
fn a_place_that_drips_leaves_time_for_the_next() {
    let room = tempfile::tempdir().unwrap();
    let drip = serve(|_, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n");
        while stream.write_all(b" ").is_ok() {
            thread::sleep(Duration::from_millis(20));
        }
    });
    let coalition = enrolled(room.path(), &drip);
    let (good, _) = counted(&coalition.repository);
    let special = CoalitionSettings {
        mirrors: vec![good],
        addresses: Addresses::Private,
        ..CoalitionSettings::default()
    };
    let patience = Patience {
        file: Duration::from_millis(300),
        refresh: Duration::from_secs(60),
        ..Patience::default()
    };
    let settings = Settings {
        coalitions: [("se".to_owned(), special)].into(),
        patience,
        ..settings(room.path())
    };
    let report = open(settings).unwrap().refresh(NOW).unwrap().remove(0);
    assert_eq!(
        (report.outcome, report.answered),
        (Outcome::Updated, Some(1))
    );
}

/// A proxy that opens a tunnel for each CONNECT, and the targets that were asked for.
fn proxy() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let targets = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&targets);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (stream, noted) = (stream.unwrap(), Arc::clone(&noted));
            thread::spawn(move || tunnel(stream, &noted));
        }
    });
    (url, targets)
}

fn tunnel(mut stream: TcpStream, noted: &Mutex<Vec<String>>) {
    let mut input = BufReader::new(stream.try_clone().unwrap());
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        if input.read_line(&mut line).unwrap() == 0 {
            return;
        }
        if line == "\r\n" {
            break;
        }
        head.push(line);
    }
    let mut words = head[0].split(' ');
    assert_eq!(words.next(), Some("CONNECT"), "{head:?}");
    let target = words.next().unwrap().to_owned();
    noted.lock().unwrap().push(target.clone());
    let other = TcpStream::connect(target).unwrap();
    stream.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").unwrap();
    let mut up = other.try_clone().unwrap();
    thread::spawn(move || std::io::copy(&mut input, &mut up));
    let _ = std::io::copy(&mut BufReader::new(other), &mut stream);
    let _ = stream.shutdown(std::net::Shutdown::Both);
}

#[test]
fn a_proxy_is_asked_for_every_file_and_one_of_another_kind_is_refused() {
    let room = tempfile::tempdir().unwrap();
    let coalition = Coalition::new(room.path());
    coalition.publish(1, &[base()]);
    let (location, _) = counted(&coalition.repository);
    enrol_file(room.path(), &coalition.enrolment(&location, &[1]));
    let (url, targets) = proxy();
    let through = |proxy: &str| {
        let special = CoalitionSettings {
            proxy: Some(proxy.to_owned()),
            ..CoalitionSettings::default()
        };
        opened(room.path(), special).refresh(NOW).unwrap().remove(0)
    };
    assert_eq!(through(&url).outcome, Outcome::Updated);
    let targets = targets.lock().unwrap().clone();
    assert!(!targets.is_empty() && targets.iter().all(|target| location.contains(target)));
    let report = through("socks5://127.0.0.1:9");
    assert!(
        report.outcome.to_string().contains("a proxy is a URL"),
        "{report:?}"
    );
}

#[test]
fn the_clock_of_a_server_is_compared_with_the_time_of_the_refresh() {
    let room = tempfile::tempdir().unwrap();
    let folder = room.path().join("repository");
    let location = serve(move |path, stream| {
        let path = folder.join(path.strip_prefix("/base/").unwrap());
        // An hour after the refresh.
        let date = "Date: Sun, 22 Nov 2026 02:02:03 GMT";
        match std::fs::read(path) {
            Ok(bytes) => reply(stream, &format!("200 OK\r\n{date}"), &bytes),
            Err(_) => reply(stream, &format!("404 Not Found\r\n{date}"), b""),
        }
    });
    enrolled(room.path(), &location);
    let gateway = opened(room.path(), CoalitionSettings::default());
    let report = gateway.refresh(NOW).unwrap().remove(0);
    assert_eq!(report.outcome, Outcome::Updated);
    let difference = report.clock_difference.unwrap();
    assert!((3_540..=3_600).contains(&difference), "{difference}");
}
