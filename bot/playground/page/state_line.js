/** One line below the market bar while the server or the bot is away. */

import { h } from "./dom.js";

export function showState({ store, element, retry }) {
  let hadBot = false;
  const show = (...content) => {
    element.hidden = !content.length;
    element.replaceChildren(...content);
  };
  store.on("connection world", () => {
    const { connection, bot } = store;
    hadBot ||= bot.connected;
    if (connection.state === "lost") {
      const wait = connection.retryIn < 1 ? "a moment" : `${Math.round(connection.retryIn)} s`;
      show(
        `The playground server is gone. Trying again in ${wait}. `,
        h("button", { type: "button", class: "text-button", onclick: retry }, "Try now"),
      );
    } else if (store.me && !bot.connected) {
      show(
        hadBot
          ? "The bot has disconnected. Commands wait until it is back."
          : "The bot is not connected yet. Its commands appear when it is.",
      );
    } else {
      show();
    }
  });
}
