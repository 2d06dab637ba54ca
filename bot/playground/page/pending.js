/** A command on its way: sent and not yet answered, or never answered. */

import { h } from "./dom.js";
import { avatar, botTag } from "./avatars.js";
import { privateLine } from "./message.js";
import { displayName } from "./world.js";

/** The list item; `record` is what the server says about the interaction, if anything yet. */
export function pendingItem({ user, label, bot, record, onDismiss }) {
  const failed = record?.state === "failed";
  const author = h("span", { class: "author" }, displayName(bot));
  return h(
    "li",
    { class: "message pending-message" },
    h(
      "div",
      { class: "reference" },
      avatar(user, "tiny"),
      h("span", { class: "author" }, displayName(user)),
      " used ",
      h("span", { class: "command-name" }, label),
    ),
    avatar({ ...bot, bot: true }),
    h(
      "div",
      { class: "message-body" },
      h("header", { class: "message-head" }, author, botTag()),
      failed ? failure(record) : h("p", { class: "sending" }, "Sending the command…"),
      failed && privateLine(onDismiss),
    ),
  );
}

function failure({ error }) {
  const sentence = error || "The application did not respond";
  return h("p", { class: "failure", role: "alert" }, sentence);
}
