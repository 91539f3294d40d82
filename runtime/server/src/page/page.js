// The page of `eclexia serve`: what runs, what it uses and is worth, what happened, and the ways
// back. In: the interface of this server, asked again and again. Always holds: what is shown comes
// from answers as text, never as markup; what changes anything is asked for twice.

import { chart, element, short } from "./charts.js";

const KEY = "eclexia-key";
const AGAIN = 2000;
const SLOWER = 10000;
const MOST_LINES = 200;
const $ = (id) => document.getElementById(id);

let shown = null;
let status = null;
let seq = null;
let asks = 0;

// ------------------------------------------------------------------------------------------ asking

/** The key of the address goes into the session, and out of the history. */
function takeKey() {
  const key = new URLSearchParams(location.hash.slice(1)).get("key");
  if (!key) return;
  sessionStorage.setItem(KEY, key);
  history.replaceState(null, "", location.pathname);
}

class Refused extends Error {
  constructor(code, told) {
    super(told.message);
    Object.assign(this, { code, told });
  }
}

async function ask(path, options = {}) {
  const headers = { Authorization: `Bearer ${sessionStorage.getItem(KEY) ?? ""}` };
  const response = await fetch(path, { ...options, headers });
  if (!response.ok) {
    const told = await response.json().catch(() => ({ error: { message: response.statusText } }));
    throw new Refused(response.status, told.error);
  }
  return response;
}

const asked = async (path, options) => (await ask(path, options)).json();
const at = (path) => `/api/v1/deployments/${encodeURIComponent(shown)}${path}`;

function say(text, bad = false) {
  $("said").textContent = text;
  $("said").className = bad ? "bad" : "";
}

/** Runs something; what is wrong is said. Gives whether it went well. */
async function trying(what) {
  try {
    await what();
    return true;
  } catch (error) {
    if (error.code === 401) enter();
    say(error instanceof Refused ? error.message : "The server does not answer.", true);
    return false;
  }
}

function enter() {
  $("enter").hidden = false;
  $("deployment").hidden = $("nothing").hidden = true;
}

// ----------------------------------------------------------------------------------------- showing

/** Puts children in the place of those that are there, unless they read the same. */
function fill(parent, children) {
  const made = element(parent.tagName, {}, ...children);
  if (made.innerHTML !== parent.innerHTML) parent.replaceChildren(...children);
}

/** Seconds of a month, as everywhere in plans: 730 hours. */
const MONTH = 2628000;

/** `1/3` as a number. */
function exact(text) {
  const [over, under = "1"] = String(text).split("/");
  return Number(over) / Number(under);
}

const MIB = 2 ** 20;
const size = (bytes) =>
  bytes >= 2 ** 30 ? `${short(bytes / 2 ** 30)} GiB` : `${short(bytes / MIB)} MiB`;
const time = (at) => new Date(at).toLocaleString([], { dateStyle: "medium", timeStyle: "medium" });
const GOOD = ["completed", "ready", "done"];
const BAD = ["failed", "rolled-back", "unready", "waiting", "late"];
const mood = (state) => (GOOD.includes(state) ? "good" : BAD.includes(state) ? "bad" : "mild");
const badge = (state, of = mood(state)) => element("span", { className: `badge ${of}` }, state);

function bar(part, label) {
  const filled = element("span");
  filled.style.width = `${Math.min(1, part) * 100}%`;
  const made = element("div", { className: part >= 0.999 ? "bar full" : "bar" }, filled);
  made.setAttribute("role", "meter");
  made.setAttribute("aria-label", label);
  made.setAttribute("aria-valuemin", "0");
  made.setAttribute("aria-valuemax", "100");
  made.setAttribute("aria-valuenow", String(Math.round(part * 100)));
  return made;
}

function showNames() {
  const items = status.deployments.map((deployment) => {
    const button = element("button", { type: "button" }, deployment.name);
    if (deployment.name === shown) button.setAttribute("aria-current", "true");
    button.addEventListener("click", () => choose(deployment.name));
    return element("li", {}, button);
  });
  const before = $("deployments");
  const same = before.textContent === items.map((item) => item.textContent).join("")
    && before.querySelector("[aria-current]")?.textContent === shown;
  if (!same) before.replaceChildren(...items);
}

function showHead(deployment) {
  $("name").textContent = deployment.name;
  const parts = [badge(deployment.state ?? "none")];
  if (deployment.version !== null) parts.unshift(`version ${deployment.version} `);
  if (deployment.running !== null && deployment.running !== deployment.version) {
    parts.push(` version ${deployment.running} runs`);
  }
  if (deployment.confirm_by) {
    parts.push(` taken back at ${time(deployment.confirm_by)} unless kept`);
  }
  fill($("state"), parts);
  $("reason").hidden = !deployment.reason;
  $("reason").textContent = deployment.reason ?? "";
  const wanted = deployment.confirm_by ? "confirm" : "";
  const gone = deployment.services.length + deployment.jobs.length === 0;
  if ($("acts").dataset.for === `${shown} ${wanted} ${gone}`) return;
  $("acts").dataset.for = `${shown} ${wanted} ${gone}`;
  const acts = [];
  if (wanted) {
    acts.push(act("Keep this version", "main", "confirm", `Keep version ${deployment.version}?`,
      "It will not be taken back by itself any more.", at("/confirm"), "POST"));
  }
  if (!gone) {
    acts.push(act("Destroy", "danger", "destroy", `Destroy ${deployment.name}?`,
      "All of its processes end; volumes, logs and history are kept.", at(""), "DELETE"));
  }
  $("acts").replaceChildren(...acts);
}

/** A button that asks whether it is meant, and then for what it is there for. */
function act(label, kind, name, title, text, path, method) {
  const button = element("button", { type: "button", className: kind }, label);
  button.dataset.act = name;
  button.addEventListener("click", async () => {
    if (!(await meant(title, text, label))) return;
    button.disabled = true;
    if (await trying(() => ask(path, { method }))) say("It is under way.");
    button.disabled = false;
    await trying(look);
  });
  return button;
}

function meant(title, text, yes) {
  const dialog = $("ask");
  $("ask-title").textContent = title;
  $("ask-text").textContent = text;
  $("ask-yes").textContent = yes;
  dialog.returnValue = "no";
  dialog.showModal();
  return new Promise((done) => {
    dialog.addEventListener("close", () => done(dialog.returnValue === "yes"), { once: true });
  });
}

function showServices(deployment) {
  const rows = deployment.services.map((service) => {
    const memory = service.instances.reduce((sum, i) => sum + (i.used.memory_bytes ?? 0), 0);
    const count = Math.max(1, service.instances.length);
    const of = (most) => (most ? most * count : null);
    const memoryLimit = of(service.memory_limit);
    const cores = rate(service.name);
    const coreLimit = of(service.cpu_millis && service.cpu_millis / 1000);
    const named = [service.name];
    if (service.variant && service.variant !== "default") named.push(note(` ${service.variant}`));
    service.addresses.forEach((address) => named.push(element("br"), note(address)));
    const restarts = service.instances.reduce((sum, i) => sum + i.restarts, 0);
    const ready = `${service.ready}/${service.replicas}`;
    const mood = service.ready >= service.replicas ? "good" : "bad";
    return element("tr", {},
      element("td", {}, ...named),
      element("td", { className: `number ${mood}` }, ready),
      limited(memory, memoryLimit, size, `memory of ${service.name}`),
      limited(cores, coreLimit, (n) => `${short(n)} cores`, `cores of ${service.name}`),
      element("td", { className: "number" }, String(service.requests)),
      element("td", { className: `number ${service.failed ? "bad" : ""}` }, String(service.failed)),
      element("td", { className: "number" }, String(restarts)));
  });
  fill($("services"), rows);
  const replicas = deployment.services.flatMap((service) => service.instances.map((instance) => {
    const parts = [badge(instance.health), ` ${instance.id} `];
    const facts = [`version ${instance.version}`];
    if (instance.pid) facts.push(`process ${instance.pid}`);
    if (instance.used.memory_bytes) facts.push(size(instance.used.memory_bytes));
    if (instance.said) facts.push(instance.said);
    return element("li", { className: instance.health }, ...parts, note(facts.join(", ")));
  }));
  fill($("replicas"), replicas);
  const jobs = deployment.jobs.map((job) => {
    const facts = [];
    if (job.day) facts.push(`for ${job.day}`);
    if (job.failures) facts.push(`${job.failures} failed`);
    if (job.said) facts.push(job.said);
    if (job.waits_for.length) facts.push(`waits for ${job.waits_for.join(", ")}`);
    if (job.next) facts.push(`next ${time(job.next)}`);
    // A job that waits is as it should be.
    const of = job.state === "waiting" ? "mild" : mood(job.state);
    return element("li", {}, badge(job.state, of), ` ${job.name} `, note(facts.join(", ")));
  });
  $("jobs-part").hidden = jobs.length === 0;
  fill($("jobs"), jobs);
  const names = [...deployment.services, ...deployment.jobs].map((one) => one.name);
  if ($("log-of").dataset.names !== names.join()) {
    $("log-of").dataset.names = names.join();
    $("log-of").replaceChildren(...names.map((name) => element("option", {}, name)));
    trying(showLogs);
  }
}

const note = (text) => element("span", { className: "soft" }, text);

function limited(value, most, written, label) {
  if (value === null) return element("td", {}, "–");
  const text = most ? `${written(value)} of ${written(most)}` : written(value);
  const parts = most ? [bar(value / most, label)] : [];
  return element("td", {}, text, ...parts);
}

/** Cores that a service uses now: of the time between two looks. */
const before = new Map();
const rates = new Map();
const rate = (service) => rates.get(service) ?? null;

function measure(deployment, now) {
  for (const service of deployment.services) {
    const used = service.instances.map((i) => [i.id, i.used.cpu_micros]);
    const was = before.get(service.name);
    const is = new Map(used.filter(([, micros]) => micros !== null));
    before.set(service.name, { now, is });
    if (!was || now - was.now < 500) continue;
    let micros = 0;
    for (const [id, value] of is) micros += Math.max(0, value - (was.is.get(id) ?? value));
    rates.set(service.name, micros / 1e6 / ((now - was.now) / 1000));
  }
}

// ----------------------------------------------------------------------------- budgets and charts

async function showWorth() {
  const span = Number($("span").value);
  const of = shown;
  const [usage, prices, all, grids, machine] = await Promise.all([
    asked(at(`/usage?since=${span}`)),
    asked(at(`/prices?since=${span}`)),
    asked(at(`/prices?since=${10 * 31536000000}`)),
    asked(at(`/intensities?since=${span}`)),
    asked("/api/v1/machine"),
  ]);
  if (of !== shown) return;
  showBudgets(all.prices);
  showMachine(machine.budgets);
  showCharts(usage.samples, prices.prices, grids.intensities, span);
}

const UNITS = { B: [MIB, "MiB"], "B/s": [1024, "KiB/s"], s: [0.001, "ms"] };

/** What all deployments use of what this machine may, and what that makes of prices. */
function showMachine(budgets) {
  const written = (value, unit) => {
    const [by, name] = UNITS[unit] ?? [1, unit];
    return `${short(value / by)} ${name}`;
  };
  fill($("machine"), budgets.map((one) => {
    const used = written(one.used, one.unit);
    const limited = one.budget !== null;
    const amounts = limited ? `${used} of ${written(one.budget, one.unit)}` : used;
    const bars = limited ? [bar(one.share, `${one.resource}: ${amounts}`)] : [];
    const price = limited ? "" : ", without a budget";
    return element("li", {},
      element("div", { className: "line" }, element("b", {}, one.resource),
        note(`${amounts}, price by use ${short(one.price)}${price}`)),
      ...bars);
  }));
}

/** Whose number carbon is counted by, of each region. */
function showGrids(deployment) {
  fill($("grids"), deployment.intensities.map((known) => {
    const kind = known.signal === "marginal" ? " (of one kWh more)" : "";
    const since = known.measured === null ? "" : `, of ${time(known.measured)}`;
    return element("li", { className: "line" },
      element("b", {}, known.region), " ",
      note(`${short(known.grams_per_kwh)} gCO2e/kWh by ${known.source}${kind}${since}`));
  }));
}

function showBudgets(prices) {
  const last = prices.length ? prices[prices.length - 1].at : 0;
  const items = prices.filter((price) => price.at === last).map((price) => {
    const part = price.most > 0 ? price.used / price.most : 0;
    const amounts = `${short(price.used)} of ${short(price.most)} ${price.unit}`;
    const worth = price.buy > 0
      ? `One ${price.unit} more saves ${short(price.buy)} USD a month.`
      : "More of it saves nothing.";
    const paid = price.sell === null
      ? `With less there is no plan.`
      : `One ${price.unit} less costs ${short(price.sell)} USD a month.`;
    return element("li", {},
      element("div", { className: "line" }, element("b", {}, price.limit_of), note(amounts)),
      bar(part, `${price.limit_of}: ${amounts}`),
      element("p", { className: "soft" }, `${worth} ${price.sell === 0 ? "" : paid}`));
  });
  const none = [element("li", { className: "soft" }, "It has no budget.")];
  fill($("budgets"), items.length ? items : none);
}

function showCharts(samples, prices, grids, span) {
  const now = Date.now();
  const times = [now - span, now];
  const services = [...new Set(samples.map((sample) => sample.service))];
  const lines = (of) => services.map((name) => ({
    name,
    points: samples.filter((s) => s.service === name && s.span > 0).map((s) => [s.at, of(s)]),
  }));
  const seconds = (s) => s.span / 1000;
  const figures = [
    chart("Cores", "cores", lines((s) => s.cpu_seconds / seconds(s)), times),
    chart("Memory", "MiB", lines((s) => s.memory_byte_seconds / seconds(s) / MIB), times),
    chart("Requests", "a second", lines((s) => s.requests / seconds(s)), times),
    chart("Network", "KiB a second",
      lines((s) => (s.received + s.sent) / 1024 / seconds(s)), times),
    chart("Power, estimated", "W", lines((s) => s.joules / seconds(s)), times),
    chart("Carbon, estimated", "gCO2e an hour", lines((s) => (s.grams / seconds(s)) * 3600), times),
  ];
  const limits = [...new Set(prices.map((price) => price.limit_of))];
  if (limits.length) {
    const series = limits.map((name) => ({
      name,
      points: prices.filter((p) => p.limit_of === name).map((p) => [p.at, p.buy]),
    }));
    figures.push(chart("Prices of limits", "USD a month for one more", series, times, true));
  }
  const regions = [...new Set(grids.map((number) => number.region))];
  if (regions.length) {
    const series = regions.map((name) => ({
      name,
      points: grids.filter((n) => n.region === name)
        .map((n) => [Math.max(n.at, times[0]), n.grams_per_kwh]),
    }));
    figures.push(chart("Grid, as services say", "gCO2e/kWh", series, times, true));
  }
  if (!samples.length) {
    figures.splice(0, 6, note("Nothing was sampled in that time: it is every ten seconds."));
  }
  const open = [...$("charts").querySelectorAll("details")].some((details) => details.open);
  // A table that is read is not taken away.
  if (!open) $("charts").replaceChildren(...figures);
}

// -------------------------------------------------------------------------------- history and logs

async function showHistory() {
  const of = shown;
  const { versions, running, lock } = await asked(at("/versions"));
  if (of !== shown) return;
  const rows = versions.map((version) => {
    const name = `version ${version.number}`;
    const can = version.state === "completed" && version.number !== running;
    const back = can ? [act("Return", "", `rollback-${version.number}`,
      `Return to ${name}?`, `${shown} runs as it did in ${name}, as a new version.`,
      at(`/rollback?version=${version.number}`), "POST")] : [];
    const is = version.number === running ? [" ", note("runs")] : [];
    back.forEach((button) => button.setAttribute("aria-label", `Return to ${name}`));
    return element("tr", {},
      element("td", {}, String(version.number), ...is),
      element("td", {}, badge(version.state)),
      element("td", {}, version.signer),
      element("td", {}, time(version.made)),
      element("td", {}, version.reason ?? ""),
      element("td", {}, ...back));
  });
  const key = JSON.stringify([shown, versions, running]);
  if ($("history").dataset.key !== key) {
    $("history").dataset.key = key;
    $("history").replaceChildren(...rows);
  }
  if (lock) say(`Held by ${lock.owner}: ${lock.reason}`);
}

async function showLogs() {
  const service = $("log-of").value;
  if (!service) return fill($("logs"), []);
  const path = at(`/logs/${encodeURIComponent(service)}?lines=${MOST_LINES}`);
  const { lines } = await asked(path);
  const items = lines.map((line) => element("li", {},
    element("time", {}, new Date(line.at).toLocaleTimeString()), ` ${line.line}`));
  const box = $("logs");
  const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 30;
  fill(box, items.length ? items : [element("li", { className: "soft" }, "It wrote nothing.")]);
  if (atEnd) box.scrollTop = box.scrollHeight;
}

function showEvents(events, fresh) {
  const items = events.filter((event) => event.deployment === shown).map((event) => {
    const kind = event.status ?? event.kind;
    return element("li", {},
      element("time", {}, new Date(event.at).toLocaleTimeString()), " ",
      element("b", { className: mood(kind) }, kind), ` ${event.detail}`);
  });
  const box = $("events");
  if (fresh) box.replaceChildren();
  box.prepend(...items.reverse());
  while (box.children.length > MOST_LINES) box.lastChild.remove();
}

// ------------------------------------------------------------------------------------------ rounds

async function look() {
  status = await asked("/api/v1/status");
  const names = status.deployments.map((deployment) => deployment.name);
  $("nothing").hidden = names.length > 0;
  $("enter").hidden = true;
  if (!names.includes(shown)) await choose(names[0] ?? null);
  const deployment = status.deployments.find((one) => one.name === shown);
  $("deployment").hidden = !deployment;
  showNames();
  if (!deployment) return say("");
  measure(deployment, Date.now());
  showHead(deployment);
  showServices(deployment);
  showGrids(deployment);
  await showHistory();
  say(`As of ${new Date().toLocaleTimeString()}`);
}

async function choose(name) {
  if (name === shown) return;
  shown = name;
  before.clear();
  rates.clear();
  if (name === null) return;
  showNames();
  $("graph").alt = `${name}: its services and what they need, as planned`;
  const { totals } = await asked(at("/plan")).catch(() => ({}));
  $("planned").textContent = totals
    ? `planned at ${short(exact(totals.cost) * MONTH)} USD and `
      + `${short((exact(totals.carbon) * MONTH) / 1000)} kgCO2e a month`
    : "";
  const drawn = await ask(at("/graph")).then((response) => response.blob()).catch(() => null);
  URL.revokeObjectURL($("graph").src);
  if (drawn && shown === name) $("graph").src = URL.createObjectURL(drawn);
  const { events } = await asked(`/api/v1/events?deployment=${encodeURIComponent(name)}&last=100`);
  showEvents(events, true);
  await trying(slowly);
}

async function slowly() {
  if (shown === null) return;
  await showWorth();
  await showLogs();
}

/** Each is asked for again when it was answered. */
async function round(what, pause) {
  const mine = asks;
  while (mine === asks) {
    const went = await trying(what);
    await new Promise((done) => setTimeout(done, went ? pause : 3 * AGAIN));
  }
}

async function watch() {
  if (seq === null) {
    const { events } = await asked("/api/v1/events?last=1");
    seq = events[0]?.seq ?? 0;
    return;
  }
  const { events } = await asked(`/api/v1/events?after=${seq}&wait=20`);
  if (!events.length) return;
  seq = events[events.length - 1].seq;
  showEvents(events, false);
  await look();
}

function begin() {
  asks += 1;
  if (!sessionStorage.getItem(KEY)) {
    say("");
    return enter();
  }
  round(look, AGAIN);
  round(slowly, SLOWER);
  round(watch, 200);
}

$("enter").addEventListener("submit", (event) => {
  event.preventDefault();
  sessionStorage.setItem(KEY, $("token").value.trim());
  $("token").value = "";
  begin();
});
$("span").addEventListener("change", () => trying(showWorth));
$("log-of").addEventListener("change", () => trying(showLogs));
takeKey();
begin();
