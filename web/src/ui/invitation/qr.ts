/** A QR code as the path of an SVG: one square per dark module, runs joined. */
import { encode } from "uqr";

export interface QrPath {
  /** Side of the square that the path is drawn in, quiet zone included. */
  readonly side: number;
  readonly path: string;
}

export function qrPath(text: string): QrPath {
  const { data, size } = encode(text, { ecc: "M", border: 2 });
  let path = "";
  data.forEach((row, y) => {
    let x = 0;
    while (x < row.length) {
      let run = 0;
      while (row[x + run]) {
        run++;
      }
      if (run > 0) {
        path += `M${x} ${y}h${run}v1h-${run}z`;
      }
      x += run + 1;
    }
  });
  return { side: size, path };
}
