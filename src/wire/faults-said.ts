/** A profile in its canonical form, and the seed that its strikes are drawn by. */
export interface FaultsSaid {
  readonly profile: string;
  readonly seed: number;
}
