// The build with wasm-bindgen in the shape of `edge.js`: objects go in and out, and its errors become ours.

import { InterdictError } from "./errors.js";

/**
 * @param {object} Interdict The class that wasm-bindgen made, ready to use.
 * @returns The class of its engines.
 */
export function fullEngine(Interdict) {
  return class FullEngine {
    #interdict = new Interdict();
    #isTrapped = false;

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
      if (this.#isTrapped) throw new InterdictError("trapped", "the module trapped before");
      try {
        return run();
      } catch (error) {
        if (error?.name === "InterdictError") {
          const { code: number, codeName, message, path } = error;
          throw new InterdictError(codeName, message, { number, path });
        }
        this.#isTrapped = true;
        throw new InterdictError("trapped", "the module trapped", { cause: error });
      }
    }
  };
}
