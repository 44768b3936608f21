/** The same bytes at an odd place of a longer buffer. */
export function misaligned(bytes: Uint8Array): Uint8Array {
  const room = new Uint8Array(bytes.byteLength + 1);
  room.set(bytes, 1);
  return room.subarray(1);
}
