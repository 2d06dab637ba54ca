// Every visible text of the page with the contrast against what lies behind it (WCAG 2 formula).
() => {
  const parse = (colour) => {
    const numbers = colour.match(/[\d.]+/g).map(Number);
    const [r, g, b] = colour.startsWith("color(srgb")
      ? numbers.slice(0, 3).map((each) => each * 255)
      : numbers;
    return [r, g, b, numbers[3] ?? 1];
  };
  const over = ([r, g, b, a], [x, y, z]) => [
    r * a + x * (1 - a),
    g * a + y * (1 - a),
    b * a + z * (1 - a),
    1,
  ];
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((each) =>
      each / 255 <= 0.04045 ? each / 255 / 12.92 : ((each / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ground = (element) => {
    const layers = [];
    for (let each = element; each; each = each.parentElement)
      layers.push(parse(getComputedStyle(each).backgroundColor));
    return layers.reverse().reduce((below, layer) => over(layer, below), [255, 255, 255, 1]);
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    const text = walker.currentNode.data.trim();
    if (
      !text ||
      element.closest(".unseen, .skip, .avatar, script, noscript, option, .spoiler, .gutter")
    )
      continue;
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    const behind = ground(element);
    const front = over(parse(getComputedStyle(element).color), behind);
    const [bright, dark] = [light(front), light(behind)].sort((a, b) => b - a);
    found.push({ text, place: element.className, ratio: (bright + 0.05) / (dark + 0.05) });
  }
  return found;
};
