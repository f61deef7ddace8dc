import "@interdict/checkout/worker";
