// Plays a payment page in Chromium against the demo's own server: node checkout.mjs --world DIR --package DIR
// --host-package DIR [--pictures DIR] [--only TEXT]
//
// `--world` is what `checkout-world` wrote. CHROMIUM names another browser. What a payer would see is read from the page,
// what was sent from the servers and from the browser's own log. What it does not show: other browsers, and lists of a
// million entries.

import "./checkout/paying.tests.mjs";
import "./checkout/network.tests.mjs";
import "./checkout/lists.tests.mjs";
import "./checkout/kept.tests.mjs";
import "./checkout/places.tests.mjs";
import "./checkout/people.tests.mjs";
import "./checkout/sent.tests.mjs";
