//! Runs a command often and takes medians of wall time, CPU time and the peak of its memory.
//!
//! What the kernel reports about children is a sum over all of them, so every command is measured by a process of
//! its own: this binary again, with `measure` as its first argument. It is small, and so is what its children
//! inherit of its memory.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

/// What is measured, and what is put right before every run of it.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    command: Vec<String>,
    remove: Vec<PathBuf>,
    restore: Option<(PathBuf, PathBuf)>,
    folder: Option<PathBuf>,
    runs: usize,
    by_cpu: bool,
}

/// Medians.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Measured {
    /// Milliseconds by the clock.
    pub(crate) wall_ms: f64,
    /// Milliseconds of processor time, user and system.
    pub(crate) cpu_ms: f64,
    /// The peak of resident memory of any run.
    pub(crate) mib: f64,
    /// Whether a limit is about the processor time.
    pub(crate) by_cpu: bool,
}

impl Measured {
    /// Returns the time that a limit is about.
    pub(crate) fn limited_ms(&self) -> f64 {
        if self.by_cpu { self.cpu_ms } else { self.wall_ms }
    }

    /// Returns what a limit counts.
    pub(crate) fn limited_unit(&self) -> &'static str {
        if self.by_cpu { "ms CPU" } else { "ms" }
    }
}

impl Plan {
    /// Measures a command.
    pub(crate) fn new(command: &[&str]) -> Self {
        let command = command.iter().map(|&word| word.to_owned()).collect();
        Self { command, remove: Vec::new(), restore: None, folder: None, runs: 25, by_cpu: false }
    }

    /// Removes a file or folder before every run.
    pub(crate) fn removing(mut self, path: &Path) -> Self {
        self.remove.push(path.to_owned());
        self
    }

    /// Removes a database before every run.
    pub(crate) fn removing_database(mut self, path: &Path) -> Self {
        for suffix in ["", "-wal", "-shm", "-journal"] {
            self.remove.push(PathBuf::from(format!("{}{suffix}", path.display())));
        }
        self
    }

    /// Makes a folder a copy of another before every run.
    pub(crate) fn restoring(mut self, from: &Path, to: &Path) -> Self {
        self.restore = Some((from.to_owned(), to.to_owned()));
        self
    }

    /// Runs it in a folder.
    pub(crate) fn within(mut self, folder: &Path) -> Self {
        self.folder = Some(folder.to_owned());
        self
    }

    /// Runs it once only.
    pub(crate) fn once(self) -> Self {
        self.times(1)
    }

    /// Runs it so many times, for what takes long.
    pub(crate) fn times(mut self, runs: usize) -> Self {
        self.runs = runs;
        self
    }

    /// Makes the limit one of processor time.
    pub(crate) fn by_cpu(mut self) -> Self {
        self.by_cpu = true;
        self
    }

    /// Measures in a process of its own.
    pub(crate) fn run(&self) -> Measured {
        let mut command = Command::new(std::env::current_exe().expect("a running program has a path"));
        command.args(["measure", "--runs", &self.runs.to_string()]);
        for path in &self.remove {
            command.arg("--remove").arg(path);
        }
        if let Some((from, to)) = &self.restore {
            command.arg("--restore").args([from, to]);
        }
        if let Some(folder) = &self.folder {
            command.current_dir(folder);
        }
        command.arg("--").args(&self.command);
        let output = command.stderr(Stdio::inherit()).output().expect("this program runs");
        assert!(output.status.success(), "{:?} was not measured", self.command);
        let text = String::from_utf8(output.stdout).expect("figures are digits");
        let figures: Vec<f64> =
            text.split_whitespace().map(|word| word.parse().expect("figures are digits")).collect();
        let &[wall_ms, cpu_ms, mib] = figures.as_slice() else { panic!("three figures, not {text}") };
        Measured { wall_ms, cpu_ms, mib, by_cpu: self.by_cpu }
    }
}

/// The measuring process: `--runs N [--remove PATH]… [--restore FROM TO] -- COMMAND…`.
pub(crate) fn child(arguments: &[String]) {
    let split = arguments.iter().position(|argument| argument == "--").expect("`--` is before the command");
    let (options, command) = (&arguments[..split], &arguments[split + 1..]);
    let (mut runs, mut options) = (1, options.iter());
    let (mut remove, mut restore) = (Vec::new(), None);
    while let Some(option) = options.next() {
        let mut value = || options.next().expect("the option has its value");
        match option.as_str() {
            "--runs" => runs = value().parse().expect("a number of runs"),
            "--remove" => remove.push(PathBuf::from(value())),
            _ => restore = Some((PathBuf::from(value()), PathBuf::from(value()))),
        }
    }
    let (mut walls, mut cpus) = (Vec::new(), Vec::new());
    // The first run warms the caches of the machine and is not counted, unless it is the only one.
    for run in 0..runs + usize::from(runs > 1) {
        remove.iter().for_each(|path| discard(path));
        if let Some((from, to)) = &restore {
            discard(to);
            copy(from, to);
        }
        let (cpu, started) = (children().0, Instant::now());
        let output = Command::new(&command[0]).args(&command[1..]).stdin(Stdio::null()).output();
        let wall = started.elapsed().as_secs_f64() * 1000.0;
        let output = output.unwrap_or_else(|error| panic!("{command:?}: {error}"));
        assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
        if run > 0 || runs == 1 {
            walls.push(wall);
            cpus.push(children().0 - cpu);
        }
    }
    println!("{} {} {}", median(&mut walls), median(&mut cpus), children().1);
}

/// Returns the processor time in milliseconds and the peak memory in MiB of all children so far.
fn children() -> (f64, f64) {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).expect("the kernel tells about children");
    let cpu = usage.user_time().num_microseconds() + usage.system_time().num_microseconds();
    (cpu as f64 / 1000.0, usage.max_rss() as f64 / 1024.0)
}

/// Returns the middle of some figures.
pub(crate) fn median(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

fn discard(path: &Path) {
    let _ = if path.is_dir() { fs::remove_dir_all(path) } else { fs::remove_file(path) };
}

/// Copies a file or a folder.
pub(crate) fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).expect("the target folder takes files");
        for entry in fs::read_dir(from).expect("the folder can be read") {
            let entry = entry.expect("the folder can be read");
            copy(&entry.path(), &to.join(entry.file_name()));
        }
    } else {
        fs::create_dir_all(to.parent().expect("a file is in a folder"))
            .expect("the target folder takes files");
        fs::copy(from, to).unwrap_or_else(|error| panic!("{}: {error}", from.display()));
    }
}
