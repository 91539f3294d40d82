//! Templates of `eclexia new`: each is a whole project that checks, tests and plans, and those that
//! deploy something do it here, and answer.

use super::{Machine, free_port, get};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A new project `shop` from a template, which has everything that the template's folder has.
fn made(template: &str) -> Machine {
    let machine = Machine::new();
    let told = machine.done(&["new", "shop", "--template", template]);
    assert!(told.starts_with("Made shop: eclexia.toml"), "{told}");
    let home = xtask::root().join("cli/templates").join(template);
    let renamed =
        |path: PathBuf| PathBuf::from(path.to_string_lossy().replace("project-name", "shop"));
    let want: BTreeSet<PathBuf> = files(&home, &home).into_iter().map(renamed).collect();
    let folder = machine.folder.path().join("shop");
    assert_eq!(files(&folder, &folder), want);
    let here = ["-C", "shop"];
    let checked = machine.done(&[&here[..], &["check"]].concat());
    assert!(!checked.contains("warning"), "{checked}");
    machine.done(&[&here[..], &["fmt", "--check"]].concat());
    let tested = machine.done(&[&here[..], &["test"]].concat());
    assert!(tested.contains(" passed, 0 failed"), "{tested}");
    machine
}

fn files(folder: &Path, root: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for entry in std::fs::read_dir(folder).expect("readable").flatten() {
        let path = entry.path();
        match path.is_dir() {
            true => found.extend(files(&path, root)),
            false => drop(found.insert(path.strip_prefix(root).expect("inside").to_owned())),
        }
    }
    found
}

fn change(machine: &Machine, file: &str, from: &str, to: &str) {
    let path = machine.folder.path().join("shop").join(file);
    let text = std::fs::read_to_string(&path).expect("readable");
    assert!(text.contains(from), "{from}");
    std::fs::write(path, text.replace(from, to)).expect("written");
}

#[test]
fn every_folder_of_templates_is_one_and_is_told() {
    let machine = Machine::new();
    let listed = machine.done(&["new", "--template"]);
    let entries = std::fs::read_dir(xtask::root().join("cli/templates")).expect("templates");
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        assert!(listed.lines().any(|line| line.split(' ').next() == Some(&name)), "{name}");
    }
    let ran = machine.run(&["new", "shop", "--template", "web-and-stor"]);
    assert_eq!(ran.code, Some(1), "{}", ran.told());
    for part in ["unknown-template", "starter, deployment", "did you mean `web-and-store`"] {
        assert!(ran.err.contains(part), "{part}: {}", ran.told());
    }
    assert!(!machine.folder.path().join("shop").exists());
}

#[test]
fn the_starter_and_the_library_are_whole_projects() {
    let machine = made("starter");
    machine.done(&["-C", "shop", "plan"]);
    assert_eq!(machine.done(&["-C", "shop", "run"]), "Hello, shop!\n");
    made("library");
}

#[test]
fn the_deployment_runs_at_once_and_answers() {
    let machine = made("deployment");
    machine.done(&["-C", "shop", "plan"]);
    let port = free_port();
    machine.done(&["-C", "shop", "apply", "--set", &format!("port={port}")]);
    assert_eq!(get(port, "/hello?name=Ada"), Some((200, "Hello, Ada!\n".to_owned())));
}

#[test]
fn the_canary_brings_a_new_version_about_in_steps() {
    let machine = made("canary");
    machine.done(&["-C", "shop", "plan"]);
    let port = free_port();
    let set = format!("port={port}");
    machine.done(&["-C", "shop", "apply", "--set", &set]);
    assert_eq!(get(port, "/hello"), Some((200, "Hello, world!\n".to_owned())));
    change(&machine, "main.ecl", "(def word \"Hello\")", "(def word \"Good day\")");
    machine.done(&["-C", "shop", "apply", "--set", &set, "--hold", "100ms"]);
    assert_eq!(get(port, "/hello"), Some((200, "Good day, world!\n".to_owned())));
}

#[test]
fn the_page_and_its_store_count_on_over_a_new_version() {
    let machine = made("web-and-store");
    machine.done(&["-C", "shop", "plan"]);
    let (port, store) = (free_port(), free_port());
    let set = [format!("port={port}"), format!("store-port={store}")];
    let apply = ["-C", "shop", "apply", "--set", &set[0], "--set", &set[1]];
    // Without the password nothing is begun, and it is said what is missing.
    let ran = machine.run(&apply);
    assert!(ran.err.contains("secret `store/password`"), "{}", ran.told());
    let secrets = machine.data().join("secrets/store");
    std::fs::create_dir_all(&secrets).expect("a folder");
    std::fs::write(secrets.join("password"), "correct horse\n").expect("a secret");
    machine.done(&apply);
    let visit = || get(port, "/").map(|(status, body)| (status, body.contains("visitor 1.")));
    assert_eq!(visit(), Some((200, true)));
    assert_eq!(get(store, "/visits").map(|(status, _)| status), Some(404), "it is only posted to");
    change(&machine, "web.ecl", "You are visitor", "You are guest");
    machine.done(&apply);
    let (status, body) = get(port, "/").expect("an answer");
    assert!(status == 200 && body.contains("guest 2."), "{body}");
}
