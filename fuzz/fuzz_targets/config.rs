//! The settings: `seedbed.toml`, and behind a NUL the `.env` beside it. A fault is told with its place, by the modules
//! of the command themselves.

#![no_main]
#![allow(dead_code, unused_imports, reason = "the modules are those of the command, which uses all of them")]

#[path = "../../crates/cli/src/cli_error.rs"]
mod cli_error;
#[path = "../../crates/cli/src/excerpt.rs"]
mod excerpt;
#[path = "../../crates/cli/src/settings/mod.rs"]
mod settings;
#[path = "../../crates/cli/src/terminal.rs"]
mod terminal;

use std::fs;
use std::path::PathBuf;
use std::sync::OnceLock;

use cli_error::CliError;
use libfuzzer_sys::fuzz_target;
use settings::{Overrides, Settings};
use terminal::Terminal;

/// The folder of the files, one for each process: fuzzing runs many side by side.
fn folder() -> &'static PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = std::env::temp_dir().join(format!("seedbed-fuzz-config-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("a folder can be made");
        folder
    })
}

fn is_told<T>(result: Result<T, CliError>) {
    if let Err(error) = result {
        let place = error.fields.get("line").map(|line| line.as_u64().expect("a number"));
        assert!(!error.message.is_empty() && place != Some(0));
    }
}

fuzz_target!(|text: &str| {
    let (config, env) = text.split_once('\0').unwrap_or((text, ""));
    let path = folder().join("seedbed.toml");
    fs::write(&path, config).expect("a file can be written");
    fs::write(folder().join(".env"), env).expect("a file can be written");
    let terminal = Terminal { json: true, color: false, interactive: false };
    let overrides = Overrides { config: Some(path), ..Overrides::default() };
    let settings = match Settings::load(&terminal, overrides) {
        Ok(settings) => settings,
        error => return is_told(error),
    };
    is_told(settings.schema());
    is_told(settings.schema_to_write());
    is_told(settings.out());
    is_told(settings.existing_out());
    is_told(settings.known_database());
    is_told(settings.sqlite_version());
    is_told(settings.seed());
});
