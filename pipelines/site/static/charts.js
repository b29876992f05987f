// Draws each chart from the specification beside it. The table below a chart has the same numbers.
"use strict";
const options = {mode: "vega-lite", renderer: "svg", actions: false, ast: true, hover: false};

const draw = async place => {
  const spec = JSON.parse(place.closest(".chart-box").querySelector("script").textContent);
  await window.vegaEmbed(place, spec, options);
  // The chart is one picture with one name; its numbers are in the table.
  place.setAttribute("aria-hidden", "true");
};

for (const place of document.querySelectorAll(".vega")) draw(place).catch(error => console.error(error));
