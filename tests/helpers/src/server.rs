use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;

/// Starts a web server on this machine and returns its address. `answer` gets each request's path and writes
/// the whole answer itself; requests do not wait for each other.
pub fn serve(answer: impl Fn(&str, &mut TcpStream) + Send + Sync + 'static) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}/base", listener.local_addr().unwrap());
    let answer = Arc::new(answer);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, answer) = (stream.unwrap(), Arc::clone(&answer));
            std::thread::spawn(move || {
                let lines = BufReader::new(stream.try_clone().unwrap()).lines();
                let lines = lines.map_while(Result::ok);
                let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
                // A connection that asks for nothing.
                let path = head.first().and_then(|line| line.split(' ').nth(1));
                if let Some(path) = path {
                    answer(path, &mut stream);
                }
            });
        }
    });
    base
}

/// Answers from a directory.
pub fn reply_from(directory: &Path, path: &str, stream: &mut TcpStream) {
    let path = directory.join(path.strip_prefix("/base/").unwrap());
    match std::fs::read(path) {
        Ok(bytes) => reply(stream, "200 OK", &bytes),
        Err(_) => reply(stream, "404 Not Found", b""),
    }
}

/// Writes a whole answer. The reader may be gone already.
pub fn reply(stream: &mut TcpStream, head: &str, body: &[u8]) {
    let length = body.len();
    let head = format!("HTTP/1.1 {head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(body);
}
