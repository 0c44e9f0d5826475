/** Times, sizes and counts in the reader's own way of writing them. */

const plainDay = (date: Date) =>
  new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();

/** `14:30` */
export function clock(date: Date, locale?: string): string {
  return new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" }).format(date);
}

/** `30 Nov`, with the year when it is another one. */
export function day(date: Date, now: Date, locale?: string): string {
  return new Intl.DateTimeFormat(locale, {
    day: "numeric",
    month: "short",
    ...(date.getFullYear() === now.getFullYear() ? {} : { year: "numeric" }),
  }).format(date);
}

/** `today, 14:30`, `yesterday, 9:00`, else the day and the time. */
export function dayAndClock(date: Date, now: Date, locale?: string): string {
  const days = Math.round((plainDay(date) - plainDay(now)) / 86_400_000);
  const name =
    Math.abs(days) <= 1
      ? new Intl.RelativeTimeFormat(locale, { numeric: "auto" }).format(days, "day")
      : day(date, now, locale);
  return `${name}, ${clock(date, locale)}`;
}

/** `1.4 Mb/s`, `320 kb/s` */
export function bitrate(kbps: number, locale?: string): string {
  const mega = kbps >= 1000;
  return new Intl.NumberFormat(locale, {
    style: "unit",
    unit: mega ? "megabit-per-second" : "kilobit-per-second",
    maximumFractionDigits: mega ? 1 : 0,
  }).format(mega ? kbps / 1000 : kbps);
}

/** `12 ms` */
export function millis(value: number, locale?: string): string {
  return new Intl.NumberFormat(locale, {
    style: "unit",
    unit: "millisecond",
    maximumFractionDigits: 0,
  }).format(value);
}

/** `0.4%` */
export function percent(value: number, locale?: string): string {
  return new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 1 }).format(
    value / 100,
  );
}

/** `Ada`, `Ada and Bea`, `Ada, Bea, and Cyd` */
export function list(names: readonly string[], locale?: string): string {
  return new Intl.ListFormat(locale, { type: "conjunction" }).format(names);
}
