// The box at the bottom: a slash, a command, its options, Enter.

import { Chip } from "./chips.js";
import { matching } from "./commands.js";
import { el, fill, icon, typingField } from "./dom.js";
import { Listbox } from "./listbox.js";

const ONLY_COMMANDS = "Only commands are sent in this demo. Type / to see them.";

/** The command box of the channel on show. */
export class Composer {
  /**
   * @param {HTMLElement} root
   * @param {object} desk `commands()` that may be typed here, `send(name, options)`,
   *   `suggest(name, options, focused)`
   */
  constructor(root, desk) {
    this.desk = desk;
    this.listbox = new Listbox("suggestions");
    this.command = null;
    this.chips = [];
    this.field = typingField({
      id: "command",
      placeholder: "Type / to run a command",
      "aria-label": "Command",
      oninput: () => this.typed(),
      onfocus: () => this.typed(),
      onblur: () => this.listbox.close(),
      onkeydown: (event) => this.listbox.key(event),
    });
    this.tail = typingField({
      size: 12,
      enterKeyHint: "send",
      "aria-label": "More options; Enter sends the command",
      oninput: () => this.offerOptions(),
      onfocus: () => this.offerOptions(),
      onblur: () => this.listbox.close(),
      onkeydown: (event) => this.tailKey(event),
    });
    this.tail.classList.add("tail");
    this.line = el("div.line", {}, this.field);
    this.problem = el("p.problem", { role: "alert", hidden: true });
    fill(root, this.listbox.root, this.problem, this.form(), this.listbox.status);
  }

  form() {
    const slash = { type: "button", "aria-label": "Show the commands", title: "Commands" };
    const send = { type: "submit", "aria-label": "Send" };
    return el(
      "form",
      {
        "aria-label": "Command box",
        onsubmit: (event) => this.submit(event),
        onkeydown: (event) => this.escape(event),
      },
      el(
        "div.box",
        {},
        el("button.slash", { ...slash, onclick: () => this.begin() }, "/"),
        this.line,
        el("button.send", send, icon("send")),
      ),
    );
  }

  /** Show why something was not sent, or nothing. */
  say(problem) {
    this.problem.hidden = !problem;
    this.problem.textContent = problem ?? "";
  }

  /** Put everything back; the field keeps the focus if the box had it. */
  clear() {
    const focused = this.line.contains(document.activeElement);
    this.command = null;
    this.chips = [];
    this.field.value = "";
    this.listbox.close();
    fill(this.line, this.field);
    if (focused) this.field.focus();
  }

  begin() {
    this.clear();
    this.field.value = "/";
    if (document.activeElement === this.field) this.typed();
    else this.field.focus();
  }

  escape(event) {
    if (event.key !== "Escape" || event.defaultPrevented || !this.command) return;
    event.preventDefault();
    this.say();
    this.clear();
  }

  typed() {
    this.say();
    const text = this.field.value;
    if (!text.startsWith("/")) {
      this.listbox.close();
      return;
    }
    const wanted = text.slice(1);
    const found = matching(this.desk.commands(), wanted);
    if (wanted.endsWith(" ") && found.length === 1 && found[0].name === wanted.trim()) {
      this.choose(found[0]);
      return;
    }
    const heading = found.length ? "Commands" : "No such command here";
    const entries = found.map((each) => ({ face: commandFace(each), quiet: Boolean(each.lacks) }));
    this.listbox.show(this.field, heading, entries, (index) => this.choose(found[index]));
  }

  choose(command) {
    if (command.lacks) {
      this.say(`You need ${command.lacks} for /${command.name}. Be somebody else at the left.`);
      return;
    }
    this.command = command;
    this.say();
    this.chips = command.options.filter((each) => each.required).map((each) => this.chip(each));
    this.arrange();
    this.forward();
  }

  chip(option) {
    return new Chip(option, {
      listbox: this.listbox,
      suggest: (chip) => this.suggest(chip),
      filled: () => this.forward(),
      removed: (chip) => this.remove(chip),
      backspace: (chip) => this.backspace(chip),
    });
  }

  /** Draw the command and its chips. */
  arrange() {
    const left = this.command.options.length - this.chips.length;
    this.tail.value = "";
    this.tail.placeholder = left ? `+${left} optional` : "Enter sends";
    const name = el("span.command-name", { title: this.command.description }, `/${this.command.name}`);
    fill(this.line, name, ...this.chips.map((chip) => chip.root), this.tail);
  }

  /** Go to the next field that wants something. */
  forward() {
    const empty = this.chips.find((chip) => chip.option.required && !chip.text);
    (empty?.field ?? this.tail).focus();
  }

  remove(chip) {
    this.chips = this.chips.filter((each) => each !== chip);
    this.arrange();
    this.tail.focus();
  }

  backspace(chip) {
    const index = this.chips.indexOf(chip);
    if (!chip.option.required) this.remove(chip);
    this.back(index);
  }

  /** Go to the field before a position; before the first one, give the command up. */
  back(index) {
    const before = this.chips[index - 1];
    if (before) before.field.focus();
    else if (this.chips.length && !this.chips[0].option.required) this.tail.focus();
    else {
      const { name } = this.command;
      this.clear();
      this.field.value = `/${name}`;
      this.field.focus();
    }
  }

  tailKey(event) {
    if (this.listbox.key(event)) return;
    if (event.key !== "Backspace" || this.tail.value) return;
    event.preventDefault();
    this.back(this.chips.length);
  }

  offerOptions() {
    const used = new Set(this.chips.map((chip) => chip.option.name));
    const wanted = this.tail.value.trim().replace(/:$/, "").toLowerCase();
    const left = this.command.options.filter((each) => !used.has(each.name) && each.name.startsWith(wanted));
    if (!left.length && !wanted) {
      this.listbox.close();
      return;
    }
    const heading = left.length ? "Options — Enter sends without them" : "No such option";
    const entries = left.map((each) => ({ face: optionFace(each) }));
    this.listbox.show(this.tail, heading, entries, (index) => this.add(left[index]), wanted ? 0 : -1);
  }

  add(option) {
    const chip = this.chip(option);
    this.chips.push(chip);
    this.arrange();
    chip.field.focus();
  }

  suggest(chip) {
    const others = this.chips.filter((each) => each !== chip);
    const focused = { name: chip.option.name, value: chip.text };
    return this.desk.suggest(this.command.name, optionsOf(others), focused);
  }

  submit(event) {
    event.preventDefault();
    this.listbox.close();
    if (!this.command) {
      if (this.field.value.startsWith("/")) this.typed();
      else if (this.field.value.trim()) this.say(ONLY_COMMANDS);
      return;
    }
    if (this.tail.value.trim()) {
      this.say(`/${this.command.name} has no option “${this.tail.value.trim()}”.`);
      return;
    }
    const wrong = this.chips.find((chip) => chip.reading.problem);
    if (wrong) {
      wrong.mark(true);
      this.say(`${wrong.option.name}: ${wrong.reading.problem}`);
      wrong.field.focus();
      return;
    }
    const { name } = this.command;
    const options = optionsOf(this.chips);
    this.say();
    this.clear();
    this.desk.send(name, options);
  }
}

function optionsOf(chips) {
  const pairs = chips.map((chip) => [chip.option.name, chip.reading.value]);
  return Object.fromEntries(pairs.filter(([, value]) => value !== undefined));
}

function commandFace(command) {
  return [
    el("span.name", {}, `/${command.name}`),
    el("span.description", {}, command.description),
    command.lacks && el("span.locked", {}, icon("lock"), `needs ${command.lacks}`),
  ];
}

function optionFace(option) {
  return [el("span.name", {}, option.name), el("span.description", {}, option.description)];
}
