const search = document.getElementById("search");
const found = document.getElementById("found");
const sheets = [...document.querySelectorAll("article[data-pupil]")].map((sheet) => ({
  sheet,
  row: document.querySelector(`[data-pupil] a[href="#${sheet.id}"]`).closest("tr"),
  text: sheet.textContent.toLowerCase(),
}));
search.closest("[role=search]").hidden = false;
search.addEventListener("input", () => {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const { sheet, row, text } of sheets) {
    sheet.hidden = row.hidden = !words.every((word) => text.includes(word));
    shown += !sheet.hidden;
  }
  const said = shown === 1 ? "1 pupil matches" : `${shown} pupils match`;
  found.textContent = words.length ? `${said}. The others are hidden, on paper too.` : "";
});
