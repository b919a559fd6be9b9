"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const button = (text, act) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = text;
    made.addEventListener("click", act);
    return made;
  };
  // Pages opened from disk may have no storage.
  const kept = (name, value) => {
    try {
      if (value === undefined) return localStorage.getItem(name);
      localStorage.setItem(name, value);
    } catch { return null; }
    return value;
  };

  // --- light and dark
  const chosen = kept("hsmspec-theme");
  if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;
  const tools = document.querySelector(".tools");
  if (tools) {
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const theme = () => root.dataset.theme || (dark.matches ? "dark" : "light");
    const toggle = button("", () => {
      root.dataset.theme = theme() === "dark" ? "light" : "dark";
      kept("hsmspec-theme", root.dataset.theme);
      label();
    });
    const label = () => { toggle.textContent = theme() === "dark" ? "Light colors" : "Dark colors"; };
    toggle.className = "theme";
    dark.addEventListener("change", label);
    label();
    tools.append(toggle);
  }

  // --- films
  const films = new Map();
  let active = null;
  const build = (element) => {
    if (films.has(element)) return films.get(element);
    const steps = all(".steps > li", element);
    const start = Number(element.dataset.start);
    const said = document.createElement("span");
    said.setAttribute("role", "status");
    const film = {
      at: -1,
      show(index, focus) {
        if (index < 0 || index >= steps.length) return;
        const now = steps[index];
        if (film.at >= 0) {
          steps[film.at].classList.remove("now");
          steps[film.at].firstElementChild.removeAttribute("aria-current");
        }
        film.at = index;
        now.classList.add("now");
        now.firstElementChild.setAttribute("aria-current", "step");
        said.textContent = `Step ${index + 1} of ${steps.length}`;
        if (focus) now.firstElementChild.focus({ preventScroll: false });
      },
      step(by, focus) { film.show(film.at + by, focus); },
      jump(focus) { film.show(start, focus); },
      end(focus) { film.show(steps.length - 1, focus); },
    };
    films.set(element, film);
    const act = (call) => () => { active = film; call(); };
    const marked = steps[start] && steps[start].querySelector(".mark");
    element.querySelector(".keys").append(
      button("Start", act(() => film.show(0))),
      button("\u2190 Back", act(() => film.step(-1))),
      button("Forward \u2192", act(() => film.step(1))),
      ...(marked ? [button(`To the ${marked.textContent}`, act(() => film.jump()))] : []),
      said,
    );
    steps.forEach((step, index) => step.firstElementChild.addEventListener("click", act(() => film.show(index))));
    film.jump();
    return film;
  };
  const hidden = (element) => {
    const fold = element.closest("details");
    return fold && !fold.open;
  };
  const filmAt = (element) => {
    const own = element && element.closest && element.closest(".film");
    if (own) return build(own);
    const fold = element && element.closest && element.closest("details");
    const inside = fold && fold.open && fold.querySelector(".film");
    return inside ? build(inside) : null;
  };
  all(".film").forEach((element) => {
    if (!hidden(element)) build(element);
  });
  // Toggling does not bubble.
  const unfold = (fold) => all(".film", fold).forEach((element) => { active = build(element); });
  const unpack = async (element) => {
    const fold = element.closest("details");
    const bytes = Uint8Array.from(atob(element.dataset.film), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const html = await new Response(stream).text();
    if (!element.isConnected) return;
    element.insertAdjacentHTML("beforebegin", html);
    element.remove();
    unfold(fold);
  };
  document.addEventListener("toggle", (event) => {
    const fold = event.target;
    if (!fold.open) return;
    all(".packed", fold).forEach(unpack);
    unfold(fold);
  }, true);
  document.addEventListener("keydown", (event) => {
    if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const target = event.target;
    if (target.matches("input, select, textarea")) return;
    const film = filmAt(target) || active;
    if (!film) return;
    const focus = target.matches(".line");
    const act = {
      ArrowLeft: () => film.step(-1, focus),
      ArrowRight: () => film.step(1, focus),
      ...(focus && { ArrowUp: () => film.step(-1, true), ArrowDown: () => film.step(1, true) }),
      ...(focus && { Home: () => film.show(0, true), End: () => film.end(true) }),
      d: () => film.jump(focus),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  // --- folds
  const folds = document.querySelector(".folds");
  const findings = all("details.finding");
  if (folds) {
    const set = (open) => () => findings.forEach((fold) => { if (!fold.hidden) fold.open = open; });
    if (findings.length <= 100) folds.append(button("Open all", set(true)));
    folds.append(button("Close all", set(false)));
  }
  const open = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const fold = target && target.closest("details");
    if (!fold) return;
    fold.hidden = false;
    fold.open = true;
    target.scrollIntoView();
    if (target === fold) fold.querySelector("summary").focus({ preventScroll: true });
  };
  addEventListener("hashchange", open);
  addEventListener("beforeprint", () => all("details.area").forEach((fold) => { fold.open = true; }));
  open();

  // --- filters
  const form = document.getElementById("filters");
  if (form) {
    const rows = all("table.filterable tbody tr").map((row) => ({
      row, id: row.dataset.id, verdict: row.dataset.verdict, area: row.dataset.area, text: row.textContent.toLowerCase(),
    }));
    const folded = findings.map((fold) => ({
      fold, id: fold.dataset.requirement, area: fold.dataset.area, side: fold.dataset.side,
      text: fold.querySelector("summary").textContent.toLowerCase(),
    }));
    let filtered = false;
    const known = new Set(rows.map((entry) => entry.id));
    const none = document.querySelector(".empty");
    const filter = () => {
      const verdict = form.elements.verdict.value, area = form.elements.area.value;
      const side = form.elements.side ? form.elements.side.value : "";
      const words = form.elements.text.value.toLowerCase().split(/\s+/).filter(Boolean);
      const fits = (entry) => (!area || entry.area === area) && words.every((word) => entry.text.includes(word));
      const passed = new Set();
      for (const entry of rows) {
        const shown = fits(entry) && (!verdict || entry.verdict === verdict);
        entry.row.hidden = !shown;
        if (shown) passed.add(entry.id);
      }
      const chosen = Boolean(verdict || area || words.length);
      for (const fold of all("details.area")) {
        const some = fold.querySelector("tbody tr:not([hidden])");
        fold.hidden = !some;
        if (chosen !== filtered) fold.open = chosen;
      }
      filtered = chosen;
      let seen = 0;
      for (const entry of folded) {
        const fitting = known.has(entry.id) ? passed.has(entry.id) : !verdict && fits(entry);
        const shown = fitting && (!side || entry.side === side);
        entry.fold.hidden = !shown;
        seen += shown;
      }
      const found = folded.length ? `, ${seen} of ${folded.length} findings` : "";
      form.elements.shown.textContent = `${passed.size} of ${rows.length} requirements${found}`;
      if (none) none.hidden = passed.size > 0;
    };
    form.hidden = false;
    form.addEventListener("input", filter);
    form.addEventListener("reset", () => setTimeout(filter));
    form.addEventListener("submit", (event) => event.preventDefault());
    filter();
  }
})();
