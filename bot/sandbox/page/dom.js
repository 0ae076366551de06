// Elements, made without ever reading a string as HTML.

/**
 * Make an element.
 *
 * @param {string} tag name, with classes after dots: "span.app"
 * @param {object} facts properties, `on…` listeners, `aria…`/`data…` and other attributes
 * @param {...(Node|string|null|false|undefined)} children text is put in as text
 */
export function el(tag, facts = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const element = document.createElement(name);
  if (classes.length) element.className = classes.join(" ");
  for (const [key, value] of Object.entries(facts)) {
    if (value === undefined || value === null) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else if (key in element && typeof element[key] !== "object") element[key] = value;
    else if (value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children.flat().filter(Boolean));
  return element;
}

/** Make a text field with a list of its own: a combobox. */
export function typingField(facts) {
  return el("input", {
    type: "text",
    role: "combobox",
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: false,
    "aria-autocomplete": "list",
    "aria-expanded": "false",
    ...facts,
  });
}

/** Put children in place of what an element holds. */
export function fill(parent, ...children) {
  parent.replaceChildren(...children.flat().filter(Boolean));
  return parent;
}

let count = 0;

/** Return an id that no other element has. */
export function freshId(stem) {
  count += 1;
  return `${stem}-${count}`;
}

const SHAPES = {
  send: "M3 9l14-6-6 14-2-6z",
  menu: "M3 5h14M3 10h14M3 15h14",
  down: "M5 8l5 5 5-5",
  eye: "M2 10s3-5 8-5 8 5 8 5-3 5-8 5-8-5-8-5zm8 2.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4z",
  file: "M5 3h7l3 3v11H5zM12 3v4h3",
  open: "M8 4H4v12h12v-4M11 4h5v5M16 4l-7 7",
  lock: "M5 9h10v8H5zM7 9V6a3 3 0 0 1 6 0v3",
  close: "M5 5l10 10M15 5L5 15",
};

/** Draw one of a few line icons; it says nothing to a screen reader. */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 20 20");
  svg.setAttribute("aria-hidden", "true");
  svg.classList.add("icon");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", SHAPES[name]);
  svg.append(path);
  return svg;
}

const COLOURS = ["#5865f2", "#27784a", "#96620f", "#c74440", "#8459c9", "#256f8b"];

/** Return the letters and the colour that stand for a name where there is no picture. */
export function sign(name) {
  const letters = name.split(/[^\p{L}\p{N}]+/u).filter(Boolean).map((word) => [...word][0]);
  const sum = [...name].reduce((total, letter) => total + letter.codePointAt(0), 0);
  return { letters: letters.length ? letters.slice(0, 3) : ["?"], colour: COLOURS[sum % COLOURS.length] };
}

/** Draw the round picture of somebody. */
export function avatar(name, kind = "avatar") {
  const { letters, colour } = sign(name);
  const [first] = letters;
  const picture = el(`span.${kind}`, { "aria-hidden": "true" }, first.toUpperCase());
  picture.style.setProperty("background", colour);
  return picture;
}
