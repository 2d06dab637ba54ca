/** One message of the timeline as a list item. */

import { h, icon, iconButton } from "./dom.js";
import { attachments } from "./attachments.js";
import { avatar, botTag } from "./avatars.js";
import { components } from "./components.js";
import { embeds } from "./embeds.js";
import { markdown, plainText } from "./markdown.js";
import { clockTime, messageTime } from "./stamps.js";
import { isEphemeral } from "./store.js";
import { displayName } from "./world.js";

const LOADING = 128;
const REPLY = 19;

export const isThinking = (message) => Boolean((message.flags ?? 0) & LOADING);

/** What a message says in one line, for references, previews and screen readers. */
export function summary(message, world) {
  const words = [
    message.content,
    ...(message.embeds ?? []).flatMap(({ title, description }) => [title, description]),
  ];
  const parts = words.filter(Boolean).map((part) => plainText(part, world));
  const text = parts
    .map((part, at) => (at < parts.length - 1 && !/[.:;]$/.test(part) ? `${part}.` : part))
    .join(" ");
  return (
    text ||
    (message.attachments?.length ? "Attachment" : isThinking(message) ? "Thinking" : "Message")
  );
}

/** Above the message: what it answers, a message or a command. */
export function hasReference(message) {
  return Boolean(message.referenced_message || message.message_reference || usedCommand(message));
}

function usedCommand(message) {
  const name = message.interaction?.name ?? message.interaction_metadata?.name;
  const user = message.interaction?.user ?? message.interaction_metadata?.user;
  return name && user ? { name, user } : null;
}

/**
 * `view`: {world, context, follows (same author just before), failed (sentence or null), waitingFor,
 * press(message, component, values), dismiss(message), openMenu(message, event), jump(id)}.
 */
export function messageItem(message, view) {
  const { world } = view;
  const ephemeral = isEphemeral(message);
  const mentioned = message.mentions?.some(({ id }) => id === world.store.me);
  const classes = [
    "message",
    view.follows && "follows",
    ephemeral && "ephemeral",
    mentioned && "mentioned",
  ].filter(Boolean);
  return h(
    "li",
    {
      class: classes.join(" "),
      id: `message-${message.id}`,
      tabindex: "-1",
      "data-id": message.id,
      oncontextmenu: (event) => view.openMenu(message, event),
    },
    reference(message, view),
    view.follows
      ? h("span", { class: "gutter" }, clockTime(message.timestamp))
      : avatar(message.author),
    h(
      "div",
      { class: "message-body" },
      !view.follows && head(message, world),
      body(message, view),
      view.failed && h("p", { class: "failure", role: "alert" }, icon("warn"), view.failed),
      ephemeral && privateLine(() => view.dismiss(message)),
    ),
    h(
      "div",
      { class: "tools" },
      iconButton("more", "More: apps and copying", (event) => view.openMenu(message, event), {
        "aria-haspopup": "menu",
        "data-key": "tools",
      }),
    ),
  );
}

/** The line under a message that only one person sees. */
export function privateLine(onDismiss) {
  return h(
    "p",
    { class: "private" },
    icon("eye"),
    "Only you can see this • ",
    h(
      "button",
      { type: "button", class: "text-button", "data-key": "dismiss", onclick: onDismiss },
      "Dismiss message",
    ),
  );
}

function head({ author, timestamp }, world) {
  const name = h("span", { class: "author" }, displayName(author));
  const colour = world.colour(author.id);
  if (colour) name.style.setProperty("--role", colour);
  return h(
    "header",
    { class: "message-head" },
    name,
    author.bot && botTag(),
    messageTime(timestamp),
  );
}

function body(message, { world, context, press, waitingFor }) {
  if (isThinking(message)) return thinking(displayName(message.author));
  const use = { press: (component, values) => press(message, component, values), waitingFor };
  const edited = message.edited_timestamp && h("span", { class: "edited" }, "(edited)");
  const content =
    message.content &&
    h("div", { class: "content prose" }, markdown(message.content, context), edited);
  return [
    content,
    ...attachments(message),
    ...embeds(message, context),
    !content && edited,
    ...components(message, { ...context, world }, use),
  ];
}

/** The state between "received" and the answer. */
function thinking(name) {
  return h(
    "div",
    { class: "thinking" },
    h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i")),
    `${name} is thinking…`,
  );
}

function reference(message, { world, jump }) {
  const command = usedCommand(message);
  if (command) {
    return h(
      "div",
      { class: "reference" },
      avatar(command.user, "tiny"),
      h("span", { class: "author" }, displayName(command.user)),
      " used ",
      h(
        "span",
        { class: "command-name" },
        icon("send"),
        command.name.startsWith("/") ? command.name : `/${command.name}`,
      ),
    );
  }
  const original = message.referenced_message;
  if (original) {
    return h(
      "button",
      {
        type: "button",
        class: "reference",
        "data-key": "reference",
        onclick: () => jump(original.id),
      },
      avatar(original.author, "tiny"),
      original.author.bot && botTag(),
      h("span", { class: "author" }, displayName(original.author)),
      h("span", { class: "reference-text" }, summary(original, world)),
    );
  }
  if (message.type === REPLY)
    return h("div", { class: "reference" }, icon("reply"), "The original message was deleted");
  return null;
}
