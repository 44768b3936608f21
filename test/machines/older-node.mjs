/**
 * What Node has had since 20.15, for the newest of s390x, which is 20.11: hooks that have our own
 * modules import this one for node:zlib.
 */
export * from 'node:zlib';

/** @type {import('node:module').ResolveHook} */
export function resolve(specifier, context, next) {
  const isOurs =
    context.parentURL?.includes('/dist/') && !context.parentURL.includes('/node_modules/');
  if (specifier !== 'node:zlib' || !isOurs) return next(specifier, context);
  return { url: import.meta.url, shortCircuit: true };
}

/**
 * The checksum of ISO 3309, as zlib.crc32 gives it.
 * @param {Uint8Array} bytes
 */
export function crc32(bytes, before = 0) {
  let sum = ~before;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = (sum >>> 1) ^ (sum & 1 ? 0xedb88320 : 0);
  }
  return ~sum >>> 0;
}
