/** Embeds: colour bar, author, title, description, fields in rows of three, pictures, footer. */

import { h, link, ownFile } from "./dom.js";
import { markdown, inline } from "./markdown.js";
import { attachedTo, picture } from "./attachments.js";
import { messageTime } from "./stamps.js";

const COLUMNS = 3;

/** The embeds of a message as elements. */
export function embeds(message, context) {
  return (message.embeds ?? []).map((embed) => card(embed, message, context));
}

function card(embed, message, context) {
  const element = h(
    "article",
    { class: "embed", "aria-label": embed.title || "Card" },
    h(
      "div",
      { class: "embed-main" },
      h(
        "div",
        { class: "embed-text" },
        embed.author?.name &&
          h(
            "div",
            { class: "embed-author" },
            smallIcon(embed.author),
            link(embed.author.url, {}, embed.author.name),
          ),
        embed.title &&
          h("div", { class: "embed-title" }, link(embed.url, {}, inline(embed.title, context))),
        embed.description &&
          h("div", { class: "embed-description prose" }, markdown(embed.description, context)),
      ),
      embed.thumbnail && media(embed.thumbnail, message, "embed-thumbnail"),
    ),
    embed.fields?.length > 0 &&
      h(
        "div",
        { class: "embed-fields" },
        rows(embed.fields).map((row) => fieldRow(row, context)),
      ),
    embed.image && media(embed.image, message, "embed-image"),
    footer(embed),
  );
  if (Number.isInteger(embed.color)) {
    element.style.setProperty("--bar", `#${embed.color.toString(16).padStart(6, "0")}`);
  }
  return element;
}

function media({ url, width, height, description }, message, className) {
  const attachment = attachedTo(message, url);
  return picture(
    attachment?.url ?? url,
    { width, height, description, ...withoutNulls(attachment) },
    className,
  );
}

const withoutNulls = (values) =>
  Object.fromEntries(Object.entries(values ?? {}).filter(([, value]) => value !== null));

/** Inline fields stand up to three in a row; any other field has a row of its own. */
function rows(fields) {
  const result = [];
  for (const field of fields) {
    const last = result.at(-1);
    if (field.inline && last?.[0].inline && last.length < COLUMNS) last.push(field);
    else result.push([field]);
  }
  return result;
}

function fieldRow(row, context) {
  return h(
    "dl",
    { class: `field-row fields-${row.length}` },
    row.map((field) =>
      h(
        "div",
        { class: "field" },
        h("dt", {}, inline(field.name, context)),
        h("dd", { class: "prose" }, markdown(field.value, context)),
      ),
    ),
  );
}

function smallIcon(part) {
  const source = part?.icon_url ? ownFile(part.icon_url) : null;
  return source ? h("img", { class: "embed-icon", src: source, alt: "" }) : null;
}

function footer({ footer: foot, timestamp }) {
  if (!foot?.text && !timestamp) return null;
  return h(
    "div",
    { class: "embed-footer" },
    smallIcon(foot),
    foot?.text,
    foot?.text && timestamp && " • ",
    timestamp && messageTime(timestamp),
  );
}
