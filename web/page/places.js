// The first page: which places of the worker's loop were tried, and what the last one came to.
for (const turn of document.querySelectorAll(".turn")) {
  const stations = [...turn.querySelectorAll(".rail input")];
  const outcomes = [...turn.querySelectorAll(".outcome")];
  const rows = [...turn.querySelectorAll(".tried tbody tr")];
  const caption = turn.querySelector(".tried caption");
  const status = turn.querySelector("[role=status]");
  turn.classList.add("counts");
  const look = () => {
    const at = stations.findIndex((station) => station.checked);
    if (at < 0) return;
    rows.forEach((row, index) => row.classList.toggle("here", index === at));
    rows[at].classList.add("known");
    stations[at].parentElement.classList.add("known");
    const known = rows.filter((row) => row.classList.contains("known")).length;
    caption.textContent = `${known} of ${rows.length} places tried`;
    turn.classList.toggle("all-known", known === rows.length);
    const says = outcomes[at].querySelector(".comes-to").textContent;
    const sum = known === rows.length ? (turn.querySelector(".sum-up")?.textContent ?? "") : "";
    return `${says} ${sum}`;
  };
  look();
  turn.addEventListener("change", () => (status.textContent = look()));
}
