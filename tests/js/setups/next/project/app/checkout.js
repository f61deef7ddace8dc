"use client";

import { useEffect } from "react";
import { Screener } from "@interdict/checkout";
import trial from "@interdict/checkout/trial";
import { ask, tell } from "../ask.js";

export function Checkout({ server }) {
  useEffect(() => {
    tell(ask(Screener, trial).then((page) => ({ server, page })));
  }, [server]);
  return <p>{server.build}</p>;
}
