/** Pictures with alt text and a large view, other files as downloads. Only own files are loaded. */

import { h, icon, iconButton, ownFile } from "./dom.js";

const SIZES = ["bytes", "kB", "MB"];

const isPicture = (attachment) =>
  /^image\/(png|jpeg|gif|webp)/.test(attachment.content_type ?? "") ||
  /\.(png|jpe?g|gif|webp)$/i.test(attachment.filename);

/** The attachments of a message without those that an embed shows already. */
export function attachments(message) {
  const shown = new Set(
    (message.embeds ?? [])
      .flatMap(({ image, thumbnail }) => [image, thumbnail])
      .filter(Boolean)
      .map(({ url }) => attachedTo(message, url)?.id),
  );
  return (message.attachments ?? [])
    .filter(({ id }) => !shown.has(id))
    .map((attachment) =>
      isPicture(attachment)
        ? picture(attachment.url, attachment, "attachment")
        : download(attachment),
    );
}

/** The attachment that an address (or `attachment://name`) points to, if any. */
export function attachedTo(message, address) {
  const name = /^attachment:\/\/(.+)$/.exec(address ?? "")?.[1];
  return (
    (message.attachments ?? []).find(({ filename, url }) =>
      name ? filename === name : url === address,
    ) ?? null
  );
}

/**
 * A picture button that opens the large view; a quiet line where the picture lies on another host.
 * `about`: {description?, filename?, width?, height?}.
 */
export function picture(address, about, className) {
  const source = ownFile(address);
  if (!source) return h("span", { class: "elsewhere" }, "Picture on another host, not loaded here");
  const alt = about.description || (about.filename ? `Picture ${about.filename}` : "Picture");
  const image = h("img", {
    src: source,
    alt,
    width: about.width,
    height: about.height,
    decoding: "async",
  });
  return h(
    "button",
    {
      type: "button",
      class: `picture ${className}`,
      title: "Open the picture",
      "data-key": `picture-${source}`,
      onclick: () => lightbox(source, about.description ?? "", alt),
    },
    image,
  );
}

function download({ url, filename, size }) {
  const href = ownFile(url);
  return h(
    "div",
    { class: "download" },
    icon("file"),
    h(
      "div",
      {},
      href ? h("a", { href, download: filename }, filename) : h("span", {}, filename),
      h("small", {}, bytes(size)),
    ),
    href &&
      h(
        "a",
        { href, download: filename, class: "icon-button", "aria-label": `Download ${filename}` },
        icon("down"),
      ),
  );
}

export function bytes(size = 0) {
  const power = Math.min(Math.floor(Math.log10(Math.max(size, 1)) / 3), SIZES.length - 1);
  return `${(size / 1000 ** power).toFixed(power ? 1 : 0)} ${SIZES[power]}`;
}

function lightbox(source, description, alt) {
  const dialog = h(
    "dialog",
    { class: "lightbox", "aria-label": "Picture" },
    h(
      "figure",
      {},
      h("img", { src: source, alt }),
      description && h("figcaption", {}, description),
    ),
    h(
      "div",
      { class: "lightbox-tools" },
      h(
        "a",
        {
          href: source,
          target: "_blank",
          rel: "noopener noreferrer",
          class: "icon-button",
          "aria-label": "Open in a new tab",
          title: "Open in a new tab",
        },
        icon("out"),
      ),
      iconButton("close", "Close the picture", () => dialog.close()),
    ),
  );
  dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  document.querySelector("#overlays").append(dialog);
  dialog.showModal();
}
