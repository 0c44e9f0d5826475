/**
 * JSON text → a value that one schema allows. Strict as the Go decoder is: the
 * size is checked before anything is parsed, and unknown, repeated, absent or
 * wrong members are refused by name.
 */
import * as v from "valibot";
import { FieldError, shownName } from "./field-error";

/** Valibot takes a list for an object; a member that no object has gives it away. */
const isList = { "[]": true };

const loneSurrogate = /\p{Surrogate}/u;

/** The text's length in UTF-8 is counted only where it matters. */
export function isWithin(text: string, limit: number): boolean {
  if (text.length > limit) {
    return false;
  }
  if (text.length * 3 <= limit) {
    return true;
  }
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    // A pair of surrogates is four bytes: two for each of the two.
    bytes += unit < 0x80 ? 0 : unit < 0x800 || (unit & 0xf800) === 0xd800 ? 1 : 2;
  }
  return bytes <= limit;
}

/** Throws a FieldError. */
export function parse<S extends v.GenericSchema>(
  schema: S,
  text: string,
  limit: number,
): v.InferOutput<S> {
  if (!isWithin(text, limit)) {
    throw new FieldError("", "is larger than its limit");
  }
  const result = v.safeParse(schema, parseJson(text), { abortEarly: true });
  if (!result.success) {
    throw fieldError(result.issues[0]);
  }
  return result.output;
}

function parseJson(text: string): unknown {
  let members = 0;
  let value: unknown;
  try {
    value = JSON.parse(text, (_, inner: unknown) => {
      if (typeof inner === "string" && loneSurrogate.test(inner)) {
        throw new SyntaxError("a lone surrogate");
      }
      if (Array.isArray(inner)) {
        return Object.assign(inner, isList);
      }
      if (inner !== null && typeof inner === "object") {
        members += Object.keys(inner).length;
      }
      return inner;
    });
  } catch {
    throw new FieldError("", "is not valid JSON");
  }
  if (members !== colons(text)) {
    throw new FieldError("", "gives a member twice");
  }
  return value;
}

/** How many members valid JSON has. JSON.parse keeps the last of those with one name and says nothing. */
function colons(text: string): number {
  return text.replace(/"[^"\\]*(?:\\.[^"\\]*)*"/g, "").split(":").length - 1;
}

function fieldError(issue: v.BaseIssue<unknown>): FieldError {
  let field = "";
  for (const { type, input, key } of issue.path ?? []) {
    if (type === "object" && Array.isArray(input)) {
      return new FieldError(field, mustBeObject);
    }
    field +=
      typeof key === "number" ? `[${key}]` : `${field === "" ? "" : "."}${shownName(String(key))}`;
  }
  return new FieldError(field, saysOf(issue));
}

const mustBeObject = "must be an object";
const isRequired = "is required";

function saysOf({ type, expected, received, message, path }: v.BaseIssue<unknown>): string {
  switch (type) {
    case "strict_object":
      if (expected === "never") {
        return "is not a field that is known here";
      }
      return expected === "Object" ? mustBeObject : isRequired;
    case "variant":
      if (path === undefined) {
        return mustBeObject;
      }
      return received === "undefined" ? isRequired : "is not one that is known here";
    default:
      return message;
  }
}
