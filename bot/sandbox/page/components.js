// Buttons and menus under a message.

import { el, freshId, icon } from "./dom.js";

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

function face(component) {
  const emoji = component.emoji?.name;
  return [emoji && el("span.emoji", {}, emoji), component.label];
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

/** Return a menu: a button that opens a list, worked by mouse, touch and keys. */
function drawMenu(menu, message, around) {
  const id = freshId("menu");
  const most = menu.max_values ?? 1;
  const chosen = new Set(menu.options.filter((each) => each.default).map((each) => each.value));
  const opener = el(
    "button.select",
    {
      type: "button",
      id: `${id}-opener`,
      disabled: Boolean(menu.disabled),
      "aria-disabled": around.busy ? "true" : undefined,
      "data-key": menu.custom_id,
      role: "combobox",
      "aria-haspopup": "listbox",
      "aria-expanded": "false",
      "aria-controls": id,
      "aria-label": menu.placeholder ?? "Choose",
    },
    el("span.value", {}, ...words(menu, chosen)),
    icon("down"),
  );
  const list = el(
    "ul.choices",
    { id, role: "listbox", hidden: true, "aria-labelledby": `${id}-opener` },
    ...menu.options.map((option, index) => drawOption(option, `${id}-${index}`, chosen)),
  );
  if (most > 1) list.setAttribute("aria-multiselectable", "true");
  const send = () => around.act(message, menu, [...chosen]);
  workMenu(opener, list, { least: menu.min_values ?? 1, most, chosen, send });
  return el("div.menu", {}, opener, list);
}

function words(menu, chosen) {
  const picked = menu.options.filter((each) => chosen.has(each.value));
  if (!picked.length) return [el("span.muted", {}, menu.placeholder ?? "Make a selection")];
  return picked.flatMap((each, index) => [index ? ", " : "", ...face(each)]);
}

function drawOption(option, id, chosen) {
  return el(
    "li",
    {
      id,
      role: "option",
      "data-value": option.value,
      "aria-selected": String(chosen.has(option.value)),
    },
    el("span.name", {}, ...face(option)),
    option.description && el("span.description", {}, option.description),
  );
}

function workMenu(opener, list, { least, most, chosen, send }) {
  const options = [...list.children];
  let active = -1;

  const light = (index) => {
    active = (index + options.length) % options.length;
    options.forEach((each, number) => each.classList.toggle("active", number === active));
    opener.setAttribute("aria-activedescendant", options[active].id);
    options[active].scrollIntoView({ block: "nearest" });
  };
  const open = () => {
    list.hidden = false;
    opener.setAttribute("aria-expanded", "true");
    const room = opener.closest("#scroll").getBoundingClientRect();
    const below = room.bottom - opener.getBoundingClientRect().bottom;
    list.classList.toggle("above", below < list.offsetHeight + 8);
    light(Math.max(0, options.findIndex((each) => chosen.has(each.dataset.value))));
  };
  const close = () => {
    if (list.hidden) return;
    list.hidden = true;
    opener.setAttribute("aria-expanded", "false");
    opener.removeAttribute("aria-activedescendant");
    if (most > 1 && chosen.size >= least) send();
  };
  const pick = (option) => {
    const { value } = option.dataset;
    if (most === 1) chosen.clear();
    else if (chosen.delete(value)) return option.setAttribute("aria-selected", "false");
    else if (chosen.size >= most) return undefined;
    chosen.add(value);
    option.setAttribute("aria-selected", "true");
    if (most > 1) return undefined;
    close();
    return send();
  };

  opener.addEventListener("click", () => (list.hidden ? open() : close()));
  opener.addEventListener("blur", () => close());
  opener.addEventListener("keydown", (event) => {
    const steps = { ArrowDown: 1, ArrowUp: -1 };
    if (list.hidden) {
      if (!(event.key in steps)) return;
      open();
    } else if (event.key in steps) light(active + steps[event.key]);
    else if (event.key === "Home") light(0);
    else if (event.key === "End") light(-1);
    else if (event.key === "Enter" || event.key === " ") pick(options[active]);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  });
  // The button keeps the focus, so that a press in the list does not close it first.
  list.addEventListener("pointerdown", (event) => event.preventDefault());
  list.addEventListener("mousedown", (event) => event.preventDefault());
  list.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (option) pick(option);
  });
}
