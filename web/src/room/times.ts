/** How long things wait, in milliseconds, and how much is kept: pkg/room/times.go, where each is explained. */
export const doubtFor = 15_000;
export const missingFor = 30_000;
export const heardFor = 10_000;
export const linkDownFor = 5_000;
export const holdFor = 30_000;
export const learnFor = 2_000;
export const takeChairAfter = 500;
export const repeatMost = 30_000;
export const showEvery = 15_000;
export const connectFor = 5_000;
export const lostAfter = 1_000;
export const lostFor = 60_000;
export const returnAfter = 5_000;
export const drainLeast = 2_000;
export const drainFor = 30_000;
export const growAfter = 1_000;
export const changeAfter = 10_000;
export const advertFor = 30_000;
export const reviewEvery = 1_000;

export const maxHeld = 8;
export const nextInLine = 3;
export const maxRemoved = 1024;
export const maxTermJump = 2 ** 20;
export const seqsPerTerm = 1024;
