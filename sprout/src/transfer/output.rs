//! The file that an export goes to: there as a whole or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use crate::database::StartError;
use crate::store::new_id;

/// A file that is written under another name, and gone again unless it gets its own.
struct Partial(PathBuf);

impl Drop for Partial {
    fn drop(&mut self) {
        // It has its own name by now when all went well.
        let _ = fs::remove_file(&self.0);
    }
}

/// Writes a file beside its place and gives it its name when it is complete and on the disk.
///
/// # Errors
///
/// When there is a file already and `replace` does not allow for it, when it cannot be written, or `write` fails; nothing is
/// left then.
pub async fn write_file<T>(
    path: &Path,
    replace: bool,
    write: impl AsyncFnOnce(&mut BufWriter<File>) -> Result<T, StartError>,
) -> Result<T, StartError> {
    let shown = path.display();
    let failed = |error: io::Error| StartError::new(format!("cannot write `{shown}`: {error}"));
    let (false, Some(name)) = (path.is_dir(), path.file_name()) else {
        return Err(StartError::new(format!("`{shown}` is a folder, and no place for a file")));
    };
    if !replace && path.symlink_metadata().is_ok() {
        return Err(StartError::new(format!("the file `{shown}` is there already"))
            .with_hint("`--force` puts the export in its place"));
    }
    let mut beside = name.to_owned();
    beside.push(format!(".{}.partial", new_id()));
    let partial = Partial(path.with_file_name(beside));
    let file = OpenOptions::new().write(true).create_new(true).open(&partial.0).map_err(failed)?;
    let mut writer = BufWriter::new(file);
    let result = write(&mut writer).await?;
    writer.flush().map_err(failed)?;
    writer.get_ref().sync_all().map_err(failed)?;
    fs::rename(&partial.0, path).map_err(failed)?;
    Ok(result)
}
