// Answers as elements. Texts of programs are always text; the only markup that is taken over is
// the report and the picture of a plan, which stand in frames and images where no script runs.

export const made = (name, values = {}, ...children) => {
  const element = Object.assign(document.createElement(name), values);
  element.append(...children);
  return element;
};

// Prose in which names of programs stand between backticks.
const prose = (name, className, text) =>
  made(
    name,
    { className },
    ...text.split("`").map((part, n) => (n % 2 ? made("code", { textContent: part }) : part)),
  );

// What the command prints in two columns, as a list that may be narrow: `  label  what it is`.
function rows(text) {
  const parts = [];
  let list = null;
  for (const line of text.split("\n")) {
    const row = line.match(/^ {2}(\S.*?) {2,}(.*)$/);
    if (!row) {
      list = null;
      if (line.trim()) parts.push(prose("p", "", line));
      continue;
    }
    if (!list) parts.push((list = made("dl")));
    list.append(made("dt", { textContent: row[1] }), prose("dd", "", row[2]));
  }
  return made("section", { className: "rows" }, ...parts);
}

// Diagnostics as items of a list, each with its place, its fixes and its page.
export function listed(found, { editor, explain }) {
  return found.map((each) => {
    const hasPlace = each.start !== undefined;
    const place = hasPlace ? `${each.line}:${each.column}` : "";
    const head = made(
      hasPlace ? "button" : "div",
      { className: "head" },
      made("b", { textContent: each.severity }),
      " ",
      prose("span", "", each.message),
      " ",
      made("span", { className: "soft", textContent: place }),
    );
    if (hasPlace) head.addEventListener("click", () => editor.select(each.start, each.end));
    const item = made("li", { className: `diagnostic ${each.severity}-item` }, head);
    const line = (text, className = "") => {
      if (text) item.append(prose("p", className, text));
    };
    line(each.text);
    for (const { text, line: at, column } of each.labels) {
      line(at ? `${at}:${column} ${text}` : text, "soft");
    }
    for (const note of each.notes) line(note, "soft");
    line(each.help, "help");
    const acts = made("div", { className: "acts" });
    for (const fix of each.fixes) {
      const button = made("button", { textContent: `Fix: ${fix.title}` });
      button.addEventListener("click", () => editor.make(fix.edits));
      acts.append(button);
    }
    const more = made("button", { className: "link", textContent: each.code });
    more.setAttribute("aria-label", `Explain ${each.code}`);
    more.addEventListener("click", () => explain(each.code));
    acts.append(more);
    item.append(acts);
    return item;
  });
}

const list = (items) => (items.length > 0 ? [made("ol", { className: "found" }, ...items)] : []);

export function showRun({ found, main, tests }, diagnostics) {
  const parts = list(diagnostics(found));
  if (main) {
    if (main.printed) parts.push(made("pre", { className: "printed", textContent: main.printed }));
    if (main.is_cut) {
      const text = "It printed more, which is not kept.";
      parts.push(made("p", { className: "soft", textContent: text }));
    }
    if (main.value !== null) {
      parts.push(made("pre", { className: "value", textContent: `=> ${main.value}` }));
    }
    if (main.is_done && !main.printed && main.value === null) {
      parts.push(prose("p", "soft", "`main` ended and printed nothing."));
    }
  } else if (found.length === 0) {
    const text = "There is no `main` to run. Plan finds the best plan of a deployment.";
    parts.push(prose("p", "soft", text));
  }
  if (tests.length > 0) {
    const passed = tests.filter((test) => test.is_passed).length;
    parts.push(made("h2", { textContent: `Tests: ${passed} of ${tests.length} passed` }));
    const item = (test) => {
      const head = made("span", { textContent: `${test.is_passed ? "✓" : "✗"} ${test.name}` });
      const name = test.is_passed ? "good" : "error";
      const failures = list(diagnostics(test.found));
      return made("li", {}, made("div", { className: name }, head), ...failures);
    };
    parts.push(made("ul", { className: "tests" }, ...tests.map(item)));
  }
  return parts;
}

// What the three views of a plan show; `sweep`, where that is still to be done, adds to the report.
export function showPlan({ found, deployments, plan }, diagnostics, sweep) {
  const before = () => list(diagnostics(found));
  if (!plan) {
    const isNone = found.length === 0 && deployments.length === 0;
    const text = isNone
      ? "The program declares no deployment: add one with (defdeployment …)."
      : "There is no plan, for the reasons above.";
    const view = () => [...before(), made("p", { className: "soft", textContent: text })];
    return { report: view(), graph: view(), prices: view() };
  }
  const report = made("iframe", {
    srcdoc: plan.report,
    title: `The plan of ${plan.deployment}`,
  });
  report.setAttribute("sandbox", "");
  const picture = made("img", {
    src: `data:image/svg+xml;charset=utf-8,${encodeURIComponent(plan.graph)}`,
    alt: `The services of ${plan.deployment}, what they need, and the machines they are on`,
  });
  const steps = made(
    "details",
    { className: "steps" },
    made("summary", { textContent: "As the command prints it" }),
    made("pre", { textContent: plan.text }),
  );
  const more = made("button", {
    textContent: "Sweep the limits",
    title: "Add the best plan at other limits, and the frontier between cost and carbon",
  });
  more.addEventListener("click", () => sweep());
  const head = made("div", { className: "acts" }, steps, ...(sweep ? [more] : []));
  const reasons = plan.reasons.map(({ text }) => rows(text));
  return {
    report: [...before(), head, report],
    graph: [picture],
    prices: [
      made("h2", { textContent: "What one more of each limit is worth" }),
      rows(plan.prices),
      made("h2", { textContent: "Why it is so" }),
      ...reasons,
    ],
  };
}
