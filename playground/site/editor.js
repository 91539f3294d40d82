// A textarea to write in, and below it the same text with colours and marks. Everything a browser
// does with a textarea (undo, selection, input methods, screen readers) stays the browser's.

const escape = (text) =>
  text.replace(/[&<>]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[c]);

// Colours and marks of the text before at the places of the text now: what stands before the first
// change stays, what stands behind the last one moves along, what was changed goes.
const moved = (spans, before, now) => {
  const most = Math.min(before.length, now.length);
  let head = 0;
  while (head < most && before[head] === now[head]) head += 1;
  let tail = 0;
  while (tail < most - head && before.at(-1 - tail) === now.at(-1 - tail)) tail += 1;
  const by = now.length - before.length;
  return spans.flatMap((span) => {
    if (span.end <= head) return [span];
    if (span.start >= before.length - tail) {
      return [{ ...span, start: span.start + by, end: span.end + by }];
    }
    return [];
  });
};

export class Editor {
  #root;
  #area;
  #under;
  #gutter;
  #drawn = "";
  #words = [];
  #marks = [];

  constructor(root, onchange) {
    this.#root = root;
    this.#area = root.querySelector("textarea");
    this.#under = root.querySelector(".under");
    this.#gutter = root.querySelector(".gutter");
    this.#area.addEventListener("input", () => {
      this.#draw();
      onchange();
    });
    this.#area.addEventListener("scroll", () => this.#follow());
    this.#area.addEventListener("keydown", (event) => this.#key(event));
  }

  get area() {
    return this.#area;
  }

  get text() {
    return this.#area.value;
  }

  // Another text, which undo does not go behind.
  set text(text) {
    this.#area.value = text;
    this.#area.setSelectionRange(0, 0);
    this.#area.scrollTo(0, 0);
    this.#words = this.#marks = [];
    this.#draw();
  }

  get at() {
    return this.#area.selectionEnd;
  }

  // Words [start, end, class] and diagnostics of a text; of another than this they move along.
  show(text, words, found) {
    const now = this.text;
    const spans = words.map(([start, end, name]) => ({ start, end, name }));
    const marks = found
      .filter((each) => each.start !== undefined)
      .map(({ start, end, severity }) => ({ start, end: Math.max(end, start + 1), severity }));
    this.#words = moved(spans, text, now);
    this.#marks = moved(marks, text, now);
    this.#drawn = now;
    this.#paint(now);
  }

  // Puts a text in the place of another as if it were typed, so that it can be undone.
  replace(start, end, text) {
    this.#area.focus();
    this.#area.setSelectionRange(start, end);
    const isTyped =
      text === ""
        ? start === end || document.execCommand("delete")
        : document.execCommand("insertText", false, text);
    if (!isTyped) {
      this.#area.setRangeText(text, start, end, "end");
      this.#area.dispatchEvent(new Event("input"));
    }
  }

  // Makes edits that belong together, the last first: the places of the others stay.
  make(edits) {
    for (const { start, end, replacement } of edits.toSorted((a, b) => b.start - a.start)) {
      this.replace(start, end, replacement);
    }
  }

  select(start, end = start) {
    this.#area.focus();
    this.#area.setSelectionRange(start, end);
    const { line } = this.#cell();
    const line_count = Math.floor(this.#area.clientHeight / line);
    const row = this.text.slice(0, start).split("\n").length - 1;
    const first = Math.floor(this.#area.scrollTop / line);
    if (row < first || row >= first + line_count - 1) {
      this.#area.scrollTop = Math.max(0, (row - line_count / 2) * line);
    }
  }

  // Where an offset is on the screen, from the corner of the editor: below its line.
  place(offset) {
    const { line, column } = this.#cell();
    const before = this.text.slice(0, offset);
    const row = before.split("\n").length;
    const characters = [...before.slice(before.lastIndexOf("\n") + 1)].length;
    const style = getComputedStyle(this.#area);
    const left = this.#root.querySelector(".sheet").offsetLeft + parseFloat(style.paddingLeft);
    return {
      left: left + characters * column - this.#area.scrollLeft,
      top: parseFloat(style.paddingTop) + row * line - this.#area.scrollTop,
    };
  }

  // The offset at a point of the screen, or null where no text is.
  offset(x, y) {
    const { line, column } = this.#cell();
    const box = this.#area.getBoundingClientRect();
    const style = getComputedStyle(this.#area);
    const row = (y - box.top - parseFloat(style.paddingTop) + this.#area.scrollTop) / line;
    const at = (x - box.left - parseFloat(style.paddingLeft) + this.#area.scrollLeft) / column;
    const lines = this.text.split("\n");
    if (row < 0 || row >= lines.length || at < 0) return null;
    const index = Math.floor(row);
    const characters = [...lines[index]];
    if (at >= characters.length) return null;
    const before = lines.slice(0, index).reduce((sum, each) => sum + each.length + 1, 0);
    return before + characters.slice(0, Math.floor(at)).join("").length;
  }

  #cell() {
    const probe = document.createElement("span");
    probe.textContent = "m".repeat(100);
    this.#under.append(probe);
    const box = probe.getBoundingClientRect();
    probe.remove();
    return { column: box.width / 100, line: parseFloat(getComputedStyle(this.#area).lineHeight) };
  }

  // A new line begins below the form that it is in.
  #key(event) {
    const { selectionStart: start, selectionEnd: end } = this.#area;
    if (event.key !== "Enter" || event.ctrlKey || event.isComposing || event.defaultPrevented) {
      return;
    }
    const line = this.text.slice(this.text.lastIndexOf("\n", start - 1) + 1, start);
    const code = line.replace(/"(\\.|[^"\\])*"|;.*/g, "");
    const count = (pattern) => (code.match(pattern) ?? []).length;
    const isOpen = count(/[([{]/g) > count(/[)\]}]/g);
    event.preventDefault();
    this.replace(start, end, `\n${line.match(/^ */)[0]}${isOpen ? "  " : ""}`);
  }

  #draw() {
    const now = this.text;
    this.#words = moved(this.#words, this.#drawn, now);
    this.#marks = moved(this.#marks, this.#drawn, now);
    this.#drawn = now;
    this.#paint(now);
  }

  // Marks may lie over several words: the text is cut wherever one of them begins or ends.
  #paint(text) {
    const cuts = new Set([0, text.length]);
    for (const { start, end } of [...this.#words, ...this.#marks]) {
      cuts.add(start).add(Math.min(end, text.length));
    }
    const at = [...cuts].sort((a, b) => a - b);
    let word = 0;
    const parts = at.slice(0, -1).map((start, i) => {
      const piece = escape(text.slice(start, at[i + 1]));
      while (word < this.#words.length && this.#words[word].end <= start) word += 1;
      const known = this.#words[word];
      const marks = this.#marks.filter((mark) => mark.start <= start && mark.end > start);
      const names = marks.map((mark) => mark.severity);
      if (known && known.start <= start) names.push(known.name);
      return names.length > 0 ? `<span class="${names.join(" ")}">${piece}</span>` : piece;
    });
    // A last empty line has a height too.
    this.#under.innerHTML = `${parts.join("")}\n`;
    const rows = text.split("\n").length;
    this.#gutter.textContent = Array.from({ length: rows }, (_, i) => i + 1).join("\n");
    this.#follow();
  }

  #follow() {
    const { scrollLeft, scrollTop } = this.#area;
    this.#under.style.transform = `translate(${-scrollLeft}px, ${-scrollTop}px)`;
    this.#gutter.style.transform = `translateY(${-scrollTop}px)`;
  }
}
