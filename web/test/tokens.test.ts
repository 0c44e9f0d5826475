import { expect, test } from "vitest";
import { sources } from "./sources";

const sheet = sources("tokens.css")[0]?.text ?? "";
const [dark = "", light = ""] = sheet.split("@media (prefers-color-scheme: light)");

function token(scheme: string, name: string): string {
  const value = new RegExp(`--${name}: (#[0-9a-f]{6});`).exec(scheme)?.[1];
  if (value === undefined) {
    throw new Error(`tokens.css sets no colour --${name}`);
  }
  return value;
}

/** Relative luminance, WCAG 2.2. */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(one: string, other: string): number {
  const [low = 0, high = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}

const grounds = ["background", "surface", "raised"];

// WCAG 2.2 AA, 1.4.3: a change of a colour must leave every text readable on every ground.
test.each([
  ["dark", dark],
  ["light", light],
])("text is readable in %s", (_, scheme) => {
  for (const ink of ["text", "muted", "accent", "danger", "warning"]) {
    for (const ground of grounds) {
      const found = contrast(token(scheme, ink), token(scheme, ground));
      expect(found, `${ink} on ${ground}`).toBeGreaterThanOrEqual(4.5);
    }
  }
  for (const fill of ["accent", "danger"]) {
    const found = contrast(token(scheme, `on-${fill}`), token(scheme, fill));
    expect(found, `text on ${fill}`).toBeGreaterThanOrEqual(4.5);
  }
});

// WCAG 2.2 AA, 1.4.11: the ring that says who speaks must be seen against the page.
test.each([
  ["dark", dark],
  ["light", light],
])("the voice ring is seen in %s", (_, scheme) => {
  expect(contrast(token(scheme, "voice"), token(scheme, "background"))).toBeGreaterThanOrEqual(3);
});
