//! `new NAME`: a folder with a program that plans, runs and tests at once.

use super::Ended;
use crate::args::NewArgs;
use crate::console::{Console, Exit};
use crate::{diagnostics, files};
use std::path::Path;

const MAIN: &str = r#"; NAME: one service, its budget, and where it may run.
;
;   eclexia check main.ecl    types, budgets and deployments
;   eclexia plan main.ecl     the cheapest plan, proved, and what each limit is worth
;   eclexia test main.ecl     the tests below

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

(deftest "a greeting names its reader" (check (= (greeting "Ada") "Hello, Ada!")))
"#;

pub fn new(console: &Console, args: &NewArgs) -> Ended {
    let folder = Path::new(&args.name);
    let name = folder.file_name().and_then(|n| n.to_str()).unwrap_or_default();
    let is_plain = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if !is_plain {
        return Err(diagnostics::bad_project_name(&args.name).into());
    }
    if folder.exists() {
        return Err(diagnostics::already_exists(&args.name).into());
    }
    files::make_folder(folder)?;
    files::write(&folder.join("main.ecl"), MAIN.replace("NAME", name).as_bytes())?;
    console.say(&format!("Made {0}/main.ecl. Try: eclexia plan {0}/main.ecl\n", args.name));
    Ok(Exit::Done)
}
