// A form that the bot asks for, as a dialog over the page.

import { el, freshId, icon } from "./dom.js";

const ROW = 1;
const MENU = 3;
const TEXT = 4;
const LABEL = 18;
const PARAGRAPH = 2;
const NO_ANSWER = "Something went wrong. Try again.";

/**
 * Show a form and keep it open until it was taken or given up.
 *
 * @param {object} modal as the bot asked for it
 * @param {string} asker the bot's name
 * @param {(values: object) => Promise<string|null>} submit returns why it was not taken, if so
 */
export function openDialog(modal, asker, submit) {
  const title = freshId("title");
  const fields = modal.components.flatMap(unwrap).map(drawField);
  const problem = el("p.problem", { role: "alert", hidden: true });
  const send = el("button.button.primary", { type: "submit" }, "Submit");
  const close = { type: "button", onclick: () => dialog.close() };
  const form = el(
    "form",
    { method: "dialog", onsubmit: (event) => take(event) },
    el(
      "header",
      {},
      el("h2", { id: title }, modal.title),
      el("button.plain", { ...close, "aria-label": "Close" }, icon("close")),
    ),
    el("p.warning", {}, `This form goes to ${asker}, the bot of this demo.`),
    ...fields.map((field) => field.root),
    problem,
    el("footer", {}, el("button.button.plain", close, "Cancel"), send),
  );
  const dialog = el("dialog", { "aria-labelledby": title, onclose: () => dialog.remove() }, form);

  async function take(event) {
    event.preventDefault();
    problem.hidden = true;
    send.disabled = true;
    const why = await submit(Object.fromEntries(fields.map((field) => [field.id, field.read()])));
    send.disabled = false;
    if (why === null) return dialog.close();
    problem.textContent = why || NO_ANSWER;
    problem.hidden = false;
    return send.focus();
  }

  document.body.append(dialog);
  dialog.showModal();
  fields[0]?.control.focus();
}

/** Return the fields of a row or of a label, each with the words beside it. */
function unwrap(component) {
  if (component.type === ROW) return component.components.map((inner) => ({ ...inner }));
  if (component.type !== LABEL) return [];
  const { label, description } = component;
  return [{ ...component.component, label, description }];
}

function drawField(component) {
  const id = freshId("field");
  const control = component.type === MENU ? drawChoice(component) : drawText(component);
  control.id = id;
  control.required = component.required ?? true;
  const described = component.description && freshId("about");
  if (described) control.setAttribute("aria-describedby", described);
  const star = control.required && el("span.star", { "aria-hidden": "true" }, "*");
  const root = el(
    "div.entry",
    {},
    el("label", { htmlFor: id }, component.label, star),
    described && el("p.about", { id: described }, component.description),
    control,
    component.type === TEXT && component.max_length && counter(control, component.max_length),
  );
  const read = component.type === MENU ? () => [control.value] : () => control.value;
  return { id: component.custom_id, root, control, read };
}

function drawText(component) {
  return el(component.style === PARAGRAPH ? "textarea" : "input", {
    autocomplete: "off",
    spellcheck: false,
    placeholder: component.placeholder ?? "",
    value: component.value ?? "",
    ...(component.min_length ? { minLength: component.min_length } : {}),
    ...(component.max_length ? { maxLength: component.max_length } : {}),
  });
}

function drawChoice(component) {
  const options = component.options.map((each) =>
    el("option", { value: each.value, selected: Boolean(each.default) }, each.label),
  );
  return el("select", {}, ...options);
}

function counter(control, most) {
  const shown = el("p.counter", { "aria-hidden": "true" });
  const count = () => {
    shown.textContent = `${control.value.length}/${most}`;
  };
  control.addEventListener("input", count);
  count();
  return shown;
}
