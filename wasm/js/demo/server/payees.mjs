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
  const shops = [
    ["Juniper Ceramics", names.clean, "on no list"],
    ["Birch & Wool", names.chance, "on no list; the public list hits it by chance"],
    ["Lantern Prints", names.public, "blocked, on the members' list and on the public one"],
    ["Gull Vintage", names.member, "blocked, on the members' list alone"],
    ["Copper Kettle", names.held, "to be reviewed, on the members' list alone"],
  ];
  return shops
    .filter(([, hosts]) => hosts?.length > 0)
    .map(([shop, [host], shows], index) => ({ id: String(index + 1), shop, url: `https://${host}/`, shows }));
}
