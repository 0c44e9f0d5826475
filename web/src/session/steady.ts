/** A signal that is computed, and changes only when what it says differs. */
import { computed, type ReadonlySignal } from "@preact/signals-core";

export function steady<T>(of: () => T, same: (a: T, b: T) => boolean): ReadonlySignal<T> {
  let last: { readonly said: T } | undefined;
  return computed(() => {
    const said = of();
    if (last === undefined || !same(last.said, said)) {
      last = { said };
    }
    return last.said;
  });
}

/** For lists, by what each of their items comes to. */
export const sameList =
  <T>(same: (a: T, b: T) => boolean) =>
  (a: readonly T[], b: readonly T[]): boolean =>
    a.length === b.length &&
    a.every((each, i) => {
      const other = b[i];
      return other !== undefined && same(each, other);
    });
