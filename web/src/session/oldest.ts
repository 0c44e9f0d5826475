/** Takes what was put in first out of a map that has grown past a bound, and gives it. */
export function takeOldest<T>(map: Map<string, T>, most: number): readonly T[] {
  const over = [...map].slice(0, Math.max(0, map.size - most));
  for (const [id] of over) {
    map.delete(id);
  }
  return over.map(([, value]) => value);
}
