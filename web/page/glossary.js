// Narrows the glossary down to the terms that have what is written in its field. Without this script the field
// is not there, and the letters lead to the terms.
{
  const field = document.querySelector(".glossary-filter");
  const input = field?.querySelector("input");
  const said = document.querySelector(".glossary-said");
  const plain = (text) => text.toLowerCase().normalize("NFKD").replace(/[\p{M}’']/gu, "").replace(/[-\s]+/g, " ");
  const sections = Array.from(document.querySelectorAll(".glossary-letter"), (section) => {
    const entries = Array.from(section.querySelectorAll(".entry"), (entry) => {
      // Names count, and what other systems call it; what it means would find too much.
      const names = entry.querySelectorAll("dt, .forms, .elsewhere");
      return [entry, plain(Array.from(names, (name) => name.textContent).join(" "))];
    });
    return [section, entries];
  });
  const narrow = () => {
    const wanted = plain(input.value.trim());
    let count = 0;
    for (const [section, entries] of sections) {
      let here = 0;
      for (const [entry, names] of entries) {
        entry.hidden = !names.includes(wanted);
        here += entry.hidden ? 0 : 1;
      }
      section.hidden = here === 0;
      count += here;
    }
    said.textContent = wanted ? `${count} ${count === 1 ? "term" : "terms"}` : "";
  };
  if (input) {
    field.hidden = false;
    input.addEventListener("input", narrow);
    // The browser keeps what was written over a reload; a link to a term shows all of them.
    if (input.value && !location.hash) narrow();
    addEventListener("hashchange", () => {
      input.value = "";
      narrow();
      document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
    });
  }
}
