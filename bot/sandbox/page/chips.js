// One option of a command that is being typed.

import { INTEGER, NUMBER, choicesOf, valueOf } from "./commands.js";
import { el, freshId, icon, typingField } from "./dom.js";

const DEBOUNCE_MS = 150;

/** The name of an option and the field for its value. */
export class Chip {
  /**
   * @param {object} option as the sandbox defines it
   * @param {object} desk `listbox`, `suggest(chip)`, `filled(chip)`, `removed(chip)`,
   *   `backspace(chip)`
   */
  constructor(option, desk) {
    this.option = option;
    this.desk = desk;
    this.picked = null;
    this.asked = 0;
    this.timer = 0;
    const id = freshId("option");
    this.field = typingField({
      id,
      size: 4,
      "aria-required": String(Boolean(option.required)),
      enterKeyHint: "send",
      onfocus: () => this.offer(),
      onblur: () => desk.listbox.close(),
      oninput: () => this.typed(),
      onkeydown: (event) => this.key(event),
    });
    if (option.type === INTEGER || option.type === NUMBER) this.field.inputMode = "decimal";
    const remove = { type: "button", "aria-label": `Remove ${option.name}` };
    this.root = el(
      "span.chip",
      { "data-option": option.name },
      el("label", { htmlFor: id, title: option.description }, option.name),
      this.field,
      !option.required &&
        el("button.remove", { ...remove, onclick: () => desk.removed(this) }, icon("close")),
    );
  }

  get text() {
    return this.field.value.trim();
  }

  /** What would be sent: a `value` (undefined for an empty one), or the `problem` with it. */
  get reading() {
    if (!this.text) return this.option.required ? { problem: "This option is required." } : {};
    if (this.picked) return { value: this.picked.value };
    try {
      return { value: valueOf(this.option, this.text) };
    } catch (error) {
      return { problem: error.message };
    }
  }

  mark(wrong) {
    this.root.classList.toggle("wrong", wrong);
    this.field.setAttribute("aria-invalid", String(wrong));
  }

  typed() {
    this.picked = null;
    this.mark(false);
    this.resize();
    this.offer();
  }

  resize() {
    this.field.size = Math.min(40, Math.max(4, this.field.value.length + 1));
  }

  key(event) {
    if (this.desk.listbox.key(event)) return;
    if (event.key !== "Backspace" || this.field.value) return;
    event.preventDefault();
    this.desk.backspace(this);
  }

  /** Show what may be filled in. */
  offer() {
    window.clearTimeout(this.timer);
    if (this.option.autocomplete) {
      // What was suggested for an earlier text stays in view, but Enter does not take it.
      this.asked += 1;
      if (this.desk.listbox.open) this.desk.listbox.light(-1);
      else this.show([], "loading options …");
      this.timer = window.setTimeout(() => this.fetch(), this.text ? DEBOUNCE_MS : 0);
      return;
    }
    const known = choicesOf(this.option, this.picked ? "" : this.text);
    this.show(known ?? [], known && !known.length ? "nothing fits" : "");
  }

  async fetch() {
    const turn = this.asked;
    let choices = [];
    let words = "";
    try {
      choices = await this.desk.suggest(this);
      if (!choices.length) words = "no suggestions; what you type is used";
    } catch {
      words = "loading options failed";
    }
    if (turn !== this.asked || document.activeElement !== this.field) return;
    this.show(choices, words);
  }

  show(choices, words) {
    const heading = `${this.option.name} — ${words || this.option.description}`;
    const entries = choices.map((choice) => ({ face: [el("span.name", {}, choice.name)] }));
    const current = choices.findIndex((choice) => choice.name === this.text);
    const none = this.option.autocomplete && !this.text ? -1 : 0;
    const pick = (index) => this.pick(choices[index]);
    this.desk.listbox.show(this.field, heading, entries, pick, Math.max(current, none));
  }

  pick(choice) {
    this.picked = choice;
    this.field.value = choice.name;
    this.resize();
    this.mark(false);
    this.desk.filled(this);
  }
}
