// Puts the page together: what is on show, what is sent, what comes in.

import * as api from "./api.js";
import { commandsFor } from "./commands.js";
import { Composer } from "./composer.js";
import { openDialog } from "./dialog.js";
import { el, fill, icon } from "./dom.js";
import { Feed } from "./feed.js";
import { Pending } from "./pending.js";
import { drawSidebar } from "./sidebar.js";

const NO_ANSWER = "This interaction failed";
const NOBODY = "No server here has a channel and a member. Make them, then load this page again.";
const state = {
  app: null,
  guilds: [],
  guild: null,
  channel: null,
  member: null,
  unread: new Set(),
  presences: 0,
};
const element = (id) => document.getElementById(id);

const names = {
  channel: (id) => state.guilds.flatMap((guild) => guild.channels).find((each) => each.id === id)?.name,
  user: (id) => state.guilds.flatMap((guild) => guild.members).find((each) => each.user_id === id)?.name,
  jump: async (guildId, channelId, messageId) => {
    await go(guildId, channelId);
    if (messageId) feed.reveal(messageId);
  },
};
const feed = new Feed(element("messages"), element("scroll"), { names: () => names, act });
const pending = new Pending(feed, () => state);
const composer = new Composer(element("composer"), {
  commands: () => commandsFor(state.guild, state.member),
  send,
  suggest,
});

let loading = null;

/** Show a channel of a guild; the first one if none is named. */
async function go(guildId, channelId) {
  const usable = state.guilds.filter((each) => each.channels.length && each.members.length);
  const guild = usable.find((each) => each.id === guildId) ?? usable[0];
  if (!guild) throw new Error(NOBODY);
  state.guild = guild;
  state.channel = guild.channels.find((each) => each.id === channelId) ?? guild.channels[0];
  state.member = guild.members.find((each) => each.user_id === state.member?.user_id) ?? guild.members[0];
  openSide(false);
  composer.say();
  composer.clear();
  await show();
}

async function be(userId) {
  state.member = state.guild.members.find((each) => each.user_id === userId);
  composer.say();
  composer.clear();
  await show();
}

/** Draw the frame and load the channel's messages; what comes meanwhile waits. */
async function show() {
  const { guild, channel, member } = state;
  state.unread.delete(channel.id);
  window.history.replaceState(null, "", `#/${guild.id}/${channel.id}/${member.user_id}`);
  document.title = `#${channel.name} · ${guild.name}`;
  element("channel-name").textContent = channel.name;
  element("start-name").textContent = channel.name;
  element("messages").setAttribute("aria-label", `Messages in #${channel.name}`);
  drawSidebar(state, { go, be });
  const waiting = [];
  loading = waiting;
  try {
    const messages = await api.messagesOf(channel.id, member.user_id);
    if (loading !== waiting) return;
    feed.show(messages);
  } catch (error) {
    if (loading === waiting) composer.say(error.message);
  }
  if (loading !== waiting) return;
  loading = null;
  waiting.forEach(hear);
}

function hear(news) {
  if (news.op === "presence") return presence(news.online ?? news.status === "online");
  if (!news.op.startsWith("message_")) return refresh().catch(complain);
  const channelId = news.channel_id ?? news.message.channel_id;
  const reader = news.ephemeral_for ?? news.message.ephemeral_for ?? null;
  if (reader && reader !== state.member.user_id) return undefined;
  if (channelId !== state.channel.id) return news.op === "message_create" && missed(channelId);
  if (loading) return loading.push(news);
  const message = { ...news.message, ephemeral_for: reader };
  if (news.op === "message_delete") return feed.remove(message.id);
  pending.settle(message);
  return feed.put(message);
}

function missed(channelId) {
  state.unread.add(channelId);
  drawSidebar(state, { go, be });
}

function presence(online) {
  state.presences += 1;
  const words = online ? `${state.app.name} is online` : `${state.app.name} is offline`;
  fill(element("presence"), el(online ? "i.dot.online" : "i.dot"), words);
}

/** Read the guilds again, and stay where we are. */
async function refresh() {
  const { presences } = state;
  const told = await api.world();
  Object.assign(state, { app: told.application, guilds: told.guilds });
  // What was heard while the answer was under way is newer than it.
  if (state.presences === presences) presence(told.application.online ?? true);
  if (!state.guild) return;
  state.guild = state.guilds.find((each) => each.id === state.guild.id) ?? state.guilds[0];
  drawSidebar(state, { go, be });
}

function place() {
  return { user_id: state.member.user_id, guild_id: state.guild.id, channel_id: state.channel.id };
}

async function send(name, options) {
  const wait = pending.begin(name);
  try {
    const result = await api.interact({ ...place(), type: "command", name, options });
    pending.end(wait, result.kind === "nothing");
    follow(result);
  } catch (error) {
    pending.end(wait, false);
    composer.say(error.message);
  }
}

async function suggest(name, options, focused) {
  const deed = { ...place(), type: "autocomplete", name, options, focused };
  const { kind, choices } = await api.interact(deed);
  if (kind !== "choices") throw new api.Refused(NO_ANSWER);
  return choices;
}

async function act(message, component, values) {
  feed.mark(message, { busy: true });
  let note = null;
  try {
    const deed = { type: "component", message_id: message.id, custom_id: component.custom_id, values };
    const result = await api.interact({ ...place(), ...deed });
    if (result.kind === "nothing") note = NO_ANSWER;
    follow(result);
  } catch (error) {
    note = error.message;
  }
  feed.mark(message, { note });
}

/** Open the form that an answer asks for. */
function follow(result) {
  if (result.kind !== "modal") return;
  const where = place();
  openDialog(result.modal, state.app.name, async (values) => {
    const deed = { ...where, type: "modal", interaction_id: result.interaction_id, values };
    try {
      const taken = await api.interact(deed);
      return taken.kind === "nothing" ? "" : null;
    } catch (error) {
      return error.message;
    }
  });
}

function openSide(open) {
  document.body.classList.toggle("side-open", open);
  element("shade").hidden = !open;
  element("menu").setAttribute("aria-expanded", String(open));
}

async function start() {
  element("menu").append(icon("menu"));
  element("menu").addEventListener("click", () => openSide(element("shade").hidden));
  element("shade").addEventListener("click", () => openSide(false));
  document.addEventListener("keydown", (event) => event.key === "Escape" && openSide(false));
  await refresh();
  const [, guildId, channelId, userId] = window.location.hash.split("/");
  state.member = { user_id: userId };
  await go(guildId, channelId);
  api.live(hear, (up) => {
    element("lost").hidden = up;
    // Whatever happened while nobody listened, before the first connection too, was not heard.
    if (up) refresh().then(show).catch(complain);
  });
}

function complain(error) {
  composer.say(error.message);
}

start().catch(complain);
