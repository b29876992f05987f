// Tables of the report site can be sorted and filtered, and commands copied. Without this script everything is readable.
"use strict";
// Follow Airflow's light or dark mode if the page is shown within Airflow.
try {
  const shown = parent !== self && parent.document.documentElement;
  const follow = () => { document.documentElement.dataset.theme = shown.classList.contains("dark") ? "dark" : "light"; };
  if (shown) { follow(); new MutationObserver(follow).observe(shown, {attributeFilter: ["class"]}); }
} catch {}

const words = document.documentElement.lang.startsWith("zh")
  ? {filter: "筛选", copy: "复制", copied: "已复制"} : {filter: "Filter", copy: "Copy", copied: "Copied"};

const valueOf = (row, place) => {
  const text = row.cells[place]?.innerText.trim() ?? "";
  const first = text.split("\n")[0].replace(/[,\s]/g, "");
  const number = Number.parseFloat(first);
  return /^[-−]?[\d.]+%?(\/.*)?$/.test(first) ? number : text;
};

const compare = (one, other) => {
  const numbers = typeof one === "number" && typeof other === "number";
  if (numbers) return one - other;
  return String(one).localeCompare(String(other), document.documentElement.lang, {numeric: true});
};

const sortBy = (table, place, heading) => {
  const upward = heading.getAttribute("aria-sort") !== "ascending";
  for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
  heading.setAttribute("aria-sort", upward ? "ascending" : "descending");
  const body = table.tBodies[0];
  const rows = [...body.rows].map(row => [valueOf(row, place), row]);
  rows.sort(([one], [other]) => upward ? compare(one, other) : compare(other, one));
  body.append(...rows.map(([, row]) => row));
};

for (const table of document.querySelectorAll("table.sortable")) {
  if (!table.tHead || table.tBodies[0].rows.length < 2) continue;
  [...table.tHead.rows[0].cells].forEach((heading, place) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...heading.childNodes);
    heading.append(button);
    button.addEventListener("click", () => sortBy(table, place, heading));
  });
}

for (const table of document.querySelectorAll("table.filtered")) {
  if (table.tBodies[0].rows.length < 6) continue;
  const input = document.createElement("input");
  Object.assign(input, {type: "search", className: "filter", placeholder: words.filter});
  input.setAttribute("aria-label", `${words.filter}: ${table.getAttribute("aria-label")}`);
  input.addEventListener("input", () => {
    const wanted = input.value.toLowerCase();
    for (const row of table.tBodies[0].rows) row.hidden = !row.textContent.toLowerCase().includes(wanted);
  });
  (table.closest(".wide") ?? table).before(input);
}

for (const command of document.querySelectorAll("pre.command")) {
  const button = document.createElement("button");
  Object.assign(button, {type: "button", textContent: words.copy});
  button.addEventListener("click", async () => {
    await navigator.clipboard?.writeText(command.querySelector("code").textContent);
    button.textContent = words.copied;
  });
  command.append(button);
}

// What is wider than its place is scrolled with the keyboard, too.
const reachable = () => {
  for (const box of document.querySelectorAll(".wide, section, article, details")) {
    if (box.scrollWidth > box.clientWidth + 1) box.tabIndex = 0;
  }
};
reachable();
addEventListener("resize", reachable);
document.addEventListener("toggle", reachable, true);
