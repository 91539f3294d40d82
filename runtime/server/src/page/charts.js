// Lines over time, as SVG. In: named series of [milliseconds, value]. Out: a figure with its key,
// and the same as a table for who does not see it.

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 400;
const HEIGHT = 110;
const LEFT = 44;
const BELOW = 16;

function drawn(name, attributes, text) {
  const element = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key in made) made[key] = value;
    else made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

/** A number as short as it may be: `1.2 k`, `0.004`. */
export function short(value) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  for (const [least, unit] of [[1e12, " T"], [1e9, " G"], [1e6, " M"], [1e4, " k"]]) {
    if (size >= least) {
      const by = unit === " k" ? 1e3 : least;
      return trimmed(value / by, 1) + unit;
    }
  }
  if (size < 1) return String(Number(value.toPrecision(2)));
  return trimmed(value, size >= 100 ? 0 : 2);
}

const trimmed = (value, places) => String(Number(value.toFixed(places)));

/** Where a line ends at the top: 1, 2 or 5 times a power of ten. */
function top(most) {
  if (!(most > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 5, 10].map((n) => n * power).find((n) => n >= most * 0.999);
}

const clock = new Intl.DateTimeFormat([], { hour: "2-digit", minute: "2-digit" });
const date = new Intl.DateTimeFormat([], { month: "short", day: "numeric" });

export const when = (at, span) => (span > 2 * 86400e3 ? date : clock).format(at);

/** A figure of series `{name, points}` from one time to another; steps stay until the next. */
export function chart(title, unit, series, [from, to], steps = false) {
  const most = top(Math.max(0, ...series.flatMap((s) => s.points.map(([, value]) => value))));
  const x = (at) => LEFT + ((at - from) / (to - from)) * (WIDTH - LEFT - 4);
  const y = (value) => 6 + (1 - value / most) * (HEIGHT - BELOW - 6);
  const label = `${title}: ${series.map((s) => `${s.name} ${last(s)} ${unit}`).join(", ")}`;
  const svg = drawn("svg", { class: "chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img" });
  svg.setAttribute("aria-label", label);
  for (const part of [0, 0.5, 1]) {
    const height = y(most * part);
    svg.append(drawn("line", { class: "axis", x1: LEFT, x2: WIDTH - 4, y1: height, y2: height }));
    const at = { x: LEFT - 4, y: height + 3, "text-anchor": "end" };
    svg.append(drawn("text", at, short(most * part)));
  }
  for (const [part, anchor] of [[0, "start"], [0.5, "middle"], [1, "end"]]) {
    const at = from + (to - from) * part;
    const place = { x: x(at), y: HEIGHT - 2, "text-anchor": anchor };
    svg.append(drawn("text", place, when(at, to - from)));
  }
  const apart = steps ? Infinity : apartFrom(series) * ((WIDTH - LEFT - 4) / (to - from));
  series.forEach((s, index) => {
    const path = line(s.points.map(([at, value]) => [x(at), y(value)]), steps ? x(to) : null, apart);
    svg.append(drawn("path", { class: `c${index % 4}`, d: path }));
  });
  const keys = series.map((s, index) =>
    element("span", { className: `key c${index % 4}` }, `${s.name} ${last(s)}`));
  const caption = element("figcaption", {}, element("b", {}, `${title} (${unit})`), ...keys);
  return element("figure", {}, caption, svg, table(title, unit, series, to - from));
}

const last = (s) => (s.points.length ? short(s.points[s.points.length - 1][1]) : "–");

/** Points further apart than three of the usual distance have time between them in which nothing
    was measured: no line is drawn there. */
function apartFrom(series) {
  const between = series.flatMap((s) => s.points.slice(1).map(([at], i) => at - s.points[i][0]));
  between.sort((a, b) => a - b);
  return between.length ? 3 * between[Math.floor(between.length / 2)] : Infinity;
}

function line(points, end, apart) {
  let path = "";
  points.forEach(([x, y], index) => {
    const at = `${x.toFixed(1)} ${y.toFixed(1)}`;
    const isAlone = (i) => i < 0 || i >= points.length || Math.abs(points[i][0] - x) > apart;
    if (isAlone(index - 1)) path += `M${at}`;
    else path += end === null ? `L${at}` : `H${x.toFixed(1)}V${y.toFixed(1)}`;
    // One alone is a dot.
    if (end === null && isAlone(index - 1) && isAlone(index + 1)) path += "h2";
  });
  if (points.length && end !== null) path += `H${end.toFixed(1)}`;
  return path;
}

function table(title, unit, series, span) {
  const details = element("details", {}, element("summary", {}, "As a table"));
  details.addEventListener("toggle", () => {
    if (!details.open || details.querySelector("table")) return;
    const times = [...new Set(series.flatMap((s) => s.points.map(([at]) => at)))];
    times.sort((a, b) => b - a);
    const heads = ["Time", ...series.map((s) => s.name)];
    const head = element("tr", {}, ...heads.map((h) => element("th", { scope: "col" }, h)));
    const rows = times.slice(0, 200).map((at) => {
      const values = series.map((s) => s.points.find(([t]) => t === at)?.[1]);
      const cells = values.map((value) =>
        element("td", { className: "number" }, value === undefined ? "" : short(value)));
      return element("tr", {}, element("td", {}, when(at, span)), ...cells);
    });
    const all = element("table", {}, element("thead", {}, head), element("tbody", {}, ...rows));
    const region = element("div", { className: "scroll", tabIndex: 0 }, all);
    region.setAttribute("role", "group");
    region.setAttribute("aria-label", `${title} (${unit})`);
    details.append(region);
  });
  return details;
}
