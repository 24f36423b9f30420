"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const root = document.documentElement;
  const main = $("main");
  const tip = $("tip");
  const { names, words, rows } = JSON.parse($("reasons").textContent);
  const spans = [...main.querySelectorAll("del:not(.fold)")].filter(
    (span, at, all) => at === 0 || all[at - 1].dataset.i !== span.dataset.i,
  );
  const off = new Set();
  root.classList.add("script");

  // why a removal went, beside it

  let shown = null;
  let leaving = 0;

  const line = (text, name = "") => {
    const made = document.createElement("p");
    made.textContent = text;
    made.className = name;
    return made;
  };

  function fill(number) {
    const [category, rule, why, weight, probable, start, end] = rows[number];
    const name = document.createElement("span");
    name.className = `name c${category}`;
    name.textContent = names[category];
    const score = probable
      ? `score: main content with probability ${weight.toFixed(2)}`
      : `score: weight ${weight} for removal`;
    const size = (end - start).toLocaleString("en");
    tip.replaceChildren(
      name,
      line(words[why]),
      line(`rule: ${words[rule]}`, "small"),
      line(score, "small"),
      line(`characters ${start}–${end} (${size})`, "small"),
    );
  }

  function place(span, x) {
    const boxes = [...span.getClientRects()];
    const box = boxes.find((b) => x >= b.left && x <= b.right && b.bottom > 0) || boxes[0];
    if (!box) return;
    const { width, height } = tip.getBoundingClientRect();
    const left = Math.min(Math.max(8, box.left), root.clientWidth - width - 8);
    const below = box.bottom + 8 + height < root.clientHeight;
    tip.style.left = `${Math.max(8, left)}px`;
    tip.style.top = `${below ? box.bottom + 6 : Math.max(8, box.top - height - 6)}px`;
  }

  function show(span, x = -1) {
    clearTimeout(leaving);
    if (shown === span) return;
    hide();
    shown = span;
    fill(Number(span.dataset.i));
    tip.hidden = false;
    span.setAttribute("aria-describedby", "tip");
    place(span, x);
  }

  function hide() {
    if (!shown) return;
    shown.removeAttribute("aria-describedby");
    shown = null;
    tip.hidden = true;
  }

  const leave = () => {
    clearTimeout(leaving);
    leaving = setTimeout(() => {
      const focused = document.activeElement;
      if (focused?.nodeName === "DEL") show(focused);
      else hide();
    }, 200);
  };
  const removed = (event) => event.target.closest?.("del");
  main.addEventListener("pointerover", (event) => {
    const span = removed(event);
    if (span) show(span, event.clientX);
    else leave();
  });
  main.addEventListener("pointerleave", leave);
  tip.addEventListener("pointerenter", () => clearTimeout(leaving));
  tip.addEventListener("pointerleave", leave);
  main.addEventListener("focusin", (event) => (removed(event) ? show(removed(event)) : hide()));
  main.addEventListener("focusout", leave);
  const follow = () => {
    if (!shown) return;
    const { top, bottom } = shown.getBoundingClientRect();
    if (bottom < 0 || top > root.clientHeight) hide();
    else place(shown, -1);
  };
  addEventListener("scroll", follow, { passive: true });
  addEventListener("resize", follow);

  // from removal to removal by the arrow keys; by the buttons, too, or from difference to difference

  const category = (span) => String(rows[span.dataset.i][0]);

  function walk(stops, isOpen, arrive) {
    let at = -1;
    const stop = (to) => {
      stops[Math.max(at, 0)].setAttribute("tabindex", "-1");
      stops[at]?.classList.remove("at");
      at = to;
      stops[at].setAttribute("tabindex", "0");
      stops[at].classList.add("at");
      arrive(at);
    };
    const step = (by) => {
      for (let tried = 0, to = at < 0 && by < 0 ? 0 : at; tried < stops.length; tried++) {
        to = (to + by + stops.length) % stops.length;
        if (!isOpen(stops[to])) continue;
        stop(to);
        stops[to].focus({ preventScroll: true });
        stops[to].scrollIntoView({ block: "center" });
        if (shown === stops[to]) place(shown, -1);
        return;
      }
    };
    if (stops.length) stops[0].setAttribute("tabindex", "0");
    return { stop, step };
  }

  const differing = main.querySelectorAll(".row:not(.same)");
  const isComparison = main.querySelector(".rows") !== null;
  const tell = (stops) => (at) => {
    $("place").textContent = `${at + 1} of ${stops.length}`;
  };
  const bySpan = walk(
    spans,
    (span) => !off.has(category(span)),
    isComparison ? () => {} : tell(spans),
  );
  const byButton = isComparison ? walk([...differing], () => true, tell(differing)) : bySpan;
  $("on").disabled = $("back").disabled = !(isComparison ? differing : spans).length;
  $("on").addEventListener("click", () => byButton.step(1));
  $("back").addEventListener("click", () => byButton.step(-1));
  main.addEventListener("focusin", (event) => {
    const to = spans.indexOf(removed(event));
    if (to >= 0) bySpan.stop(to);
  });
  addEventListener("keydown", (event) => {
    if (event.key === "Escape") hide();
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by || !event.target.closest?.("del")) return;
    event.preventDefault();
    bySpan.step(by);
  });

  // long removals

  function unfold(number, open) {
    for (const part of main.querySelectorAll(`.fold[data-i="${number}"]`)) {
      part.classList.toggle("open", open);
    }
    const button = main.querySelector(`.more[data-i="${number}"]`);
    button?.setAttribute("aria-expanded", String(open));
  }

  main.addEventListener("click", (event) => {
    const button = event.target.closest(".more");
    if (button) unfold(button.dataset.i, button.getAttribute("aria-expanded") !== "true");
  });

  // categories that are not shown

  const boxes = [...document.querySelectorAll("input[data-c]")];

  function settle() {
    off.clear();
    for (const box of boxes) if (!box.checked) off.add(box.dataset.c);
    main.dataset.off = [...off].join(" ");
    hide();
    if ($("query").value) search();
  }

  $("only")?.addEventListener("change", (event) => {
    main.classList.toggle("only", event.target.checked);
    settle();
  });
  for (const box of boxes) box.addEventListener("change", settle);
  for (const button of document.querySelectorAll("[data-all]")) {
    button.addEventListener("click", () => {
      for (const box of boxes) box.checked = button.dataset.all === "1";
      settle();
    });
  }

  // search: matches are highlighted without a change to the page

  const MOST = 5000;
  let text = null;
  let matches = [];
  let match = -1;

  const lower = (word) => {
    const made = word.toLowerCase();
    if (made.length === word.length) return made.replace(/\s/g, " ");
    const each = (char) => (char.toLowerCase().length === char.length ? char.toLowerCase() : char);
    return [...word].map(each).join("").replace(/\s/g, " ");
  };

  function read() {
    const nodes = [];
    const starts = [];
    const pieces = [];
    let size = 0;
    for (const part of main.querySelectorAll(".text")) {
      const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        if (node.parentNode.nodeName === "BUTTON") continue;
        nodes.push(node);
        starts.push(size);
        pieces.push(node.data);
        size += node.data.length;
      }
    }
    return { nodes, starts, all: lower(pieces.join("")) };
  }

  function node(offset) {
    let low = 0;
    let high = text.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (text.starts[middle] <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  const isOff = (found) => {
    const span = found.parentNode;
    if (span.nodeName === "DEL" && off.has(category(span))) return true;
    return isComparison && !span.closest(".cell").checkVisibility();
  };

  function search() {
    text ??= read();
    const query = lower($("query").value).trim().replace(/ +/g, " ");
    matches = [];
    match = -1;
    for (let from = 0; query && matches.length < MOST; ) {
      const start = text.all.indexOf(query, from);
      if (start < 0) break;
      from = start + query.length;
      const [first, last] = [node(start), node(from - 1)];
      if (isOff(text.nodes[first])) continue;
      const range = document.createRange();
      range.setStart(text.nodes[first], start - text.starts[first]);
      range.setEnd(text.nodes[last], from - text.starts[last]);
      matches.push(range);
    }
    light("found", matches);
    light("here", []);
    $("found-on").disabled = $("found-back").disabled = !matches.length;
    told(query);
  }

  function light(name, ranges) {
    if (!globalThis.Highlight) return;
    const lights = new Highlight();
    for (const range of ranges) lights.add(range);
    lights.priority = name === "here" ? 1 : 0;
    CSS.highlights.set(name, lights);
  }

  function told(query) {
    const count = matches.length < MOST ? matches.length.toLocaleString("en") : `${MOST}+`;
    const number = match < 0 ? "" : `${match + 1} of `;
    $("found").textContent = query ? (matches.length ? `${number}${count} found` : "not found") : "";
  }

  function go(by) {
    if (!matches.length) return;
    match = match < 0 && by < 0 ? matches.length - 1 : (match + by + matches.length) % matches.length;
    const range = matches[match];
    const span = range.startContainer.parentNode;
    if (span.classList.contains("fold")) unfold(span.dataset.i, true);
    span.closest(".chunk, .row").scrollIntoView({ block: "nearest" });
    light("here", [range]);
    if (!globalThis.Highlight) {
      getSelection().removeAllRanges();
      getSelection().addRange(range);
    }
    // what is laid out on the way moves the place: look twice
    const near = () => scrollBy(0, range.getBoundingClientRect().top - root.clientHeight / 2);
    near();
    requestAnimationFrame(near);
    told(true);
  }

  let typing = 0;
  $("query").addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(search, 150);
  });
  $("query").addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    clearTimeout(typing);
    if (match < 0) search();
    go(event.shiftKey ? -1 : 1);
  });
  $("found-on").addEventListener("click", () => go(1));
  $("found-back").addEventListener("click", () => go(-1));

  // light and dark; on a narrow screen the legend waits to be opened

  $("theme").addEventListener("click", () => {
    const dark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });
  if (matchMedia("(max-width: 52rem)").matches) document.querySelector(".legend").open = false;
})();
