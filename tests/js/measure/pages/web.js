import "./begin.js";
import { Screener } from "/package/dist/web.js";
import { visit } from "./visit.js";

visit(Screener);
