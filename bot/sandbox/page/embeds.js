// Embeds and files of a message.

import { el, icon } from "./dom.js";
import { inline, markdown, moment } from "./markdown.js";

const NO_COLOUR = 0x4e5058;
const SIZES = ["B", "KB", "MB"];

/** Return an embed as Discord draws it. */
export function drawEmbed(embed, names) {
  const box = el("div.embed", {}, el("div.words", {}, ...parts(embed, names)));
  const colour = (embed.color ?? NO_COLOUR).toString(16).padStart(6, "0");
  box.style.setProperty("border-color", `#${colour}`);
  if (own(embed.thumbnail?.url)) box.append(picture(embed.thumbnail, "thumbnail"));
  return box;
}

function* parts(embed, names) {
  if (embed.author) {
    const logo = own(embed.author.icon_url)
      ? el("img.logo", { src: embed.author.icon_url, alt: "" })
      : embed.author.icon_url && el("span.logo", { "aria-hidden": "true" }, "◆");
    yield el("div.author", {}, logo, embed.author.name);
  }
  if (embed.title) yield el("div.title", {}, ...inline(embed.title, names));
  if (embed.description) yield el("div.description", {}, ...markdown(embed.description, names));
  if (embed.fields?.length) yield el("div.fields", {}, ...embed.fields.map((each) => field(each, names)));
  if (own(embed.image?.url)) yield picture(embed.image, "picture");
  const foot = [embed.footer?.text, embed.timestamp && moment(new Date(embed.timestamp), "f")];
  if (foot.some(Boolean)) yield el("div.footer", {}, foot.filter(Boolean).join(" • "));
}

function field(entry, names) {
  return el(
    entry.inline ? "div.field.inline" : "div.field",
    {},
    el("div.name", {}, ...inline(entry.name, names)),
    el("div.value", {}, ...markdown(entry.value, names)),
  );
}

/** Whether an address is this server's: no other is ever asked for anything. */
function own(address) {
  try {
    return Boolean(address) && new URL(address).origin === window.location.origin;
  } catch {
    return false;
  }
}

function picture(file, kind) {
  const { url, width, height, description } = file;
  return el(`img.${kind}`, { src: url, alt: description ?? "", width, height, loading: "lazy" });
}

/** Return a file of a message: a picture, or its name and size. */
export function drawFile(file) {
  if (!own(file.url)) return el("div.file", {}, icon("file"), file.filename);
  if (file.content_type?.startsWith("image/")) return picture(file, "picture");
  return el(
    "div.file",
    {},
    icon("file"),
    el("a", { href: file.url, download: file.filename }, file.filename),
    el("span.size", {}, sizeOf(file.size)),
  );
}

function sizeOf(bytes) {
  const power = Math.min(SIZES.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${(bytes / 1024 ** power).toFixed(power && 1)} ${SIZES[power]}`;
}
