//! Clients that third-party generators make from the OpenAPI document: each is generated, compiled or imported, and goes through the life of
//! an account over a running server. What each does there is in `generated`, beside what `tests/setup` installs to make them.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use tokio::sync::OnceCell;
use usermgr_tests::{Folder, Server, cargo, node, python, target_dir};

/// What generators must leave out, since it is not used.
const CODE_ALONE: &str = "apiDocs=false,modelDocs=false,apiTests=false,modelTests=false";

/// A file or a folder of what the clients do.
fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("generated").join(name)
}

/// The server that all clients ask, and the file with its document.
async fn served() -> &'static (&'static Server, PathBuf) {
    static SERVED: OnceCell<(&Server, PathBuf)> = OnceCell::const_new();
    let serve = async || {
        let server = Server::shared(Folder::over(None), &["--cookie-insecure"]);
        let document = server.client().get("/openapi.json").await.expect(200).text;
        let file = target_dir().join("generated").join("openapi.json");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, document).unwrap();
        (server, file)
    };
    SERVED.get_or_init(serve).await
}

/// An empty folder.
fn emptied(folder: PathBuf) -> PathBuf {
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

/// Runs a command to its end, which must be good, and returns what it printed.
#[track_caller]
fn run(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{command:?}:\n{out}\n{err}");
    out.into_owned()
}

/// The same with a client, which says that it came to its end.
#[track_caller]
fn live(client: &mut Command) {
    assert_eq!(run(client), "done\n", "{client:?}");
}

/// Puts what has changed, and nothing else, where it is compiled, so that only that is compiled again.
fn carry(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
            carry(&entry.path(), &to.join(entry.file_name()));
        }
    } else if fs::read(to).ok() != fs::read(from).ok() {
        fs::copy(from, to).unwrap();
    }
}

/// openapi-generator, which is written in Java and comes as a package of Python.
fn openapi_generator(python: &Path, document: &Path, language: &str, into: &Path) -> Command {
    let mut command = Command::new(python.with_file_name("openapi-generator-cli"));
    command.args(["generate", "--generator-name", language, "--global-property", CODE_ALONE]);
    command.arg("--input-spec").arg(document).arg("--output").arg(into);
    command
}

#[tokio::test]
async fn the_clients_in_typescript_compile_and_live() {
    let without = "no client in TypeScript is made";
    let (Some(node), Some(python)) = (node(without), python(without)) else { return };
    let (server, document) = served().await;
    // Below what `tests/setup` has installed, which is found from there.
    let folder = emptied(node.join("clients"));
    carry(&script("."), &folder);
    let generated = folder.join("generated");
    let tool = |name: &str| Command::new(node.join("node_modules/.bin").join(name));

    run(tool("openapi-typescript").arg(document).arg("--output").arg(generated.join("openapi_typescript.d.ts")));
    let mut hey_api = tool("openapi-ts");
    hey_api.current_dir(&folder).arg("--input").arg(document).arg("--output").arg(generated.join("hey_api"));
    run(hey_api.args(["--client", "@hey-api/client-fetch"]));
    run(&mut openapi_generator(&python, document, "typescript-fetch", &generated.join("typescript_fetch")));

    run(tool("tsc").arg("--project").arg(&folder));
    for client in ["openapi_fetch", "hey_api", "typescript_fetch"] {
        live(Command::new("node").arg(folder.join("built").join(client)).arg(server.address()));
    }
}

#[tokio::test]
async fn the_clients_in_python_import_and_live() {
    let Some(python) = python("no client in Python is made") else { return };
    let (server, document) = served().await;
    let folder = emptied(target_dir().join("generated").join("python"));
    let configuration = folder.join("configuration.json");
    // Without tools that make the code pretty.
    fs::write(&configuration, r#"{"post_hooks": []}"#).unwrap();
    let mut client = Command::new(&python);
    client.args(["-m", "openapi_python_client", "generate", "--meta", "none", "--path"]).arg(document);
    client.arg("--config").arg(configuration).arg("--output-path").arg(folder.join("python_client_api"));
    run(&mut client);
    let mut generator = openapi_generator(&python, document, "python", &folder);
    run(generator.args(["--additional-properties", "packageName=python_generator_api"]));

    for client in ["python_client.py", "python_generator.py"] {
        let mut command = Command::new(&python);
        command.env("PYTHONPATH", &folder).env("PYTHONDONTWRITEBYTECODE", "1");
        live(command.arg(script(client)).arg(server.address()));
    }
}

#[tokio::test]
async fn the_client_in_rust_compiles_and_lives() {
    let Some(python) = python("no client in Rust is made") else { return };
    let (server, document) = served().await;
    let (folder, made) =
        (target_dir().join("generated").join("rust"), target_dir().join("generated").join("rust-made"));
    run(&mut openapi_generator(&python, document, "rust", &emptied(made.clone())));
    carry(&script("rust"), &folder);
    for module in ["apis", "models"] {
        carry(&made.join("src").join(module), &folder.join("src").join(module));
    }
    let mut cargo = cargo();
    // It is not debugged: without debug information it builds faster.
    cargo.env("CARGO_PROFILE_DEV_DEBUG", "0").env("CARGO_INCREMENTAL", "0");
    // `tests/setup` has fetched what it needs.
    cargo.args(["run", "--quiet", "--locked", "--offline", "--manifest-path"]).arg(folder.join("Cargo.toml"));
    live(cargo.arg("--target-dir").arg(target_dir().join("generated").join("target")).arg("--").arg(server.address()));
}
