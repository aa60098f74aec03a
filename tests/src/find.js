// Elements inside `within` (or the page) that may have a role and a name; who asks lets the
// browser itself confirm both. Hidden ones are passed over, as a screen reader does.
const [within, role, name] = arguments;
const TAGS = {
  alert: "[role=alert]",
  button: "button, summary",
  checkbox: "input[type=checkbox]",
  combobox: "select",
  dialog: "dialog",
  form: "form",
  group: "fieldset, [role=group]",
  heading: "h1, h2, h3, h4",
  image: "[role=img]",
  link: "a[href]",
  main: "main",
  menu: "[role=menu]",
  menuitem: "[role=menuitem]",
  radio: "input[type=radio]",
  region: "section, [role=region]",
  searchbox: "input[type=search]",
  slider: "input[type=range]",
  status: "[role=status]",
  table: "table",
  textbox: "input:not([type]), input[type=text], textarea",
};
const plain = (text) => (text ?? "").replace(/\s+/g, " ").trim();
const label = (element) => {
  const copy = element.labels[0].cloneNode(true);
  for (const control of copy.querySelectorAll("input, select")) control.remove();
  return copy.textContent;
};
const named = (element) => {
  const by = element.getAttribute("aria-labelledby");
  return plain(
    element.ariaLabel ??
      (by && document.getElementById(by)?.textContent) ??
      (element.labels?.length ? label(element) : null) ??
      element.querySelector(":scope > legend, :scope > caption")?.textContent ??
      element.textContent,
  );
};
return [...(within ?? document).querySelectorAll(TAGS[role])].filter(
  (element) => element.checkVisibility({ visibilityProperty: true }) && (name === null || named(element) === name),
);
