//! The page of `eclexia serve` in Chromium, as a person has it: what it shows, what a click and the
//! keyboard do, and what axe says of it in light, dark and on a phone.

use super::served::{Served, shop};
use super::{Machine, free_port, get};
use crate::chromium::Browser;
use crate::tools;
use serde_json::Value;

const HOW: &str = ".ci/page";

/// axe-core's own script; `None` where it is not installed.
fn axe() -> Option<String> {
    let path = xtask::root().join("target/ci-tools/node_modules/axe-core/axe.min.js");
    tools::required(path.is_file(), "axe-core", HOW)?;
    std::fs::read_to_string(path).ok()
}

fn no_violations(browser: &mut Browser, when: &str) {
    let ran = "axe.run(document, {resultTypes: ['violations']}).then((found) => \
        found.violations.map((v) => \
        `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(', ')}`))";
    let found = browser.value(ran);
    assert_eq!(found, Value::Array(Vec::new()), "{when}");
}

/// Where pictures go, if they are asked for: to be looked at.
fn picture(browser: &mut Browser, name: &str) {
    if let Some(folder) = std::env::var_os("ECLEXIA_PICTURES") {
        browser.picture(&std::path::PathBuf::from(folder).join(format!("{name}.png")));
    }
}

/// Adds a job that runs at night.
fn with_a_job(machine: &Machine) {
    let path = machine.folder.path().join("shop.ecl");
    let text = std::fs::read_to_string(&path).expect("a program");
    let job = "(defjob backup {:image \"i\" :work 1cpu*h :requires {:cpu 1cpu} :earliest 22h \
               :deferrable false :command [\"true\"]})\n(defdeployment ";
    let text = text.replace(":jobs []", ":jobs [backup]").replace("(defdeployment ", job);
    std::fs::write(&path, text).expect("written");
}

#[test]
fn a_person_sees_what_runs_and_returns_to_an_earlier_version_by_a_click() {
    let Some(chromium) = tools::find("chromium", HOW) else { return };
    let Some(axe) = axe() else { return };
    let machine = Machine::new();
    let port = free_port();
    shop(&machine, port, "one");
    machine.done(&["apply", "shop.ecl"]);
    shop(&machine, port, "two");
    with_a_job(&machine);
    machine.done(&["apply", "shop.ecl"]);
    let served = Served::start(&machine, &[]);
    let address = format!("http://127.0.0.1:{}/", served.port);

    // Without a key it asks for one, and shows nothing.
    let mut browser = Browser::open(&chromium, &address);
    browser.until("document.querySelector('#enter')?.hidden === false");
    assert_eq!(browser.value("document.querySelector('#deployment').hidden"), Value::Bool(true));
    browser.click("#token");
    browser.write(&served.key);
    browser.key("Enter", 13, 0);
    browser.until("document.querySelector('#services tr td.good')?.innerText === '2/2'");
    browser.until("document.querySelector('#graph').naturalWidth > 0");
    browser.until("document.querySelectorAll('#charts figure').length > 5");
    assert!(browser.text("#state").contains("completed"));
    assert!(browser.text("#services").contains(&format!("127.0.0.1:{port}")));
    browser.until("document.querySelector('#jobs-part').hidden === false");
    assert!(browser.text("#jobs").contains("backup"));

    browser.value(&axe);
    browser.screen(1280, 2000);
    no_violations(&mut browser, "light");
    picture(&mut browser, "light");
    browser.scheme("dark");
    no_violations(&mut browser, "dark");
    picture(&mut browser, "dark");
    browser.scheme("light");
    browser.screen(360, 740);
    no_violations(&mut browser, "phone");
    let overflows = "document.documentElement.scrollWidth > innerWidth";
    assert_eq!(browser.value(overflows), Value::Bool(false), "it is wider than a phone");
    browser.screen(360, 3600);
    picture(&mut browser, "phone");
    browser.screen(1280, 800);

    // Asked whether it is meant, it is left; asked again, it is done.
    browser.click("#history [data-act='rollback-1']");
    browser.until("document.querySelector('#ask').open");
    no_violations(&mut browser, "dialog");
    picture(&mut browser, "dialog");
    browser.key("Escape", 27, 0);
    browser.until("!document.querySelector('#ask').open");
    assert_eq!(get(port, "/").map(|(_, body)| body).as_deref(), Some("two"));
    browser.click("#history [data-act='rollback-1']");
    browser.until("document.querySelector('#ask').open");
    browser.click("#ask-yes");
    machine
        .until("the first version runs", || get(port, "/").is_some_and(|(_, body)| body == "one"));
    browser.until("document.querySelector('#state').innerText.includes('version 3')");
    browser.until("document.querySelector('#events').innerText.includes('version 3 is completed')");
    let complaints = browser.complaints.join("\n");
    // The browser reports the answer to the page that had no key as an error.
    assert!(complaints.is_empty(), "{complaints}");
}

#[test]
fn the_keyboard_alone_reaches_everything() {
    let Some(chromium) = tools::find("chromium", HOW) else { return };
    let machine = Machine::new();
    machine.write("(defservice a {:image \"i\" :command [\"sleep\" \"1000\"]})");
    machine.done(&["apply", "shop.ecl"]);
    let served = Served::start(&machine, &[]);
    let address = format!("http://127.0.0.1:{}/#key={}", served.port, served.key);
    let mut browser = Browser::open(&chromium, &address);
    browser.until("document.querySelector('[data-act=destroy]') !== null");
    // The key does not stay where it can be read over a shoulder.
    assert_eq!(browser.value("location.hash"), Value::String(String::new()));
    let mut reached = Vec::new();
    for _ in 0..40 {
        browser.key("Tab", 9, 0);
        let is = browser.value("document.activeElement.dataset.act ?? document.activeElement.id");
        let is = is.as_str().unwrap_or_default().to_owned();
        if is == "destroy" {
            break;
        }
        reached.push(is);
    }
    browser.key("Enter", 13, 0);
    browser.until("document.querySelector('#ask').open");
    // What is chosen first is to leave it.
    let chosen = "document.activeElement.value";
    assert_eq!(browser.value(chosen), Value::String("no".to_owned()), "{reached:?}");
    browser.key("Tab", 9, 0);
    browser.key("Enter", 13, 0);
    machine.until("nothing is left", || machine.processes().is_empty());
}
