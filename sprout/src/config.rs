//! The settings of the server: from the environment, and from `.env` for what the environment does not say.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::documents::StorageSettings;
use crate::dotenv;
use crate::http::auth::Token;
use crate::http::cors::Origins;

/// The settings of the server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// The database file: `DB_PATH`, `./sprout.db` by default.
    pub db_path: PathBuf,
    /// The name or address to listen on: `HOST`, `127.0.0.1` by default.
    pub host: String,
    /// The port to listen on: `PORT`, 8000 by default; 0 is any free one.
    pub port: u16,
    /// The web pages that may use the server: `CORS_ORIGINS`, those of this machine by default.
    pub origins: Origins,
    /// What clients have to know: `SPROUT_TOKEN`, nothing by default.
    pub token: Option<Token>,
    /// Where documents are kept: `DOCUMENTS_PATH`, or S3 by `AWS_S3_BUCKET` and its sisters.
    pub documents: StorageSettings,
}

impl Config {
    /// Reads the settings of this process, with the `.env` file of the current folder.
    ///
    /// # Errors
    ///
    /// Names the setting that is wrong.
    pub fn load() -> Result<Self, String> {
        let file = read_dotenv(Path::new(".env"))?;
        Self::read(|name| {
            let value = match std::env::var(name) {
                Ok(value) => Some(value),
                Err(std::env::VarError::NotPresent) => file.get(name).cloned(),
                Err(std::env::VarError::NotUnicode(_)) => return Err(format!("{name} is not valid UTF-8")),
            };
            Ok(value.filter(|value| !value.is_empty()))
        })
    }

    fn read(setting: impl Fn(&str) -> Result<Option<String>, String>) -> Result<Self, String> {
        let port = match setting("PORT")? {
            None => 8000,
            Some(text) => text
                .trim()
                .parse()
                .map_err(|_| format!("PORT is `{text}`, which is no port from 0 to 65535"))?,
        };
        let origins = setting("CORS_ORIGINS")?.unwrap_or_default();
        let db_path: PathBuf = setting("DB_PATH")?.unwrap_or_else(|| "./sprout.db".to_owned()).into();
        Ok(Self {
            documents: StorageSettings::read(&setting, &db_path)?,
            db_path,
            host: setting("HOST")?.unwrap_or_else(|| "127.0.0.1".to_owned()),
            port,
            origins: Origins::parse(&origins).map_err(|fault| format!("CORS_ORIGINS: {fault}"))?,
            token: setting("SPROUT_TOKEN")?
                .map(Token::new)
                .transpose()
                .map_err(|fault| format!("SPROUT_TOKEN {fault}"))?,
        })
    }
}

fn read_dotenv(path: &Path) -> Result<BTreeMap<String, String>, String> {
    match fs::read_to_string(path) {
        Ok(text) => dotenv::parse(&text).map_err(|fault| format!("`{}`: {fault}", path.display())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(BTreeMap::new()),
        Err(error) => Err(format!("cannot read `{}`: {error}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(settings: &[(&str, &str)]) -> Result<Config, String> {
        let settings: BTreeMap<_, _> = settings.iter().copied().collect();
        Config::read(|name| Ok(settings.get(name).map(|value| (*value).to_owned())))
    }

    #[test]
    fn the_defaults_keep_to_this_machine() {
        let config = read(&[]).unwrap();
        assert_eq!((config.host.as_str(), config.port), ("127.0.0.1", 8000));
        assert_eq!(config.db_path, Path::new("./sprout.db"));
        assert_eq!((config.origins, config.token), (Origins::Localhost, None));
        assert_eq!(config.documents, StorageSettings::Folder("./sprout.documents".into()));
    }

    #[test]
    fn a_wrong_setting_is_named() {
        assert_eq!(
            read(&[("PORT", "80000")]).unwrap_err(),
            "PORT is `80000`, which is no port from 0 to 65535"
        );
        assert_eq!(
            read(&[("CORS_ORIGINS", "example")]).unwrap_err(),
            "CORS_ORIGINS: `example` is no origin such as `https://sprout.example`"
        );
        let fault = read(&[("SPROUT_TOKEN", "two words")]).unwrap_err();
        assert!(fault.starts_with("SPROUT_TOKEN may hold") && !fault.contains("two"), "{fault}");
    }
}
