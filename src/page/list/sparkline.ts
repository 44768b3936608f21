/**
 * The SVG path of a sparkline, and where its last point is. The live price replaces the last point,
 * so that the line ends at the price beside it. Flat or empty input is a line in the middle.
 */
export function sparkPath(
  points: Float64Array,
  livePrice: number,
  width: number,
  height: number,
): { readonly path: string; readonly endY: number } {
  const count = points.length;
  if (count < 2) return { path: '', endY: height / 2 };
  const at = (index: number) =>
    index === count - 1 && Number.isFinite(livePrice) ? livePrice : points[index]!;
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < count; index++) {
    const price = at(index);
    if (price < low) low = price;
    if (price > high) high = price;
  }
  const scale = high > low ? height / (high - low) : 0;
  const y = (price: number) => (scale === 0 ? height / 2 : height - (price - low) * scale);
  const step = width / (count - 1);

  let path = '';
  for (let index = 0; index < count; index++) {
    path += `${index === 0 ? 'M' : 'L'}${(index * step).toFixed(1)} ${y(at(index)).toFixed(1)}`;
  }
  return { path, endY: Number(y(at(count - 1)).toFixed(1)) };
}
