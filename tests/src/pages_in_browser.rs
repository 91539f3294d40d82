//! The pages of `doc --html` in Chromium, opened as files: what the search finds, and that it is
//! used by the keyboard alone. The keys are pressed by a script that a copy of the page ends with,
//! so that no driver is needed; what is looked at is the page as the browser has it in the end.

use crate::tools;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Milliseconds of the page's own time until it is looked at: what it loads comes from this disk.
const BUDGET: u32 = 3000;

/// What is typed, and how often the arrow goes down before Enter.
const KEYS: &str = r##"
const input = document.querySelector("#search input");
const press = (key) => document.activeElement.dispatchEvent(
  new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
const until = async (is) => { while (!is()) await new Promise((done) => setTimeout(done, 10)); };
window.addEventListener("load", async () => {
  press("/");
  if (document.activeElement !== input) return;
  input.value = "TYPED";
  input.dispatchEvent(new Event("input"));
  await until(() => document.querySelector("#found li"));
  for (let n = 0; n < DOWN; n++) press("ArrowDown");
  input.form.requestSubmit();
});
"##;

/// The page at an address of the folder, when its scripts have run; `None` without a browser.
fn page(folder: &Path, address: &str) -> Option<String> {
    let browser = tools::find("chromium", "apt-get install chromium")?;
    let profile = tempfile::tempdir().expect("a temporary folder can be made");
    let mut command = Command::new(browser);
    command
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("--virtual-time-budget={BUDGET}"))
        .args(["--dump-dom", &format!("file://{}/{address}", folder.display())]);
    let ran = tools::run(&mut command);
    assert_eq!(ran.code, Some(0), "{}", ran.told());
    Some(ran.out)
}

/// A new project with its pages; the folder of these.
fn pages(folder: &Path) -> PathBuf {
    let made = tools::run(&mut tools::command(folder, &["new", "shop"]));
    assert_eq!(made.code, Some(0), "{}", made.told());
    let made = tools::run(&mut tools::command(&folder.join("shop"), &["doc", "--html"]));
    assert_eq!(made.code, Some(0), "{}", made.told());
    folder.join("shop/doc")
}

/// Name, kind and module of what is found, in order, as far as it is shown.
fn found(page: &str) -> Vec<String> {
    let (_, list) = page.split_once("<ul id=\"found\"").expect("the list of what is found");
    let (list, _) = list.split_once("</ul>").expect("the list ends");
    let after = |text: &str, mark: &str| {
        let (_, rest) = text.split_once(mark).expect("an item has a name and a kind");
        rest.split('<').next().unwrap_or_default().to_owned()
    };
    let items = list.split("<li ").skip(1);
    items.map(|i| after(i, "class=\"name\">") + " " + &after(i, "class=\"kind\">")).collect()
}

#[test]
fn a_search_finds_names_types_and_words() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let pages = pages(folder.path());
    let Some(by_name) = page(&pages, "index.html#search=list/fold") else { return };
    assert_eq!(found(&by_name)[0], "fold function std.list");
    assert!(
        by_name.contains("aria-selected=\"true\"") && by_name.contains("aria-expanded=\"true\"")
    );

    // Small letters stand for types: that of `list/map` is asked for with others than it has.
    let by_type = "library/std.set.html#search=(Fn+[(Fn+[p]+q)+(List+p)]+(List+q))";
    let by_type = found(&page(&pages, by_type).expect("the browser is there"));
    assert_eq!(by_type, ["map function std.list"]);

    let words = |asked: &str| {
        let page = page(&pages, &format!("05-types.html#search={asked}"));
        found(&page.expect("the browser is there"))
    };
    assert_eq!(words("greeting+says"), ["greeting function main"]);
    // What is named so comes before what belongs to it.
    assert_eq!(words("budgets")[0], "Budgets chapter ");
    assert!(words("greeting+elsewhere").is_empty());
}

#[test]
fn the_keyboard_finds_the_way_to_a_page() {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let pages = pages(folder.path());
    let index = std::fs::read_to_string(pages.join("index.html")).expect("it is written");
    let keys = KEYS.replace("TYPED", "list/fold").replace("DOWN", "1");
    let driven = index.replace("</body>", &format!("<script>{keys}</script></body>"));
    assert_ne!(driven, index);
    std::fs::write(pages.join("driven.html"), driven).expect("it can be written");
    let Some(end) = page(&pages, "driven.html") else { return };
    // The second of what is found is where Enter leads.
    let title = end.split_once("<title>").and_then(|(_, rest)| rest.split_once("</title>"));
    assert_eq!(title.map(|(title, _)| title), Some("std.list · shop"));
}
