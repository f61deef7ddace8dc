import { InterdictError, told } from "../errors.js";
import { IndexedDbStorage } from "./indexeddb.js";
import { MemoryStorage } from "./memory.js";

/** The storage that a page asked for, or memory that says why not. */
export async function openStorage(choice = "indexeddb", enrolment) {
  if (choice === "memory") return new MemoryStorage();
  if (choice !== "indexeddb") throw new InterdictError("invalid", "storage is indexeddb or memory");
  try {
    return await IndexedDbStorage.open(enrolment);
  } catch (error) {
    return new MemoryStorage(told(error));
  }
}
