//! Sprout from exec to its first healthy answer, with what it holds in memory then.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

use crate::measure::{Measured, median};
use crate::{Figure, prepare, repository, seedbed, text};

const RUNS: usize = 21;

/// Measures starts of Sprout on a database that its migrations made before.
pub(crate) fn from_exec_to_healthy(folder: &Path) -> Figure {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let manifest = text(&repository().join("Cargo.toml"));
    prepare(Command::new(cargo).args([
        "build",
        "--release",
        "--locked",
        "-p",
        "sprout",
        "--manifest-path",
        &manifest,
    ]));
    let program = Path::new(seedbed()).with_file_name("sprout");
    let home = folder.join("sprout-home");
    fs::create_dir_all(&home).expect("the target folder takes files");

    let (mut walls, mut memory) = (Vec::new(), Vec::new());
    for run in 0..=RUNS {
        let port = free_port();
        let started = Instant::now();
        let child = Command::new(&program)
            .current_dir(&home)
            .env("PORT", port.to_string())
            .env("HOST", "127.0.0.1")
            .env("DB_PATH", home.join("sprout.db"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let mut child = Running(child.unwrap_or_else(|error| panic!("{}: {error}", program.display())));
        while !is_healthy(port) {
            assert!(started.elapsed() < Duration::from_secs(20), "sprout did not answer");
            assert!(child.0.try_wait().expect("a child has a state").is_none(), "sprout ended");
            thread::sleep(Duration::from_micros(200));
        }
        let wall = started.elapsed().as_secs_f64() * 1000.0;
        // The first start makes the database.
        if run > 0 {
            walls.push(wall);
            memory.push(resident_mib(child.0.id()));
        }
    }
    let measured =
        Measured { wall_ms: median(&mut walls), cpu_ms: f64::NAN, mib: median(&mut memory), by_cpu: false };
    Figure {
        name: "sprout, from exec to healthy".to_owned(),
        measured,
        limit_ms: Some(50.0),
        limit_mib: Some(20.0),
    }
}

/// A process that doesn't outlive the measurement, whatever fails.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("the loopback has a free port");
    listener.local_addr().expect("a listener has an address").port()
}

fn is_healthy(port: u16) -> bool {
    let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else { return false };
    let request = "GET /api/health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    let mut answer = String::new();
    stream.write_all(request.as_bytes()).is_ok()
        && stream.read_to_string(&mut answer).is_ok()
        && answer.starts_with("HTTP/1.1 200")
}

/// Returns what a process holds in memory, as the kernel tells it.
fn resident_mib(process: u32) -> f64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
    line.trim().trim_end_matches(" kB").parse::<f64>().map_or(f64::NAN, |kib| kib / 1024.0)
}
