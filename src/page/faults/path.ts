/** The path below a server of a feed under a profile. */
export function faultyPath(faults: string, seed: string | number): string {
  // These mean nothing of their own in a path, and profiles are full of them.
  const path = encodeURIComponent(faults).replace(/%(2C|3A|40|2B)/g, decodeURIComponent);
  return `faulty/${path}:${encodeURIComponent(seed)}/`;
}

/** Where a server is for who asks for no faults, whatever the path to it says. */
export function withoutFaults({ href }: URL): URL {
  return new URL(href.replace(/\/faulty\/[^/]+\/$/, '/'));
}
