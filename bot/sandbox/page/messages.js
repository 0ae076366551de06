// One message of the list, as Discord draws it.

import { drawRow } from "./components.js";
import { avatar, el, icon } from "./dom.js";
import { drawEmbed, drawFile } from "./embeds.js";
import { markdown } from "./markdown.js";

const SILENT = 4096;
const LOADING = 128;
const GROUP_MS = 7 * 60 * 1000;
const COMMAND = 20;
const REPLY = 19;

/**
 * Return a message.
 *
 * @param {object} message as the sandbox tells it
 * @param {object} around `names`, `before` (the message above), `note` (what failed on it),
 *   `busy` (whether an answer is awaited), `act(message, component, values)`,
 *   `dismiss(message)`, `find(id)`
 */
export function drawMessage(message, around) {
  const used = usedLine(message, around);
  const compact = !used && continues(message, around.before);
  const heading = el("h2.sender", {}, ...sender(message));
  const shown = el(
    "article.message",
    { "data-id": message.id, tabIndex: -1 },
    used,
    !compact && avatar(message.author.username),
    el("div.body", {}, heading, ...content(message, around), ...notes(message, around)),
  );
  if (compact) shown.classList.add("compact");
  if (message.ephemeral_for) shown.classList.add("ephemeral");
  return shown;
}

function sender(message) {
  const at = new Date(message.timestamp);
  return [
    el("span.who", {}, message.author.global_name ?? message.author.username),
    message.author.bot && el("span.app", {}, "APP"),
    el("time", { dateTime: message.timestamp, title: at.toString() }, clock(at)),
    message.flags & SILENT && el("span.silent", { title: "Posted silently" }, "🔕 silent"),
  ];
}

function clock(at) {
  const hour = at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  const today = new Date();
  if (at.toDateString() === today.toDateString()) return `Today at ${hour}`;
  today.setDate(today.getDate() - 1);
  if (at.toDateString() === today.toDateString()) return `Yesterday at ${hour}`;
  return `${at.toLocaleDateString("en-GB")} ${hour}`;
}

function usedLine(message, around) {
  const asked = message.interaction ?? message.interaction_metadata;
  if (asked?.name && message.type === COMMAND) {
    const who = asked.user.global_name ?? asked.user.username;
    return el(
      "div.used",
      {},
      avatar(who, "small"),
      el("span.who", {}, who),
      " used ",
      el("span.mention", {}, `/${asked.name}`),
    );
  }
  if (message.type !== REPLY) return null;
  const first = around.find(message.message_reference?.message_id);
  const words = first && (first.content || first.embeds[0]?.title || "Click to see");
  return el("div.used", {}, words ?? "Original message was deleted");
}

function continues(message, before) {
  if (!before || before.author.id !== message.author.id) return false;
  if (before.author.username !== message.author.username) return false;
  if (Boolean(before.ephemeral_for) !== Boolean(message.ephemeral_for)) return false;
  return new Date(message.timestamp) - new Date(before.timestamp) < GROUP_MS;
}

function* content(message, around) {
  if (message.thinking || message.flags & LOADING) {
    const dots = el("span.dots", { "aria-hidden": "true" }, el("i"), el("i"), el("i"));
    yield el("p.thinking", {}, dots, `${message.author.username} is thinking …`);
    return;
  }
  const edited = message.edited_timestamp && el("span.edited", {}, "(edited)");
  if (message.content) {
    yield el("div.content", {}, ...markdown(message.content, around.names), edited);
  }
  for (const embed of message.embeds) yield drawEmbed(embed, around.names);
  for (const file of message.attachments) {
    if (!message.embeds.some((embed) => embed.image?.url === file.url)) yield drawFile(file);
  }
  for (const row of message.components) yield drawRow(row, message, around);
  if (edited && !message.content) yield edited;
}

function* notes(message, around) {
  if (around.note) yield el("p.failed", { role: "alert" }, around.note);
  if (!message.ephemeral_for) return;
  yield el(
    "p.only-you",
    {},
    icon("eye"),
    "Only you can see this • ",
    el("button.link", { type: "button", onclick: () => around.dismiss(message) }, "Dismiss message"),
  );
}
