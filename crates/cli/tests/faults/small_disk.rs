//! A disk of a few megabytes for one test, as any user can have it: the test runs again in a namespace of its own, in
//! which it may mount things, and which takes them along when it ends.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::workplace::said;

/// Says that this process is in a namespace already.
const INSIDE: &str = "SEEDBED_FAULTS_NAMESPACE";

/// A disk in memory that is mounted in this process's namespace only.
pub(crate) struct SmallDisk {
    folder: PathBuf,
}

/// Runs the test `name` again where it may mount a disk, and hands it over there. Nothing happens where the system
/// allows no namespaces; the stories by a limit on file sizes are told there all the same.
pub(crate) fn with_small_disk(name: &str, story: impl FnOnce(&SmallDisk)) {
    if std::env::var_os(INSIDE).is_some() {
        return story(&SmallDisk::mount());
    }
    let namespace = ["--user", "--map-root-user", "--mount"];
    let is_possible = Command::new("unshare")
        .args(namespace)
        .args(["mount", "-t", "tmpfs", "tmpfs", "/tmp"])
        .output()
        .is_ok_and(|output| output.status.success());
    if !is_possible {
        println!("no disk can be mounted here");
        return;
    }
    let mut command = Command::new("unshare");
    command.args(namespace).arg(std::env::current_exe().unwrap());
    let output = command.args(["--exact", name, "--nocapture"]).env(INSIDE, "1").output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(told.contains("1 passed"), "there is no test `{name}`: {told}");
    told.lines().filter(|line| line.contains(": ")).for_each(|line| println!("{line}"));
}

impl SmallDisk {
    fn mount() -> Self {
        let folder =
            Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("faults-disk-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let disk = Self { folder };
        disk.mounted(&["-t", "tmpfs", "-o", "size=64m", "tmpfs"]);
        disk
    }

    /// Where it is.
    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Makes it read-only, or writable again.
    pub(crate) fn set_read_only(&self, read_only: bool) {
        self.mounted(&["-o", if read_only { "remount,ro" } else { "remount,rw" }]);
    }

    fn mounted(&self, arguments: &[&str]) {
        let output = Command::new("mount").args(arguments).arg(&self.folder).output().unwrap();
        assert!(output.status.success(), "mount {arguments:?}: {}", said(&output));
    }

    /// Leaves so many bytes free.
    pub(crate) fn fill_up_to(&self, free: u64) {
        self.empty();
        let ballast = fs::File::create(self.ballast()).unwrap();
        let size = self.free().checked_sub(free).expect("the disk has that much");
        let zeroes = vec![0; usize::try_from(size).unwrap()];
        std::io::Write::write_all(&mut &ballast, &zeroes).unwrap();
    }

    /// Gives the space back.
    pub(crate) fn empty(&self) {
        let _ = fs::remove_file(self.ballast());
    }

    fn ballast(&self) -> PathBuf {
        self.folder.join("ballast")
    }

    fn free(&self) -> u64 {
        let output = Command::new("df").args(["--output=avail", "-B1"]).arg(&self.folder).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().nth(1).and_then(|line| line.trim().parse().ok()).unwrap_or_else(|| panic!("{text}"))
    }
}
