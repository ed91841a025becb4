//! The flags that override a setting, shared by the verbs that use it.

use std::path::PathBuf;

/// `--schema`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct SchemaArg {
    /// Read the tables from this Rust file
    #[arg(long, value_name = "PATH")]
    pub(crate) schema: Option<PathBuf>,
}

/// `--out`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct OutArg {
    /// Use this migrations folder
    #[arg(long, value_name = "PATH")]
    pub(crate) out: Option<PathBuf>,
}

/// `--url`.
#[derive(Debug, Clone, Default, clap::Args)]
pub(crate) struct UrlArg {
    /// Use this database, a path such as app.db
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
}
