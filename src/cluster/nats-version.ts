/**
 * Servers before this one lose what they acknowledged when they are killed or stopped: Debian 12's
 * 2.9.10 did in two of three runs of three minutes, this one and later ones never.
 */
const LEAST = [2, 10, 23] as const;

/** Why a server of this version is refused, as the end of a sentence; undefined if it is not. */
export function versionProblem(version: string): string | undefined {
  const parts = /^(\d+)\.(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number);
  const differs = LEAST.findIndex((part, n) => part !== parts?.[n]);
  const isNew = parts !== undefined && (differs < 0 || parts[differs]! > LEAST[differs]!);
  if (isNew) return undefined;
  return `must be ${LEAST.join('.')} or newer: older ones lose what they acknowledged`;
}
