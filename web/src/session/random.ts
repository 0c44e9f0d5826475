/** Randomness that nobody can guess. */
import { type Bytes, toBase64Url } from "../protocol/bytes";

export function randomBytes(length: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(length));
}

/** The name of something new: 16 bytes in base64url. */
export function randomName(): string {
  return toBase64Url(randomBytes(16));
}

/** 0…1, to spread what would happen to all at once. */
export function chance(): number {
  return (randomBytes(1)[0] ?? 0) / 255;
}
