/** Puts the parts of the page together. */

import { api } from "./api.js";
import { payload } from "./commands.js";
import { Composer } from "./composer.js";
import { Events } from "./events.js";
import { MarketBar } from "./market.js";
import { MessageMenu } from "./menu.js";
import { Modals } from "./modals.js";
import { Session } from "./session.js";
import { Sidebar } from "./sidebar.js";
import { Starters } from "./starters.js";
import { showState } from "./state_line.js";
import { Store } from "./store.js";
import { Suggestions } from "./suggestions.js";
import { applyTheme, toggleTheme } from "./theme.js";
import { Timeline } from "./timeline.js";
import { Tour } from "./tour.js";
import { World } from "./world.js";

const element = (id) => document.getElementById(id);

applyTheme();
const store = new Store();
const world = new World(store);
const overlays = element("overlays");
const session = new Session({
  store,
  world,
  api,
  hooks: {
    onMessage: (message) => timeline.announce(message),
    onUpdate: (message) => timeline.changed(message),
    onModal: (modal) => modals.open(modal),
    onInteraction: (record) => modals.settle(record),
  },
});
const modals = new Modals({
  world,
  overlays,
  submit: (modal, values) => session.submitModal(modal, values),
  record: (id) => store.records.get(id),
});
const starters = new Starters({
  store,
  element: element("starters"),
  prepare: (text) => composer.prepare(text),
});
const composer = new Composer({
  store,
  world,
  form: element("composer"),
  status: element("composer-status"),
  suggestions: new Suggestions(element("suggestions")),
  actions: {
    post: (content) => session.post(content),
    run: (entry, given, files) => {
      starters.count();
      timeline.scroll.follow();
      return session.run(entry, payload(entry, given), files);
    },
    complete: (entry, given, focused) => session.complete(entry, payload(entry, given, focused)),
    refreshCommands: () => session.refreshCommands().catch((error) => composer.say(error.message)),
  },
});
const saying = async (promise) => composer.say((await promise) ?? "");
const menu = new MessageMenu({
  store,
  overlays,
  run: (command, message) => saying(session.runOnMessage(command, message.id)),
  say: (sentence) => composer.say(sentence),
});
const open = (channelId) =>
  session.openChannel(channelId).catch((error) => composer.say(error.message));
const timeline = new Timeline({
  store,
  world,
  element: element("timeline"),
  toNewest: element("to-newest"),
  announcer: element("announcer"),
  actions: {
    press: (message, component, values) => saying(session.press(message, component, values)),
    dismiss: (message) => store.dismiss(message),
    openMenu: (message, event) => menu.open(message, event),
    openChannel: open,
    prepareCommand: (name) => composer.prepare(`/${name}`),
    loadOlder: () => session.loadOlder().catch((error) => composer.say(error.message)),
    forget: (id) => session.forget(id),
  },
});
const sidebar = new Sidebar({
  store,
  world,
  element: element("sidebar"),
  scrim: element("scrim"),
  head: element("channel-head"),
  roster: element("roster"),
  actions: {
    openChannel: (id) => open(id).then(() => innerWidth > 700 && composer.focus()),
    actAs: (id) => session.actAs(id).catch((error) => composer.say(error.message)),
  },
});
const tour = new Tour({ overlays, onEnd: () => composer.focus() });
new MarketBar({
  store,
  element: element("market"),
  actions: {
    move: (action, value) => session.moveMarket(action, value),
    toggleTheme,
    startTour: () => tour.start(),
  },
  say: (sentence) => composer.say(sentence),
});
const events = new Events({
  onEvent: (event) => session.news.handle(event),
  onState: (state, retryIn) => session.connection(state, retryIn),
});
showState({ store, element: element("state-line"), retry: () => events.retryNow() });

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.(
    "input, textarea, select, dialog, [role=listbox], [role=menu]",
  );
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    composer.prepare("/");
  } else if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
    event.preventDefault();
    sidebar.go(event.key === "ArrowUp" ? -1 : 1);
  }
});

session.start(events).then(
  () => tour.startOnce(),
  (error) => composer.say(error.message),
);
