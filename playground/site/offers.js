// What can be written at the cursor (Ctrl+Space), and what is known of a word: at the cursor
// (Ctrl+I), or under a mouse that rests.

import { made } from "./answers.js";

const REST = 450;

// A snippet without its places, and the first of them: `(f ${1:x} $0)` is `(f x )` with x chosen.
const filled = (snippet) => {
  let first = null;
  let end = null;
  let text = "";
  let last = 0;
  for (const match of snippet.matchAll(/\$\{(\d+):([^}]*)\}|\$(\d+)/g)) {
    text += snippet.slice(last, match.index);
    const inside = match[2] ?? "";
    if ((match[1] ?? match[3]) === "1") first ??= [text.length, text.length + inside.length];
    else if (match[3] === "0") end ??= [text.length, text.length];
    text += inside;
    last = match.index + match[0].length;
  }
  text += snippet.slice(last);
  return { text, chosen: first ?? end ?? [text.length, text.length] };
};

export class Offers {
  #editor;
  #asker;
  #list = document.getElementById("offers");
  #known = document.getElementById("known");
  #offered = null;
  #chosen = 0;
  #rest = 0;

  constructor(editor, asker) {
    this.#editor = editor;
    this.#asker = asker;
    const { area } = editor;
    area.addEventListener("keydown", (event) => this.#key(event), true);
    area.addEventListener("blur", () => this.hide());
    area.addEventListener("scroll", () => this.hide());
    area.addEventListener("mousemove", (event) => this.#move(event));
    area.addEventListener("mouseleave", () => this.#leave());
  }

  hide() {
    this.#list.hidden = this.#known.hidden = true;
    this.#editor.area.removeAttribute("aria-activedescendant");
  }

  #key(event) {
    const isOpen = !this.#list.hidden;
    const acts = {
      " ": event.ctrlKey && (() => this.#complete()),
      i: event.ctrlKey && (() => this.#tell(this.#editor.at)),
      Escape: (isOpen || !this.#known.hidden) && (() => this.hide()),
      ArrowDown: isOpen && (() => this.#choose(this.#chosen + 1)),
      ArrowUp: isOpen && (() => this.#choose(this.#chosen - 1)),
      Enter: isOpen && (() => this.#take(this.#chosen)),
      Tab: isOpen && (() => this.#take(this.#chosen)),
    };
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  }

  async #complete() {
    const { text, at } = this.#editor;
    const offered = await this.#asker.ask({ ask: "complete", text, at });
    if (this.#editor.text !== text || this.#editor.at !== at) return;
    this.hide();
    if (offered.items.length === 0) return;
    this.#offered = offered;
    const items = offered.items.map((item, n) => {
      const label = made("span", { textContent: item.label });
      const detail = made("span", { className: "soft", textContent: item.detail || item.kind });
      const option = made("li", { id: `offer-${n}` }, label, detail);
      option.setAttribute("role", "option");
      option.addEventListener("mousedown", (event) => {
        event.preventDefault();
        this.#take(n);
      });
      return option;
    });
    this.#list.replaceChildren(...items);
    this.#put(this.#list, offered.start);
    this.#choose(0);
  }

  #choose(n) {
    const items = [...this.#list.children];
    this.#chosen = (n + items.length) % items.length;
    items.forEach((item, i) => item.setAttribute("aria-selected", i === this.#chosen));
    items[this.#chosen].scrollIntoView({ block: "nearest" });
    this.#editor.area.setAttribute("aria-activedescendant", `offer-${this.#chosen}`);
  }

  #take(n) {
    const { items, start, end } = this.#offered;
    const { insert, is_snippet, edits } = items[n];
    const { text, chosen } = is_snippet
      ? filled(insert)
      : { text: insert, chosen: [insert.length, insert.length] };
    this.hide();
    this.#editor.replace(start, end, text);
    let by = start;
    this.#editor.make(edits);
    // An import stands before the word: it moves it.
    for (const edit of edits) {
      if (edit.start <= start) by += edit.replacement.length - (edit.end - edit.start);
    }
    this.#editor.select(by + chosen[0], by + chosen[1]);
  }

  async #tell(at) {
    const { text } = this.#editor;
    const known = await this.#asker.ask({ ask: "hover", text, at });
    if (!known || this.#editor.text !== text) return;
    this.#known.replaceChildren(
      made("pre", { textContent: known.code }),
      ...(known.doc ? [made("p", { textContent: known.doc })] : []),
      ...known.facts.map((fact) => made("p", { className: "soft", textContent: fact })),
    );
    this.#put(this.#known, known.start);
  }

  #put(element, offset) {
    element.hidden = false;
    const { left, top } = this.#editor.place(offset);
    const most = element.offsetParent.clientWidth - element.offsetWidth - 4;
    element.style.left = `${Math.max(4, Math.min(left, most))}px`;
    element.style.top = `${top + 2}px`;
  }

  #move({ clientX, clientY }) {
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => {
      const at = this.#editor.offset(clientX, clientY);
      if (at !== null && this.#list.hidden) this.#tell(at);
    }, REST);
    this.#known.hidden = true;
  }

  #leave() {
    clearTimeout(this.#rest);
    this.#known.hidden = true;
  }
}
