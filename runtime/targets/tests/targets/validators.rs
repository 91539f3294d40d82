//! The real tools judge what is written for the fixtures.
//!
//! A tool is looked for on the PATH, in `target/ci-venv` (made by `cargo xtask ci`) and in
//! `/opt/ecl-venv`. Where it is missing the test is skipped with a printed reason; with `CI=true`
//! it fails instead.

use crate::fixtures;
use eclexia_targets::{Target, render};
use std::path::{Path, PathBuf};
use std::process::Command;

fn find(tool: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let ours = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/ci-venv/bin");
    let known = [ours, PathBuf::from("/opt/ecl-venv/bin")];
    let mut folders = std::env::split_paths(&path).chain(known);
    let found = folders.find_map(|folder| {
        let file = folder.join(tool);
        file.is_file().then_some(file)
    });
    if found.is_none() {
        let missing = format!("{tool} is not installed: {MANUAL}");
        assert!(std::env::var("CI").as_deref() != Ok("true"), "{missing}");
        eprintln!("skipped: {missing}");
    }
    found
}

const MANUAL: &str = "see docs/language/targets.md, section Validators";

fn run(tool: &Path, arguments: &[&str], files: &[PathBuf]) {
    let output = Command::new(tool).args(arguments).args(files).output().expect("the tool starts");
    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{} {files:?}\n{text}{errors}", tool.display());
}

/// Writes all fixtures under a folder that lasts as long as the returned guard.
fn written(target: Target) -> (tempfile::TempDir, Vec<PathBuf>) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let mut paths = Vec::new();
    for fixture in fixtures::all() {
        for (path, bytes) in render(target, &fixture.deployment, &fixture.plan).files {
            let path = folder.path().join(fixture.name).join(path);
            std::fs::create_dir_all(path.parent().expect("a file has a folder")).expect("made");
            std::fs::write(&path, bytes).expect("written");
            paths.push(path);
        }
    }
    (folder, paths)
}

fn named(paths: Vec<PathBuf>, keep: impl Fn(&str) -> bool) -> Vec<PathBuf> {
    let name = |path: &PathBuf| path.file_name().map(|n| n.to_string_lossy().into_owned());
    paths.into_iter().filter(|path| name(path).is_some_and(|name| keep(&name))).collect()
}

#[test]
fn kubernetes_validate_accepts_every_manifest() {
    let Some(tool) = find("kubernetes-validate") else { return };
    let (_folder, paths) = written(Target::Kubernetes);
    let no_object = ["kustomization.yaml", "prometheus-rules.yaml"];
    let manifests = named(paths, |name| !no_object.contains(&name));
    assert!(manifests.len() > 50);
    run(&tool, &["--strict"], &manifests);
}

#[test]
fn the_compose_schema_accepts_every_compose_file() {
    let Some(tool) = find("check-jsonschema") else { return };
    let (_folder, paths) = written(Target::Compose);
    let files = named(paths, |name| name == "compose.yaml");
    run(&tool, &["--builtin-schema", "vendor.compose-spec"], &files);
}

#[test]
fn promtool_accepts_the_rules_of_both_targets() {
    let Some(tool) = find("promtool") else { return };
    for target in [Target::Compose, Target::Kubernetes] {
        let (_folder, paths) = written(target);
        let files = named(paths, |name| name == "prometheus-rules.yaml");
        assert!(!files.is_empty());
        run(&tool, &["check", "rules"], &files);
    }
}

/// The store answers 2 % of requests with an error and half of them within 100 ms, the database
/// is at 90 % of its memory and 80 % of its cpu.
const SERIES: &str = r#"
rule_files: [prometheus-rules.yaml]
tests:
  - interval: 1m
    input_series:
      - series: 'http_requests_total{namespace="prod",service="api",status="200"}'
        values: '0+98x20'
      - series: 'http_requests_total{namespace="prod",service="api",status="500"}'
        values: '0+2x20'
      - series: 'http_request_duration_seconds_bucket{namespace="prod",service="api",le="0.1"}'
        values: '0+50x20'
      - series: 'http_request_duration_seconds_bucket{namespace="prod",service="api",le="0.5"}'
        values: '0+100x20'
      - series: 'http_request_duration_seconds_bucket{namespace="prod",service="api",le="+Inf"}'
        values: '0+100x20'
      - series: 'container_memory_working_set_bytes{namespace="prod",container="db",pod="db-0"}'
        values: '241591910x20'
      - series: 'container_memory_working_set_bytes{namespace="prod",container="api",pod="api-1"}'
        values: '1000x20'
      - series: 'container_cpu_usage_seconds_total{namespace="prod",container="db",pod="db-0"}'
        values: '0+24x20'
    alert_rule_test:
      - eval_time: 15m
        alertname: HighErrorRate
        exp_alerts:
          - exp_labels: {severity: critical, deployment: prod, service: api}
            exp_annotations:
              summary: Error rate of api is above 1%
              description: 'Error rate of api: now 2%.'
      - eval_time: 4m
        alertname: HighErrorRate
        exp_alerts: []
      - eval_time: 15m
        alertname: Slow
        exp_alerts:
          - exp_labels: {severity: warning, deployment: prod, service: api}
            exp_annotations:
              summary: 95th percentile latency of api is above 250ms
              description: '95th percentile latency of api: now 460ms.'
      - eval_time: 15m
        alertname: MemoryFull
        exp_alerts:
          - exp_labels: {severity: warning, deployment: prod, service: db}
            exp_annotations:
              summary: Memory of db is above 80%
              description: 'Memory of db: now 90%.'
      - eval_time: 15m
        alertname: 'Busy {{now}}'
        exp_alerts: []
"#;

#[test]
fn alerts_fire_above_their_threshold_and_not_below() {
    let Some(tool) = find("promtool") else { return };
    let (folder, _paths) = written(Target::Kubernetes);
    let test = folder.path().join("web-store/series.yaml");
    std::fs::write(&test, SERIES).expect("written");
    run(&tool, &["test", "rules"], &[test]);
}

#[test]
fn kustomize_builds_every_tree() {
    let Some(tool) = find("kubectl") else { return };
    let (folder, _paths) = written(Target::Kubernetes);
    for fixture in fixtures::all() {
        run(&tool, &["kustomize"], &[folder.path().join(fixture.name)]);
    }
}
