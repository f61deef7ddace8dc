import { readFileSync } from "node:fs";
import { join } from "node:path";

/** What the market sells, in cents. */
export const GOODS = Object.freeze([
  { id: "mug", picture: "/mug.svg", price: 2_400, count: 2 },
  { id: "scarf", picture: "/scarf.svg", price: 5_850, count: 1 },
  { id: "seeds", picture: "/seeds.svg", price: 450, count: 3 },
]);

/** The shops of the market, with what each is here to show. The page knows them by number alone. */
export function payees(world) {
  const names = JSON.parse(readFileSync(join(world, "names.json"), "utf8"));
  const held = "held-shop.example";
  const blocked = names.member.find((name) => name !== held);
  const shops = [
    ["Juniper Ceramics", names.clean[0], "on no list"],
    ["Birch & Wool", names.chance[0], "on no list; the public list hits it by chance"],
    ["Lantern Prints", names.public[0], "blocked, on the members' list and on the public one"],
    ["Gull Vintage", blocked, "blocked, on the members' list alone"],
    ["Copper Kettle", names.member.includes(held) ? held : undefined, "to be reviewed, on the members' list alone"],
  ];
  return shops
    .filter(([, host]) => host !== undefined)
    .map(([shop, host, shows], index) => ({ id: String(index + 1), shop, url: `https://${host}/`, shows }));
}
