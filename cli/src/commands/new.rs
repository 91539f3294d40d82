//! `new NAME`: a project that plans, runs and tests at once.

use super::Ended;
use crate::args::NewArgs;
use crate::console::{Console, Exit};
use crate::{diagnostics, files};
use std::path::Path;

const MANIFEST: &str = r#"[package]
name = "NAME"
version = "0.1.0"

[entry]
main = "main.ecl"

# Named weights: `:strategy (strategy "green")` in a deployment minimises these.
[strategies.green]
cost_weight = 0.3
carbon_weight = 0.7

# Packages that this one builds on: `eclexia add ../web` adds one and locks its version.
[dependencies]
"#;

const TESTS: &str = r#"; Tests of main.ecl; `eclexia test` runs them and the examples in docstrings.
(import main)

(deftest "a greeting names its reader"
  (check (= (main/greeting "Ada") "Hello, Ada!")))
"#;

const MAIN: &str = r#"; NAME: one service, its budget, and where it may run. In this folder:
;
;   eclexia check    types, budgets and deployments
;   eclexia plan     the cheapest plan, proved, and what each limit is worth
;   eclexia test     the tests, and the examples in docstrings
;   eclexia run      `main`

(import std.deploy :all)

(defbudget team {:cpu 4cpu :memory 8GiB :cost 200USD/month})

(defservice web
  {:image    "web:1.0"
   :replicas (between 2 4)
   :requires {:cpu 500mcpu :memory 512MiB}
   :port     8080
   :health   (http "/health" :every 15s)})

(defdeployment prod
  {:budget   team
   :regions  [aws/eu-west-1]
   :services [web]})

(defn greeting "What `main` says.\n> (greeting \"you\") => \"Hello, you!\"" [name]
  (str "Hello, " name "!"))

(defn main [world] (print (greeting "NAME")))
"#;

pub fn new(console: &Console, args: &NewArgs) -> Ended {
    let folder = Path::new(&args.name);
    let name = folder.file_name().and_then(|n| n.to_str()).unwrap_or_default();
    if !eclexia_project::manifest::is_package_name(&name.to_ascii_lowercase()) {
        return Err(diagnostics::bad_project_name(&args.name).into());
    }
    if folder.exists() {
        return Err(diagnostics::already_exists(&args.name).into());
    }
    files::make_folder(&folder.join("tests"))?;
    let package = name.to_ascii_lowercase();
    let made = [
        (eclexia_project::MANIFEST.to_owned(), MANIFEST.replace("NAME", &package)),
        ("main.ecl".to_owned(), MAIN.replace("NAME", name)),
        (format!("tests/{package}-test.ecl"), TESTS.to_owned()),
    ];
    for (path, text) in &made {
        files::write(&folder.join(path), text.as_bytes())?;
    }
    let paths: Vec<&str> = made.iter().map(|(path, _)| path.as_str()).collect();
    console.say(&format!(
        "Made {0}: {1}. Try: cd {0} && eclexia plan\n",
        args.name,
        paths.join(", ")
    ));
    Ok(Exit::Done)
}
