//! The programs, built in the release profile, and where they are.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{Failure, database::Database};

pub(crate) struct Programs {
    folder: PathBuf,
    python: Option<PathBuf>,
}

impl Programs {
    /// Builds them, each in its own run: built together, each would have the features of all.
    pub(crate) fn build(with_postgres: bool) -> Result<Self, Failure> {
        let folder = target().join("release");
        for (package, program) in [("usermgr-bench-floor", "floor"), ("usermgr-bench", "plain")] {
            let build = ["build", "--release", "-p", package, "--bin", program];
            if with_postgres {
                cargo(&[&build[..], &["--features", "postgres"]].concat())?;
                fs::copy(folder.join(program), folder.join(format!("{program}-postgres")))?;
            }
            cargo(&build)?;
        }
        cargo(&["build", "--release", "-p", "server"])?;
        Ok(Self { folder, python: python() })
    }

    /// Programs that were built before, in this folder.
    pub(crate) fn built(folder: &Path) -> Result<Self, Failure> {
        Ok(Self { folder: std::path::absolute(folder)?, python: None })
    }

    pub(crate) fn floor(&self, database: &Database) -> PathBuf {
        self.folder.join(if database.is_on_server() { "floor-postgres" } else { "floor" })
    }

    pub(crate) fn plain(&self, database: &Database) -> PathBuf {
        self.folder.join(if database.is_on_server() { "plain-postgres" } else { "plain" })
    }

    pub(crate) fn server(&self) -> PathBuf {
        self.folder.join("server")
    }

    pub(crate) fn python(&self) -> Option<&Path> {
        self.python.as_deref()
    }
}

/// The interpreter that `tests/setup` has furnished.
fn python() -> Option<PathBuf> {
    let named = std::env::var_os("USERMGR_TEST_PYTHON").map(PathBuf::from);
    let python = named.unwrap_or_else(|| target().join("tests/python/bin/python"));
    let tried = Command::new(&python).args(["-c", "import fastapi_users, uvicorn, aiosqlite"]).output();
    if tried.is_ok_and(|tried| tried.status.success()) {
        return std::path::absolute(python).ok();
    }
    println!("left out: fastapi-users (`tests/setup` makes a Python that has it)");
    None
}

/// The target folder of cargo: this program is in a folder of its profile there.
pub(crate) fn target() -> PathBuf {
    let here = std::env::current_exe().ok();
    let folder = here.as_deref().and_then(|here| here.ancestors().nth(2)).map(Path::to_owned);
    folder.unwrap_or_else(|| PathBuf::from("target"))
}

pub(crate) fn cargo(arguments: &[&str]) -> Result<String, Failure> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."));
    let output = command.args(arguments).stderr(std::process::Stdio::inherit()).output()?;
    if output.status.success() {
        Ok(String::from_utf8(output.stdout)?)
    } else {
        Err(format!("cargo {} failed", arguments.join(" ")).into())
    }
}
