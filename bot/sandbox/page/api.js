// What the page asks the sandbox, and how it hears of news.

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 5000;

/** The sandbox refused something, and the message says why. */
export class Refused extends Error {}

async function ask(path, options) {
  let answer;
  try {
    answer = await fetch(path, options);
  } catch {
    throw new Refused("The demo does not answer. Is it still running?");
  }
  const body = await answer.json().catch(() => null);
  if (!answer.ok) throw new Refused(body?.message ?? `The demo answered ${answer.status}.`);
  return body;
}

/** Return the application and the guilds. */
export function world() {
  return ask("/_/world");
}

/** Return the messages of a channel that a user can see, oldest first. */
export function messagesOf(channelId, userId) {
  const viewer = new URLSearchParams({ viewer: userId });
  return ask(`/_/channels/${encodeURIComponent(channelId)}/messages?${viewer}`);
}

/** Send what a user did, and return what came of it within three seconds. */
export function interact(deed) {
  return ask("/_/interactions", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(deed),
  });
}

/**
 * Listen to the sandbox for good; a connection that ends is made again.
 *
 * @param {(news: object) => void} hear called with each piece of news
 * @param {(up: boolean) => void} changed called when the connection comes or goes
 */
export function live(hear, changed) {
  let wait = FIRST_WAIT_MS;
  const connect = () => {
    const socket = new WebSocket(`${window.location.origin.replace(/^http/, "ws")}/_/live`);
    socket.addEventListener("open", () => {
      wait = FIRST_WAIT_MS;
      changed(true);
    });
    socket.addEventListener("message", (event) => hear(JSON.parse(event.data)));
    socket.addEventListener("close", () => {
      changed(false);
      window.setTimeout(connect, wait);
      wait = Math.min(LONGEST_WAIT_MS, wait * 2);
    });
  };
  connect();
}
