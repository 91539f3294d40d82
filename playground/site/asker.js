// Asks a worker, one question after the other. A worker that traps, does not answer in time or is
// stopped is ended, and another begun: its question fails with the reason, the others are asked
// again.

// What a worker may keep, in bytes: memory of WebAssembly only grows.
const MOST_KEPT = 256 << 20;

export class Asker {
  #module;
  #worker = null;
  #queue = [];
  #onbusy;

  // `module`: a promise of the compiled module. `onbusy` hears whether a question waits.
  constructor(module, onbusy = () => {}) {
    this.#module = module;
    this.#onbusy = onbusy;
    this.#begin();
  }

  // The answer, or an error whose message says why there is none.
  ask(question, milliseconds = 20000) {
    return new Promise((resolve, reject) => {
      this.#queue.push({ question, milliseconds, resolve, reject, id: crypto.randomUUID() });
      if (this.#queue.length === 1) this.#next();
      this.#onbusy(true);
    });
  }

  stop() {
    this.#fail("It was stopped.");
  }

  #next() {
    const [asked] = this.#queue;
    if (!asked || !this.#worker?.isReady) return;
    const seconds = asked.milliseconds / 1000;
    asked.timer = setTimeout(
      () => this.#fail(`There was no answer within ${seconds} seconds, so it was stopped.`),
      asked.milliseconds,
    );
    this.#worker.postMessage({ id: asked.id, question: asked.question });
  }

  #done() {
    const asked = this.#queue.shift();
    clearTimeout(asked.timer);
    this.#onbusy(this.#queue.length > 0);
    return asked;
  }

  #fail(reason) {
    const asked = this.#queue.length > 0 ? this.#done() : null;
    this.#begin();
    asked?.reject(new Error(reason));
  }

  async #begin() {
    this.#worker?.terminate();
    const worker = new Worker("worker.js");
    this.#worker = worker;
    worker.onmessage = ({ data }) => this.#hear(worker, data);
    try {
      worker.postMessage({ module: await this.#module });
    } catch (error) {
      while (this.#queue.length > 0) this.#done().reject(error);
    }
  }

  #hear(worker, data) {
    if (worker !== this.#worker) return;
    if (data.ready) {
      worker.isReady = true;
      this.#next();
      return;
    }
    if (this.#queue[0]?.id !== data.id) return;
    if (data.crashed !== undefined) {
      this.#fail(`The compiler ended: ${data.crashed}. It was begun anew.`);
      return;
    }
    this.#done().resolve(data.answer);
    if (data.memory > MOST_KEPT) this.#begin();
    else this.#next();
  }
}
