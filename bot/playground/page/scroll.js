/**
 * Where the view of the messages stands: at the end it follows what comes, unless an answer to this
 * person has just arrived, which is then held in view for a while.
 */

const NEAR_END_PX = 80;
const NEAR_START_PX = 60;
const READING_MS = 20_000;

export class Scroll {
  #atEnd = true;
  #held = false;
  #answeredAt = 0;
  /** The height of all messages when the end was last shown. */
  #height = 0;

  /** `onStart()`: the person scrolled up to the first message. */
  constructor({ element, toNewest, onStart }) {
    Object.assign(this, { element, toNewest, onStart });
    element.addEventListener("scroll", () => this.#scrolled());
    toNewest.addEventListener("click", () => this.toEnd());
    this.grown = new ResizeObserver(() => this.follows && this.toEnd());
    for (const part of [element, ...element.children]) this.grown.observe(part);
  }

  /** Whether new messages move the view. */
  get follows() {
    return this.#atEnd && !this.#held;
  }

  /** Show the end at the next chance. */
  follow() {
    this.#atEnd = true;
    this.#held = false;
    this.toNewest.hidden = true;
  }

  /** Another channel: nothing of the old one counts. */
  restart() {
    this.#answeredAt = 0;
    this.follow();
  }

  toEnd() {
    this.follow();
    this.#height = this.element.scrollHeight;
    this.element.scrollTop = this.#height;
  }

  /** The bot answered this person. */
  answered() {
    this.#answeredAt = Date.now();
  }

  /** A message of somebody else came. */
  came() {
    if (Date.now() - this.#answeredAt < READING_MS) this.#held = true;
    this.toNewest.hidden = this.follows;
  }

  #scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.element;
    const grown = scrollHeight > this.#height;
    if (this.follows && grown) {
      this.toEnd(); // a picture came in late; the person did not scroll
      return;
    }
    this.#atEnd = scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
    if (this.#atEnd && grown) this.#held = false;
    if (this.follows) this.toNewest.hidden = true;
    if (scrollTop < NEAR_START_PX) this.onStart();
  }
}
