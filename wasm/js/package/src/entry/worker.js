// For a worker of the page, which sends it the compiled module.
import { edge } from "../parts/edge.js";
import { serve } from "../worker/server.js";

serve(edge.newEngine, globalThis);
