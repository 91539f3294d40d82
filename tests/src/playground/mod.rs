//! The playground as a person has it: served by `eclexia playground`, in Chromium. The page is that
//! of `cargo xtask playground`, which `.ci/playground` runs; a page of other sources than these is
//! not tested.

use crate::chromium::Browser;
use crate::tools;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

const HOW: &str = ".ci/playground";

/// The command that serves the page, ended with the test.
struct Served {
    child: Child,
    /// `127.0.0.1:PORT`.
    address: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The folder of the page, where it was built of what is here.
fn site() -> Option<PathBuf> {
    let site = xtask::root().join("target/playground");
    tools::required(site.join("eclexia.wasm").is_file(), "the page of the playground", HOW)?;
    let sources = xtask::root().join("playground/site");
    let files = std::fs::read_dir(sources).expect("the page has sources").flatten();
    let is_built = |path: &Path| {
        let built = site.join(path.file_name().expect("a file has a name"));
        std::fs::read(path).ok() == std::fs::read(built).ok()
    };
    let is_new = files.map(|entry| entry.path()).all(|path| is_built(&path));
    tools::required(is_new, "the page as it is now", "cargo xtask playground")?;
    Some(site)
}

fn serve(site: &Path) -> Served {
    let mut command = tools::command(&xtask::root(), &["playground", "--port", "0", "--site"]);
    let command = command.arg(site).stdin(Stdio::null()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("the command starts");
    let mut line = String::new();
    let output = child.stdout.take().expect("a pipe");
    BufReader::new(output).read_line(&mut line).expect("it says where it is");
    let address = line.split("http://").nth(1).and_then(|rest| rest.split('/').next());
    let address = address.unwrap_or_else(|| panic!("no address in {line:?}")).to_owned();
    Served { child, address }
}

/// The page in a browser, ready to be used.
fn opened() -> Option<(Served, Browser)> {
    let site = site()?;
    let chromium = tools::find("chromium", HOW)?;
    let served = serve(&site);
    let mut browser = Browser::open(&chromium, &format!("http://{}/", served.address));
    browser.until(&verdict("No errors"));
    Some((served, browser))
}

/// The verdict on the text that is there.
fn verdict(text: &str) -> String {
    format!(
        "(() => {{ const e = document.querySelector('#verdict'); \
         return e?.textContent === {text:?} && !e.ariaBusy; }})()"
    )
}

/// Another program in the place of the one that is there, typed.
fn write(browser: &mut Browser, text: &str) {
    browser.click("#editor textarea");
    browser.key("a", 65, 2);
    browser.write(text);
}

fn choose(browser: &mut Browser, example: &str) {
    browser.value(&format!(
        "(() => {{ const e = document.querySelector('#examples'); e.value = {example:?}; \
         e.dispatchEvent(new Event('change')); return true; }})()"
    ));
    browser.until(&verdict("No errors"));
}

/// What is answered to a request, written as it is.
fn request(address: &str, text: &str) -> String {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    stream.write_all(text.as_bytes()).expect("it reads");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("it answers");
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn the_command_serves_its_files_and_no_others() {
    let site = tempfile::tempdir().expect("a folder");
    for name in ["index.html", "eclexia.wasm", "secret.key"] {
        std::fs::write(site.path().join(name), name).expect("a file can be written");
    }
    let served = serve(site.path());
    let get = |path: &str| {
        let text = format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        request(&served.address, &text)
    };
    let index = get("/");
    assert!(index.starts_with("HTTP/1.1 200") && index.ends_with("index.html"), "{index}");
    for header in [
        "Content-Type: text/html; charset=utf-8",
        "Content-Security-Policy: default-src 'none'; script-src 'self' 'wasm-unsafe-eval';",
        "Cache-Control: no-store",
        "X-Content-Type-Options: nosniff",
    ] {
        assert!(index.contains(header), "{header} is not in {index}");
    }
    assert!(get("/eclexia.wasm?x=1").contains("Content-Type: application/wasm"));
    for path in ["/secret.key", "/../Cargo.toml", "/%2e%2e/Cargo.toml", "//etc/passwd", "/a/b"] {
        assert!(get(path).starts_with("HTTP/1.1 404"), "{path}");
    }
    let post = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    assert!(request(&served.address, post).starts_with("HTTP/1.1 405"));
}

#[test]
fn a_mistake_is_shown_mended_and_the_program_runs() {
    let Some((_served, mut browser)) = opened() else { return };
    write(&mut browser, "(module m)\n(defn main [world]\n  (prnt \"good day\"))\n");
    browser.until(&verdict("1 error"));
    let shown = browser.text("#found");
    assert!(shown.contains("prnt") && shown.contains("3:4"), "{shown}");
    assert_eq!(browser.text(".under .error"), "prnt");
    browser.click("#found .link");
    browser.until("document.querySelector('#explained').open");
    assert!(browser.text("#explained-page").contains("What it means"));
    browser.key("Escape", 27, 0);
    browser.click("#found .acts button");
    browser.until(&verdict("No errors"));
    // By the keyboard: Ctrl+Enter.
    browser.key("Enter", 13, 2);
    browser.until("document.querySelector('#result .printed') !== null");
    assert_eq!(browser.text("#result .printed").trim(), "good day");
    // A link holds the program.
    browser.click("#share");
    browser.until("location.hash.startsWith('#code=')");
    let link = browser.value("location.href");
    browser.value("localStorage.clear()");
    browser.call("Page.navigate", serde_json::json!({"url": "about:blank"}));
    browser.call("Page.navigate", serde_json::json!({"url": link}));
    browser.until(&verdict("No errors"));
    let text = browser.value("document.querySelector('#editor textarea').value");
    assert!(text.as_str().is_some_and(|text| text.contains("(print \"good day\")")), "{text}");
    assert_eq!(browser.complaints, Vec::<String>::new());
}

#[test]
fn an_editor_completes_and_tells_by_keys() {
    let Some((_served, mut browser)) = opened() else { return };
    write(&mut browser, "(module m)\n(defn twice [n] (* 2 n))\n(def four (twi");
    browser.until("document.querySelector('#verdict').textContent.includes('error')");
    browser.key(" ", 32, 2);
    browser.until("!document.querySelector('#offers').hidden");
    assert!(browser.text("#offers [aria-selected=true]").starts_with("twice"));
    browser.key("Enter", 13, 0);
    browser.until("document.querySelector('#editor textarea').value.endsWith('(twice')");
    browser.key("i", 73, 2);
    browser.until("!document.querySelector('#known').hidden");
    assert!(browser.text("#known").contains("(sig twice (Fn [Int] Int))"));
    browser.write("   2))");
    browser.click("#format");
    let laid_out = "(module m)\\n(defn twice [n] (* 2 n))\\n(def four (twice 2))\\n";
    browser.until(&format!("document.querySelector('#editor textarea').value === '{laid_out}'"));
    assert_eq!(browser.complaints, Vec::<String>::new());
}

#[test]
fn a_deployment_is_planned_as_the_command_plans_it() {
    let Some((_served, mut browser)) = opened() else { return };
    choose(&mut browser, "budgets");
    browser.click("#plan");
    browser.until("document.querySelector('#report iframe') !== null");
    assert_eq!(browser.text("#status"), "`prod` is planned.");
    let printed = browser.value("document.querySelector('#report pre').textContent");
    let told = plan_of("examples/budgets.ecl");
    assert_eq!(printed.as_str(), Some(told.as_str()));
    let report = browser.value("document.querySelector('#report iframe').srcdoc");
    assert!(report.as_str().is_some_and(|report| report.contains("<h2>Budgets</h2>")));
    browser.click("#tab-graph");
    browser.until("document.querySelector('#graph img').naturalWidth > 100");
    browser.click("#tab-prices");
    let prices = browser.text("#prices");
    assert!(prices.contains("raise to 179.58USD/month"), "{prices}");
    assert!(prices.contains("search is 1 × lean"), "{prices}");
    // More money, written into the program: the plan follows by itself.
    let text = std::fs::read_to_string(xtask::root().join("examples/budgets.ecl")).expect("it");
    write(&mut browser, &text.replace("150USD/month", "200USD/month"));
    browser.click("#tab-prices");
    browser.until("document.querySelector('#prices').innerText.includes('search is 1 × full')");
    // What no plan keeps is told with its place.
    write(&mut browser, &text.replace("150USD/month", "50USD/month"));
    browser.click("#tab-report");
    browser.until("document.querySelector('#report .error-item') !== null");
    assert_eq!(browser.complaints, Vec::<String>::new());
}

fn plan_of(path: &str) -> String {
    let arguments = ["plan", path, "--deployment", "prod", "--color", "never"];
    tools::run(&mut tools::command(&xtask::root(), &arguments)).out
}

#[test]
fn what_runs_away_is_stopped_and_the_page_goes_on() {
    let Some((_served, mut browser)) = opened() else { return };
    write(
        &mut browser,
        "(module m)\n(sig again (Fn [Int] Int))\n(defn again [n] (again (+ n 1)))\n\
         (defn main [world] (again 0))\n",
    );
    browser.until(&verdict("No errors"));
    browser.click("#run");
    browser.until("document.querySelector('#result .diagnostic') !== null");
    assert!(browser.text("#result").contains("step-limit"));
    // Few steps, each of which takes long: only ending the worker helps.
    let slow = "(module m)\n(import std.string :as string)\n\
        (sig again (Fn [String] Int))\n(defn again [s] (string/reverse s) (again s))\n\
        (defn main [world] (again (string/repeat \"abcdefgh\" 1000000)))\n";
    write(&mut browser, slow);
    browser.until(&verdict("No errors"));
    browser.click("#run");
    browser.until("!document.querySelector('#stop').hidden");
    browser.click("#stop");
    browser.until("document.querySelector('#result .stopped') !== null");
    assert_eq!(browser.text("#result"), "It was stopped.");
    write(&mut browser, "(module m)\n(defn main [world] (print \"again\"))\n");
    browser.click("#run");
    browser.until("document.querySelector('#result .printed')?.innerText.trim() === 'again'");
    assert_eq!(browser.complaints, Vec::<String>::new());
}

/// A module whose `answer` traps, as a bug of ours would: questions at 8, no panic at 0.
const TRAPS: &[u8] = b"\0asm\x01\0\0\0\
    \x01\x10\x03\x60\x01\x7f\x01\x7f\x60\x02\x7f\x7f\x01\x7f\x60\0\x01\x7f\
    \x03\x04\x03\0\x01\x02\x05\x03\x01\0\x01\
    \x07\x22\x04\x06memory\x02\0\x04take\0\0\x06answer\0\x01\x05panic\0\x02\
    \x0a\x0f\x03\x04\0\x41\x08\x0b\x03\0\0\x0b\x04\0\x41\0\x0b";

#[test]
fn a_trap_ends_its_worker_and_the_next_question_has_another() {
    let Some((_served, mut browser)) = opened() else { return };
    let asked = browser.value(&format!(
        "(async () => {{ const {{ Asker }} = await import('./asker.js'); \
         const module = WebAssembly.compile(new Uint8Array({TRAPS:?})); \
         const asker = new Asker(module); const said = (error) => error.message; \
         return [await asker.ask({{}}).catch(said), await asker.ask({{}}).catch(said)]; }})()"
    ));
    let said = "The compiler ended: RuntimeError: unreachable. It was begun anew.";
    assert_eq!(asked, serde_json::json!([said, said]));
    // One that does not answer in time is ended as well, and so says the page.
    let late = browser.value(
        "(async () => { const { Asker } = await import('./asker.js'); \
         const module = WebAssembly.compileStreaming(fetch('eclexia.wasm')); \
         const asker = new Asker(module); \
         const text = '(module m)(sig f (Fn [Int] Int))(defn f [n] (f (+ n 1)))' + \
           '(defn main [world] (f 0))'; \
         const late = await asker.ask({ ask: 'run', text }, 50).catch((error) => error.message); \
         const next = await asker.ask({ ask: 'explain', code: 'no-main' }); \
         return [late, next.page.startsWith('# no-main')]; })()",
    );
    let said = "There was no answer within 0.05 seconds, so it was stopped.";
    assert_eq!(late, serde_json::json!([said, true]));
    assert_eq!(browser.complaints, Vec::<String>::new());
}

#[test]
fn it_can_be_read_in_light_in_dark_and_on_a_phone() {
    let Some((_served, mut browser)) = opened() else { return };
    let folder = xtask::root().join("target/playground-pictures");
    std::fs::create_dir_all(&folder).expect("a folder can be made");
    choose(&mut browser, "budgets");
    browser.click("#plan");
    browser.until("document.querySelector('#report iframe') !== null");
    for scheme in ["light", "dark"] {
        browser.scheme(scheme);
        for (tab, name) in
            [("#tab-report", "plan"), ("#tab-graph", "graph"), ("#tab-prices", "prices")]
        {
            browser.click(tab);
            browser.until("[...document.images].every((image) => image.complete)");
            browser.picture(&folder.join(format!("{scheme}-{name}.png")));
        }
    }
    browser.scheme("light");
    choose(&mut browser, "hello");
    let broken = "(module shop)\n(import std.deploy :all)\n\n\
        ; A mistake in units, and one in a name.\n\
        (defservice web\n  {:image    \"web:1.0\"\n   :replicas 2\n   :port     8080\n   \
        :requires {:cpu 512MiB :memory 512MiB}})\n\n(defn main [world] (prnt \"hello\"))\n";
    write(&mut browser, broken);
    browser.until("document.querySelector('#verdict').textContent.includes('error')");
    browser.picture(&folder.join("light-errors.png"));
    browser.screen(390, 844);
    // Nothing is wider than a phone.
    let wide = browser.value("document.documentElement.scrollWidth");
    assert!(wide.as_u64().is_some_and(|wide| wide <= 390), "{wide}");
    browser.picture(&folder.join("phone.png"));
    assert_eq!(browser.complaints, Vec::<String>::new());
}
