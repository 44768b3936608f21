/** Rows are sealed so long before they are due; so much later an entry takes effect. */
export const DEFAULT_LEAD_MS = 2000;
/** A seal is renewed so long after it was made; the rest of the lead is for those who are slow. */
export const RENEWED_MS = 1000;
/** Less would leave nothing for the way to the broker and back. */
export const LEAST_LEAD_MS = 1500;
/** Who waits longer for what he did thinks that it failed. */
export const MOST_LEAD_MS = 60_000;
