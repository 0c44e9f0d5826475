/** What a link needs of the session's transforms: each of its senders sealed, each of its receivers opened. */
import type { Transforms } from "./transforms";

export type { Stream } from "./transforms";
export type Seals = Pick<Transforms, "send" | "receive">;
