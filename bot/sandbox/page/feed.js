// The messages of the channel on show, kept up to date one by one.

import { fill } from "./dom.js";
import { drawMessage } from "./messages.js";

const NEAR_END_PX = 120;

/** The list of messages. */
export class Feed {
  /**
   * @param {HTMLElement} list
   * @param {HTMLElement} scroll what scrolls it
   * @param {object} desk `names()`, `act(message, component, values)`
   */
  constructor(list, scroll, desk) {
    this.list = list;
    this.scroll = scroll;
    this.desk = desk;
    this.messages = new Map();
    this.notes = new Map();
    this.busy = new Set();
    this.dismissed = new Set();
    this.stuck = true;
    scroll.addEventListener("scroll", () => {
      this.stuck = this.atEnd();
    });
    new ResizeObserver(() => this.stuck && this.toEnd()).observe(scroll);
  }

  /** Show these messages and no others, from the end. */
  show(messages) {
    this.messages = new Map(messages.map((message) => [message.id, message]));
    fill(this.list, ...this.visible().map((message) => this.draw(message)));
    this.toEnd();
  }

  visible() {
    return [...this.messages.values()].filter((message) => !this.dismissed.has(message.id));
  }

  draw(message) {
    const all = this.visible();
    return drawMessage(message, {
      names: this.desk.names(),
      before: all[all.findIndex((each) => each.id === message.id) - 1],
      note: this.notes.get(message.id),
      busy: this.busy.has(message.id),
      act: (...deed) => this.busy.has(message.id) || this.desk.act(...deed),
      dismiss: (gone) => this.dismiss(gone),
      find: (id) => this.messages.get(id),
    });
  }

  /** Put a new message at the end, or a changed one in its place. */
  put(message) {
    const stay = this.stuck;
    this.messages.set(message.id, message);
    if (this.dismissed.has(message.id)) return;
    const old = this.element(message.id);
    if (old) this.redraw(old, message);
    else this.list.append(this.draw(message));
    if (stay) this.toEnd();
  }

  /** Draw a message again, and leave the focus where it was in it. */
  redraw(old, message) {
    const fresh = this.draw(message);
    const key = old.contains(document.activeElement) && document.activeElement.dataset.key;
    old.replaceWith(fresh);
    if (key === false) return;
    const again = [...fresh.querySelectorAll("[data-key]")].find((each) => each.dataset.key === key);
    (again && !again.disabled ? again : fresh).focus({ preventScroll: true });
  }

  /** Say that an answer is awaited, or what became of it. */
  mark(message, { busy = false, note = null }) {
    if (busy) this.busy.add(message.id);
    else this.busy.delete(message.id);
    if (note) this.notes.set(message.id, note);
    else this.notes.delete(message.id);
    const current = this.messages.get(message.id);
    const old = this.element(message.id);
    if (current && old) this.redraw(old, current);
  }

  remove(id) {
    this.messages.delete(id);
    const gone = this.element(id);
    const after = gone?.nextElementSibling;
    gone?.remove();
    // It may have stood under the same name, and now needs one of its own.
    if (after) this.redraw(after, this.messages.get(after.dataset.id));
  }

  dismiss(message) {
    this.dismissed.add(message.id);
    this.remove(message.id);
  }

  element(id) {
    return [...this.list.children].find((each) => each.dataset.id === id);
  }

  /** Bring a message into view. */
  reveal(id) {
    const element = this.element(id);
    element?.scrollIntoView({ block: "center" });
    element?.focus({ preventScroll: true });
  }

  atEnd() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroll;
    return scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
  }

  toEnd() {
    this.scroll.scrollTop = this.scroll.scrollHeight;
    this.stuck = true;
  }
}
