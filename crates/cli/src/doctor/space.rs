//! What the system tells about a folder: the room on its disk, and whether files can be made in it.

use std::path::Path;

/// Returns how many bytes this user can still write; `None` where the system does not tell.
#[cfg(unix)]
pub(super) fn free(folder: &Path) -> Option<u64> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let space = nix::sys::statvfs::statvfs(folder).ok()?;
    // The types differ between systems.
    #[expect(clippy::useless_conversion, reason = "the fields are narrower on some systems")]
    u64::from(space.blocks_available()).checked_mul(u64::from(space.fragment_size()))
}

/// Whether this user can make files in the folder.
#[cfg(unix)]
pub(super) fn is_writable(folder: &Path) -> bool {
    use nix::unistd::{AccessFlags, access};
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    access(folder, AccessFlags::W_OK | AccessFlags::X_OK).is_ok()
}

/// Returns how many bytes this user can still write; `None` where the system does not tell.
#[cfg(not(unix))]
pub(super) fn free(_folder: &Path) -> Option<u64> {
    None
}

/// Whether this user can make files in the folder.
#[cfg(not(unix))]
pub(super) fn is_writable(folder: &Path) -> bool {
    folder.metadata().is_ok_and(|metadata| !metadata.permissions().readonly())
}
