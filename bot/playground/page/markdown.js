/**
 * Discord's markdown as elements: first blocks (code, quotes, headings, lists), then what stands in
 * a line. Each inline rule is a sticky pattern and a builder; what no rule takes stays text.
 */

import { h, link } from "./dom.js";
import { displayName } from "./world.js";
import { stamp } from "./stamps.js";

const DEEPEST = 12;
const FENCE = /```(?:([\w+-]+)\n)?\n?([\s\S]+?)\n?```/g;

const mention = (text, attributes = {}) => h("span", { class: "mention", ...attributes }, text);
const nested =
  (tag, attributes = {}) =>
  (match, context) =>
    h(tag, attributes, inline(match[1], context));

const RULES = [
  [/\\([^\sA-Za-z0-9])/y, (match) => match[1]],
  [/(`{1,2})(?!`)([\s\S]*?[^`])\1(?!`)/y, (match) => h("code", {}, match[2])],
  [/\*(?=\S)((?:\*\*|\\[\s\S]|\s+(?:\\[\s\S]|[^\s*\\]|\*\*)|[^\s*\\])+?)\*(?!\*)/y, nested("em")],
  [/\*\*([\s\S]+?)\*\*(?!\*)/y, nested("strong")],
  [/__([\s\S]+?)__(?!_)/y, nested("u")],
  [/_(?=\S)((?:__|\\[\s\S]|[^\\_])+?)_(?![A-Za-z0-9_])/y, nested("em")],
  [/~~([\s\S]+?)~~/y, nested("s")],
  [/\|\|([\s\S]+?)\|\|/y, spoiler],
  [
    /\[([^[\]\n]+)\]\(<?(https?:\/\/[^\s<>()]+)>?(?: +"[^"\n]*")?\)/y,
    (match, context) => link(match[2], {}, inline(match[1], { ...context, plainAddresses: true })),
  ],
  [/<(https?:\/\/[^\s<>]+)>/y, address],
  [/(https?:\/\/[^\s<>]*[^\s<>.,:;"'\])!?])/y, address],
  [/<t:(-?\d{1,13})(?::([tTdDfFsSR]))?>/y, (match) => stamp(match[1], match[2]) ?? match[0]],
  [/<@!?(\d{1,20})>/y, (match, { world }) => mention(`@${displayName(world.user(match[1]))}`)],
  [/<@&(\d{1,20})>/y, roleMention],
  [/<#(\d{1,20})>/y, channelMention],
  [/<\/([-_\p{L}\p{N}]+(?: [-_\p{L}\p{N}]+){0,2}):\d{1,20}>/uy, commandMention],
  [/<a?(:\w{2,32}:)\d{1,20}>/y, (match) => match[1]],
  [/@(?:everyone|here)\b/y, (match) => mention(match[0])],
];

function spoiler(match, context) {
  const reveal = ({ currentTarget }) => {
    currentTarget.classList.add("shown");
    currentTarget.setAttribute("aria-expanded", "true");
  };
  return h(
    "button",
    {
      type: "button",
      class: "spoiler",
      "aria-expanded": "false",
      title: "Show the spoiler",
      onclick: reveal,
    },
    h("span", {}, inline(match[1], context)),
  );
}

function address(match, { plainAddresses }) {
  return plainAddresses ? match[1] : link(match[1], {}, match[1]);
}

function roleMention(match, { world }) {
  return mention(`@${world.role(match[1])?.name ?? "unknown role"}`);
}

function channelMention(match, { world, onChannel }) {
  const channel = world.channel(match[1]);
  if (!channel || !onChannel) return mention(`#${channel?.name ?? "unknown channel"}`);
  return h(
    "button",
    { type: "button", class: "mention", onclick: () => onChannel(channel.id) },
    `#${channel.name}`,
  );
}

function commandMention(match, { onCommand }) {
  if (!onCommand) return mention(`/${match[1]}`);
  return h(
    "button",
    { type: "button", class: "mention", onclick: () => onCommand(match[1]) },
    `/${match[1]}`,
  );
}

/** Text of one paragraph as a list of nodes. `context`: {world, onChannel?, onCommand?}. */
export function inline(text, context) {
  const depth = (context.depth ?? 0) + 1;
  if (depth > DEEPEST) return [text];
  const inner = { ...context, depth };
  const nodes = [];
  let plain = "";
  for (let at = 0; at < text.length;) {
    const [match, build] = ruleAt(text, at);
    if (!match) {
      plain += text[at++];
      continue;
    }
    if (plain) nodes.push(plain);
    plain = "";
    nodes.push(build(match, inner));
    at += match[0].length;
  }
  return plain ? [...nodes, plain] : nodes;
}

const OPENERS = /[\\`*_~|[<h@]/;

function ruleAt(text, at) {
  if (!OPENERS.test(text[at])) return [null, null];
  if (text[at] === "_" && /\w/.test(text[at - 1] ?? " ")) return [null, null];
  for (const [pattern, build] of RULES) {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) return [match, build];
  }
  return [null, null];
}

/** A whole text with its blocks as a fragment. */
export function markdown(text, context) {
  const fragment = document.createDocumentFragment();
  let from = 0;
  for (const match of text.matchAll(FENCE)) {
    fragment.append(
      ...blocks(trimBreak(text.slice(from, match.index)), context),
      codeBlock(match[2], match[1]),
    );
    from = match.index + match[0].length;
    if (text[from] === "\n") from += 1;
  }
  fragment.append(...blocks(text.slice(from), context));
  return fragment;
}

const trimBreak = (text) => (text.endsWith("\n") ? text.slice(0, -1) : text);

function codeBlock(text, language) {
  return h(
    "pre",
    { tabindex: "0", "aria-label": language ? `Code, ${language}` : "Table or code" },
    h("code", {}, text),
  );
}

function blocks(text, context) {
  if (!text) return [];
  const lines = text.split("\n");
  const result = [];
  let paragraph = [];
  const flush = () => {
    if (paragraph.length)
      result.push(h("div", { class: "paragraph" }, inline(paragraph.join("\n"), context)));
    paragraph = [];
  };
  for (let at = 0; at < lines.length;) {
    const [element, taken] = blockAt(lines, at, context);
    if (element) {
      flush();
      result.push(element);
    } else {
      paragraph.push(lines[at]);
    }
    at += taken;
  }
  flush();
  return result;
}

/** The block that begins at a line and the number of its lines; no element for plain text. */
function blockAt(lines, at, context) {
  const line = lines[at];
  const depth = (context.depth ?? 0) + 1;
  if (depth > DEEPEST) return [null, 1];
  const inner = { ...context, depth };
  if (line.startsWith(">>> ")) {
    const rest = [line.slice(4), ...lines.slice(at + 1)];
    return [h("blockquote", {}, blocks(rest.join("\n"), inner)), rest.length];
  }
  if (line.startsWith("> ")) {
    const quoted = takeWhile(lines, at, (each) => each.startsWith("> ") || each === ">");
    return [
      h("blockquote", {}, blocks(quoted.map((each) => each.slice(2)).join("\n"), inner)),
      quoted.length,
    ];
  }
  const heading = /^(#{1,3}) +(\S.*)$/.exec(line);
  if (heading)
    return [
      h(
        "div",
        {
          role: "heading",
          "aria-level": heading[1].length + 2,
          class: `heading-${heading[1].length}`,
        },
        inline(heading[2], inner),
      ),
      1,
    ];
  const small = /^-# +(\S.*)$/.exec(line);
  if (small) return [h("small", { class: "subtext" }, inline(small[1], inner)), 1];
  if (LIST_ITEM.test(line)) {
    const items = takeWhile(lines, at, (each) => LIST_ITEM.test(each));
    return [
      list(
        items.map((each) => LIST_ITEM.exec(each)),
        inner,
      ),
      items.length,
    ];
  }
  return [null, 1];
}

const LIST_ITEM = /^( {0,10})([-*]|\d{1,9}\.) +(\S.*)$/;

function takeWhile(lines, from, holds) {
  let to = from;
  while (to < lines.length && holds(lines[to])) to += 1;
  return lines.slice(from, to);
}

/** List items [, indent, mark, text] nested by their indent. */
function list(items, context) {
  const [, indent, mark] = items[0];
  const numbered = mark.endsWith(".");
  const element = h(numbered ? "ol" : "ul", numbered ? { start: parseInt(mark, 10) } : {});
  for (let at = 0; at < items.length;) {
    const item = h("li", {}, inline(items[at][3], context));
    const below = takeWhile(items, at + 1, (each) => each[1].length > indent.length);
    if (below.length && context.depth < DEEPEST)
      item.append(list(below, { ...context, depth: context.depth + 1 }));
    element.append(item);
    at += 1 + below.length;
  }
  return element;
}

/** One line of plain text for previews and for screen readers. */
export function plainText(text, world) {
  const holder = h("div", {}, markdown(text, { world }));
  return holder.textContent.replace(/\s+/g, " ").trim();
}
