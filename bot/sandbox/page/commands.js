// Commands and their options, as the sandbox tells them, made ready to be typed.

const SUBCOMMAND = 1;
const GROUP = 2;
export const INTEGER = 4;
const BOOLEAN = 5;
export const NUMBER = 10;
const ADMINISTRATOR = 1n << 3n;
const MANAGE_GUILD = 1n << 5n;

/**
 * Return each command that can be typed, in the order of its name.
 *
 * @param {object} guild with `commands`
 * @param {object} member with `permissions`
 * @returns {{name: string, description: string, options: object[], lacks: string}[]}
 *   `lacks` names the permission without which Discord would not show it at all
 */
export function commandsFor(guild, member) {
  return guild.commands
    .filter((command) => (command.type ?? 1) === 1)
    .flatMap((command) => leaves(command, command.name, lackOf(command, member)))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

function leaves(node, name, lacks) {
  const options = node.options ?? [];
  const inside = options.filter((each) => each.type === SUBCOMMAND || each.type === GROUP);
  if (inside.length) return inside.flatMap((each) => leaves(each, `${name} ${each.name}`, lacks));
  return [{ name, description: node.description, options, lacks }];
}

function lackOf(command, member) {
  const needed = BigInt(command.default_member_permissions ?? -1);
  const owned = BigInt(member.permissions);
  if (needed === -1n || owned & ADMINISTRATOR) return "";
  // 0 means: administrators only.
  if (needed && (owned & needed) === needed) return "";
  return needed === MANAGE_GUILD ? "the permission Manage Server" : "a permission";
}

/** Return the commands whose name begins with, or contains, what was typed after the slash. */
export function matching(commands, typed) {
  const wanted = typed.toLowerCase().trimEnd();
  const begins = commands.filter((each) => each.name.startsWith(wanted));
  const contains = commands.filter((each) => !each.name.startsWith(wanted) && each.name.includes(wanted));
  return [...begins, ...contains];
}

/** Return the fixed choices of an option that a text fits, or null if it has none. */
export function choicesOf(option, typed = "") {
  const all =
    option.type === BOOLEAN
      ? [
          { name: "True", value: true },
          { name: "False", value: false },
        ]
      : option.choices;
  if (!all?.length) return null;
  const wanted = typed.toLowerCase();
  return all.filter((each) => each.name.toLowerCase().includes(wanted));
}

/**
 * Return the value that a text means for an option.
 *
 * @throws {Error} with words for the one who typed it
 */
export function valueOf(option, typed) {
  const choices = choicesOf(option);
  if (choices) {
    const found = choices.find((each) => each.name.toLowerCase() === typed.toLowerCase());
    if (!found) throw new Error("Pick one from the list.");
    return found.value;
  }
  if (option.type === INTEGER || option.type === NUMBER) return numberOf(option, typed);
  const length = [...typed].length;
  if (length < (option.min_length ?? 0)) throw new Error(`At least ${option.min_length} characters.`);
  if (length > (option.max_length ?? 6000)) throw new Error(`At most ${option.max_length} characters.`);
  return typed;
}

function numberOf(option, typed) {
  const value = Number(typed);
  const whole = option.type === INTEGER;
  if (!Number.isFinite(value) || (whole && !Number.isSafeInteger(value))) {
    throw new Error(whole ? "That is not a whole number." : "That is not a number.");
  }
  if (value < (option.min_value ?? -Infinity)) throw new Error(`At least ${option.min_value}.`);
  if (value > (option.max_value ?? Infinity)) throw new Error(`At most ${option.max_value}.`);
  return value;
}
