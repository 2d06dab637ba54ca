/** The event socket: one connection per member, opened again with growing pauses when it breaks. */

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 15_000;

export class Events {
  #socket = null;
  #timer = null;
  #pause = FIRST_PAUSE_MS;
  #member = null;

  /** `onEvent({type, data})`; `onState("open" | "lost", seconds until the next try)`. */
  constructor({ onEvent, onState }) {
    this.onEvent = onEvent;
    this.onState = onState;
  }

  /** Listen as this member from now on. */
  listen(member) {
    this.#member = member;
    this.#pause = FIRST_PAUSE_MS;
    this.#open();
  }

  /** Try again at once instead of waiting for the pause to pass. */
  retryNow() {
    if (this.#member && this.#socket?.readyState !== WebSocket.OPEN) this.#open();
  }

  #open() {
    clearTimeout(this.#timer);
    this.#socket?.close();
    const address = new URL(`control/events?as=${encodeURIComponent(this.#member)}`, location.href);
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(address);
    this.#socket = socket;
    socket.onopen = () => {
      this.#pause = FIRST_PAUSE_MS;
      this.onState("open", 0);
    };
    socket.onmessage = ({ data }) => socket === this.#socket && this.onEvent(JSON.parse(data));
    socket.onclose = () => socket === this.#socket && this.#retryLater();
  }

  #retryLater() {
    const pause = this.#pause;
    this.#pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
    this.onState("lost", pause / 1000);
    this.#timer = setTimeout(() => this.#open(), pause);
  }
}
