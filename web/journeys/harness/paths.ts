import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The top of the checkout. */
export const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

/** Where journeys leave screenshots and logs. Not committed. */
export const out = join(root, ".ci", "out", "journeys");
