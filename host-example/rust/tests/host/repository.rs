//! What a repository may send, and how long it may take.

use std::io::Write as _;
use std::path::Path;
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use interdict_helpers::{reply, reply_from, serve};
use interdict_host::{Addresses, Brought, NoRepository, Patience, Repository};

const IMPATIENT: Patience = Patience {
    connect: Duration::from_millis(500),
    response: Duration::from_millis(500),
    file: Duration::from_millis(700),
    refresh: Duration::from_secs(5),
};

fn open(location: &str) -> Repository {
    Repository::open(location, Path::new("/"), IMPATIENT, Addresses::Private).unwrap()
}

fn failed(brought: &Brought) -> bool {
    matches!(brought, Brought::Failed(_))
}

#[test]
fn only_404_and_410_say_that_there_is_no_such_file() {
    let base = serve(|path, stream| match path {
        "/base/metadata/here.json" => reply(stream, "200 OK", b"bytes"),
        "/base/metadata/gone.json" => reply(stream, "410 Gone", b""),
        "/base/metadata/hidden.json" => reply(stream, "403 Forbidden", b""),
        "/base/metadata/broken.json" => reply(stream, "500 Oops", b""),
        "/base/metadata/part.json" => reply(stream, "206 Partial Content", b"by"),
        _ => reply(stream, "404 Not Found", b"<html>"),
    });
    let repository = open(&base);
    let bring = |name: &str| repository.bring(&format!("metadata/{name}.json"), 100);
    assert_eq!(bring("here"), Brought::Bytes(b"bytes".to_vec()));
    assert_eq!(bring("gone"), Brought::NotFound);
    assert_eq!(bring("else"), Brought::NotFound);
    for name in ["hidden", "broken", "part"] {
        assert!(failed(&bring(name)), "{name}");
    }
}

#[test]
fn no_more_bytes_are_read_than_the_file_can_have() {
    let base = serve(|path, stream| {
        if path.ends_with("stated") {
            reply(stream, "200 OK", &[7; 1001]);
        } else {
            // Without a length, until the reader goes away.
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
            while stream.write_all(&[7; 1000]).is_ok() {}
        }
    });
    let repository = open(&base);
    assert!(failed(&repository.bring("stated", 1000)));
    assert!(failed(&repository.bring("endless", 1000)));
    assert_eq!(
        repository.bring("stated", 1001),
        Brought::Bytes(vec![7; 1001])
    );
}

#[test]
fn a_file_cut_short_is_no_file() {
    let base = serve(|_, stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nfour");
    });
    assert!(failed(&open(&base).bring("a", 100)));
}

#[test]
fn a_slow_server_is_given_up() {
    let base = serve(|path, stream| {
        if path.ends_with("body") {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n");
            while stream.write_all(b"x").is_ok() {
                std::thread::sleep(Duration::from_millis(200));
            }
        }
        std::thread::sleep(Duration::from_secs(3));
    });
    assert_eq!(
        open(&base).bring("body", 100),
        Brought::Failed("the server was too slow".into())
    );
    let base = serve(|_, _| std::thread::sleep(Duration::from_secs(3)));
    let place = base.split('/').nth(2).unwrap();
    assert_eq!(
        open(&base).bring("head", 100),
        Brought::Failed(format!("{place}: the server was too slow"))
    );
}

#[test]
fn a_redirect_is_followed_on_the_same_server_and_not_for_ever() {
    let elsewhere = serve(|_, stream| reply(stream, "200 OK", b"elsewhere"));
    let base = serve(move |path, stream| match path {
        "/base/here" => reply(stream, "302 Found\r\nLocation: /other", b""),
        "/other" => reply(stream, "200 OK", b"moved"),
        "/base/loop" => reply(stream, "302 Found\r\nLocation: /base/loop", b""),
        "/base/away" => reply(
            stream,
            &format!("302 Found\r\nLocation: {elsewhere}/x"),
            b"",
        ),
        _ => reply(stream, "302 Found\r\nLocation: file:///etc/passwd", b""),
    });
    let repository = open(&base);
    assert_eq!(
        repository.bring("here", 100),
        Brought::Bytes(b"moved".to_vec())
    );
    for path in ["loop", "away", "file"] {
        assert!(failed(&repository.bring(path, 100)), "{path}");
    }
}

#[test]
fn a_server_that_is_not_there_has_not_said_that_the_file_is_missing() {
    let refused = open("http://127.0.0.1:1/base").bring("a", 100);
    assert_eq!(
        refused,
        Brought::Failed("127.0.0.1:1: the connection was refused".into())
    );
    assert!(failed(&open("http://nowhere.test/base").bring("a", 100)));
    let room = tempfile::tempdir().unwrap();
    let missing = room.path().join("stick");
    assert!(failed(&open(missing.to_str().unwrap()).bring("a", 100)));
}

#[test]
fn a_directory_serves_its_own_files_only() {
    let room = tempfile::tempdir().unwrap();
    let base = room.path().join("mirror");
    std::fs::create_dir_all(base.join("metadata")).unwrap();
    std::fs::write(base.join("metadata/1.root.json"), b"12345").unwrap();
    std::fs::write(room.path().join("secret"), b"secret").unwrap();
    for location in [base.to_str().unwrap(), &format!("file:{}", base.display())] {
        let repository = open(location);
        let path = "metadata/1.root.json";
        assert_eq!(repository.bring(path, 5), Brought::Bytes(b"12345".to_vec()));
        assert!(failed(&repository.bring(path, 4)));
        assert_eq!(
            repository.bring("metadata/2.root.json", 5),
            Brought::NotFound
        );
        assert!(failed(&repository.bring("../secret", 100)));
        assert!(failed(&repository.bring("metadata", 100)));
    }
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(room.path().join("secret"), base.join("link")).unwrap();
        assert!(failed(&open(base.to_str().unwrap()).bring("link", 100)));
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

#[test]
fn the_copy_of_a_target_is_asked_for_first() {
    let packed = gzip(b"bytes");
    let base = serve(move |path, stream| match path {
        "/base/targets/a.gz" => reply(stream, "200 OK", &packed),
        _ => reply(stream, "500 Oops", b""),
    });
    let brought = open(&base).bring_target("targets/a", 5);
    assert_eq!(brought, Brought::Bytes(b"bytes".to_vec()));
}

#[test]
fn whatever_is_wrong_with_a_copy_the_target_itself_is_fetched() {
    let packed = gzip(&[7; 100_000]);
    let base = serve(move |path, stream| match path {
        "/base/targets/bomb.gz" => reply(stream, "200 OK", &packed),
        "/base/targets/cut.gz" => reply(stream, "200 OK", &packed[..packed.len() - 1]),
        "/base/targets/unpacked.gz" => reply(stream, "200 OK", b"bytes"),
        "/base/targets/hidden.gz" => reply(stream, "403 Forbidden", b""),
        "/base/targets/broken.gz" => reply(stream, "500 Oops", b""),
        "/base/targets/slow.gz" => std::thread::sleep(Duration::from_secs(1)),
        _ if path.ends_with(".gz") => reply(stream, "404 Not Found", b""),
        "/base/targets/none" => reply(stream, "404 Not Found", b""),
        _ => reply(stream, "200 OK", b"bytes"),
    });
    let repository = open(&base);
    for name in [
        "bomb", "cut", "unpacked", "hidden", "broken", "absent", "slow",
    ] {
        let brought = repository.bring_target(&format!("targets/{name}"), 5);
        assert_eq!(brought, Brought::Bytes(b"bytes".to_vec()), "{name}");
    }
    assert_eq!(
        repository.bring_target("targets/none", 5),
        Brought::NotFound
    );
}

#[test]
fn a_directory_may_hold_copies_alone() {
    let room = tempfile::tempdir().unwrap();
    std::fs::create_dir(room.path().join("targets")).unwrap();
    std::fs::write(room.path().join("targets/a.gz"), gzip(b"bytes")).unwrap();
    let repository = open(room.path().to_str().unwrap());
    let brought = repository.bring_target("targets/a", 5);
    assert_eq!(brought, Brought::Bytes(b"bytes".to_vec()));
    assert_eq!(repository.bring_target("targets/b", 5), Brought::NotFound);
}

#[test]
fn a_directory_and_a_server_bring_the_same_file() {
    let room = tempfile::tempdir().unwrap();
    std::fs::write(room.path().join("records"), b"0123456").unwrap();
    let directory = room.path().to_owned();
    let base = serve(move |path, stream| reply_from(&directory, path, stream));
    for location in [room.path().to_str().unwrap(), &base] {
        let repository = open(location);
        let whole = repository.bring("records", 7);
        assert_eq!(whole, Brought::Bytes(b"0123456".to_vec()), "{location}");
        assert!(failed(&repository.bring("records", 6)), "{location}");
        assert_eq!(repository.bring("other", 7), Brought::NotFound);
    }
}

#[test]
fn other_locations_are_refused() {
    for location in [
        "ftp://lists.example/",
        "https://",
        "http://lists.example/?x",
        "data://x",
    ] {
        let refused = Repository::open(location, Path::new("/"), IMPATIENT, Addresses::Private);
        assert_eq!(refused.err(), Some(NoRepository::Form), "{location}");
    }
}

/// Only where no proxy of the environment resolves names.
#[test]
fn a_repository_on_this_machine_or_in_a_private_network_is_not_asked_unless_it_is_allowed() {
    let base = serve(|_, stream| reply(stream, "200 OK", b"bytes"));
    let public =
        |location: &str| Repository::open(location, Path::new("/"), IMPATIENT, Addresses::Public);
    for location in [
        base.as_str(),
        "http://LOCALHOST/se",
        "http://[::ffff:127.0.0.1]/se",
        "https://169.254.169.254/latest",
        "http://bank:word@10.0.0.1:8080/se",
    ] {
        assert_eq!(
            public(location).err(),
            Some(NoRepository::Private),
            "{location}"
        );
    }
    assert_eq!(
        open(&base).bring("a", 100),
        Brought::Bytes(b"bytes".to_vec())
    );
    // Other spellings of an address, which only the system reads: the name is resolved, and not connected to.
    let (_, port) = base.rsplit_once(':').unwrap();
    let number = format!("http://2130706433:{port}");
    if open(&number).bring("a", 100) == Brought::Bytes(b"bytes".to_vec()) {
        let Brought::Failed(why) = public(&number).unwrap().bring("a", 100) else {
            panic!("it was asked")
        };
        assert!(why.contains("allow_private"), "{why}");
    }
}
