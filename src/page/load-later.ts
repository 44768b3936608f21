import type { Model } from './model.ts';

type LaterFile = typeof import('./later.ts');
export type Later = Omit<LaterFile, 'attach'>;

/** Get what the page has begun without. */
export async function loadLater(model: Model): Promise<void> {
  if (model.later.peek() !== undefined) return;
  try {
    const {
      Banner,
      FaultsCard,
      GoToPanel,
      MorePanel,
      OpenDialog,
      OtherPanel,
      Overlay,
      Reader,
      attach,
      attachMouse,
    } = await import('./later.ts');
    if (model.later.peek() !== undefined) return;
    const panels = { Banner, FaultsCard, GoToPanel, MorePanel, OpenDialog, OtherPanel };
    model.later.value = { ...panels, Overlay, Reader, attachMouse };
    attach(model);
  } catch {
    // Not said before it is missed.
    if (model.dialog.peek() === undefined && model.popover.peek() === undefined) return;
    model.dialog.value = undefined;
    model.popover.value = undefined;
    model.note('This could not be loaded.');
  }
}
