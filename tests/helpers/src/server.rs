use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;

/// Starts a web server on this machine and returns its address. `answer` gets each request's path and
/// `Range`, and writes the whole answer itself.
pub fn serve_ranges(
    answer: impl Fn(&str, Option<&str>, &mut TcpStream) + Send + 'static,
) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/base", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let lines = BufReader::new(stream.try_clone().unwrap()).lines();
            let lines = lines.map_while(Result::ok);
            let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
            let range = head.iter().find_map(|line| {
                let (name, value) = line.split_once(':')?;
                name.eq_ignore_ascii_case("range").then(|| value.trim())
            });
            answer(head[0].split(' ').nth(1).unwrap(), range, &mut stream);
        }
    });
    base
}

/// Answers from a directory, and gives only the range that was asked for.
pub fn reply_from(directory: &Path, path: &str, range: Option<&str>, stream: &mut TcpStream) {
    let path = directory.join(path.strip_prefix("/base/").unwrap());
    let Ok(bytes) = std::fs::read(path) else {
        return reply(stream, "404 Not Found", b"");
    };
    let Some(range) = range.and_then(|range| range.strip_prefix("bytes=")) else {
        return reply(stream, "200 OK", &bytes);
    };
    let (first, last) = range.split_once('-').unwrap();
    let part = &bytes[first.parse().unwrap()..=last.parse().unwrap()];
    let length = bytes.len();
    let head = format!("206 Partial Content\r\nContent-Range: bytes {range}/{length}");
    reply(stream, &head, part);
}

/// Writes a whole answer. The reader may be gone already.
pub fn reply(stream: &mut TcpStream, head: &str, body: &[u8]) {
    let length = body.len();
    let head = format!("HTTP/1.1 {head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(body);
}
