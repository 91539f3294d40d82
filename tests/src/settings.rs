//! Configuration as data: files of `tests/settings/NAME/`, each an example of the file NAME.toml
//! whose comments `#! [slug] "part of the message"` say what is wrong on their line; and what is
//! said of settings elsewhere, held to the table.

use crate::bless::Failures;
use crate::readers;
use crate::tools::{command, run};
use eclexia_diag::{Diagnostic, Sources};
use eclexia_settings::environment::VARIABLES;
use eclexia_settings::table::FILES;
use eclexia_settings::{Settings, page};
use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::TcpListener;

const PAGE: &str = "docs/configuration.md";
const BEGIN: &str = "<!-- settings -->\n";
const END: &str = "<!-- end of settings -->\n";

#[test]
fn what_is_wrong_with_a_file_is_told_where_its_comments_say() {
    let mut failures = Failures::default();
    let mut cases = 0;
    for (path, text) in readers::texts("tests/settings", ".toml") {
        let name = path.split('/').nth(2).unwrap_or_default();
        let file = FILES.iter().find(|file| file.name.strip_suffix(".toml") == Some(name));
        let Some(file) = file else {
            failures.push(&path, 1, format!("`{name}` is no configuration file"));
            continue;
        };
        let mut sources = Sources::new();
        let (_, found) = Settings::of_texts(&[(file.name, &text)], &mut sources);
        let found = found.sorted();
        compare(&path, &text, &found, &sources, &mut failures);
        cases += 1;
    }
    assert!(cases >= FILES.len(), "the cases are there");
    failures.finish();
}

/// A line, a slug, a part of the message.
type Told<'t> = (usize, &'t str, &'t str);

fn compare(
    path: &str,
    text: &str,
    found: &[Diagnostic],
    sources: &Sources,
    failures: &mut Failures,
) {
    let mut expected: Vec<Told> = Vec::new();
    for (n, line) in text.lines().enumerate() {
        expected.extend(line.split("#! [").skip(1).filter_map(|mark| {
            let (slug, rest) = mark.split_once(']')?;
            Some((n + 1, slug, rest.trim().trim_matches('"')))
        }));
    }
    for diagnostic in found {
        let place = diagnostic.primary.as_ref().map(|primary| primary.span);
        let source = place.and_then(|span| sources.get(span.file));
        let line = source.zip(place).map_or(0, |(s, span)| s.line_column(span.start).0);
        let is_it = |told: &Told| {
            told.0 == line && told.1 == diagnostic.code && diagnostic.message.contains(told.2)
        };
        match expected.iter().position(is_it) {
            Some(at) => {
                expected.remove(at);
            }
            None => {
                let (code, message) = (diagnostic.code, &diagnostic.message);
                failures.push(path, line, format!("not expected: [{code}] \"{message}\""));
            }
        }
        if diagnostic.help.is_none() || diagnostic.message.chars().count() > 80 {
            failures.push(path, line, format!("no help, or long: {}", diagnostic.message));
        }
    }
    for (line, slug, text) in expected {
        failures.push(path, line, format!("not told: [{slug}] \"{text}\""));
    }
}

#[test]
fn the_page_of_the_configuration_is_the_table() {
    let mut failures = Failures::default();
    let found = readers::texts("docs", "configuration.md").into_iter().find(|(p, _)| p == PAGE);
    let (path, text) = found.expect("the page is there");
    let (head, rest) = text.split_once(BEGIN).expect("the page has its first mark");
    let (_, tail) = rest.split_once(END).expect("the page has its second mark");
    let made = format!("{head}{BEGIN}\n{}\n{END}{tail}", page::tables());
    failures.expect_file(&path, &text, &made);
    failures.finish();
}

/// Variables of our own that are not for users: what services and hooks are given, what tests set.
const OTHERS: [&str; 11] = [
    "ECLEXIA_DEPLOYMENT",
    "ECLEXIA_SERVICE",
    "ECLEXIA_REPLICA",
    "ECLEXIA_INSTANCE",
    "ECLEXIA_DIE_AT",
    "ECLEXIA_CLOCK",
    "ECLEXIA_VERSION",
    "ECLEXIA_MOMENT",
    "ECLEXIA_SETTING_",
    "ECLEXIA_SETTING_MAX_ITEMS",
    "ECLEXIA_WORLDS",
];

#[test]
fn every_variable_that_is_read_is_in_the_table() {
    let known: BTreeSet<&str> = VARIABLES.iter().map(|v| v.name).chain(OTHERS).collect();
    let mut missing = BTreeSet::new();
    for folder in ["cli/src", "runtime", "lsp/server/src"] {
        for (path, text) in readers::texts(folder, ".rs") {
            let words = text.split(|c: char| !(c.is_ascii_uppercase() || c == '_'));
            let names = words.filter(|w| w.starts_with("ECLEXIA_") && w.len() > 8);
            missing.extend(names.filter(|n| !known.contains(n)).map(|n| format!("{path}: {n}")));
        }
    }
    assert!(missing.is_empty(), "not in the table of variables: {missing:#?}");
}

/// A service that answers one request about Germany, and what it was asked.
fn service() -> (String, std::thread::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("it has an address").port();
    let body = r#"{"zone":"DE","carbonIntensity":302,"datetime":"2024-01-01T10:00:00.000Z"}"#;
    let answered = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("somebody asks");
        let mut head = vec![0; 4096];
        let count = stream.read(&mut head).expect("a request");
        let length = body.len();
        let head_of_answer = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length:";
        write!(stream, "{head_of_answer} {length}\r\n\r\n{body}").expect("an answer");
        String::from_utf8_lossy(&head[..count]).into_owned()
    });
    (format!("http://127.0.0.1:{port}/v3"), answered)
}

#[test]
fn a_service_is_asked_once_and_its_answer_kept() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let (address, asked) = service();
    let text = format!("[electricitymaps]\napi_url = \"{address}\"\n");
    std::fs::create_dir(folder.path().join("conf")).expect("made");
    std::fs::write(folder.path().join("conf/carbon-config.toml"), text).expect("written");
    let carbon = |arguments: &[&str]| {
        let mut carbon = command(folder.path(), arguments);
        carbon.env("ECLEXIA_CONFIG_DIR", "conf").env("ECLEXIA_DATA_DIR", "data");
        carbon.env("ELECTRICITYMAPS_TOKEN", "hunter2");
        let ran = run(&mut carbon);
        assert_eq!(ran.code, Some(0), "{}", ran.told());
        assert!(!ran.told().contains("hunter2"), "{}", ran.told());
        ran.out
    };
    let fresh = carbon(&["carbon", "DE"]);
    assert!(fresh.starts_with("302 gCO2e/kWh  DE\n"), "{fresh}");
    let request = asked.join().expect("it was asked");
    assert!(request.starts_with("GET /v3/carbon-intensity/latest?zone=DE HTTP/1.1"), "{request}");
    assert!(request.contains("auth-token: hunter2"), "{request}");
    // Nobody answers any more.
    let kept = carbon(&["--json", "carbon", "DE"]);
    let kept: serde_json::Value = serde_json::from_str(&kept).expect("JSON");
    assert_eq!((&kept["state"], &kept["source"]), (&"kept".into(), &"electricitymaps".into()));
    assert!(!carbon(&["config", "show"]).contains("hunter2"));
}

#[test]
fn a_strategy_of_the_file_decides_a_plan_and_what_is_applied() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let program = "(module shop)\n(import std.deploy :all)\n\
        (def box (NodeType {:name \"box\" :cpu 4cpu :memory 16GiB :idle 0W\n\
          :power-per-core 100W/cpu}))\n\
        (def here (Region {:name \"here\" :zones 1 :carbon 400gCO2e/kWh\n\
          :offers [(Offer {:node box :price 0.1USD/h})]}))\n\
        (defservice web {:image \"i\" :variants [\n\
          (variant \"small\" {:requires {:cpu 500mcpu} :penalty 1USD/h})\n\
          (variant \"large\" {:requires {:cpu 2cpu}})]})\n\
        (defdeployment shop {:regions [here] :services [web] :strategy (strategy \"mine\")})\n";
    std::fs::write(folder.path().join("shop.ecl"), program).expect("written");
    std::fs::create_dir(folder.path().join("conf")).expect("made");
    let planned = |text: &str| {
        std::fs::write(folder.path().join("conf/strategies.toml"), text).expect("written");
        let mut plan = command(folder.path(), &["plan", "shop.ecl"]);
        run(plan.env("ECLEXIA_CONFIG_DIR", "conf"))
    };
    let quality = planned("[strategies.mine]\ncost_weight = 1\n");
    assert!(quality.code == Some(0) && quality.out.contains("large"), "{}", quality.told());
    let green = planned("[strategies.mine]\npriority_weight = 0\ncarbon_weight = 1\n");
    assert!(green.code == Some(0) && green.out.contains("small"), "{}", green.told());
    let other = planned("[strategies.yours]\ncost_weight = 1\n");
    assert!(other.code == Some(1) && other.err.contains("unknown-strategy"), "{}", other.told());
    let wrong = planned("[strategies.mine]\ncost_weight = -1\n");
    assert!(wrong.code == Some(1) && wrong.err.contains("bad-setting"), "{}", wrong.told());
}

#[test]
fn a_folder_stands_for_modules_of_the_library() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let library = folder.path().join("library/std");
    std::fs::create_dir_all(&library).expect("made");
    let theirs = std::fs::read_to_string(xtask::root().join("stdlib/std/hash.ecl"));
    let ours = format!("{}\n(defn motto \"Ours.\" [] \"own library\")\n", theirs.expect("read"));
    std::fs::write(library.join("hash.ecl"), ours).expect("written");
    let program = "(import std.hash)\n(defn main [world] (print (hash/motto)))\n";
    std::fs::write(folder.path().join("main.ecl"), program).expect("written");
    let mut with = command(folder.path(), &["run", "main.ecl"]);
    let ran = run(with.env("ECLEXIA_STDLIB_PATH", "library"));
    assert_eq!(ran.out, "own library\n", "{}", ran.told());
    assert_eq!(run(&mut command(folder.path(), &["run", "main.ecl"])).code, Some(1));
}
