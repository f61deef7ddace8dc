const { Screener } = require("@interdict/checkout");
const { ask, tell } = require("./ask.js");

tell(ask(Screener));
