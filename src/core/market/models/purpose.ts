/** What a random word is for: words of different purposes come from different keys. */
export const PURPOSE = {
  start: 0,
  eraTotal: 1,
  blockTotal: 2,
  step: 3,
  trade: 4,
  eraJumps: 5,
  blockJumps: 6,
  jump: 7,
  regime: 8,
  regimeTime: 9,
  eraDowns: 10,
  blockDowns: 11,
  down: 12,
  timeLevel: 16,
  timePhase: 17,
} as const;
