import "./begin.js";
import { Screener } from "/package/dist/web.js";
import enrolment from "/page/enrolment-2000.js";
import { visit } from "./visit.js";

visit(Screener, enrolment);
