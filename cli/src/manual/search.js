// The search of these pages: by name, by type, and by the words of the documentation. The index is
// read when somebody searches; nothing is asked of anybody else, so that it works without a server.
//
// A type is what has brackets or begins with a capital: in it a single small letter stands for any
// type, the same letter for the same, and `_` for any at all. `/` begins, the arrows choose, Enter
// goes there, Escape ends. `#search=fold` in an address searches at once.
(() => {
  "use strict";
  const script = document.currentScript;
  const root = new URL(".", script.src).href;
  const most = 50;
  const entries = (window.eclexiaIndex = []);
  let loading = null;

  const load = () => (loading ??= Promise.all(script.dataset.parts.split(" ").map((part) =>
    new Promise((done) => {
      const tag = document.createElement("script");
      tag.src = `${root}search/${part}.js`;
      tag.onload = tag.onerror = done;
      document.head.append(tag);
    }))));

  // A part of a type as a pattern; null of what is no type.
  const pattern = (text) => {
    if (!/[()[\]]|^[A-Z]/.test(text)) return null;
    const seen = [];
    const any = String.raw`(?:[^\s()[\]]+|\([^()]*\))`;
    let out = "", before = "";
    for (const token of text.match(/[()[\]]|[^\s()[\]]+/g) ?? []) {
      const opens = before === "(" || before === "[" || before === "";
      if (!opens && token !== ")" && token !== "]") out += " ";
      before = token;
      if (token === "_") {
        out += any;
      } else if (/^[a-z]$/.test(token)) {
        const known = seen.indexOf(token);
        out += known < 0 ? `(${any})` : `\\${known + 1}(?![^\\s()[\\]])`;
        if (known < 0) seen.push(token);
      } else {
        out += token.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
      }
    }
    return new RegExp(`(?<![^\\s()[\\]])${out}`);
  };

  // How well a word is the name of an entry, or one of its words; 0 of what has nothing of it.
  const worth = (word, { name, full, of, words }) => {
    if (name === word || full === word) return 100;
    // `list/fo` begins a name; `list` alone is said of all that the module has.
    if (name.startsWith(word) || (word.includes("/") && full.startsWith(word))) return 70;
    if (name.split(/[-/?!. ]/).some((part) => part.startsWith(word))) return 50;
    if (name.includes(word) || of.includes(word)) return 30;
    if (words.startsWith(word) || words.includes(` ${word}`)) return 12;
    return words.includes(word) ? 5 : 0;
  };

  const lower = (entry) => {
    const name = entry[0].toLowerCase(), of = entry[2].toLowerCase();
    return { name, of, full: `${of.split(".").pop()}/${name}`, words: entry[5].toLowerCase() };
  };

  const score = (entry, words, type) => {
    let sum = 0;
    const plain = lower(entry);
    for (const word of words) {
      const found = worth(word, plain);
      if (!found) break;
      sum += found;
      if (word === words.at(-1)) return sum / words.length - entry[0].length / 1000;
    }
    // The shorter the rest of the type, the more of it was meant.
    return type?.test(entry[4]) ? 40 - Math.min(entry[4].length, 300) / 10 : 0;
  };

  const search = (text) => {
    const words = text.toLowerCase().split(/\s+/).filter(Boolean);
    if (!words.length) return [];
    const type = pattern(text.trim());
    const found = entries.map((entry) => ({ entry, score: score(entry, words, type) }));
    return found.filter((one) => one.score > 0).sort((a, b) => b.score - a.score);
  };

  const form = document.getElementById("search");
  const input = form.querySelector("input");
  const list = form.querySelector("ul");
  const told = form.querySelector("p");
  let chosen = -1;
  form.hidden = false;

  const element = (tag, kind, text) => {
    const made = document.createElement(tag);
    if (kind) made.className = kind;
    made.textContent = text;
    return made;
  };

  const option = ({ entry: [name, kind, of, to, type, words] }, at) => {
    const item = element("li", "", "");
    item.id = `found-${at}`;
    item.role = "option";
    const link = element("a", "", "");
    link.href = root + to;
    link.tabIndex = -1;
    link.append(element("code", "name", name), " ", element("span", "kind", `${kind} ${of}`));
    if (type) link.append(element("code", "type", type));
    if (words) link.append(element("span", "words", words));
    item.append(link);
    return item;
  };

  const choose = (at) => {
    const items = [...list.children];
    chosen = items.length ? (at + items.length) % items.length : -1;
    items.forEach((item, n) => item.setAttribute("aria-selected", n === chosen));
    items[chosen]?.scrollIntoView({ block: "nearest" });
    if (chosen < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", `found-${chosen}`);
  };

  const show = async () => {
    const asked = input.value;
    await load();
    if (asked !== input.value) return;
    const found = search(asked);
    list.replaceChildren(...found.slice(0, most).map(option));
    const shown = found.length > most ? `, the first ${most} shown` : "";
    told.textContent = asked.trim() ? `${found.length || "nothing"} found${shown}` : "";
    form.classList.toggle("open", asked.trim() !== "");
    input.setAttribute("aria-expanded", found.length > 0);
    choose(0);
  };

  const begin = (text) => {
    input.focus();
    input.select();
    if (text === undefined) return load();
    input.value = text;
    return show();
  };

  const end = () => {
    input.value = "";
    show();
    input.blur();
  };

  input.addEventListener("focus", load, { once: true });
  input.addEventListener("input", show);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const link = list.children[chosen]?.querySelector("a");
    if (link) link.click();
  });
  // Of a link to this very page nothing is loaded: the search is over all the same.
  list.addEventListener("click", end);
  input.addEventListener("keydown", (event) => {
    const moves = { ArrowDown: 1, ArrowUp: -1 };
    if (event.key in moves) choose(chosen + moves[event.key]);
    else if (event.key === "Escape") end();
    else return;
    event.preventDefault();
  });
  document.addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, [contenteditable]");
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || typing) return;
    event.preventDefault();
    begin();
  });
  const asked = () => {
    const text = new URLSearchParams(location.hash.slice(1)).get("search");
    if (text !== null) begin(text);
  };
  window.addEventListener("hashchange", asked);
  asked();
})();
