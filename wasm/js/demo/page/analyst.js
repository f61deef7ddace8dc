import { byId, element, facts, table } from "./dom.js";
import * as market from "./market.js";

/** As in style.css: from this width on, the drawer lies beside the page. */
const BESIDE = "(min-width: 70rem)";
const LABELS = {
  network: [
    "Network",
    {
      online: "online",
      offline: "offline",
      portal: "sign-in page of a network",
      portal_midway: "sign-in page from now on",
    },
  ],
  lists: [
    "Lists",
    {
      fresh: "as published",
      older: "one release before",
      rotated: "after a new root",
      stale: "not renewed for days",
      tampered: "one bit of each file changed",
      missing: "404 for each file",
      portal: "sign-in page for each file",
      cut: "no connection",
      slow: "slow",
      foreign: "of another coalition",
    },
  ],
  gateway: [
    "Gateway",
    {
      answers: "answers",
      down: "no connection",
      slow: "too slow",
      garbage: "nonsense",
      unauthenticated: "does not know the session",
    },
  ],
  freshMiss: ["A fresh miss", { proceed: "proceeds", ask_gateway: "asks the gateway" }],
  loads: ["Lists are loaded in", { worker: "a worker", page: "the page" }],
};
const HINTS = {
  network: "The page is here without a network too. Nothing can be paid until it is back.",
  lists: "A list that is kept goes on answering. “Forget it and begin anew” shows a first visit.",
  gateway: "Choose a shop that the list does not let proceed, and pay.",
};

/** The drawer for the analyst: switches, verdict, state, and what was sent. */
export class Analyst {
  #parts;
  #shows = {};

  /** @param {{ turn: Function, refresh: Function, beginAnew: Function }} parts */
  constructor(parts) {
    this.#parts = parts;
    const button = byId("analyst-button");
    button.addEventListener("click", () => (byId("analyst").hidden ? this.#open() : this.#close()));
    byId("analyst-close").addEventListener("click", () => this.#close());
    byId("analyst").addEventListener("keydown", ({ key }) => {
      if (key === "Escape") this.#close();
    });
    for (const [id, run] of [
      ["refresh", parts.refresh],
      ["forget", parts.beginAnew],
    ])
      byId(id).addEventListener("click", () => run());
  }

  /** Shows all there is to know. `problem` says why there is no screener or no verdict. */
  async show({ shop, verdict, answers, status, problem }) {
    const shows = this.#shows[shop.id];
    byId("shows").textContent = shows ? `This shop is ${shows}.` : "";
    this.#showVerdict(verdict, problem);
    byId("asked").replaceChildren(...facts(toldBy(answers)));
    this.#showStatus(status, problem);
    if (!byId("analyst").hidden) await this.#showSent();
  }

  async #open() {
    byId("analyst").hidden = false;
    document.body.classList.add("with-drawer");
    // Where the drawer lies over the page, nothing behind it takes the focus.
    this.#cover(!matchMedia(BESIDE).matches);
    byId("analyst-button").setAttribute("aria-expanded", "true");
    byId("analyst-title").focus();
    await this.#showSwitches(await market.switches().catch(() => undefined));
    await this.#parts.refresh();
  }

  #close() {
    byId("analyst").hidden = true;
    document.body.classList.remove("with-drawer");
    this.#cover(false);
    byId("analyst-button").setAttribute("aria-expanded", "false");
    byId("analyst-button").focus();
  }

  #cover(isCovered) {
    for (const id of ["skip", "top", "main"]) byId(id).inert = isCovered;
  }

  #showSwitches(board) {
    if (!board) return;
    this.#shows = board.shows;
    byId("switches").replaceChildren(
      ...Object.entries(LABELS).map(([name, [label, words]]) => {
        const options = board.choices[name].map((value) => element("option", { value }, words[value]));
        const select = element("select", { id: `switch-${name}` }, ...options);
        select.value = board.switches[name];
        select.addEventListener("change", async () => {
          byId("hint").textContent = HINTS[name] ?? "";
          await this.#parts.turn({ [name]: select.value }).catch(() => {});
        });
        return element("label", {}, element("span", {}, label), select);
      }),
    );
  }

  #showVerdict(verdict, problem) {
    if (!verdict) {
      byId("verdict").replaceChildren(...facts({ Decision: "none: the gateway is asked", Why: problem }));
      byId("reasons").replaceChildren();
      byId("lists").replaceChildren();
      return;
    }
    const { decision, action, because, score, degraded, chance, doubts } = verdict;
    byId("verdict").replaceChildren(
      ...facts({
        Decision: element("span", { class: `decision ${decision}` }, decision),
        Action: action,
        Because: because,
        Score: String(score),
        Degraded: degraded ? "yes" : "no",
        Doubts: doubts.length > 0 ? doubts.join(", ") : undefined,
        "Hit by chance": chance === null ? undefined : percent(chance),
        "Payer reads": element("span", { lang: document.documentElement.lang }, verdict.notice || "nothing"),
      }),
    );
    byId("reasons").replaceChildren(
      ...verdict.reasons.map(({ code, text }) =>
        element(
          "li",
          {},
          element("span", { lang: document.documentElement.lang }, text),
          " ",
          element("code", {}, code),
        ),
      ),
    );
    const rows = verdict.lists.map(({ list, edition, sequence, age_s: age, freshness }) => [
      list,
      edition,
      String(sequence),
      duration(age),
      element("span", { class: `freshness ${freshness}` }, freshness),
    ]);
    byId("lists").replaceChildren(
      rows.length > 0
        ? table("Lists that answered", ["List", "Edition", "Release", "Age", "Freshness"], rows)
        : element("p", { class: "soft" }, "No list answered."),
    );
  }

  #showStatus(status, problem) {
    if (!status) {
      byId("status-facts").replaceChildren(...facts({ Screener: `not open: ${problem ?? "unknown"}` }));
      byId("status").textContent = "";
      return;
    }
    const { build, wasm, storage, refreshed, enrolmentEndsInDays: days, policy, warnings } = status;
    byId("status-facts").replaceChildren(
      ...facts({
        Module: `${build} build, ${wasm}`,
        Storage: storage.problem ? `${storage.kind}: ${storage.problem}` : storage.kind,
        "Last refresh": refreshed && told(refreshed),
        "Enrolment ends": days === null ? undefined : `not before ${days} days from now`,
        "Clean names asked": policy.cleanNamesAsked === null ? undefined : percent(policy.cleanNamesAsked),
        Warnings: warnings.length > 0 ? warnings.join("; ") : undefined,
      }),
    );
    byId("status").textContent = JSON.stringify(status, undefined, 2);
  }

  async #showSent() {
    const sent = await market.sent().catch(() => []);
    const rows = sent
      .slice(-25)
      .reverse()
      .map(({ to, method, path, body, answered, count }) => [
        to,
        element(
          "span",
          {},
          element("code", {}, `${method} ${path}`),
          body ? element("code", { class: "body" }, body) : "",
        ),
        count > 1 ? `${answered}, ${count} times` : String(answered),
      ]);
    byId("sent").replaceChildren(table("Requests that arrived", ["Where", "What", "Answer"], rows));
  }
}

function toldBy({ gateway, server }) {
  const by = gateway?.by === "policy" ? ` by the page’s policy (${gateway.why})` : "";
  return {
    Gateway: gateway ? `${gateway.decision}${by}` : "not asked by the page",
    Server: server ? server.outcome : "not asked to pay",
  };
}

function told({ outcome, why, requests }) {
  const count = requests === 1 ? "1 request" : `${requests} requests`;
  return `${outcome}, ${count}${why ? `: ${why}` : ""}`;
}

function percent(share) {
  return `${(100 * share).toFixed(share < 0.1 ? 2 : 0)} %`;
}

function duration(seconds) {
  if (seconds < 120) return `${seconds} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86_400)} days`;
}
