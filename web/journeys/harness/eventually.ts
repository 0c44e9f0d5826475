const pause = 100;

/** How long a person would wait before calling it broken. */
export const patience = 20_000;

/** Reads until `done` says so; fails with what was read last. */
export async function eventually<T>(
  what: string,
  read: () => Promise<T>,
  done: (value: T) => boolean,
  limit: number = patience,
): Promise<T> {
  const deadline = Date.now() + limit;
  for (;;) {
    const value = await read();
    if (done(value)) {
      return value;
    }
    if (Date.now() > deadline) {
      throw new Error(`${what}: not within ${limit / 1000} s; last seen: ${JSON.stringify(value)}`);
    }
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
