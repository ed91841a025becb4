//! The program: settings, database, migrations, the default user, and then requests until it is told to stop.

use std::io::{self, BufWriter, Write};
use std::pin::pin;
use std::process::ExitCode;
use std::time::Duration;

use seedbed::Pool;
use sprout::app::{AppState, app};
use sprout::command::{Command, Export, Import};
use sprout::config::Config;
use sprout::database::{self, StartError};
use sprout::documents::{Extractor, Shelf, Storage, child};
use sprout::serve;
use sprout::store::users::DEFAULT_USER_ID;
use sprout::transfer::{self, Imported};
use tokio::runtime::{self, Runtime};

/// How often it is tried to remove what could not be removed from the document storage: seldom enough to be quiet while the
/// storage is away for days.
const TIDY_EVERY: Duration = Duration::from_secs(60 * 60);

const USAGE: &str = "\
Sprout, a self-hosted learning backend

usage: sprout            serve
       sprout adopt      take over a database that the original Sprout made
       sprout export BRANCH [--output FILE] [--force]
                         write a branch, named by its id or title, with all that
                         belongs to it and its documents as JSON to FILE or stdout
       sprout import FILE [--user ID] [--keep-ids]
                         read a branch that was exported; everything gets new ids
                         and belongs to the default user unless told
       sprout --help     print this text
       sprout --version  print the version

settings, in the environment or in a file .env:
  DB_PATH       the database file (./sprout.db)
  HOST          the address to listen on (127.0.0.1)
  PORT          the port to listen on (8000)
  CORS_ORIGINS  the origins of web pages that may use the server, separated by
                commas; * is all of them (pages of this machine, on any port)
  SPROUT_TOKEN  a secret that every client has to send (none)
  DOCUMENTS_PATH
                the folder for documents (beside the database: ./sprout.documents)
  AWS_S3_BUCKET the bucket for documents, instead of a folder; with it
                AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN,
                AWS_REGION (us-east-1), and AWS_ENDPOINT_URL for a server that is
                not Amazon's
";

/// See the reason in the workspace's manifest.
#[global_allocator]
static GLOBAL: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    tracing_subscriber::fmt().with_writer(io::stderr).with_ansi(false).with_target(false).init();
    let result = match Command::parse(std::env::args_os().skip(1).collect()) {
        Ok(Command::Serve) => start(),
        Ok(Command::Adopt) => adopt(),
        Ok(Command::Export(export)) => transferring(export_branch(export)),
        Ok(Command::Import(import)) => transferring(import_branch(import)),
        Ok(Command::ExtractText { kind, memory, seconds }) => return child::run(&kind, &memory, &seconds),
        Ok(Command::Help) => {
            say(USAGE.trim_end());
            Ok(())
        }
        Ok(Command::Version) => {
            say(concat!("sprout ", env!("CARGO_PKG_VERSION")));
            Ok(())
        }
        Err(error) => Err(error),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(&error);
            ExitCode::FAILURE
        }
    }
}

fn adopt() -> Result<(), StartError> {
    let config = Config::load().map_err(StartError::new)?;
    database::adopt(&config.db_path, say)
}

/// Runs work beside a server that may be running.
fn transferring(work: impl Future<Output = Result<(), StartError>>) -> Result<(), StartError> {
    runtime()?.block_on(work)
}

/// One thread for all connections: what takes long is done by the database's threads and by child processes, and a second
/// one would mostly be woken in vain.
fn runtime() -> Result<Runtime, StartError> {
    runtime::Builder::new_current_thread().enable_all().build().map_err(failed)
}

async fn export_branch(arguments: Export) -> Result<(), StartError> {
    let (pool, shelf) = open(Config::load().map_err(StartError::new)?)?;
    let exported = export_to(&pool, &shelf, arguments).await;
    pool.close().await;
    exported
}

async fn export_to(pool: &Pool, shelf: &Shelf, arguments: Export) -> Result<(), StartError> {
    let Export { branch, output, force } = arguments;
    let counts = match output {
        Some(path) => {
            transfer::write_file(&path, force, async |file| {
                transfer::export(pool, shelf, &branch, file, note).await
            })
            .await?
        }
        None => {
            let mut stdout = BufWriter::new(io::stdout());
            transfer::export(pool, shelf, &branch, &mut stdout, note).await?
        }
    };
    note(&format!("exported `{branch}`: {counts}"));
    Ok(())
}

async fn import_branch(arguments: Import) -> Result<(), StartError> {
    let Import { file, user, keep_ids } = arguments;
    let config = Config::load().map_err(StartError::new)?;
    if !config.db_path.exists() {
        database::prepare(&config.db_path, note)?.close().await;
    }
    let (pool, shelf) = open(config)?;
    let options = transfer::Options { user: user.unwrap_or_else(|| DEFAULT_USER_ID.to_owned()), keep_ids };
    let imported = transfer::import(&pool, &shelf, &file, &options).await;
    pool.close().await;
    let Imported { branch_id, title, counts } = imported?;
    say(&branch_id);
    note(&format!("imported `{title}` as `{branch_id}`: {counts}"));
    Ok(())
}

fn open(config: Config) -> Result<(Pool, Shelf), StartError> {
    let storage = Storage::new(&config.documents).map_err(StartError::new)?;
    let pool = database::open(&config.db_path)?;
    let shelf = Shelf::new(pool.clone(), storage, Extractor::of_this_program().map_err(failed)?);
    Ok((pool, shelf))
}

fn start() -> Result<(), StartError> {
    let config = Config::load().map_err(StartError::new)?;
    let runtime = runtime()?;
    let result = runtime.block_on(run(config));
    // Whoever stops the program does not wait for a migration, which is undone or goes on at the next start.
    runtime.shutdown_background();
    result
}

async fn run(config: Config) -> Result<(), StartError> {
    let mut stop = pin!(serve::stop_signal().map_err(failed)?);
    // The port comes first: whoever has it is most likely a Sprout that is using the database.
    let listener = serve::listen(&config.host, config.port).await.map_err(|text| {
        StartError::new(text).with_hint("set PORT (and HOST) in the environment or in .env")
    })?;
    let address = listener.local_addr().map_err(failed)?;
    let is_local = address.ip().is_loopback() && config.token.is_none();
    let storage = Storage::new(&config.documents).map_err(StartError::new)?;
    let preparing = tokio::task::spawn_blocking(move || database::prepare(&config.db_path, say));
    let pool: Pool = tokio::select! {
        prepared = preparing => prepared.map_err(|error| failed(error.into()))??,
        () = &mut stop => return Ok(()),
    };
    say(&format!("Sprout is listening on http://{address}"));
    say(&format!("Its routes are described at http://{address}/api/docs"));
    let shelf = Shelf::new(pool.clone(), storage, Extractor::of_this_program().map_err(failed)?);
    // What is to go is known before uploads begin, which stand among it until they end.
    let leftovers = shelf.leftovers().await?;
    let tidying = tokio::spawn(shelf.clone().keep_tidy(leftovers, TIDY_EVERY));
    let state =
        AppState { pool: pool.clone(), shelf, origins: config.origins, is_local, token: config.token };
    let served = serve::serve(listener, app(state), stop).await;
    tidying.abort();
    pool.close().await;
    served.map_err(failed)
}

fn failed(error: io::Error) -> StartError {
    StartError::new(format!("cannot run: {error}"))
}

/// Tells the person at the terminal what happens. That nobody reads it any more is no reason to stop serving.
fn say(text: &str) {
    let _ = writeln!(io::stdout(), "{text}");
}

/// Tells the person at the terminal what happens while stdout is for data.
fn note(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// Says why the program could not do its work.
fn complain(error: &StartError) {
    let mut stderr = io::stderr();
    let _ = writeln!(stderr, "error: {error}");
    if let Some(hint) = error.hint() {
        let _ = writeln!(stderr, "hint: {hint}");
    }
}
