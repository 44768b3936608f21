/** Longer than anything takes to be uncovered, at 60 frames a second. */
const MOST_FRAMES = 60;

/**
 * Gives an element the focus as soon as it can have it: what is covered or hidden cannot, and may
 * be so for some frames more. Gives up when the focus goes elsewhere, or when it is told to.
 */
export function focusSoon(element: unknown): () => void {
  if (!(element instanceof HTMLElement)) return () => {};
  const before = document.activeElement;
  let frame = 0;
  const tryIn = (framesLeft: number) => {
    frame = requestAnimationFrame(() => {
      element.focus();
      const { activeElement } = document;
      // The focus of what has been covered meanwhile falls back to the body.
      const isElsewhere = activeElement !== before && activeElement !== document.body;
      if (activeElement !== element && !isElsewhere && framesLeft > 0) tryIn(framesLeft - 1);
    });
  };
  tryIn(MOST_FRAMES);
  return () => cancelAnimationFrame(frame);
}
