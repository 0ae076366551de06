// The left side: servers, channels, and who you are.

import { avatar, el, fill, sign } from "./dom.js";

const MANAGE_GUILD = 1n << 5n;
const ADMINISTRATOR = 1n << 3n;
const VOICES = { forum: "Forum", thread: "Thread" };

/**
 * Draw the left side.
 *
 * @param {object} state the guilds, and what is on show
 * @param {object} desk `go(guildId, channelId)`, `be(userId)`
 */
export function drawSidebar(state, desk) {
  fill(document.getElementById("guilds"), ...state.guilds.map((each) => guildButton(each, state, desk)));
  fill(document.getElementById("guild-name"), el("h2", {}, state.guild.name));
  fill(
    document.getElementById("channels"),
    el("ul", {}, ...state.guild.channels.map((each) => channelButton(each, state, desk))),
  );
  drawYou(state, desk);
}

function unread(state, channel) {
  return state.unread.has(channel.id);
}

function guildButton(guild, state, desk) {
  const { letters, colour } = sign(guild.name);
  const fresh = guild.channels.some((each) => unread(state, each));
  const current = guild.id === state.guild.id;
  const button = el(
    "button.guild",
    {
      type: "button",
      title: guild.name,
      "aria-label": fresh ? `${guild.name}, unread messages` : guild.name,
      "aria-current": current ? "true" : undefined,
      "data-guild": guild.id,
      onclick: () => desk.go(guild.id),
    },
    letters.join(""),
  );
  if (current) button.style.setProperty("background", colour);
  button.classList.toggle("unread", fresh);
  return button;
}

function channelButton(channel, state, desk) {
  const fresh = unread(state, channel);
  const current = channel.id === state.channel.id;
  const button = el(
    "button.channel",
    {
      type: "button",
      "aria-current": current ? "page" : undefined,
      "data-channel": channel.id,
      onclick: () => desk.go(state.guild.id, channel.id),
    },
    el("span.hash", { "aria-hidden": "true" }, "#"),
    el("span.label", {}, channel.name),
    VOICES[channel.kind] && el("span.muted", {}, VOICES[channel.kind]),
    fresh && el("span.visually-hidden", {}, "(unread messages)"),
  );
  button.classList.toggle("unread", fresh);
  return el("li", {}, button);
}

function rank(member) {
  const manages = BigInt(member.permissions) & (MANAGE_GUILD | ADMINISTRATOR);
  return manages ? "Manage Server" : "member";
}

function drawYou(state, desk) {
  const options = state.guild.members.map((member) =>
    el(
      "option",
      { value: member.user_id, selected: member.user_id === state.member.user_id },
      `${member.name} (${rank(member)})`,
    ),
  );
  const select = el("select", { id: "viewer", onchange: () => desk.be(select.value) }, ...options);
  fill(
    document.getElementById("you"),
    avatar(state.member.name),
    el("div", {}, el("label", { htmlFor: "viewer" }, "You are"), select),
  );
}
