//! What jobs are given: environment, secrets, and services that they need.

use super::super::served::shop;
use super::super::{Machine, free_port, kill};
use super::{ALL_DAY, begin_at, is, job, kept, killed, machine};
use std::path::Path;

/// Counts as a part of the program beside `web`, a service that answers at this port.
fn beside(machine: &Machine, port: u16, jobs: &str) {
    shop(machine, port, "one");
    let path = machine.folder.path().join("shop.ecl");
    let text = std::fs::read_to_string(&path).expect("read");
    let names: Vec<&str> =
        jobs.split("(defjob ").skip(1).filter_map(|rest| rest.split_whitespace().next()).collect();
    // Ready when it answers, and not started anew when it does not.
    let text = text
        .replace(":replicas 2 :health", ":ready")
        .replace("(defdeployment", &format!("{jobs}\n(defdeployment"))
        .replace(":jobs []", &format!(":jobs [{}]", names.join(" ")));
    std::fs::write(path, text).expect("written");
}

/// Whether a file below a folder has this text.
fn is_in(folder: &Path, text: &str) -> bool {
    std::fs::read_dir(folder).expect("a folder").flatten().any(|entry| {
        let path = entry.path();
        match path.is_dir() {
            true => is_in(&path, text),
            false => std::fs::read(&path)
                .is_ok_and(|bytes| bytes.windows(text.len()).any(|part| part == text.as_bytes())),
        }
    })
}

#[test]
fn a_job_has_its_environment_its_secrets_and_where_what_it_needs_is() {
    let machine = machine(10, 0, 0);
    let port = free_port();
    beside(
        &machine,
        port,
        &format!(
            "(defjob a {{{ALL_DAY} :env {{\"MODE\" \"full\"}} :needs [web] \
               :secrets {{\"TOKEN\" (secret \"bank\" :key \"token\")}} \
               :command [\"sh\" \"-c\" \"echo $MODE $TOKEN $WEB_SERVICE_HOST:$WEB_SERVICE_PORT \
                 >> kept/runs; cat secrets/TOKEN >> kept/runs; echo $0\" \"$(MODE)\"]}})"
        ),
    );
    let ran = machine.run(&["apply", "shop.ecl"]);
    assert!(ran.err.contains("the secret `bank/token` of `a`"), "{}", ran.told());
    let folder = machine.data().join("secrets/bank");
    std::fs::create_dir_all(&folder).expect("made");
    std::fs::write(folder.join("token"), "s3cr3t-of-banks\n").expect("written");
    machine.done(&["apply", "shop.ecl"]);
    machine.until("it is done", || is(&machine, "a", "done"));
    let told = format!("full s3cr3t-of-banks 127.0.0.1:{port}\ns3cr3t-of-banks");
    assert_eq!(kept(&machine, "a", "runs"), told);
    assert!(machine.done(&["logs", "a"]).contains("full"));
    let debugged = machine.done(&["debug", "a"]);
    assert!(debugged.contains("the secret bank/token can be read"), "{debugged}");
    assert!(!is_in(&machine.data().join("deployed"), "s3cr3t"));
    std::fs::remove_file(folder.join("token")).expect("removed");
    let ran = machine.run(&["debug", "a"]);
    assert!(ran.code == Some(1) && ran.out.contains("put it into"), "{}", ran.told());
}

#[test]
fn a_job_waits_for_what_it_needs_and_is_told_to() {
    let mut machine = machine(10, 0, 0);
    let jobs = "(defjob a {:image \"i\" :work 1cpu*h :requires {:cpu 1cpu :memory 64MiB} \
        :earliest 22h :deferrable false :needs [web] :command [\"true\"]})";
    beside(&machine, free_port(), jobs);
    machine.done(&["apply", "shop.ecl"]);
    let web = u32::try_from(machine.pids()[0]).expect("a process");
    kill(web, "-STOP");
    let ready =
        |machine: &Machine| machine.status()["deployments"][0]["services"][0]["ready"].clone();
    machine.until("it does not answer", || ready(&machine) == 0);
    machine.done(&["start", "a"]);
    machine.until("it waits", || job(&machine, "a")["waits_for"][0] == "web");
    let status = machine.done(&["status"]);
    assert!(status.contains("job a  waits for web, which it needs"), "{status}");
    let ran = machine.run(&["debug", "a"]);
    assert!(ran.code == Some(1) && ran.out.contains("web has 0 ready replicas"), "{}", ran.told());
    kill(web, "-CONT");
    machine.until("it runs then", || is(&machine, "a", "done"));

    // In its hours, too, and until they have passed.
    kill(web, "-STOP");
    machine.until("it does not answer", || ready(&machine) == 0);
    killed(&mut machine, 46, 59, 57);
    machine.until("it is late", || is(&machine, "a", "late"));
    let events = machine.events();
    assert!(events.contains("it needs web, which is not ready"), "{events}");
    kill(web, "-CONT");
}

#[test]
fn what_a_job_needs_ends_after_it() {
    let mut machine = machine(10, 0, 0);
    begin_at(&mut machine, 10, 0, 0);
    beside(
        &machine,
        free_port(),
        &format!(
            "(defjob a {{{ALL_DAY} :needs [web] :command [\"bash\" \"-c\" \"\
               leave() {{ exec 3<>/dev/tcp/127.0.0.1/$WEB_SERVICE_PORT; \
                 printf 'GET / HTTP/1.0\\\\r\\\\n\\\\r\\\\n' >&3; \
                 head -1 <&3 >> kept/runs; exit 1; }}; \
               trap leave TERM; echo begun >> kept/runs; sleep 1000 & wait\"]}})"
        ),
    );
    machine.done(&["apply", "shop.ecl"]);
    machine.until("it runs", || kept(&machine, "a", "runs") == "begun\n");
    machine.done(&["destroy", "shop"]);
    let runs = kept(&machine, "a", "runs");
    assert!(
        runs.starts_with("begun\nHTTP/1.0 200") || runs.starts_with("begun\nHTTP/1.1 200"),
        "{runs}"
    );
    assert_eq!(machine.processes(), Vec::<u32>::new());
}

#[test]
fn a_job_has_files_volumes_and_those_of_services_and_what_it_writes_stays() {
    let machine = machine(10, 0, 0);
    let program = |text: &str| {
        format!(
            "(defservice web {{:image \"i\" :command [\"sh\" \"-c\" \
               \"echo of web > pictures/one; sleep 1000\"] \
               :volumes [(volume \"pictures\" 1MiB :at \"/pictures\")]}})\n\
             (defjob a {{{ALL_DAY} :needs [web] :files {{\"/etc/a.conf\" \"{text}\"}} \
               :volumes [(volume \"pictures\" 1MiB :at \"/pictures\" :read-only true) \
                         (volume \"small\" 1MiB :at \"/tmp/small\")] \
               :command [\"sh\" \"-c\" \"while [ ! -e pictures/one ]; do sleep 0.05; done; \
                 cat etc/a.conf pictures/one; echo x >> tmp/small/runs; wc -l < tmp/small/runs; \
                 echo y > pictures/two || echo refused\"]}})"
        )
    };
    machine.write(&program("first"));
    machine.done(&["apply", "shop.ecl"]);
    machine.until("it is done", || is(&machine, "a", "done"));
    let said = |text: &str| machine.done(&["logs", "a"]).contains(text);
    machine.until("its log", || said("refused") || said("denied"));
    assert!(said("first") && said("of web"), "{}", machine.done(&["logs", "a"]));
    let volumes = machine.data().join("local/volumes/shop");
    // With Landlock; the folder itself could be written.
    if machine.status()["able"]["landlock"] == true {
        assert!(!volumes.join("pictures/two").exists());
    }
    // What it wrote is there the next time, and counted; another text is another job.
    machine.write(&program("second"));
    machine.done(&["apply", "shop.ecl"]);
    machine.done(&["start", "a"]);
    machine.until("it is done again", || said("second"));
    machine.until("twice", || {
        std::fs::read_to_string(volumes.join("a--small/runs")).unwrap_or_default() == "x\nx\n"
    });
    machine.until("it is done", || is(&machine, "a", "done"));
    let drift = |machine: &Machine| machine.run(&["drift"]);
    assert_eq!(drift(&machine).code, Some(0), "{}", drift(&machine).told());
    std::fs::remove_dir_all(volumes.join("a--small")).expect("removed");
    let found = drift(&machine);
    assert!(found.code == Some(2) && found.out.contains("a--small"), "{}", found.told());
    let debugged = machine.run(&["debug", "a"]);
    assert!(debugged.out.contains("the volume a--small"), "{}", debugged.told());
}

#[test]
fn an_isolated_job_reaches_what_it_needs_and_nobody_else() {
    let machine = machine(10, 0, 0);
    let port = free_port();
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let other = listener.local_addr().expect("an address").port();
    let asks = |port: &str| {
        format!(
            "python3 -c 'import socket; socket.create_connection((\\\"127.0.0.1\\\", {port}), 2)' \
             2>/dev/null && echo reached {port} || echo refused {port}"
        )
    };
    let (its, others) = (asks(&port.to_string()), asks(&other.to_string()));
    beside(
        &machine,
        port,
        &format!(
            "(defjob a {{{ALL_DAY} :isolated true :needs [web] \
               :command [\"sh\" \"-c\" \"{its}; {others}; echo over\"]}})\n\
             (defjob b {{{ALL_DAY} :isolated true :command [\"sh\" \"-c\" \"{its}; echo over\"]}})"
        ),
    );
    machine.done(&["apply", "shop.ecl"]);
    let logs = |job: &str| machine.done(&["logs", job]);
    machine.until("both are done", || logs("a").contains("over") && logs("b").contains("over"));
    let able = machine.status()["able"].clone();
    if able["landlock"] == true {
        assert!(logs("a").contains(&format!("reached {port}")), "{}", logs("a"));
        assert!(logs("a").contains(&format!("refused {other}")), "{}", logs("a"));
    }
    if able["own_network"] == true {
        assert!(logs("b").contains(&format!("refused {port}")), "{}", logs("b"));
    }
    let debugged = machine.run(&["debug", "b"]);
    assert!(debugged.out.contains("it has no network"), "{}", debugged.told());
}

#[test]
fn places_that_meet_are_told_before_anything_runs() {
    let machine = machine(10, 0, 0);
    machine.write(&format!(
        "(defservice web {{:image \"i\" :command [\"sleep\" \"1000\"] \
           :files {{\"/data/conf\" \"x\" \"/../out\" \"y\"}} \
           :volumes [(volume \"d\" 1MiB :at \"/data\")]}})\n\
         (defjob a {{{ALL_DAY} :command [\"true\"] \
           :volumes [(volume \"k\" 1MiB :at \"/kept/more\")]}})"
    ));
    let ran = machine.run(&["apply", "shop.ecl"]);
    assert_eq!(ran.code, Some(1), "{}", ran.told());
    let told = [
        "`/../out` of `web` is no place",
        "`/data/conf` and `/data` of `web`",
        "`/kept/more` and `kept` of `a`",
    ];
    for fault in told {
        assert!(ran.err.contains(fault), "{fault}: {}", ran.told());
    }
    assert_eq!(machine.processes(), Vec::<u32>::new());
}
