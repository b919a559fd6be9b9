"use strict";
// The search of the book. Headings come first: those of chapters and sections, words of the glossary, requirement IDs.
(() => {
  const search = document.querySelector("form.search");
  if (!search) return;
  const KINDS = ["chapter", "word", "section", "requirement"];
  const SHOWN = 12;
  const input = search.querySelector("input"), hits = search.querySelector(".hits");
  const entries = SEARCH_INDEX.map(([kind, heading, text, address, more]) => ({
    kind, heading, text, address,
    title: heading.toLowerCase(), said: text.toLowerCase(), more: more.toLowerCase(),
  }));
  // A word in the plural finds the singular.
  const singular = (word) => (word.length > 3 ? word.replace(/s$/, "") : word);
  const starts = (title, word) => title.startsWith(word) || title.split(/[^a-z0-9]+/).some((part) => part.startsWith(word));
  const rank = (entry, word) => {
    if (starts(entry.title, word)) return 1;
    if (entry.title.includes(word)) return 2;
    if (entry.said.includes(word)) return 8;
    return entry.more.includes(word) ? 16 : Infinity;
  };
  const found = (query) => {
    const words = query.split(/\s+/).filter(Boolean).map(singular);
    if (!words.length) return [];
    const whole = words.join(" ");
    return entries
      .map((entry, place) => {
        const same = entry.title.split(/\s+/).map(singular).join(" ") === whole;
        const sum = same ? 0 : words.reduce((total, word) => total + rank(entry, word), 0);
        return { entry, place, rank: sum, kind: KINDS.indexOf(entry.kind) };
      })
      .filter((hit) => hit.rank < Infinity)
      .sort((one, other) => one.rank - other.rank || one.kind - other.kind || one.place - other.place)
      .map((hit) => hit.entry);
  };
  const close = () => { input.value = ""; hits.replaceChildren(); };
  const look = () => {
    const query = input.value.trim().toLowerCase();
    hits.replaceChildren();
    if (!query) return;
    const all = found(query);
    const said = document.createElement("p");
    said.textContent = all.length === 1 ? "1 result" : `${all.length} results`;
    const list = document.createElement("ul");
    for (const entry of all.slice(0, SHOWN)) {
      const item = document.createElement("li"), link = document.createElement("a"), kind = document.createElement("span");
      link.href = entry.address;
      link.textContent = entry.heading;
      link.addEventListener("click", close);
      kind.className = "kind";
      kind.textContent = entry.kind === "requirement" ? "" : ` (${entry.kind})`;
      item.append(link, kind, ` ${entry.text}`);
      list.append(item);
    }
    hits.append(said, list);
  };
  search.hidden = false;
  input.addEventListener("input", look);
  search.addEventListener("submit", (event) => {
    event.preventDefault();
    const first = hits.querySelector("a");
    if (first) first.click();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && search.contains(event.target)) {
      close();
      input.focus();
    } else if (event.key === "/" && !event.target.matches("input, select, textarea")) {
      event.preventDefault();
      input.focus();
    }
  });
  document.addEventListener("click", (event) => { if (!search.contains(event.target)) close(); });
})();
