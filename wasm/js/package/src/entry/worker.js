// For a worker of the page: it answers `OpenOptions.worker`. The page sends it the compiled module.
import { serve } from "../worker.js";

serve(globalThis);
