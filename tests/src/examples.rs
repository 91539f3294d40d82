//! The examples, from check to files, and the judgement of others on those files: Kubernetes' own
//! schemas, the compose specification, and Prometheus.

use crate::bless::Failures;
use crate::readers;
use crate::stages::written;
use crate::tools::{self, Ran, command, run};
use std::path::Path;
use std::process::Command;

const TARGETS: [&str; 2] = ["compose", "kubernetes"];

/// The examples by path, and whether they deploy anything.
fn examples() -> Vec<(String, bool)> {
    let texts = readers::texts("examples", ".ecl").into_iter();
    texts.map(|(path, text)| (path, text.contains("(defdeployment "))).collect()
}

fn eclexia(arguments: &[&str]) -> Ran {
    run(&mut command(&xtask::root(), arguments))
}

/// Renders for a target into a folder.
fn render(path: &str, target: &str, folder: &Path) -> Ran {
    let folder = folder.to_string_lossy();
    eclexia(&["render", "--target", target, "-o", &folder, path])
}

#[test]
fn every_example_is_clean_and_laid_out() {
    let mut failures = Failures::default();
    for (path, _) in examples() {
        for arguments in [&["check", &path][..], &["fmt", "--check", &path], &["test", &path]] {
            let ran = eclexia(arguments);
            if ran.code != Some(0) {
                failures.push(&path, 1, format!("{}: {}", arguments[0], ran.told()));
            } else if ran.err.contains("warning[") {
                failures.push(&path, 1, format!("{}: {}", arguments[0], ran.err));
            }
        }
    }
    failures.finish();
}

#[test]
fn every_deployment_has_a_plan_and_always_the_same() {
    let mut failures = Failures::default();
    for (path, _) in examples().into_iter().filter(|(_, deploys)| *deploys) {
        let folder = tempfile::tempdir().expect("a temporary folder can be made");
        let save = |name: &str| {
            let file = folder.path().join(name);
            let ran = eclexia(&["plan", &path, "-o", &file.to_string_lossy()]);
            (ran, std::fs::read(file).unwrap_or_default())
        };
        let ((ran, one), (_, two)) = (save("one.json"), save("two.json"));
        if ran.code != Some(0) || one.is_empty() {
            failures.push(&path, 1, ran.told());
        } else if one != two {
            failures.push(&path, 1, "two plans of one program differ");
        }
    }
    failures.finish();
}

#[test]
fn every_deployment_renders_to_the_same_bytes_twice() {
    let mut failures = Failures::default();
    for (path, target, folder) in rendered(&mut failures) {
        let again = tempfile::tempdir().expect("a temporary folder can be made");
        render(&path, target, again.path());
        if written(folder.path()) != written(again.path()) {
            failures.push(&path, 1, format!("two renders for {target} differ"));
        }
    }
    failures.finish();
}

/// Every deploying example rendered for every target.
fn rendered(failures: &mut Failures) -> Vec<(String, &'static str, tempfile::TempDir)> {
    let mut all = Vec::new();
    for (path, _) in examples().into_iter().filter(|(_, deploys)| *deploys) {
        for target in TARGETS {
            let folder = tempfile::tempdir().expect("a temporary folder can be made");
            let ran = render(&path, target, folder.path());
            if ran.code != Some(0) || written(folder.path()).is_empty() {
                failures.push(&path, 1, format!("{target}: {}", ran.told()));
            }
            all.push((path.clone(), target, folder));
        }
    }
    all
}

/// Gives a validator the files of every example that it judges, and gathers what it refuses.
fn judge(tool: (&str, &str), arguments: &[&str], judges: impl Fn(&str, &str) -> bool) {
    let Some(program) = tools::find(tool.0, tool.1) else { return };
    let mut failures = Failures::default();
    for (path, target, folder) in rendered(&mut failures) {
        let files = written(folder.path()).into_keys().filter(|file| judges(target, file));
        let files: Vec<String> = files.collect();
        if files.is_empty() {
            continue;
        }
        let mut command = Command::new(&program);
        let ran = run(command.args(arguments).args(&files).current_dir(folder.path()));
        if ran.code != Some(0) {
            failures.push(&path, 1, format!("{} for {target}: {}", tool.0, ran.told()));
        }
    }
    failures.finish();
}

#[test]
fn kubernetes_accepts_every_manifest() {
    let tool = ("kubernetes-validate", "pip install kubernetes-validate");
    // Kustomize's own file and Prometheus' rules are no Kubernetes objects.
    let other = ["kustomization.yaml", "prometheus-rules.yaml"];
    judge(tool, &["--strict"], |target, file| {
        target == "kubernetes" && file.ends_with(".yaml") && !other.contains(&file)
    });
}

#[test]
fn the_compose_specification_accepts_every_compose_file() {
    let tool = ("check-jsonschema", "pip install check-jsonschema");
    judge(tool, &["--builtin-schema", "vendor.compose-spec"], |target, file| {
        target == "compose" && file == "compose.yaml"
    });
}

#[test]
fn prometheus_accepts_every_rule() {
    let tool = ("promtool", "apt-get install prometheus");
    judge(tool, &["check", "rules"], |_, file| file == "prometheus-rules.yaml");
}

#[test]
fn the_library_has_no_warnings() {
    let paths: Vec<String> = readers::files("stdlib", ".ecl").into_iter().map(|f| f.0).collect();
    let mut arguments = vec!["check", "--quiet", "--deny-warnings"];
    arguments.extend(paths.iter().map(String::as_str));
    let ran = eclexia(&arguments);
    assert_eq!(ran.code, Some(0), "run it without --quiet: {}", ran.told());
}
