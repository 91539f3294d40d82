//! Packages that need others: found, deployed in order, kept from losing what they need, and taken
//! back when one of them does not come about; and one package deployed under several names.

use super::{HERE, Machine, free_port, get};
use crate::tools::Ran;
use std::path::PathBuf;

/// A machine with an owner, and a folder `packages`.
struct World {
    machine: Machine,
}

const SLEEPS: &str = "[\"sleep\" \"1000\"]";
/// Ends at once, again and again.
const FAILS: &str = "[\"false\"]";

impl World {
    fn new() -> World {
        let machine = Machine::new();
        machine.done(&["key", "new", "own"]);
        machine.done(&["key", "trust", "own", "--owner"]);
        std::fs::create_dir(machine.folder.path().join("packages")).expect("made");
        World { machine }
    }

    fn path(&self, path: &str) -> PathBuf {
        self.machine.folder.path().join(path)
    }

    /// A project `NAME-VERSION` of one service, with what it needs.
    fn project(&self, name: &str, version: &str, needs: &[(&str, &str)], command: &str) -> String {
        let mut manifest = format!("[package]\nname = \"{name}\"\nversion = \"{version}\"\n");
        for (name, version) in needs {
            manifest.push_str("\n[[deploy.dependencies]]\n");
            manifest.push_str(&format!("name = \"{name}\"\nversion = \"{version}\"\n"));
        }
        let head = HERE.replace("(module shop)", "(module main)");
        let program = format!(
            "{head}(defservice work {{:image \"i\" :command {command}}})\n\
             (defdeployment {name} {{:regions [here] :services [work]}})\n"
        );
        let folder = format!("{name}-{version}");
        std::fs::create_dir(self.path(&folder)).expect("made");
        std::fs::write(self.path(&folder).join("eclexia.toml"), manifest).expect("written");
        std::fs::write(self.path(&folder).join("main.ecl"), program).expect("written");
        folder
    }

    /// The package of such a project, signed, in `packages`.
    fn package(&self, name: &str, version: &str, needs: &[(&str, &str)]) -> String {
        let folder = self.project(name, version, needs, SLEEPS);
        let file = format!("packages/{folder}.eclpkg");
        let out = self.path(&file).display().to_string();
        self.machine.done(&["-C", &folder, "package", "-o", &out, "--sign", "own"]);
        file
    }

    fn done(&self, arguments: &[&str]) -> String {
        self.machine.done(arguments)
    }

    fn refused(&self, arguments: &[&str], parts: &[&str]) -> Ran {
        let ran = self.machine.run(arguments);
        assert_eq!(ran.code, Some(1), "{arguments:?}: {}", ran.told());
        let told = format!("{}{}", ran.out, ran.err);
        parts.iter().for_each(|part| assert!(told.contains(part), "{part}: {}", ran.told()));
        ran
    }

    /// `NAME VERSION` of all that runs.
    fn runs(&self) -> Vec<String> {
        let out = self.done(&["state", "list", "--json"]);
        let lines = out.lines().map(|line| serde_json::from_str(line).expect("JSON"));
        let all: Vec<serde_json::Value> = lines.collect();
        let runs = all.iter().filter_map(|one| {
            let number = one["deployment"]["running"].as_u64()?;
            let version = one["versions"].as_array()?.iter().find(|v| v["number"] == number)?;
            let id = version["package"].as_str()?;
            let path = self.machine.data().join("deployed").join(id).join("manifest.json");
            let manifest: serde_json::Value =
                serde_json::from_slice(&std::fs::read(path).ok()?).ok()?;
            let version = manifest["version"].as_str()?;
            Some(format!("{} {version}", one["deployment"]["name"].as_str()?))
        });
        runs.collect()
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let data = self.machine.done(&["state", "list"]);
        for name in data.lines().filter_map(|line| line.split_once(':')).map(|(name, _)| name) {
            let _ = self.machine.command(&["destroy", name, "--force", "--quiet"]).output();
        }
    }
}

/// Where parts of a text are, which must be there in this order.
fn in_order(text: &str, parts: &[&str]) {
    let places: Vec<usize> =
        parts.iter().map(|p| text.find(p).unwrap_or_else(|| panic!("{p}: {text}"))).collect();
    assert!(places.is_sorted(), "{parts:?}: {text}");
}

#[test]
fn what_a_project_needs_is_found_shown_and_deployed_before_it() {
    let world = World::new();
    world.package("store", "1.0.0", &[]);
    world.package("store", "1.2.0", &[]);
    world.package("store", "2.0.0", &[]);
    world.package("web", "1.0.0", &[("store", "^1")]);
    let shop = world.project("shop", "1.0.0", &[("store", "^1"), ("web", "^1.0")], SLEEPS);

    let apply = ["-C", shop.as_str(), "apply", "--from", "../packages"];
    let shown = world.done(&[&apply[..], &["--dry-run"]].concat());
    let tree = [
        "shop 1.0.0, new\n",
        "├─ store ^1: store 1.2.0, new\n",
        "└─ web ^1.0: web 1.0.0, new\n",
        "   └─ store ^1: store 1.2.0, new\n",
        "In this order:\n",
        "  store 1.2.0",
        "  web 1.0.0",
        "  shop 1.0.0",
    ];
    in_order(&shown, &tree);
    assert!(world.done(&["status"]).contains("Nothing is deployed"));

    let out = world.done(&apply);
    let completed =
        ["Version 1 of store runs.", "Version 1 of web runs.", "Version 1 of shop runs."];
    in_order(&out, &completed);
    assert_eq!(world.runs(), ["shop 1.0.0", "store 1.2.0", "web 1.0.0"]);
    // What runs is not deployed again, and needs no folder.
    let out = world.done(&["-C", &shop, "apply"]);
    assert!(out.contains("Version 1 of shop runs.") && !out.contains("In this order"), "{out}");

    // A package shows the same tree.
    let file = world.package("desk", "1.0.0", &[("store", "*")]);
    let shown = world.done(&["verify", &file, "--from", "packages"]);
    in_order(
        &shown,
        &["Signed by own", "desk 1.0.0, new\n", "└─ store *: store 1.2.0, which runs"],
    );
}

#[test]
fn nobody_loses_what_it_needs() {
    let world = World::new();
    world.package("store", "1.0.0", &[]);
    let two = world.package("store", "2.0.0", &[]);
    world.package("web", "1.0.0", &[("store", "^1")]);
    world.package("web", "1.1.0", &[("store", ">=1")]);
    let shop = world.package("shop", "1.0.0", &[("web", "=1.0.0")]);
    world.done(&["apply", &shop, "--from", "packages"]);
    assert_eq!(world.runs(), ["shop 1.0.0", "store 1.0.0", "web 1.0.0"]);

    world
        .refused(&["destroy", "store"], &["needed-by-others", "`web` runs here and needs `store`"]);
    // A new version by itself is refused when it is validated.
    world.refused(
        &["apply", &two],
        &["needed-by-others", "`web` needs `store` ^1, which 2.0.0 is not", "not-deployed"],
    );
    assert_eq!(world.runs(), ["shop 1.0.0", "store 1.0.0", "web 1.0.0"]);
    // What depends on it is brought along where a version suits; else who is in the way is said.
    let desk = world.package("desk", "1.0.0", &[("store", "^2"), ("web", "*")]);
    world.refused(
        &["apply", &desk, "--from", "packages"],
        &["dependency-conflict", "`shop` 1.0.0, which runs here, needs `web` =1.0.0"],
    );
    world.done(&["destroy", "shop"]);
    let out = world.done(&["apply", &desk, "--from", "packages"]);
    in_order(&out, &["  store 2.0.0, in the place of 1.0.0", "  web 1.1.0", "  desk 1.0.0"]);
    assert_eq!(world.runs(), ["desk 1.0.0", "store 2.0.0", "web 1.1.0"]);
    // Nor is what it was before returned to under them.
    world.refused(&["rollback", "store"], &["needed-by-others", "`desk` needs `store` ^2"]);

    let out = world.done(&["destroy", "store", "--with-dependants"]);
    in_order(&out, &["desk is gone", "web is gone", "store is gone"]);
    world.done(&["apply", &desk, "--from", "packages"]);
    world.done(&["destroy", "store", "--force"]);
    assert_eq!(world.runs(), ["desk 1.0.0", "web 1.1.0"]);
    let ran = world.machine.run(&["apply", &desk]);
    assert_eq!(ran.code, Some(0), "the store still has what it needs: {}", ran.told());
}

#[test]
fn when_one_does_not_come_about_what_came_before_it_is_taken_back() {
    let world = World::new();
    let one = world.package("store", "1.0.0", &[]);
    world.package("store", "2.0.0", &[]);
    world.package("web", "1.0.0", &[]);
    world.done(&["apply", &one]);
    let needs = [("store", "^2"), ("web", "*")];
    let shop = world.project("shop", "1.0.0", &needs, FAILS);
    let apply = ["-C", shop.as_str(), "apply", "--from", "../packages"];
    let told = ["not-deployed", "web is destroyed again.", "store is 1.0.0 again."];
    world.refused(&apply, &told);
    assert_eq!(world.runs(), ["store 1.0.0"]);
    // One in the middle: what comes after it is not begun.
    let needs = [("broken", "*"), ("store", "^2")];
    let folder = world.project("broken", "1.0.0", &[("store", "^2")], FAILS);
    let file = world.path("packages/broken.eclpkg").display().to_string();
    world.done(&["-C", &folder, "package", "-o", &file, "--sign", "own"]);
    let desk = world.package("desk", "1.0.0", &needs);
    let told = ["store is 1.0.0 again.", "desk was not begun."];
    let ran = world.refused(&["apply", &desk, "--from", "packages"], &told);
    assert!(ran.err.contains("version 1 of `broken` did not come about"), "{}", ran.told());
    assert_eq!(world.runs(), ["store 1.0.0"]);
}

#[test]
fn what_cannot_be_is_told_before_anything_is_begun() {
    let world = World::new();
    let shop = world.package("shop", "1.0.0", &[("web", "*")]);
    let from = ["apply", shop.as_str(), "--from", "packages"];
    world.refused(&["apply", &shop], &["unmet-need", "`shop` 1.0.0 needs `web` *"]);
    world.refused(&["apply", &shop, "--from", "none"], &["package-folder"]);
    world.refused(&["apply", &shop, "--as", "Not A Name"], &["bad-deployment-name"]);

    // By who is not trusted.
    world.done(&["key", "new", "eve"]);
    let web = world.package("web", "1.0.0", &[]);
    let bytes = std::fs::read(world.path(&web)).expect("a package");
    std::fs::remove_file(world.path(&web)).expect("removed");
    let out = world.path("packages/web.eclpkg").display().to_string();
    world.done(&["-C", "web-1.0.0", "package", "-o", &out, "--sign", "eve"]);
    let told = ["dependency-conflict", "`web` 1.0.0 cannot be taken", "nobody trusted has the key"];
    world.refused(&from, &told);
    // Damage is told of, and looked past.
    std::fs::write(&out, &bytes[..bytes.len() / 2]).expect("written");
    world.refused(&from, &["web.eclpkg", "unmet-need"]);
    std::fs::remove_file(&out).expect("removed");

    world.package("web", "2.0.0", &[("shop", "^1")]);
    world.refused(&from, &["deployment-cycle", "shop 1.0.0 → web 2.0.0 → shop 1.0.0"]);
    std::fs::write(world.path(&web), bytes).expect("written");
    let closed = [&from[..], &["--window", "mon 00:00-00:01"]].concat();
    let ran = world.machine.run(&closed);
    assert!(ran.err.contains("deployment-cycle"), "the newest is taken: {}", ran.told());
    std::fs::remove_file(world.path("packages/web-2.0.0.eclpkg")).expect("removed");
    world.refused(&closed, &["dependencies-first"]);
    let wrong = [&from[..], &["--set", "wbe.port=1"]].concat();
    world.refused(&wrong, &["bad-settings", "no package `wbe` is deployed"]);
    assert!(world.done(&["status"]).contains("Nothing is deployed"));
}

#[test]
fn one_signed_package_is_deployed_several_times() {
    let world = World::new();
    let example = xtask::root().join("examples/hello-service.ecl");
    let text = std::fs::read_to_string(example).expect("the example");
    std::fs::create_dir(world.path("hello")).expect("made");
    std::fs::write(world.path("hello/hello-service.ecl"), text).expect("written");
    let manifest = "[package]\nname = \"hello\"\nversion = \"1.0.0\"\n\n\
        [entry]\nmain = \"hello-service.ecl\"\n\n[[deploy.configuration]]\nname = \"port\"\n\
        type = \"int\"\ndefault = 8080\nport = \"greeter\"\n";
    std::fs::write(world.path("hello/eclexia.toml"), manifest).expect("written");
    let file = world.path("hello.eclpkg").display().to_string();
    world.done(&["-C", "hello", "package", "-o", &file, "--sign", "own"]);

    let ports = [free_port(), free_port()];
    let names = ["hello", "hello-two"];
    for (name, port) in names.iter().zip(ports) {
        let set = format!("port={port}");
        let out = world.done(&["apply", &file, "--as", name, "--set", &set]);
        assert!(out.contains(&format!("Version 1 of {name} runs.")), "{out}");
        assert!(out.contains(&format!("greeter at 127.0.0.1:{port}")), "{out}");
    }
    for port in ports {
        assert_eq!(get(port, "/hello?name=Ada"), Some((200, "Hello, Ada!\n".to_owned())));
    }
    // What it is moved to is another port of the same deployment.
    let moved = free_port();
    world.done(&["apply", &file, "--as", "hello-two", "--set", &format!("port={moved}")]);
    assert!(get(moved, "/health").is_some() && get(ports[1], "/health").is_none());
    world.refused(&["apply", &file, "--set", "port=0"], &["setting-refused", "it is no port"]);
    world.done(&["destroy", "hello"]);
    assert!(get(moved, "/health").is_some(), "the other one goes on");
}
