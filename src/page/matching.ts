import { type Signal, signal } from '@preact/signals';

/** Whether the window is like this, now and from now on. */
export function matching(query: string): Signal<boolean> {
  const media = matchMedia(query);
  const matches = signal(media.matches);
  media.addEventListener('change', () => (matches.value = media.matches));
  return matches;
}

/** Where the header has room for both offers: it is wide, or the toolbar is below the quote. */
export function hasSidesRoom(): Signal<boolean> {
  return matching('(min-width: 761px) and (max-width: 1180px), (min-width: 1440px)');
}
