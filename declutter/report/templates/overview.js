"use strict";
(() => {
  const $ = (id) => document.getElementById(id);
  const root = document.documentElement;

  function show() {
    const words = $("words").value.toLowerCase();
    const what = $("what").value;
    let count = 0;
    for (const row of $("lines").tBodies[0].rows) {
      const fits =
        (!what || row.dataset.what === what) && row.textContent.toLowerCase().includes(words);
      row.hidden = !fits;
      count += fits;
    }
    $("count").textContent = `${count} shown`;
  }

  for (const id of ["words", "what"]) $(id)?.addEventListener("input", show);
  $("theme").addEventListener("click", () => {
    const dark = root.dataset.theme
      ? root.dataset.theme === "dark"
      : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });
})();
