import { execFileSync } from "node:child_process";

const device = process.env["PARLEY_OWN_NETWORK"];
const address = process.env["PARLEY_OWN_ADDRESS"];

/** Whether the journeys run in a network of their own, by own-network.sh. */
export const ownNetwork = device !== undefined && address !== undefined;

/** Takes away the address over which the links run; loopback stays. */
export function loseNetwork(): void {
  ip("address", "del", `${address}/24`, "dev", `${device}`);
}

/** Brings it back. */
export function findNetwork(): void {
  ip("address", "add", `${address}/24`, "dev", `${device}`);
}

function ip(...words: string[]): void {
  execFileSync("ip", words, { stdio: "pipe" });
}
