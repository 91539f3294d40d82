//! `eclexia serve` and what electricity emits: asked of a server that stands for the service,
//! handed on, counted by, told, kept; and budgets of the machine.

use super::served::Served;
use super::{Machine, free_port, kill};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Electricity Maps, as far as Germany goes, at an address of this machine.
struct Service {
    address: String,
    /// 0: it says that it is overloaded.
    grams: Arc<AtomicU32>,
}

impl Service {
    fn saying(grams: u32) -> Service {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let grams = Arc::new(AtomicU32::new(grams));
        let says = grams.clone();
        // It ends with the process: nobody waits for it.
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let mut head = [0; 4096];
                let _ = stream.read(&mut head);
                let grams = says.load(Ordering::SeqCst);
                let body = format!(
                    "{{\"zone\":\"DE\",\"carbonIntensity\":{grams},\
                     \"datetime\":\"2026-01-01T10:00:00.000Z\",\"isEstimated\":false}}"
                );
                let status = if grams == 0 { "503 Overloaded" } else { "200 OK" };
                let head = format!("HTTP/1.1 {status}\r\nConnection: close\r\n");
                let length = body.len();
                let _ = write!(stream, "{head}Content-Length: {length}\r\n\r\n{body}");
            }
        });
        Service { address, grams }
    }

    /// From now on it says something else, and what it said before is forgotten.
    fn says(&self, machine: &Machine, grams: u32) {
        self.grams.store(grams, Ordering::SeqCst);
        let _ = std::fs::remove_dir_all(machine.data().join("carbon"));
    }
}

/// A machine with settings: the service, and whatever else a test sets.
fn machine(service: Option<&Service>, files: &[(&str, &str)]) -> Machine {
    let mut machine = Machine::new();
    let conf = machine.folder.path().join(".conf");
    std::fs::create_dir(&conf).expect("made");
    if let Some(service) = service {
        let text = format!("[electricitymaps]\napi_url = \"{}\"\n", service.address);
        std::fs::write(conf.join("carbon-config.toml"), text).expect("written");
        machine.variables.push(("ELECTRICITYMAPS_TOKEN", "hunter2".to_owned()));
    }
    for (name, text) in files {
        std::fs::write(conf.join(name), text).expect("written");
    }
    machine.variables.push(("ECLEXIA_CONFIG_DIR", conf.display().to_string()));
    machine
}

/// A service in Germany that is there in two variants: the fast one takes a core of 200 W, half
/// busy, the lean one a quarter of that, and is worth 0.003 USD an hour less. They weigh the same
/// at 400 g/kWh.
fn write(machine: &Machine, declared: u32) {
    let port = free_port();
    let text = format!(
        "(module shop)\n(import std.deploy :all)\n(import std.http :as http)\n\
         (def box (NodeType {{:name \"box\" :cpu 64cpu :memory 1TiB :idle 0W\n\
           :power-per-core 200W/cpu}}))\n\
         (def germany (Region {{:name \"DE\" :zones 1 :carbon {declared}gCO2e/kWh\n\
           :offers [(Offer {{:node box :price 0USD/h :limit 1}})]}}))\n\
         (defn answer [request] (http/text 200 \"well\"))\n\
         (defn main [world]\n  (let [port (try (env/int-or (.env world) \"PORT\" 1))]\n\
           (http/serve (.network world) (str \"127.0.0.1:\" port) answer)))\n\
         (defservice web {{:image \"i\" :command [\"eclexia\" \"run\" \"shop.ecl\"] :port {port}\n\
           :health (http \"/\" :every 1s :timeout 1s)\n\
           :variants [(variant \"fast\" {{:requires {{:cpu 1cpu :memory 128MiB}}}})\n\
                      (variant \"lean\" {{:requires {{:cpu 250mcpu :memory 64MiB}}\n\
                        :penalty 0.003USD/h}})]}})\n\
         (defbudget team {{:cpu 1cpu :memory 1GiB}})\n\
         (defdeployment shop {{:budget team :regions [germany] :services [web]\n\
           :strategy (minimize {{:cost 0 :carbon 1}})}})\n"
    );
    std::fs::write(machine.folder.path().join("shop.ecl"), text).expect("written");
}

fn variant(machine: &Machine) -> String {
    let status = machine.status();
    status["deployments"][0]["services"][0]["variant"].as_str().unwrap_or_default().to_owned()
}

fn grid(machine: &Machine) -> Value {
    machine.status()["deployments"][0]["intensities"][0].clone()
}

/// Asks the supervisor as commands do.
fn ask(machine: &Machine, request: &Value) -> Value {
    let socket = machine.data().join("local/control");
    let mut stream = UnixStream::connect(socket).expect("a supervisor runs");
    writeln!(stream, "{request}").expect("it is asked");
    let mut reply = String::new();
    BufReader::new(stream).read_line(&mut reply).expect("it answers");
    serde_json::from_str(&reply).expect("JSON")
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970");
    u64::try_from(since.as_millis()).expect("a time")
}

#[test]
fn what_a_service_says_is_counted_by_told_kept_and_given_up_when_it_is_away() {
    let service = Service::saying(380);
    let machine = machine(Some(&service), &[]);
    write(&machine, 350);
    machine.done(&["apply", "shop.ecl"]);
    assert_eq!(grid(&machine)["source"], "the program");
    let served = Served::start(&machine, &[]);
    let told = |what: &str| machine.until(what, || machine.events().contains(what));
    told("carbon intensity of DE is 380 g/kWh by Electricity Maps, was 350 by the program");
    let (_, metrics) = served.ask("GET", "/metrics", b"");
    let line = "eclexia_carbon_intensity_grams_per_kwh{deployment=\"shop\",region=\"DE\",\
                source=\"Electricity Maps\",signal=\"average\"} 380\n";
    assert!(metrics.contains(line), "{metrics}");
    told("measured: grid of DE 380 g/kWh by Electricity Maps");
    let prices = served.json("/api/v1/deployments/shop/prices?since=3600000")["prices"].clone();
    assert!(prices.to_string().contains("grid of DE 380 g/kWh"), "{prices}");
    drop(served);

    // Another supervisor goes on with the same number and the same prices.
    kill(machine.supervisor(), "-KILL");
    let known = grid(&machine);
    assert_eq!(
        (&known["grams_per_kwh"], &known["source"]),
        (&json!(380.0), &json!("Electricity Maps"))
    );
    service.says(&machine, 412);
    let served = Served::start(&machine, &[]);
    let again = served.json("/api/v1/deployments/shop/prices?since=3600000")["prices"].clone();
    assert_eq!(again[0], prices[0]);
    told("carbon intensity of DE is 412 g/kWh by Electricity Maps, was 380");
    let usage = machine.done(&["usage", "--since", "1h"]);
    assert!(usage.contains("412 g/kWh  Electricity Maps"), "{usage}");
    drop(served);

    service.says(&machine, 0);
    let _served = Served::start(&machine, &[]);
    told(
        "carbon intensity of DE is 350 g/kWh by the program, was 412 by Electricity Maps: \
         Electricity Maps gave nothing",
    );
    assert_eq!(grid(&machine)["source"], "the program");
    assert!(!machine.events().contains("hunter2"));
}

#[test]
fn without_keys_the_program_says_it_and_the_reason_is_told_once() {
    let machine = machine(None, &[]);
    write(&machine, 350);
    machine.done(&["apply", "shop.ecl"]);
    let what = "carbon intensity of DE is 350 g/kWh by the program: Electricity Maps was not \
                asked: there is no ELECTRICITYMAPS_TOKEN";
    for _ in 0..2 {
        let _served = Served::start(&machine, &[]);
        machine.until(what, || machine.events().contains(what));
        kill(machine.supervisor(), "-KILL");
    }
    assert_eq!(machine.events().matches(what).count(), 1, "{}", machine.events());
}

#[test]
fn a_number_that_is_too_old_counts_no_more() {
    let machine = machine(None, &[]);
    write(&machine, 350);
    machine.done(&["apply", "shop.ecl"]);
    let number = |grams: f64, until: u64| {
        json!({"do": "intensities", "deployment": "shop", "without": {}, "numbers": [{
            "deployment": "", "region": "DE", "at": 0, "until": until, "grams_per_kwh": grams,
            "source": "Electricity Maps", "signal": "average", "measured": now()}]})
    };
    assert_eq!(ask(&machine, &number(90.0, now() + 2_000)), "done");
    assert_eq!(grid(&machine)["grams_per_kwh"], 90.0);
    let what = "carbon intensity of DE is 350 g/kWh by the program, was 90 by Electricity Maps: \
                nothing newer is known";
    machine.until(what, || machine.events().contains(what));
    assert_eq!(grid(&machine)["grams_per_kwh"], 350.0);
    // What cannot be a number changes nothing.
    ask(&machine, &number(1e9, now() + 60_000));
    assert_eq!(grid(&machine)["grams_per_kwh"], 350.0);
}

#[test]
fn a_dirtier_grid_brings_the_variant_that_takes_less_through_the_same_gates() {
    let service = Service::saying(800);
    let machine = machine(Some(&service), &[]);
    write(&machine, 100);
    machine.done(&["apply", "shop.ecl"]);
    assert_eq!(variant(&machine), "fast");
    let _served = Served::start(&machine, &["--adapt", "200ms"]);
    machine.until("it is adapted", || {
        variant(&machine) == "lean" && machine.status()["deployments"][0]["state"] == "completed"
    });
    let events = machine.events();
    assert!(events.contains("web: fast × 1 → lean × 1: saves"), "{events}");
    assert!(events.contains("; grid of DE 800 g/kWh by Electricity Maps"), "{events}");
    assert_eq!(machine.status()["deployments"][0]["version"], 2);
}

#[test]
fn a_saving_that_is_small_changes_nothing() {
    let service = Service::saying(430);
    let machine = machine(Some(&service), &[]);
    write(&machine, 100);
    machine.done(&["apply", "shop.ecl"]);
    let _served = Served::start(&machine, &["--adapt", "100ms"]);
    machine.until("it is seen", || grid(&machine)["grams_per_kwh"] == 430.0);
    // Long enough for ten looks and three more.
    let began = Instant::now();
    machine.until("it stays", || {
        assert_eq!(variant(&machine), "fast");
        began.elapsed() > Duration::from_secs(3)
    });
    assert_eq!(machine.status()["deployments"][0]["version"], 1);
}

/// What settings make of a clean grid, at which the fast variant is the better one by itself.
fn becomes_lean(file: &str, text: &str) {
    let machine = machine(None, &[(file, text)]);
    write(&machine, 100);
    machine.done(&["apply", "shop.ecl"]);
    assert_eq!(variant(&machine), "fast");
    let _served = Served::start(&machine, &["--adapt", "200ms"]);
    machine.until("it is adapted", || variant(&machine) == "lean");
}

#[test]
fn an_objective_of_the_settings_is_what_is_least() {
    becomes_lean("adaptive-config.toml", "[optimization]\nobjective = \"carbon\"\n");
}

#[test]
fn a_carbon_price_of_the_settings_enters_the_objective() {
    becomes_lean("carbon-config.toml", "[carbon_price]\nbase_price = \"1 USD/kgCO2e\"\n");
}

#[test]
fn what_is_not_planned_in_time_is_told_and_what_runs_goes_on() {
    let machine = machine(None, &[("adaptive-config.toml", "[selection]\ntimeout = \"1us\"\n")]);
    write(&machine, 100);
    machine.done(&["apply", "shop.ecl"]);
    let _served = Served::start(&machine, &["--adapt", "200ms"]);
    let what = "it is not adapted: no plan was found within";
    machine.until(what, || machine.events().contains(what));
    assert_eq!(variant(&machine), "fast");
}

/// As if ten seconds had passed: a supervisor that ends takes a sample, and another one begins.
fn sample(machine: &Machine) {
    ask(machine, &json!({"do": "leave"}));
    machine.until("another supervisor", || machine.run(&["status"]).code == Some(0));
}

const TIGHT: (&str, &str) = ("resource-budgets.toml", "[memory]\nbudget = \"1 MiB\"\n");

#[test]
fn a_budget_that_is_used_up_is_told_once_and_less_is_used() {
    let machine = machine(None, &[TIGHT]);
    write(&machine, 100);
    machine.done(&["apply", "shop.ecl"]);
    sample(&machine);
    let usage = machine.done(&["usage"]);
    assert!(usage.contains("memory") && usage.contains("1 MiB"), "{usage}");
    let served = Served::start(&machine, &["--adapt", "200ms"]);
    machine.until("it is adapted", || variant(&machine) == "lean");
    let budgets = served.json("/api/v1/machine")["budgets"].clone();
    assert!(budgets[2]["share"].as_f64().is_some_and(|share| share > 1.0), "{budgets}");
    let events = machine.events();
    assert_eq!(events.matches("memory of this machine is used up").count(), 1, "{events}");
    assert!(events.contains("passes the budgets of this machine least"), "{events}");
}

#[test]
fn what_may_not_be_degraded_is_refused_and_goes_on() {
    let strict = "[constraints]\nallow_graceful_degradation = false\n";
    let machine = machine(None, &[TIGHT, ("adaptive-config.toml", strict)]);
    write(&machine, 100);
    machine.done(&["apply", "shop.ecl"]);
    sample(&machine);
    let _served = Served::start(&machine, &["--adapt", "200ms"]);
    let what = "it is not adapted: nothing that carries what is asked keeps the budgets of this \
                machine: memory: ";
    machine.until(what, || machine.events().contains(what));
    assert_eq!(variant(&machine), "fast");
}

#[test]
fn settings_with_faults_are_told_before_anything_is_served() {
    let machine = machine(None, &[("adaptive-config.toml", "[selection]\nalgoritm = \"auto\"\n")]);
    let ran = machine.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert_eq!(ran.code, Some(1), "{}", ran.told());
    assert!(ran.err.contains("unknown-setting"), "{}", ran.told());
}
