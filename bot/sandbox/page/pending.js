// What a user sees of a command between Enter and the bot's first word.

const COMMAND = 20;
const LOADING = 128;
const SILENCE = "The application did not respond";

/** The commands that were sent and have no answer yet, as messages of our own. */
export class Pending {
  /**
   * @param {import("./feed.js").Feed} feed
   * @param {() => object} state
   */
  constructor(feed, state) {
    this.feed = feed;
    this.state = state;
    this.waiting = [];
    this.count = 0;
  }

  begin(name) {
    const { app, member, channel } = this.state();
    this.count += 1;
    const message = {
      id: `pending-${this.count}`,
      type: COMMAND,
      channel_id: channel.id,
      author: { id: app.id, username: app.name, bot: true },
      interaction: { name, user: { id: member.user_id, username: member.name } },
      timestamp: new Date().toISOString(),
      flags: LOADING,
      thinking: true,
      ephemeral_for: null,
      content: "",
      embeds: [],
      attachments: [],
      components: [],
    };
    this.waiting.push(message);
    this.feed.put(message);
    this.feed.toEnd();
    return message;
  }

  /** A message came: it takes the place of the command that it answers. */
  settle(message) {
    const asked = message.interaction ?? message.interaction_metadata;
    const own = asked?.user?.id === this.state().member.user_id;
    const answered = own && this.waiting.find((each) => each.interaction.name === asked.name);
    if (answered) this.forget(answered);
  }

  /** The answer came, or did not within Discord's three seconds. */
  end(message, silent) {
    const here = message.channel_id === this.state().channel.id;
    this.forget(message);
    if (!silent || !here) return;
    const { user } = message.interaction;
    this.feed.notes.set(message.id, SILENCE);
    this.feed.put({ ...message, flags: 0, thinking: false, ephemeral_for: user.id });
  }

  forget(message) {
    this.waiting = this.waiting.filter((each) => each !== message);
    this.feed.remove(message.id);
  }
}
