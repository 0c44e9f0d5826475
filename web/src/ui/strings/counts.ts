/** Numbers inside sentences, as the reader writes them. */

/** `1,666` */
export function number(value: number, locale?: string): string {
  return new Intl.NumberFormat(locale).format(value);
}

/** `1 person`, `1,666 people` */
export function people(count: number, locale?: string): string {
  return count === 1 ? "1 person" : `${number(count, locale)} people`;
}
