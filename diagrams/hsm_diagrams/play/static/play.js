"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const { states, moves } = data;
  const one = (selector) => document.querySelector(selector);
  const make = (tag, text = "", name = "") => {
    const made = document.createElement(tag);
    if (text) made.textContent = text;
    if (name) made.className = name;
    return made;
  };
  const button = (text, act, name = "") => {
    const made = make("button", text, name);
    made.type = "button";
    made.addEventListener("click", act);
    return made;
  };
  const viewport = one(".viewport");
  const leaving = states.map(() => []);
  moves.forEach((move, index) => leaving[move.source].push(index));
  const boxes = new Map();
  states.forEach((state, index) => { if (state.box && !boxes.has(state.box)) boxes.set(state.box, index); });

  // --- the position: where it began, and the moves since, as places among the moves of each state
  let start = data.starts[0] || 0;
  let taken = [];
  const at = () => (taken.length ? moves[taken[taken.length - 1]].target : start);
  const address = () => {
    let here = start;
    const places = taken.map((index) => {
      const place = leaving[here].indexOf(index);
      here = moves[index].target;
      return place;
    });
    return `#${[start, ...places].join(".")}`;
  };
  const read = () => {
    if (!location.hash) {
      start = data.starts[0] || 0;
      taken = [...data.opened];
      return;
    }
    const [first, ...places] = location.hash.slice(1).split(".").map(Number);
    if (!data.starts.includes(first)) return;
    start = first;
    taken = [];
    for (const place of places) {
      const index = leaving[at()][place];
      if (index === undefined) break;
      taken.push(index);
    }
  };

  // --- what is shown
  const status = (text) => { one(".said").textContent = text; };
  const told = (move) => [move.words, ...move.notes].join("; ");
  const shown = (facts, before) => Object.entries(facts).map(([heading, lines]) => {
    const row = make("div");
    const value = make("dd");
    const earlier = before ? before[heading] || [] : lines;
    value.append(...lines.map((line) => make("span", line, earlier.includes(line) ? "" : "changed")));
    if (!lines.length) value.append(make("span", "none", earlier.length ? "changed" : ""));
    row.append(make("dt", heading), value);
    return row;
  });
  const show = () => {
    const here = at();
    const last = taken.length ? moves[taken[taken.length - 1]] : null;
    one("#now").textContent = states[here].name;
    one(".panel .facts").replaceChildren(...shown(states[here].facts, last && states[last.source].facts));
    one(".moves").replaceChildren(...leaving[here].map((index, place) => {
      const move = moves[index];
      const item = make("li");
      const chosen = button("", () => take(index), move.outcome);
      if (place < 9) chosen.append(make("kbd", String(place + 1)));
      chosen.append(make("span", move.words + (move.outcome === "success" ? "" : ` (${move.outcome})`)));
      for (const note of move.notes) chosen.append(make("small", note));
      if (move.target !== here) chosen.append(make("small", `\u2192 ${states[move.target].name}`));
      item.append(chosen);
      return item;
    }));
    if (!leaving[here].length) one(".moves").append(make("li", "Nothing: no move leads out.", "quiet"));
    one(".log").replaceChildren(...taken.map((index) => {
      const move = moves[index];
      return make("li", `${told(move)} \u2192 ${states[move.target].name}`, move.outcome);
    }));
    if (!taken.length) one(".log").append(make("li", `It began in ${states[start].name}.`, "quiet"));
    one(".undo").disabled = one(".again").disabled = !taken.length;
    for (const marked of document.querySelectorAll(".here")) marked.classList.remove("here");
    for (const prefix of data.boxes) {
      const box = document.getElementById(`${prefix}-${states[here].box}`);
      if (!box) continue;
      box.classList.add("here");
      const seen = box.getBoundingClientRect();
      if (seen.width) bring(seen);
    }
    for (const link of document.querySelectorAll(".exports a")) URL.revokeObjectURL(link.href);
    one(".exports").replaceChildren(...exports());
    if (location.hash !== address()) history.replaceState(null, "", address());
  };
  // Scroll the picture, and nothing else, until the box is in its middle.
  const bring = (seen) => {
    const frame = viewport.getBoundingClientRect();
    viewport.scrollBy(
      seen.left + seen.width / 2 - frame.left - frame.width / 2,
      seen.top + seen.height / 2 - frame.top - frame.height / 2,
    );
  };
  const take = (index) => {
    taken.push(index);
    const move = moves[index];
    status(move.outcome === "failed" ? `${move.words} failed, and nothing is changed.`
      : move.outcome === "rejected" ? `${move.words} was rejected.` : `${move.words} led to ${states[move.target].name}.`);
    show();
  };
  const undo = () => { if (taken.length) { status(`Undone: ${moves[taken.pop()].words}.`); show(); } };
  const again = () => { taken = []; status("Started again."); show(); };

  // --- the shortest way: breadth first over the same moves
  const way = (from, wanted) => {
    const by = new Map([[from, null]]);
    const waiting = [from];
    for (const here of waiting) {
      if (wanted(here)) {
        const path = [];
        for (let step = here; by.get(step) !== null; step = moves[by.get(step)].source) path.unshift(by.get(step));
        return path;
      }
      for (const index of leaving[here]) {
        const next = moves[index].target;
        if (!by.has(next)) { by.set(next, index); waiting.push(next); }
      }
    }
    return null;
  };
  const goTo = (wanted, name) => {
    const path = way(at(), wanted);
    if (path === null) { status(`No way leads from here to ${name}.`); return; }
    taken.push(...path);
    status(path.length ? `${path.length} ${path.length > 1 ? "moves" : "move"} to ${name}.` : `This is ${name}.`);
    show();
  };
  one(".goto").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = one(".goto input").value.trim().toLowerCase();
    if (!text) return;
    const exact = states.some((state) => state.name.toLowerCase() === text);
    const has = (state) => state.name.toLowerCase() === text
      || (!exact && JSON.stringify([state.name, state.facts]).toLowerCase().includes(text));
    goTo((index) => has(states[index]), one(".goto input").value.trim());
  });
  one("#states").append(...[...new Set(states.map((state) => state.name))].slice(0, 500).map((name) => {
    const option = make("option");
    option.value = name;
    return option;
  }));

  // --- what has happened, for other programs
  const steps = () => [
    { state: states[start].name, facts: states[start].facts },
    ...taken.map((index) => ({
      move: moves[index].words, outcome: moves[index].outcome, notes: moves[index].notes,
      state: states[moves[index].target].name, facts: states[moves[index].target].facts,
    })),
  ];
  const chart = () => {
    const safe = (text) => text.replace(/[#;:<>&"]/g, (found) => `#${found.charCodeAt(0)};`);
    const lines = ["sequenceDiagram", "  actor outside", `  participant machine as ${safe(data.name)}`,
      `  Note over machine: ${safe(states[start].name)}`];
    for (const index of taken) {
      const move = moves[index];
      lines.push(`  outside->>machine: ${safe(move.words)}`);
      for (const note of move.notes) lines.push(`  machine-->>outside: ${safe(note)}`);
      lines.push(`  Note over machine: ${safe(states[move.target].name)}${move.outcome === "success" ? "" : ` (${move.outcome})`}`);
    }
    return `${lines.join("\n")}\n`;
  };
  const test = () => {
    const lines = [states[start].begin, states[start].code];
    for (const index of taken) lines.push(moves[index].code, states[moves[index].target].code);
    lines.push(data.ending);
    return `${data.code}\n${lines.filter(Boolean).map((block) => block.replace(/^/gm, "    ")).join("\n")}\n`;
  };
  const download = (text, type, name, words) => {
    const link = make("a", words);
    link.href = URL.createObjectURL(new Blob([text], { type }));
    link.download = name;
    return link;
  };
  const exports = () => [
    download(`${JSON.stringify(steps(), null, 1)}\n`, "application/json", `${data.name}.log.json`, "Save as JSON"),
    download(chart(), "text/plain", `${data.name}.mmd`, "Save as a sequence chart"),
    ...(data.code ? [download(test(), "text/x-python", `test_${data.name.replace(/\W+/g, "_")}.py`, "Save as a test")] : []),
  ];

  // --- the picture: clicks, zoom, and moving it
  const svgs = [...viewport.querySelectorAll("svg")];
  const sizes = svgs.map((svg) => [svg.viewBox.baseVal.width, svg.viewBox.baseVal.height]);
  let scale = 1;
  const zoom = (next) => {
    scale = Math.min(8, Math.max(0.05, next));
    svgs.forEach((svg, index) => {
      svg.setAttribute("width", `${sizes[index][0] * scale}`);
      svg.setAttribute("height", `${sizes[index][1] * scale}`);
    });
  };
  const fit = () => zoom(Math.min(1.4, (viewport.clientWidth - 4) / (sizes[0] ? sizes[0][0] : 1)));
  for (const key of document.querySelectorAll("[data-zoom]")) {
    key.addEventListener("click", () => (key.dataset.zoom === "fit" ? fit() : zoom(scale * Number(key.dataset.zoom))));
  }
  viewport.addEventListener("wheel", (event) => {
    if (!event.ctrlKey) return;
    event.preventDefault();
    zoom(scale * (event.deltaY < 0 ? 1.1 : 0.9));
  }, { passive: false });
  let from = null;
  let moved = false;
  viewport.addEventListener("pointerdown", (event) => {
    from = [event.clientX + viewport.scrollLeft, event.clientY + viewport.scrollTop];
    moved = false;
  });
  viewport.addEventListener("pointermove", (event) => {
    if (!from) return;
    const [x, y] = [from[0] - event.clientX, from[1] - event.clientY];
    if (Math.abs(x - viewport.scrollLeft) + Math.abs(y - viewport.scrollTop) > 4) moved = true;
    viewport.scrollTo(x, y);
  });
  addEventListener("pointerup", () => { from = null; });
  viewport.addEventListener("click", (event) => {
    if (moved) return;
    for (const prefix of data.boxes) {
      const box = event.target.closest(`[id^="${prefix}"]`);
      if (!box) continue;
      event.preventDefault();
      const number = Number(box.id.slice(prefix.length + 1));
      const index = boxes.get(number);
      if (index !== undefined) goTo((state) => states[state].box === number, states[index].name);
    }
  });

  // --- keys
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.target.closest("input, select, textarea")) return;
    const move = leaving[at()][Number(event.key) - 1];
    if (move !== undefined) take(move);
    else if (event.key === "u") undo();
    else if (event.key === "r") again();
    else if (event.key === "+") zoom(scale * 1.25);
    else if (event.key === "-") zoom(scale * 0.8);
    else if (event.key === "/") one(".goto input").focus();
    else return;
    event.preventDefault();
  });
  one(".undo").addEventListener("click", undo);
  one(".again").addEventListener("click", again);
  const choice = one(".start select");
  choice.append(...data.starts.map((index) => {
    const option = make("option", states[index].facts.Case ? `${states[index].facts.Case[0]}: ${states[index].name}` : states[index].name);
    option.value = String(index);
    return option;
  }));
  choice.addEventListener("change", () => { start = Number(choice.value); again(); });
  one(".start").hidden = data.starts.length < 2;
  addEventListener("hashchange", () => { read(); choice.value = String(start); show(); });

  if (!states.length) return;
  for (const hidden of document.querySelectorAll(".panel, .picture .keys")) hidden.hidden = false;
  read();
  choice.value = String(start);
  fit();
  show();
})();
