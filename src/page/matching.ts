import { type Signal, signal } from '@preact/signals';

/** Whether the window is like this, now and from now on. */
export function matching(query: string): Signal<boolean> {
  const media = matchMedia(query);
  const matches = signal(media.matches);
  media.addEventListener('change', () => (matches.value = media.matches));
  return matches;
}
