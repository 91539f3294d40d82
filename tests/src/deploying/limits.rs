//! Services that take more than they may are stopped and reported, and their neighbours go on.

use super::{Machine, free_port, get};
use std::time::{Duration, Instant};

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
        let (before, began) = (used(), Instant::now());
        goes_on(&machine);
        std::thread::sleep(Duration::from_secs(1));
        let (cores, seconds) = ((used() - before) as f64 / 1e6, began.elapsed().as_secs_f64());
        // Two replicas of a fifth of a core; periods are a tenth of a second.
        assert!(cores <= 0.4 * seconds + 0.1, "{cores} core seconds in {seconds} s");
        assert!(cores > 0.05, "{cores} core seconds in {seconds} s");
    }
}

#[test]
fn a_flood_of_logs_is_slowed_down_bounded_and_reported() {
    // Long lines: copying many short ones takes a slow machine longer than they are allowed.
    let line = "0123456789abcdef".repeat(500);
    let machine =
        beside(&format!("(defservice bad {{:image \"i\" :command [\"yes\" \"{line}\"]}})"));
    machine.done(&["apply", "shop.ecl"]);
    machine.until("it is told", || machine.events().contains("log-flood"));
    let sum = || -> u64 {
        let folder = machine.data().join("local/logs/shop");
        let files = std::fs::read_dir(folder).expect("logs").flatten();
        files.filter_map(|entry| Some(entry.metadata().ok()?.len())).sum()
    };
    let (before, began) = (sum(), Instant::now());
    std::thread::sleep(Duration::from_millis(1500));
    // A second that had begun, those that passed, and one that has begun; and what is around lines.
    let (more, seconds) = (sum().saturating_sub(before), 2.0 + began.elapsed().as_secs_f64());
    assert!(more as f64 <= seconds * 1.1 * (4 << 20) as f64, "{more} bytes in {seconds} s");
    assert!(sum() < 40 << 20, "{} bytes", sum());
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
    machine.until("others do", || get(other, "/").map(|(status, _)| status) == Some(200));
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

#[test]
fn a_volume_that_replicas_share_is_watched_once_and_all_who_write_to_it_are_ended() {
    let machine = beside(
        "(defvolume pool 8MiB)\n\
         (defservice bad {:image \"i\" :replicas 2 :volumes [(mount pool :at \"/pool\")]\n\
           :command [\"sh\" \"-c\" \
             \"head -c 3900k /dev/zero > pool/$ECLEXIA_REPLICA; sleep 1000\"]})\n\
         (defservice reader {:image \"i\" :command [\"sleep\" \"1000\"]\n\
           :volumes [(mount pool :at \"/pool\" :read-only true)]})",
    );
    machine.done(&["apply", "shop.ecl"]);
    machine.until("it is told", || machine.events().contains("volume-filling"));
    // Both replicas are shown what both have written.
    let used = || -> Vec<u64> {
        let instances = machine.instances().into_iter();
        instances.filter_map(|i| i["volumes"]["pool"]["used_bytes"].as_u64()).collect()
    };
    machine.until("both know", || used().len() == 2 && used().iter().all(|used| *used > 7 << 20));
    assert_eq!(used()[0], used()[1]);
    assert_eq!(machine.events().matches("volume-filling").count(), 1);
    let folder = machine.data().join("local/volumes/shop/pool");
    std::fs::write(folder.join("more"), vec![1; 2 << 20]).expect("written");
    machine.until("both are ended", || machine.events().matches("volume-exceeded").count() == 2);
    assert!(!machine.events().contains("shop.reader.0 ended"));
    goes_on(&machine);
}
