// A menu under a message: a button that opens a list, worked by mouse, touch and keys.

import { el, freshId, icon } from "./dom.js";

const STEPS = { ArrowDown: 1, ArrowUp: -1 };

/** Return what a button or an option shows. */
export function face(component) {
  const emoji = component.emoji?.name;
  return [emoji && el("span.emoji", {}, emoji), component.label];
}

/** Return a menu. */
export function drawMenu(menu, message, around) {
  const chosen = new Set(menu.options.filter((each) => each.default).map((each) => each.value));
  const id = freshId("menu");
  const facts = { "data-key": menu.custom_id, "aria-disabled": around.busy ? "true" : undefined };
  const opener = el(
    "button.select",
    {
      ...facts,
      type: "button",
      id: `${id}-opener`,
      disabled: Boolean(menu.disabled),
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
  new Menu(opener, list, menu, chosen, () => around.act(message, menu, [...chosen])).work();
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

class Menu {
  constructor(opener, list, { min_values: least = 1, max_values: most = 1 }, chosen, send) {
    Object.assign(this, { opener, list, least, most, chosen, send });
    this.options = [...list.children];
    this.active = -1;
  }

  work() {
    const { opener, list } = this;
    if (this.most > 1) list.setAttribute("aria-multiselectable", "true");
    opener.addEventListener("click", () => (list.hidden ? this.open() : this.close()));
    opener.addEventListener("blur", () => this.close());
    opener.addEventListener("keydown", (event) => this.key(event));
    // The button keeps the focus, so that a press in the list does not close it first.
    list.addEventListener("mousedown", (event) => event.preventDefault());
    list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.pick(option);
    });
  }

  light(index) {
    const { options, opener } = this;
    this.active = (index + options.length) % options.length;
    options.forEach((each, number) => each.classList.toggle("active", number === this.active));
    opener.setAttribute("aria-activedescendant", options[this.active].id);
    options[this.active].scrollIntoView({ block: "nearest" });
  }

  open() {
    const { opener, list } = this;
    list.hidden = false;
    opener.setAttribute("aria-expanded", "true");
    const room = opener.closest("#scroll").getBoundingClientRect();
    const below = room.bottom - opener.getBoundingClientRect().bottom;
    list.classList.toggle("above", below < list.offsetHeight + 8);
    const first = this.options.findIndex((each) => this.chosen.has(each.dataset.value));
    this.light(Math.max(0, first));
  }

  /** Close the list; what was chosen from a list of many is sent then. */
  close() {
    if (this.list.hidden) return;
    this.list.hidden = true;
    this.opener.setAttribute("aria-expanded", "false");
    this.opener.removeAttribute("aria-activedescendant");
    if (this.most > 1 && this.chosen.size >= this.least) this.send();
  }

  pick(option) {
    const { chosen, most } = this;
    const { value } = option.dataset;
    if (most === 1) {
      chosen.clear();
      chosen.add(value);
      this.close();
      this.send();
    } else if (chosen.delete(value)) {
      option.setAttribute("aria-selected", "false");
    } else if (chosen.size < most) {
      chosen.add(value);
      option.setAttribute("aria-selected", "true");
    }
  }

  key(event) {
    if (this.list.hidden) {
      if (!(event.key in STEPS)) return;
      this.open();
    } else if (event.key in STEPS) this.light(this.active + STEPS[event.key]);
    else if (event.key === "Home") this.light(0);
    else if (event.key === "End") this.light(-1);
    else if (event.key === "Enter" || event.key === " ") this.pick(this.options[this.active]);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
  }
}
