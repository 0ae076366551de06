// Discord's markdown as elements. It agrees with bot/rendering/markdown.py,
// but for links, mentions and times, which it makes readable as Discord does;
// what they were is kept in data-raw.

import { el } from "./dom.js";

const SHORTCODES = { rocket: "🚀", gun: "🔫" };
const FENCE = /```(?:[A-Za-z0-9_+.#-]+\n)?\n*(.+?)\n*```/gsu;
const INLINE = new RegExp(
  [
    String.raw`\\(?<escaped>[^0-9A-Za-z\s])`,
    "`(?<code>[^`\\n]+)`",
    String.raw`\*\*(?<bold>(?:\\.|[^\\])+?)\*\*(?!\*)`,
    String.raw`__(?<underline>(?:\\.|[^\\])+?)__(?!_)`,
    String.raw`~~(?<strike>(?:\\.|[^\\])+?)~~`,
    String.raw`\|\|(?<spoiler>(?:\\.|[^\\])+?)\|\|`,
    String.raw`\*(?<star>(?=\S)(?:\\.|[^\\*])+?)\*`,
    String.raw`(?<![\p{L}\p{N}_])_(?<emphasis>(?:\\.|[^\\_])+?)_(?![\p{L}\p{N}_])`,
    String.raw`:(?<shortcode>[a-z0-9_+\-]+):`,
    String.raw`(?<mention>@everyone|@here|<(?:@[!&]?|#|t:|\/)[^>\s]+>|<a?:[\p{L}\p{N}_]+:\p{Nd}+>)`,
    String.raw`(?<link>https?:\/\/[^\s<]+|\[[^\]\n]+\]\([^)\s]+\))`,
  ].join("|"),
  "gsu",
);
const TAGS = { bold: "strong", underline: "u", strike: "s", star: "em", emphasis: "em" };

/**
 * Return a message's or an embed's text as nodes.
 *
 * @param {string} text
 * @param {object} names knows `channel(id)`, `user(id)` and `jump(path)`; may be left out
 */
export function markdown(text, names = {}) {
  const shown = [];
  let end = 0;
  for (const block of text.matchAll(FENCE)) {
    const before = text.slice(end, block.index);
    shown.push(...lines(before.endsWith("\n") ? before.slice(0, -1) : before, names));
    shown.push(el("pre", {}, block[1]));
    end = block.index + block[0].length;
    if (text.startsWith("\n", end)) end += 1;
  }
  shown.push(...lines(text.slice(end), names));
  return shown;
}

/** Return one line's text as nodes: titles and names of fields know no blocks. */
export function inline(text, names = {}) {
  const shown = [];
  let end = 0;
  for (const found of text.matchAll(INLINE)) {
    shown.push(text.slice(end, found.index));
    const [kind, inside] = Object.entries(found.groups).find(([, value]) => value !== undefined);
    shown.push(span(kind, inside, names));
    end = found.index + found[0].length;
  }
  shown.push(text.slice(end));
  return shown.filter((part) => part !== "");
}

function lines(text, names) {
  return text ? text.split("\n").map((each) => line(each, names)) : [];
}

function line(text, names) {
  if (text.startsWith("-# ")) return el("div.subtext", {}, ...inline(text.slice(3), names));
  const heading = /^(#{1,3}) +(?=\S)/u.exec(text);
  if (heading) {
    const rest = inline(text.slice(heading[0].length), names);
    return el(`div.heading.h${heading[1].length}`, {}, ...rest);
  }
  if (text.startsWith("> ")) return el("div.quote", {}, ...inline(text.slice(2), names));
  const item = /^\s*(?:[-*]|(\p{Nd}+)\.) +(?=\S)/u.exec(text);
  if (item) {
    const mark = item[1] ? `${item[1]}.` : "•";
    return el("div.item", {}, `${mark} `, ...inline(text.slice(item[0].length), names));
  }
  const shown = inline(text, names);
  return el("div", {}, ...(shown.length ? shown : [el("br")]));
}

function span(kind, text, names) {
  switch (kind) {
    case "escaped":
      return text;
    case "code":
      return el("code", {}, text);
    case "shortcode":
      return SHORTCODES[text] ?? `:${text}:`;
    case "spoiler":
      return el("span.spoiler", {}, text);
    case "mention":
      return mention(text, names);
    case "link":
      return link(text, names);
    default:
      return el(TAGS[kind], {}, ...inline(text, names));
  }
}

function mention(raw, names) {
  const time = /^<t:(-?\d{1,13})(?::([tTdDfFR]))?>$/.exec(raw);
  if (time) {
    const at = new Date(Number(time[1]) * 1000);
    if (Number.isNaN(at.getTime())) return el("span.mention", {}, raw);
    const whole = moment(at, "F");
    return el("time.mention", { "data-raw": raw, title: whole }, moment(at, time[2] ?? "f"));
  }
  const [, sort, id] = /^<(@!?|#|\/)(.+)>$/su.exec(raw) ?? [];
  let shown = raw;
  if (sort === "#") shown = `#${names.channel?.(id) ?? "unknown"}`;
  else if (sort === "/") shown = `/${id.replace(/:\d+$/, "")}`;
  else if (sort) shown = `@${names.user?.(id) ?? "unknown"}`;
  return el("span.mention", { "data-raw": raw }, shown);
}

/** Show an address; one of a message in this sandbox leads there, others open a new window. */
function link(raw, names) {
  const [, words, target] = /^\[(.+)\]\((.+)\)$/su.exec(raw) ?? [null, raw, raw];
  const path = /^https?:\/\/[^/]+\/channels\/(\d+)\/(\d+)(?:\/(\d+))?$/.exec(target);
  if (path && names.jump) {
    const jump = () => names.jump(path[1], path[2], path[3]);
    return el("button.link", { type: "button", "data-raw": raw, onclick: jump }, words);
  }
  if (!/^https?:\/\//.test(target)) return el("span.link", { "data-raw": raw }, raw);
  const safe = { href: target, target: "_blank", rel: "noopener noreferrer", "data-raw": raw };
  return el("a.link", safe, words);
}

const STYLES = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
};
const STEPS = [
  ["year", 31_557_600],
  ["month", 2_629_800],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

/** Return a moment in one of Discord's styles, in the reader's time zone. */
export function moment(at, style) {
  if (style !== "R") return at.toLocaleString("en-GB", STYLES[style]);
  const away = (at - Date.now()) / 1000;
  const [unit, size] = STEPS.find(([, least]) => Math.abs(away) >= least) ?? ["second", 1];
  return new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(Math.round(away / size), unit);
}
