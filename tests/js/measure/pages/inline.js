import "./begin.js";
import { Screener } from "/package/dist/inline.js";
import { visit } from "./visit.js";

visit(Screener);
