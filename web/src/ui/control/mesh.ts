import { createLucideIcon } from "lucide-preact";

/** Four joined dots, drawn like the others of the set: who is connected to whom. */
export const Mesh = createLucideIcon("mesh", [
  ["circle", { cx: "5.5", cy: "5.5", r: "2.5" }],
  ["circle", { cx: "18.5", cy: "5.5", r: "2.5" }],
  ["circle", { cx: "5.5", cy: "18.5", r: "2.5" }],
  ["circle", { cx: "18.5", cy: "18.5", r: "2.5" }],
  ["path", { d: "M8 5.5h8M5.5 8v8M18.5 8v8M7.3 16.7 16.7 7.3" }],
]);
