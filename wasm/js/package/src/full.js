// The build with wasm-bindgen in the shape of `edge.js`: objects go in and out, and its errors become ours.

import { InterdictError } from "./errors.js";

/**
 * All engines of this build live in one instance. One that traps takes the others with it: each notices at its next call,
 * and the first engine that is made then starts another instance.
 *
 * @param {object} Interdict The class that wasm-bindgen made, ready to use.
 * @param {() => void} reset Starts another instance; older objects then fail.
 * @returns The class of its engines.
 */
export function fullEngine(Interdict, reset) {
  let isPoisoned = false;
  let instances = 0;

  return class FullEngine {
    #interdict;
    #instance;
    #isTrapped = false;

    constructor() {
      if (isPoisoned) {
        reset();
        instances += 1;
        isPoisoned = false;
      }
      this.#instance = instances;
      this.#interdict = new Interdict();
    }

    get isTrapped() {
      return this.#isTrapped;
    }

    configure(message, now) {
      return this.#ask(() => this.#interdict.configure(message, now));
    }

    poll(message, now) {
      return this.#ask(() => this.#interdict.poll(message, now));
    }

    supply(message, file, now) {
      return this.#ask(() => this.#interdict.supply(message, file, now));
    }

    screen(message, now) {
      return this.#ask(() => this.#interdict.screen(message, now));
    }

    state(now) {
      return this.#ask(() => this.#interdict.state(now));
    }

    #ask(run) {
      this.#isTrapped ||= isPoisoned || this.#instance !== instances;
      if (this.#isTrapped) throw new InterdictError("trapped", "the module trapped before");
      try {
        return run();
      } catch (error) {
        if (error?.name === "InterdictError") {
          const { code: number, codeName, message, path } = error;
          throw new InterdictError(codeName, message, { number, path });
        }
        this.#isTrapped = true;
        isPoisoned = true;
        throw new InterdictError("trapped", "the module trapped", { cause: error });
      }
    }
  };
}
