/** Bytes of texts, and texts of bytes. Written out, because this folder knows no browser. */

export type Bytes = Uint8Array<ArrayBuffer>;

/** UTF-8 of a well-formed text. */
export function utf8(text: string): Bytes {
  const bytes = new Uint8Array(text.length * 3);
  let at = 0;
  const follow = (code: number, shift: number) => {
    bytes[at++] = 0x80 | ((code >> shift) & 0x3f);
  };
  for (const char of text) {
    const code = char.codePointAt(0) ?? 0;
    if (code < 0x80) {
      bytes[at++] = code;
    } else if (code < 0x800) {
      bytes[at++] = 0xc0 | (code >> 6);
      follow(code, 0);
    } else if (code < 0x10000) {
      bytes[at++] = 0xe0 | (code >> 12);
      follow(code, 6);
      follow(code, 0);
    } else {
      bytes[at++] = 0xf0 | (code >> 18);
      follow(code, 12);
      follow(code, 6);
      follow(code, 0);
    }
  }
  return bytes.slice(0, at);
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Base64url without padding (RFC 4648 section 5). */
export function toBase64Url(bytes: Uint8Array): string {
  let text = "";
  let bits = 0;
  let count = 0;
  for (const byte of bytes) {
    bits = ((bits << 8) | byte) & 0xffff;
    count += 8;
    while (count >= 6) {
      count -= 6;
      text += alphabet[(bits >> count) & 63] ?? "";
    }
  }
  return count === 0 ? text : text + (alphabet[(bits << (6 - count)) & 63] ?? "");
}

/** Undefined for what is not the one text of any bytes. */
export function fromBase64Url(text: string): Bytes | undefined {
  const bytes = new Uint8Array(Math.floor((text.length * 6) / 8));
  let bits = 0;
  let count = 0;
  let at = 0;
  for (const char of text) {
    const digit = alphabet.indexOf(char);
    if (digit < 0) {
      return undefined;
    }
    bits = ((bits << 6) | digit) & 0xffff;
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes[at++] = (bits >> count) & 0xff;
    }
  }
  const spare = bits & ((1 << count) - 1);
  return count === 6 || spare !== 0 ? undefined : bytes;
}
