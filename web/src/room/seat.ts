/** Who has the chair: pkg/room/succession.go. */
import { handOver } from "./chair";
import type { Draft } from "./draft";
import { memberOf, noCall, noTenure, noWish } from "./state";
import { actingHost, counts, presiding } from "./succession";
import { takeChairAfter } from "./times";

/** Finds who has the chair now. Newcomers need be compared with its holder only. */
export function seat(d: Draft): void {
  const chair = seated(d);
  if (chair === d.chair) {
    return;
  }
  if (d.chair === d.self && d.comers.includes(chair)) {
    handOver(d);
  }
  d.notices.push({ type: "chair-moved", from: d.chair, to: chair });
  d.chair = chair;
  d.tenure = noTenure;
  d.wish = noWish;
  d.lossSince = 0;
  d.call = noCall;
  if (chair === d.self && d.force.by !== "") {
    d.tenure = { ...noTenure, repeatAt: d.now + takeChairAfter };
  }
}

function seated(d: Draft): string {
  const holder = memberOf(d, d.chair);
  if (d.reseat || holder === undefined || !counts(d, holder)) {
    return presiding(d);
  }
  let best = holder;
  for (const id of d.comers) {
    const comer = memberOf(d, id);
    if (comer !== undefined && counts(d, comer) && actingHost([best.is, comer.is]) === id) {
      best = comer;
    }
  }
  return best.is.id;
}
