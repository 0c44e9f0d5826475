/**
 * The sorts of value that messages are made of, each with its bound: the twin
 * of pkg/protocol/kind.go. A bound's sentence ends "FIELD …".
 */
import * as v from "valibot";

/** What a schema's messages are: plain data that nobody writes to. */
export type Wire<S extends v.GenericSchema> = Deep<v.InferOutput<S>>;

type Deep<T> = T extends readonly (infer E)[]
  ? readonly Deep<E>[]
  : T extends object
    ? { readonly [K in keyof T]: Deep<T[K]> }
    : T;

type Text = v.CustomSchema<string, string>;

/** Characters are Unicode code points, as Go counts them. */
function within(value: string, low: number, high: number): boolean {
  if (value.length > 2 * high) {
    return false;
  }
  let count = 0;
  for (const _ of value) {
    count++;
  }
  return count >= low && count <= high;
}

const unplain = /\p{Cc}|^\p{White_Space}|\p{White_Space}$/u;

/** Whether a text is low to high characters, none of control, without white space around it. */
export function plain(value: string, low: number, high: number): boolean {
  return within(value, low, high) && !unplain.test(value);
}

// @__NO_SIDE_EFFECTS__
function some(allows: (value: string) => boolean, says: string): Text {
  return v.custom<string, string>((value) => typeof value === "string" && allows(value), says);
}

/** Text shown to people. */
// @__NO_SIDE_EFFECTS__
export function text(low: number, high: number): Text {
  return some((value) => plain(value, low, high), saysText(low, high));
}

/** Text counted in Unicode's normalization form C. */
// @__NO_SIDE_EFFECTS__
export function password(low: number, high: number): Text {
  return some(
    // What is far longer cannot become short enough, and is not worth normalizing.
    (value) => value.length <= 16 * high && plain(value.normalize("NFC"), low, high),
    saysText(low, high),
  );
}

// @__NO_SIDE_EFFECTS__
function saysText(low: number, high: number): string {
  return `must be ${low} to ${high} characters of plain text with no spaces around it`;
}

/** Any text of some length. */
// @__NO_SIDE_EFFECTS__
export function opaque(low: number, high: number): Text {
  return some((value) => within(value, low, high), `must be ${low} to ${high} characters long`);
}

// @__NO_SIDE_EFFECTS__
export function shaped(pattern: RegExp, says: string): Text {
  return some((value) => pattern.test(value), says);
}

/** A peer ID: its alphabet is in the order of its characters, so all keys' texts lie between two. */
// @__NO_SIDE_EFFECTS__
export function peer(pattern: RegExp, low: string, high: string, says: string): Text {
  return some((value) => pattern.test(value) && low <= value && value <= high, says);
}

/** RFC 3339 in UTC; a day that no calendar has comes back as another. */
// @__NO_SIDE_EFFECTS__
export function time(pattern: RegExp, says: string): Text {
  return some((value) => {
    const at = pattern.test(value) ? Date.parse(value) : Number.NaN;
    return !Number.isNaN(at) && new Date(at).toISOString().startsWith(value.slice(0, 19));
  }, says);
}

// @__NO_SIDE_EFFECTS__
export function word<const W extends readonly string[]>(
  words: W,
): v.CustomSchema<W[number], string> {
  return v.custom<W[number], string>(
    (value) => typeof value === "string" && words.includes(value),
    `must be ${words.slice(0, -1).join(", ")} or ${words.at(-1)}`,
  );
}

// @__NO_SIDE_EFFECTS__
export function integer(low: number, high: number): v.CustomSchema<number, string> {
  return v.custom<number, string>(
    (value) => Number.isSafeInteger(value) && low <= Number(value) && Number(value) <= high,
    `must be a whole number from ${low} to ${high}`,
  );
}

// @__NO_SIDE_EFFECTS__
export function truth(): v.BooleanSchema<string> {
  return v.boolean("must be true or false");
}

/** A list, counted before its entries are looked at. */
// @__NO_SIDE_EFFECTS__
export function items<const S extends v.GenericSchema>(each: S, low: number, high: number) {
  const counted = v.custom<v.InferInput<S>[], string>(
    (value) => Array.isArray(value) && value.length >= low && value.length <= high,
    `must be a list of ${low} to ${high} entries`,
  );
  return v.pipe(counted, v.array(each));
}

/** A message as a member of a union that the member "type" tells apart. */
// @__NO_SIDE_EFFECTS__
export function tagged<const T extends string, E extends v.ObjectEntries>(
  type: T,
  message: v.StrictObjectSchema<E, undefined>,
) {
  return v.strictObject({ type: v.literal(type), ...message.entries });
}

const isSeq = integer(0, Number.MAX_SAFE_INTEGER);

/** The same in a union whose messages may be numbered. */
// @__NO_SIDE_EFFECTS__
export function frame<const T extends string, E extends v.ObjectEntries>(
  type: T,
  message: v.StrictObjectSchema<E, undefined>,
) {
  return v.strictObject({
    type: v.literal(type),
    seq: v.exactOptional(isSeq),
    ...message.entries,
  });
}
