//! Services that take more than they may are stopped and reported, and their neighbours go on.

use super::{Machine, free_port, get};

fn beside(bad: &str) -> Machine {
    let machine = Machine::new();
    machine.write(&format!(
        "(defservice good {{:image \"i\" :command [\"sh\" \"-c\" \
           \"while true; do echo well; sleep 0.1; done\"]}})\n{bad}"
    ));
    machine
}

fn goes_on(machine: &Machine) {
    let count = || machine.done(&["logs", "good", "-n", "100000"]).matches("well").count();
    let before = count();
    machine.until("the neighbour goes on", || count() > before + 3);
}

#[test]
fn more_memory_than_the_limit_ends_a_service_and_says_so() {
    let machine = beside(
        "(defservice bad {:image \"i\" :requires {:memory 32MiB}\n\
           :command [\"sh\" \"-c\" \"sleep 0.6; head -c 200m /dev/zero | tail\"]})",
    );
    machine.done(&["apply", "shop.ecl"]);
    machine.until("it is ended", || {
        let events = machine.events();
        events.contains("memory-exceeded") || events.contains("ended")
    });
    let able = machine.status()["able"]["cgroups"].to_string();
    if able.contains("memory") {
        machine.until("it is told why", || machine.events().contains("memory-exceeded"));
    }
    goes_on(&machine);
}

#[test]
fn a_fork_bomb_stays_within_its_number_of_processes() {
    let machine = beside(
        "(defservice bad {:image \"i\" :command [\"bash\" \"-c\" \
           \"sleep 0.6; bomb() { bomb | bomb & }; bomb; sleep 1000\"]})",
    );
    machine.done(&["apply", "shop.ecl"]);
    if machine.status()["able"]["cgroups"].to_string().contains("pids") {
        machine.until("it bursts", || machine.processes().len() > 20);
        goes_on(&machine);
        assert!(machine.processes().len() < 600);
    }
    machine.done(&["destroy", "shop"]);
    assert_eq!(machine.processes(), Vec::<u32>::new());
}

#[test]
fn a_busy_loop_has_the_cores_of_its_limit_and_no_more() {
    let machine = beside(
        "(defservice bad {:image \"i\" :requires {:cpu 200mcpu} :replicas 2\n\
           :command [\"sh\" \"-c\" \"while :; do :; done\"]})",
    );
    machine.done(&["apply", "shop.ecl"]);
    if machine.status()["able"]["cgroups"].to_string().contains("cpu") {
        let used = || -> u64 {
            let instances = machine.instances().into_iter();
            let bad = instances.filter(|i| i["id"].as_str().is_some_and(|id| id.contains(".bad.")));
            bad.filter_map(|i| i["used"]["cpu_micros"].as_u64()).sum()
        };
        let (before, began) = (used(), std::time::Instant::now());
        goes_on(&machine);
        std::thread::sleep(std::time::Duration::from_secs(1));
        let (cores, seconds) = ((used() - before) as f64 / 1e6, began.elapsed().as_secs_f64());
        // Two replicas of a fifth of a core; periods are a tenth of a second.
        assert!(cores <= 0.4 * seconds + 0.1, "{cores} core seconds in {seconds} s");
        assert!(cores > 0.05, "{cores} core seconds in {seconds} s");
    }
}

#[test]
fn a_flood_of_logs_is_slowed_down_bounded_and_reported() {
    let machine = beside("(defservice bad {:image \"i\" :command [\"yes\" \"0123456789abcdef\"]})");
    machine.done(&["apply", "shop.ecl"]);
    machine.until("it is told", || machine.events().contains("log-flood"));
    std::thread::sleep(std::time::Duration::from_millis(1500));
    let folder = machine.data().join("local/logs/shop");
    let sizes = std::fs::read_dir(folder).expect("logs").flatten();
    let sum: u64 = sizes.filter_map(|entry| Some(entry.metadata().ok()?.len())).sum();
    assert!(sum < 64 << 20, "{sum} bytes");
    goes_on(&machine);
}

#[test]
fn files_outside_and_forbidden_calls_are_refused() {
    let machine = beside(
        "(defservice bad {:image \"i\" :command [\"sh\" \"-c\" \
           \"cat $SECRET_FILE && echo READ; cat /etc/shadow && echo READ; \
             touch /etc/x && echo WROTE; \
             touch own && echo OWN; sleep 1000\"]\n\
           :env {\"SECRET_FILE\" \"/root/.profile\"}})\n\
         (defservice worse {:image \"i\" :command [\"sh\" \"-c\" \
           \"sleep 0.5; mount -t tmpfs none /mnt; sleep 0.4; unshare -m true; sleep 1000\"]})",
    );
    machine.done(&["apply", "shop.ecl"]);
    machine.until("its own file", || machine.done(&["logs", "bad"]).contains("OWN"));
    let logs = machine.done(&["logs", "bad"]);
    if machine.status()["able"]["landlock"] == true {
        assert!(!logs.contains("READ") && !logs.contains("WROTE"), "{logs}");
    }
    let logs = || machine.done(&["logs", "worse"]);
    machine.until("mount is refused", || logs().contains("unshare"));
    assert!(logs().contains("Bad system call") || logs().contains("mount"), "{}", logs());
    goes_on(&machine);
}

#[test]
fn an_isolated_service_reaches_what_it_needs_and_nobody_else() {
    let machine = Machine::new();
    let (needed, other) = (free_port(), free_port());
    let serve = |name: &str, port: u16| {
        format!(
            "(defservice {name} {{:image \"i\" :port {port}\n\
               :command [\"eclexia\" \"run\" \"shop.ecl\"]}})\n"
        )
    };
    let ask = "for p in $N $O; do if timeout 5 bash -c \\\"exec 3<>/dev/tcp/127.0.0.1/$p\\\" \
               2>/dev/null; then echo reached $p; else echo refused $p; fi; done; sleep 1000";
    machine.write(&format!(
        "(defn main [world]\n  (let [port (try (env/int-or (.env world) \"PORT\" 1))]\n\
           (http/serve (.network world) (str \"127.0.0.1:\" port)\n\
             (fn [_] (http/text 200 \"x\")))))\n\
         {}{}(defservice closed {{:image \"i\" :isolated true :needs [near]\n\
           :env {{\"N\" \"{needed}\" \"O\" \"{other}\"}}\n\
           :command [\"bash\" \"-c\" \"{ask}\"]}})",
        serve("near", needed),
        serve("far", other),
    ));
    machine.done(&["apply", "shop.ecl"]);
    let logs = || machine.done(&["logs", "closed"]);
    machine.until("both are tried", || logs().contains(&other.to_string()));
    assert!(logs().contains(&format!("reached {needed}")), "{}", logs());
    if machine.status()["able"]["landlock"] == true {
        assert!(logs().contains(&format!("refused {other}")), "{}", logs());
    }
    assert_eq!(get(other, "/").map(|(status, _)| status), Some(200));
}

#[test]
fn a_volume_holds_what_it_was_declared_with_and_no_more() {
    let machine = beside(
        "(defservice bad {:image \"i\" :volumes [(volume \"data\" 8MiB :at \"/data\")]\n\
           :command [\"sh\" \"-c\" \
             \"head -c 8m /dev/zero > data/a$$; sleep 3; while true; do \
               head -c 1m /dev/zero >> data/more; sleep 0.2; done\"]})",
    );
    machine.done(&["apply", "shop.ecl"]);
    machine.until("it is told", || machine.events().contains("volume-filling"));
    machine.until("it is ended", || machine.events().contains("volume-exceeded"));
    let events = machine.events();
    assert!(
        events.contains("its volume `bad--data` than the 8388608 bytes it may hold"),
        "{events}"
    );
    goes_on(&machine);
}
