"use client";

import { useEffect } from "react";
import { Screener } from "@interdict/checkout";
import { ask, tell } from "../ask.js";

export function Checkout({ server }) {
  useEffect(() => {
    tell(ask(Screener).then((page) => ({ server, page })));
  }, [server]);
  return <p>{server.build}</p>;
}
