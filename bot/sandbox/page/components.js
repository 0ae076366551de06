// Buttons and menus under a message.

import { el, icon } from "./dom.js";
import { drawMenu, face } from "./menu.js";

const ROW = 1;
const BUTTON = 2;
const STRING_SELECT = 3;
const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger", 5: "secondary" };
const LINK = 5;

/** Return a row of components, or one that stands by itself. */
export function drawRow(row, message, around) {
  const inside = row.type === ROW ? row.components : [row];
  return el("div.row", {}, ...inside.map((each) => drawComponent(each, message, around)));
}

function drawComponent(component, message, around) {
  if (component.type === BUTTON) return drawButton(component, message, around);
  if (component.type === STRING_SELECT) return drawMenu(component, message, around);
  return el("span.muted", {}, `(a component of kind ${component.type} is not shown here)`);
}

function drawButton(button, message, around) {
  const kind = `button.button.${STYLES[button.style] ?? "secondary"}`;
  if (button.style === LINK) {
    const safe = { href: button.url, target: "_blank", rel: "noopener noreferrer" };
    const address = /^https?:\/\//.test(button.url) ? safe : {};
    return el("a.button.secondary", address, ...face(button), icon("open"));
  }
  const facts = {
    type: "button",
    disabled: Boolean(button.disabled),
    "aria-disabled": around.busy ? "true" : undefined,
    "data-key": button.custom_id,
    "aria-label": button.label ? undefined : button.emoji?.name,
    onclick: () => around.act(message, button),
  };
  return el(kind, facts, ...face(button));
}
