import type { Model } from './model.ts';

export type Later = typeof import('./later.ts')['later'];

/** Get what the page has begun without. */
export async function loadLater(model: Model): Promise<void> {
  if (model.later.peek() !== undefined) return;
  try {
    const { attach, later } = await import('./later.ts');
    if (model.later.peek() !== undefined) return;
    model.later.value = later;
    attach(model);
  } catch {
    // Reported only if somebody has opened what needs it.
    if (model.dialog.peek() === undefined && model.popover.peek() === undefined) return;
    model.dialog.value = undefined;
    model.popover.value = undefined;
    model.note('This could not be loaded.');
  }
}
