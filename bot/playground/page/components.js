/** Buttons, selects and the newer layout components of a message. */

import { h, icon, link, ownFile } from "./dom.js";
import { markdown } from "./markdown.js";
import { attachedTo, picture } from "./attachments.js";
import { select, isSelect } from "./selects.js";

const ACTION_ROW = 1;
const BUTTON = 2;
const LINK_STYLE = 5;
const STYLES = { 1: "primary", 2: "secondary", 3: "success", 4: "danger" };

/**
 * The components of a message as elements. `use` says what a press does and what waits:
 * {press(component, values), waitingFor: custom_id or null}.
 */
export function components(message, context, use) {
  return (message.components ?? []).map((component) => build(component, message, context, use));
}

function build(component, message, context, use) {
  if (isSelect(component)) return select(component, context.world, use);
  const builder = BUILDERS[component.type];
  return builder
    ? builder(component, message, context, use)
    : h("p", { class: "elsewhere" }, "A component that this page cannot show");
}

const children = (list, message, context, use) =>
  (list ?? []).map((child) => build(child, message, context, use));

const BUILDERS = {
  [ACTION_ROW]: (row, ...rest) =>
    h("div", { class: "action-row" }, children(row.components, ...rest)),
  [BUTTON]: (component, message, context, use) => button(component, use),
  9: (section, ...rest) =>
    h(
      "div",
      { class: "section" },
      h("div", {}, children(section.components, ...rest)),
      children([section.accessory].filter(Boolean), ...rest),
    ),
  10: (text, message, context) =>
    h("div", { class: "prose" }, markdown(text.content ?? "", context)),
  11: (thumbnail, message) => media(thumbnail, message, "embed-thumbnail"),
  12: (gallery, message) =>
    h(
      "div",
      { class: "gallery" },
      (gallery.items ?? []).map((item) => media(item, message, "attachment")),
    ),
  13: ({ file }, message) => fileLine(file, message),
  14: ({ divider }) => (divider === false ? h("div", { class: "gap" }) : h("hr")),
  17: container,
};

function container(component, ...rest) {
  const element = h(
    "article",
    { class: "embed container" },
    children(component.components, ...rest),
  );
  if (Number.isInteger(component.accent_color)) {
    element.style.setProperty("--bar", `#${component.accent_color.toString(16).padStart(6, "0")}`);
  }
  return element;
}

function media({ media: { url, width, height } = {}, description }, message, className) {
  return picture(attachedTo(message, url)?.url ?? url, { width, height, description }, className);
}

function fileLine({ url }, message) {
  const attachment = attachedTo(message, url);
  const href = ownFile(attachment?.url ?? url);
  const name = attachment?.filename ?? "File";
  return h(
    "div",
    { class: "download" },
    icon("file"),
    href ? h("a", { href, download: name }, name) : name,
  );
}

function button(component, use) {
  const label = [emoji(component.emoji), component.label];
  if (component.style === LINK_STYLE) {
    return link(
      component.url,
      { class: "button secondary", "data-key": `link-${component.url}` },
      label,
      icon("out"),
    );
  }
  const waiting = use.waitingFor === component.custom_id;
  return h(
    "button",
    {
      type: "button",
      class: `button ${STYLES[component.style] ?? "secondary"}${waiting ? " waiting" : ""}`,
      disabled: component.disabled,
      "aria-busy": waiting ? "true" : null,
      "data-key": component.custom_id,
      onclick: () => waiting || use.press(component),
    },
    h("span", { class: "button-label" }, label),
  );
}

/** A Unicode emoji as text; a custom one by its name. */
export function emoji(partial) {
  if (!partial?.name) return null;
  return h(
    "span",
    { class: "emoji", "aria-hidden": "true" },
    partial.id ? `:${partial.name}:` : partial.name,
    " ",
  );
}
