import { Screener } from "@interdict/checkout";
import { ask } from "../ask.js";
import { Checkout } from "./checkout.js";

// It screens at every request, not when it is built.
export const dynamic = "force-dynamic";

export default async function Page() {
  return <Checkout server={await ask(Screener)} />;
}
