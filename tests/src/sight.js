// What a person sees of a player.
const [stage] = arguments;
const plain = (text) => text.replace(/\s+/g, " ").trim();
const one = (selector) => stage.querySelector(selector);
const table = [...stage.querySelectorAll("table")].find((table) => table.caption?.innerText === "Trace");
const slider = one("input[type=range]");
const button = (name) => [...stage.querySelectorAll("button")].find((it) => (it.ariaLabel ?? it.innerText) === name);
return {
  is_live: !slider.disabled,
  text: stage.innerText,
  sentence: plain(one("[role=status]").innerText),
  terminal: one("[role=region][aria-label^=Terminal]").innerText,
  rows: [...table.tBodies[0].rows].map((row) => ({
    is_current: row.ariaCurrent === "step",
    cells: [...row.cells].map((cell) => plain(cell.innerText)),
  })),
  step: slider.valueAsNumber,
  last_step: Number(slider.max),
  time: slider.ariaValueText,
  settings: [...stage.querySelectorAll("select")].map((select) => select.selectedOptions[0].text),
  alerts: [...stage.querySelectorAll("[role=alert]")].map((alert) => plain(alert.innerText)),
  is_playing: Boolean(button("Pause")),
  can_step_forward: !button("Step forward").disabled,
  can_step_back: !button("Step back").disabled,
};
