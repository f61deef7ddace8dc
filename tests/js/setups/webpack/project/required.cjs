const { Screener } = require("@interdict/checkout");
const trial = require("@interdict/checkout/trial");
const { ask, tell } = require("./ask.js");

tell(ask(Screener, trial));
