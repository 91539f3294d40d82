// The page: wires the editor, the buttons and the answers to two workers, one for the editor, so
// that writing goes on while a program runs in the other.

import { Asker } from "./asker.js";
import { Editor } from "./editor.js";
import { Offers } from "./offers.js";
import { listed, made, showPlan, showRun } from "./answers.js";
import { decoded, encoded } from "./share.js";

const $ = (id) => document.getElementById(id);
const KEPT = "eclexia-playground";
const PAUSE = 150;
// A plan that took no longer than this is made again after edits.
const QUICK = 600;

const module = WebAssembly.compileStreaming(fetch("eclexia.wasm"));
const say = (text) => ($("status").textContent = text);
const editing = new Asker(module);
const running = new Asker(module, (isBusy) => {
  $("stop").hidden = !isBusy;
  $("run").disabled = $("plan").disabled = isBusy;
});

// What the program was when an answer was given, so that an older answer is seen to be one.
const answered = { result: null, report: null, graph: null, prices: null };
let planning = { milliseconds: Infinity, isSound: false };

const editor = new Editor($("editor"), () => later());
const offers = new Offers(editor, editing);
const explain = (code) => {
  editing.ask({ ask: "explain", code }).then(({ page }) => {
    $("explained-code").textContent = code;
    const text = (page ?? "There is no such page.").replace(/^# .*\n+/, "");
      $("explained-page").replaceChildren(made("pre", { textContent: text }));
    $("explained").showModal();
  });
};
const diagnostics = (found) => listed(found, { editor, explain });

let timer = 0;
const later = () => {
  clearTimeout(timer);
  timer = setTimeout(check, PAUSE);
  offers.hide();
  edited();
};

// The verdict is of an earlier text until the check is done, and the text no longer the example's.
const edited = () => {
  $("verdict").setAttribute("aria-busy", "true");
  $("examples").value = "";
  aged();
};

const aged = () => {
  for (const [id, text] of Object.entries(answered)) {
    $(id).classList.toggle("aged", text !== null && text !== editor.text);
  }
};

// Texts that change while one is checked are checked once, when the answer is there.
let checking = null;
async function check() {
  if (checking !== null) return;
  checking = editor.text;
  try {
    const answer = await editing.ask({ ask: "check", text: checking }, 10000);
    editor.show(checking, answer.words, answer.found);
    $("found").replaceChildren(...diagnostics(answer.found));
    const count = (severity) => answer.found.filter((each) => each.severity === severity).length;
    const [errors, warnings] = [count("error"), count("warning")];
    const many = (n, word) => (n === 1 ? `1 ${word}` : `${n} ${word}s`);
    const said = [errors && many(errors, "error"), warnings && many(warnings, "warning")];
    $("verdict").textContent = said.filter(Boolean).join(", ") || "No errors";
    $("verdict").className = errors ? "error" : warnings ? "warning" : "good";
    say($("verdict").textContent);
    planning.isSound = errors === 0;
    localStorage.setItem(KEPT, checking);
  } catch (error) {
    say(error.message);
  }
  const isOld = checking !== editor.text;
  checking = null;
  if (isOld) return check();
  $("verdict").removeAttribute("aria-busy");
  const isWatched = answered.report !== null && !$("result").offsetParent;
  const isAged = answered.report !== editor.text;
  if (isWatched && isAged && planning.isSound && planning.milliseconds < QUICK) plan();
}

// On a phone answers are below the program.
const show = () => {
  const isNarrow = matchMedia("(max-width: 760px)").matches;
  if (isNarrow) document.querySelector(".read").scrollIntoView({ behavior: "smooth" });
};

async function run() {
  const text = editor.text;
  choose("result");
  show();
  say("The program runs …");
  $("result").setAttribute("aria-busy", "true");
  try {
    const answer = await running.ask({ ask: "run", text, now: Math.floor(Date.now() / 1000) });
    $("result").replaceChildren(...showRun(answer, diagnostics));
    say("The program ended.");
  } catch (error) {
    $("result").replaceChildren(made("p", { className: "stopped", textContent: error.message }));
    say(error.message);
  }
  $("result").removeAttribute("aria-busy");
  show();
  answered.result = text;
  aged();
}

async function plan({ deployment = $("deployments").value, isWhole = false } = {}) {
  const text = editor.text;
  if (!$("result").hidden) choose("report");
  say(isWhole ? "Limits are swept …" : "The deployment is planned …");
  const began = performance.now();
  try {
    const question = { ask: "plan", text, deployment, is_whole: isWhole };
    const answer = await running.ask(question, isWhole ? 180000 : 60000);
    if (!isWhole) planning.milliseconds = performance.now() - began;
    const options = answer.deployments.map((name) => made("option", { textContent: name }));
    $("deployments").replaceChildren(...options);
    $("deployments").value = answer.plan?.deployment ?? answer.deployments[0] ?? "";
    which();
    const views = showPlan(answer, diagnostics, isWhole ? null : () => plan({ isWhole: true }));
    for (const id of ["report", "graph", "prices"]) $(id).replaceChildren(...views[id]);
    say(answer.plan ? `\`${answer.plan.deployment}\` is planned.` : "There is no plan.");
  } catch (error) {
    const stopped = () => made("p", { className: "stopped", textContent: error.message });
    for (const id of ["report", "graph", "prices"]) $(id).replaceChildren(stopped());
    say(error.message);
  }
  answered.report = answered.graph = answered.prices = text;
  aged();
}

async function format() {
  const before = editor.text;
  const { text } = await editing.ask({ ask: "format", text: before });
  if (text === null) say("It can be laid out once its brackets and words can be read.");
  else if (text !== before && before === editor.text) {
    const at = editor.at;
    editor.replace(0, before.length, text);
    editor.select(Math.min(at, text.length));
    say("Laid out.");
  }
}

async function share() {
  location.hash = `code=${await encoded(editor.text)}`;
  try {
    await navigator.clipboard.writeText(location.href);
    say("The link with this program is copied.");
  } catch {
    say("The link with this program is in the address bar.");
  }
}

// Plans are of one of several deployments.
const which = () => {
  $("which").hidden = !$("result").hidden || $("deployments").options.length < 2;
};

const tabs = [...document.querySelectorAll("[role=tab]")];
const panel = (tab) => tab.getAttribute("aria-controls");
function choose(id) {
  for (const tab of tabs) {
    const isChosen = panel(tab) === id;
    tab.setAttribute("aria-selected", isChosen);
    tab.tabIndex = isChosen ? 0 : -1;
    $(panel(tab)).hidden = !isChosen;
  }
  which();
}
for (const [n, tab] of tabs.entries()) {
  tab.addEventListener("click", () => {
    choose(panel(tab));
    // Who looks at a plan wants one.
    const isOf = answered[panel(tab)];
    if (panel(tab) !== "result" && isOf !== editor.text && !$("plan").disabled) plan();
  });
  tab.addEventListener("keydown", (event) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (by === undefined) return;
    const next = tabs[(n + by + tabs.length) % tabs.length];
    next.focus();
    next.click();
  });
}

const does = { run, plan: () => plan().then(show), stop: () => running.stop(), format, share };
for (const [id, act] of Object.entries(does)) $(id).addEventListener("click", act);
$("deployments").addEventListener("change", () => plan());
document.addEventListener("keydown", (event) => {
  if (!event.ctrlKey && !event.metaKey) return;
  const act = {
    Enter: event.shiftKey ? does.plan : run,
    F: event.shiftKey ? format : undefined,
    f: event.shiftKey ? format : undefined,
  }[event.key];
  if (!act) return;
  event.preventDefault();
  if (!$("run").disabled || act === format) act();
});

const hint = "Run runs main and the tests; Plan finds the best plan, with graph and prices.";
function empty() {
  for (const id of Object.keys(answered)) {
    answered[id] = null;
    $(id).replaceChildren(made("p", { className: "soft", textContent: hint }));
  }
  $("deployments").replaceChildren();
  which();
}

async function begin() {
  const examples = await (await fetch("examples.json")).json();
  const option = ({ name, shows }) =>
    made("option", { value: name, textContent: name, title: shows });
  $("examples").append(...examples.map(option));
  $("examples").addEventListener("change", () => {
    const example = examples.find(({ name }) => name === $("examples").value);
    if (!example) return;
    history.replaceState(null, "", location.pathname);
    editor.text = example.text;
    edited();
    $("examples").value = example.name;
    empty();
    check();
  });
  const shared = async () => {
    const code = new URLSearchParams(location.hash.slice(1)).get("code");
    return code === null ? null : decoded(code);
  };
  const first = examples.find(({ name }) => name === "budgets") ?? examples[0];
  let text = localStorage.getItem(KEPT) ?? first.text;
  try {
    text = (await shared()) ?? text;
  } catch {
    say("The link holds no program that can be read.");
  }
  $("examples").value = examples.find((example) => example.text === text)?.name ?? "";
  editor.text = text;
  empty();
  addEventListener("hashchange", async () => {
    const text = await shared().catch(() => null);
    if (text !== null && text !== editor.text) {
      editor.text = text;
      check();
    }
  });
  module.catch((error) => say(`The compiler cannot be loaded: ${error.message}`));
  check();
}

begin();
