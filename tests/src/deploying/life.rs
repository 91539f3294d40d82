//! A service from the first `apply` to `destroy`: what the README promises.

use super::{Machine, get, kill};
use crate::tools::command;

#[test]
fn the_example_answers_restarts_when_killed_and_is_gone_after_destroy() {
    let machine = Machine::new();
    let example = xtask::root().join("examples/hello-service.ecl");
    let text = std::fs::read_to_string(example).expect("the example");
    // Others may listen on the example's own port.
    let port = super::free_port();
    let text = text.replace("8080", &port.to_string());
    std::fs::write(machine.folder.path().join("hello-service.ecl"), text).expect("written");
    let out = machine.done(&["apply", "hello-service.ecl"]);
    assert!(out.contains("Version 1 of hello runs."), "{out}");
    let hello = || get(port, "/hello?name=Ada");
    assert_eq!(hello(), Some((200, "Hello, Ada!\n".to_owned())));
    let before = machine.pids();
    assert_eq!(before.len(), 2);
    assert!(machine.done(&["apply", "hello-service.ecl"]).contains("Version 1 of hello runs."));

    let killed = u32::try_from(before[0]).expect("a process");
    kill(killed, "-KILL");
    machine.until("a new process", || {
        let now = machine.pids();
        now.len() == 2 && !now.contains(&before[0])
    });
    assert_eq!(hello(), Some((200, "Hello, Ada!\n".to_owned())));
    assert!(machine.events().contains("signal: 9"));
    let logs = machine.done(&["logs", "greeter"]);
    assert!(logs.contains("listening at 127.0.0.1:"), "{logs}");

    machine.done(&["destroy", "hello"]);
    assert_eq!(machine.processes(), Vec::<u32>::new());
    assert_eq!(hello(), None);
    assert!(machine.done(&["status"]).contains("Nothing is deployed here"));
    assert!(machine.done(&["history", "hello"]).contains("completed"));
}

#[test]
fn services_start_after_what_they_need_and_stop_before_it() {
    let machine = Machine::new();
    machine.write(
        "(defservice db {:image \"i\" :command [\"sleep\" \"1000\"]})\n\
         (defservice web {:image \"i\" :command [\"sleep\" \"1000\"] :needs [db]})",
    );
    machine.done(&["apply", "shop.ecl"]);
    machine.done(&["destroy", "shop"]);
    let events = machine.events();
    let place = |text: &str| events.find(text).unwrap_or_else(|| panic!("{text}:\n{events}"));
    assert!(place("shop.db.0") < place("shop.web.0"));
    let stops: Vec<&str> = events.lines().filter(|line| line.contains(" is stopped")).collect();
    assert!(stops[0].contains("shop.web.0") && stops[1].contains("shop.db.0"), "{stops:?}");
}

#[test]
fn the_environment_files_volumes_and_secrets_of_a_service_are_there() {
    let machine = Machine::new();
    let secrets = machine.data().join("secrets/db");
    std::fs::create_dir_all(&secrets).expect("a folder");
    std::fs::write(secrets.join("url"), "postgres://x\n").expect("a secret");
    machine.write(
        "(defservice db {:image \"i\" :command [\"sleep\" \"1000\"]\n\
           :port 7321 :protocol \"tcp\"})\n\
         (defservice web {:image \"i\" :needs [db]\n\
           :command [\"sh\" \"-c\" \"echo $A $DB_SERVICE_PORT $URL $(cat conf/app.txt) $0; \
                     echo kept >> data/notes; cat data/notes; \
                     stat -c %a secrets/URL; sleep 1000\" \"$(A)-$$\"]\n\
           :env {\"A\" \"b\"} :secrets {\"URL\" (secret \"db\" :key \"url\")}\n\
           :files {\"/conf/app.txt\" \"computed\"}\n\
           :volumes [(volume \"data\" 1MiB :at \"data\")]})",
    );
    machine.done(&["apply", "shop.ecl"]);
    let logs = || machine.done(&["logs", "web"]);
    machine.until("what it writes", || logs().contains("400"));
    assert!(logs().contains("b 7321 postgres://x computed b-$"), "{}", logs());
    machine.done(&["destroy", "shop"]);
    // What it kept is there when it comes again.
    machine.done(&["apply", "shop.ecl"]);
    machine.until("two notes", || logs().matches("kept").count() == 3);
}

#[test]
fn everything_that_is_wrong_is_told_at_once_and_nothing_is_started() {
    let machine = Machine::new();
    machine.write(
        "(defservice a {:image \"i\"})\n\
         (defservice b {:image \"i\" :command [\"no-such-program\"]})\n\
         (defservice c {:image \"i\" :command [\"sleep\" \"1\"]\n\
           :secrets {\"X\" (secret \"none\" :key \"k\")}})",
    );
    let ran = machine.run(&["apply", "shop.ecl"]);
    assert_eq!(ran.code, Some(1), "{}", ran.told());
    for fault in ["not-deployed", "`a` has no `:command`", "`no-such-program` of `b`", "none/k"] {
        assert!(ran.err.contains(fault), "{fault}: {}", ran.told());
    }
    assert_eq!(machine.processes(), Vec::<u32>::new());
}

#[test]
fn what_was_changed_behind_its_back_is_told_as_drift() {
    let machine = Machine::new();
    machine.write("(defservice a {:image \"i\" :command [\"sleep\" \"1000\"]})");
    machine.done(&["apply", "shop.ecl"]);
    assert_eq!(machine.done(&["drift"]), "");
    let packages = std::fs::read_dir(machine.data().join("deployed")).expect("packages").flatten();
    let folder = packages.map(|entry| entry.path()).find(|path| path.is_dir()).expect("a package");
    std::fs::write(folder.join("files/shop.ecl"), "; changed").expect("written");
    std::fs::write(folder.join("files/more"), "").expect("written");
    let ran = machine.run(&["drift", "shop"]);
    assert_eq!(ran.code, Some(2), "{}", ran.told());
    assert!(
        ran.out.contains("file files/shop.ecl") && ran.out.contains("files/more"),
        "{}",
        ran.out
    );
    // What is deployed again is what was signed, not what was made of it.
    machine.done(&["destroy", "shop"]);
    machine.done(&["apply", "shop.ecl"]);
    assert_eq!(machine.done(&["drift"]), "");
}

#[test]
fn locks_backups_and_exports_are_for_the_registry_that_is_in_use() {
    let machine = Machine::new();
    machine.write("(defservice a {:image \"i\" :command [\"sleep\" \"1000\"]})");
    machine.done(&["apply", "shop.ecl"]);
    let run_as = |user: &str, arguments: &[&str]| {
        crate::tools::run(machine.command(arguments).env("USER", user))
    };
    let held = run_as("ada", &["lock", "shop", "--reason", "release"]);
    let id = held.out.split_whitespace().last().expect("an id").to_owned();
    let own = run_as("ada", &["apply", "shop.ecl"]);
    assert_eq!(own.code, Some(0), "{}", own.told());
    let refused = run_as("bob", &["apply", "shop.ecl"]);
    assert!(refused.err.contains("deployment-locked"), "{}", refused.told());
    let refused = run_as("bob", &["destroy", "shop"]);
    assert!(refused.err.contains("deployment-locked"), "{}", refused.told());
    assert!(machine.done(&["status"]).contains(&id));
    machine.done(&["unlock", "shop", &id]);

    machine.done(&["state", "backup", "-o", "backup"]);
    machine.done(&["state", "export", "-o", "export.jsonl"]);
    let before = machine.pids();
    machine.done(&["state", "restore", "backup"]);
    assert_eq!(machine.pids(), before, "what runs goes on");
    let other = tempfile::tempdir().expect("a folder");
    let mut import = command(machine.folder.path(), &["state", "import", "export.jsonl"]);
    let ran = crate::tools::run(import.env("ECLEXIA_DATA_DIR", other.path()));
    assert_eq!(ran.code, Some(0), "{}", ran.told());
}

#[test]
fn what_is_no_request_does_not_end_the_supervisor() {
    use std::io::{BufRead, BufReader, Write};
    use std::os::unix::net::UnixStream;
    let machine = Machine::new();
    machine.write("(defservice a {:image \"i\" :command [\"sleep\" \"1000\"]})");
    machine.done(&["apply", "shop.ecl"]);
    let supervisor = machine.supervisor();
    let apply = |package: &str| {
        format!(
            "{{\"do\":\"apply\",\"deployment\":\"x\",\"package\":\"{package}\",\"plan\":\"\",\
             \"by\":\"x\",\"confirm_within\":null,\"hold\":null}}"
        )
    };
    let deep = "[".repeat(100_000);
    let lines =
        ["", "{}", "{\"do\":\"nothing\"}", &deep, &apply(""), &apply("é"), &apply("../../x")];
    for line in lines {
        let mut stream =
            UnixStream::connect(machine.data().join("local/control")).expect("it listens");
        writeln!(stream, "{line}").expect("sent");
        let mut reply = String::new();
        let _ = BufReader::new(stream).read_line(&mut reply);
        assert!(reply.is_empty() || reply.contains("package-missing"), "{line:.80}: {reply}");
    }
    assert_eq!(machine.supervisor(), supervisor);
}

#[test]
fn an_unsigned_copy_of_what_ran_takes_no_signature_from_it() {
    let machine = Machine::new();
    let write = |seconds: u32| {
        let command = format!("[\"sleep\" \"{seconds}\"]");
        machine.write(&format!("(defservice a {{:image \"i\" :command {command}}})"));
    };
    write(1000);
    machine.done(&["package", "shop.ecl", "-o", "first.eclpkg"]);
    // Nobody has signed it yet, and that is told by its code.
    let ran = machine.run(&["apply", "first.eclpkg"]);
    assert_eq!(ran.code, Some(1), "{}", ran.told());
    assert!(ran.err.contains("error[package-unsigned]"), "{}", ran.told());
    machine.done(&["apply", "shop.ecl"]);
    write(2000);
    machine.done(&["apply", "shop.ecl"]);
    machine.run(&["apply", "first.eclpkg"]);
    machine.done(&["rollback", "shop", "2"]);
    machine.done(&["verify-instance"]);
}

#[test]
fn a_name_that_nobody_deployed_is_told_by_whoever_is_asked_about_it() {
    let machine = Machine::new();
    for verb in ["status", "history", "drift", "destroy", "rollback"] {
        let ran = machine.run(&[verb, "shpo"]);
        assert_eq!(ran.code, Some(1), "{verb}: {}", ran.told());
        assert!(ran.err.contains("error[nothing-deployed]"), "{verb}: {}", ran.told());
    }
    machine.write("(defservice a {:image \"i\" :command [\"sleep\" \"1000\"]})");
    machine.done(&["apply", "shop.ecl"]);
    machine.done(&["destroy", "shop"]);
    // What was destroyed has been.
    for verb in ["status", "history", "drift"] {
        machine.done(&[verb, "shop"]);
    }
    assert_eq!(machine.run(&["status", "shpo"]).code, Some(1));
}

#[test]
fn what_keeps_a_version_from_coming_about_is_told_with_what_helps() {
    let machine = Machine::new();
    let told = |services: &str, wanted: &str| {
        machine.write(services);
        let ran = machine.run(&["apply", "shop.ecl"]);
        assert_eq!(ran.code, Some(1), "{}", ran.told());
        assert!(ran.err.contains(wanted), "{wanted}: {}", ran.told());
    };
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let port = listener.local_addr().expect("an address").port();
    told(
        &format!("(defservice a {{:image \"i\" :command [\"sleep\" \"9\"] :port {port}}})"),
        &format!("port {port} of `a` is taken by another program"),
    );
    told(
        "(defservice a {:image \"i\" :command [\"sleep\" \"9\"] \
           :secrets {\"X\" (secret \"none\" :key \"k\")}})",
        "the secret `none/k` of `a` is not here: write its value to ",
    );
    told(
        "(defservice a {:image \"i\" :command [\"sh\" \"-c\" \"exit 7\"]})",
        "ended 3 times before it was ready: exit status: 7",
    );
}
