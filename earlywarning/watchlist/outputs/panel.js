
const search = document.getElementById("search");
const found = document.getElementById("found");
search.closest("[role=search]").hidden = false;
search.addEventListener("input", () => {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const row of document.querySelectorAll("[data-pupil]")) {
    const text = row.textContent.toLowerCase();
    row.hidden = !words.every((word) => text.includes(word));
    if (row.matches("article") && !row.hidden) shown += 1;
  }
  found.textContent = words.length ? `${shown} pupils match` : "";
});
