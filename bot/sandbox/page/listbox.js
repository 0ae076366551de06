// The list above the command box: commands, choices, suggestions.

import { el, fill } from "./dom.js";

/** A list that is worked from a text field, as a combobox. */
export class Listbox {
  /** @param {string} id */
  constructor(id) {
    this.heading = el("p.list-heading", { id: `${id}-heading` });
    this.list = el("ul", { id, role: "listbox", "aria-labelledby": `${id}-heading` });
    this.root = el("div.suggestions", { hidden: true }, this.heading, this.list);
    this.status = el("p.visually-hidden", { role: "status" });
    this.active = -1;
    this.field = null;
    this.pick = null;
    this.entries = [];
    // The field keeps the focus while somebody presses in the list.
    this.root.addEventListener("mousedown", (event) => {
      event.preventDefault();
      // Taken when pressed: new entries may come before the button is let go.
      if (event.button === 0) this.press(event);
    });
    this.list.addEventListener("click", (event) => this.press(event));
  }

  get open() {
    return !this.root.hidden;
  }

  /**
   * Show entries for a field.
   *
   * @param {HTMLInputElement} field
   * @param {string} heading
   * @param {{face: Node[], quiet?: boolean}[]} entries
   * @param {(index: number) => void} pick
   * @param {number} active the entry that Enter takes; -1 for none
   */
  show(field, heading, entries, pick, active = 0) {
    this.close();
    Object.assign(this, { field, pick, entries });
    this.heading.textContent = heading;
    fill(this.list, ...entries.map((entry, index) => this.row(entry, index)));
    this.list.hidden = !entries.length;
    this.root.hidden = false;
    field.setAttribute("aria-expanded", "true");
    field.setAttribute("aria-controls", this.list.id);
    this.status.textContent = entries.length ? `${entries.length} in the list` : heading;
    this.light(Math.min(active, entries.length - 1));
  }

  row(entry, index) {
    const facts = { id: `${this.list.id}-${index}`, role: "option", "data-index": String(index) };
    const row = el("li", { ...facts, "aria-selected": "false" }, ...entry.face);
    row.classList.toggle("quiet", Boolean(entry.quiet));
    return row;
  }

  light(index) {
    this.active = index;
    [...this.list.children].forEach((row, number) => {
      row.setAttribute("aria-selected", String(number === index));
      row.classList.toggle("active", number === index);
    });
    const row = this.list.children[index];
    if (!row) return this.field.removeAttribute("aria-activedescendant");
    this.field.setAttribute("aria-activedescendant", row.id);
    return row.scrollIntoView({ block: "nearest" });
  }

  press(event) {
    const row = event.target.closest("[role=option]");
    if (row) this.choose(Number(row.dataset.index));
  }

  choose(index) {
    const { pick } = this;
    this.close();
    pick(index);
  }

  close() {
    if (!this.open) return;
    this.root.hidden = true;
    this.status.textContent = "";
    this.field.setAttribute("aria-expanded", "false");
    this.field.removeAttribute("aria-activedescendant");
  }

  /** Take a key; return whether it was meant for the list. */
  key(event) {
    if (!this.open) return false;
    const count = this.entries.length;
    if (event.key === "Escape") this.close();
    else if (!count) return false;
    else if (event.key === "ArrowDown") this.light((this.active + 1) % count);
    else if (event.key === "ArrowUp") this.light((Math.max(0, this.active) - 1 + count) % count);
    else if ((event.key === "Enter" || event.key === "Tab") && this.active >= 0 && !event.shiftKey) {
      this.choose(this.active);
    } else return false;
    event.preventDefault();
    return true;
  }
}
