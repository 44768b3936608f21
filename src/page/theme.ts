import { effect, type Signal, signal } from '@preact/signals';
import type { Theme } from './url.ts';

const KEY = 'tickwell.theme';

function chosen(): Theme | undefined {
  try {
    const theme = localStorage.getItem(KEY);
    return theme === 'dark' || theme === 'light' ? theme : undefined;
  } catch {
    return undefined;
  }
}

/** The theme of the page. It follows the system until somebody chooses. */
export class ThemeChoice {
  readonly theme: Signal<Theme> = signal(
    document.documentElement.dataset.theme === 'light' ? 'light' : 'dark',
  );
  /** Whether a link asked for it: then the page's links go on to say which. */
  readonly isLinked: boolean;
  /** Whether a link or a person asked for it, rather than the system. */
  #isChosen: boolean;

  constructor(fromUrl: Theme | undefined) {
    this.isLinked = fromUrl !== undefined;
    this.#isChosen = this.isLinked || chosen() !== undefined;
    matchMedia('(prefers-color-scheme: light)').addEventListener('change', ({ matches }) => {
      if (!this.#isChosen) this.theme.value = matches ? 'light' : 'dark';
    });
    effect(() => {
      document.documentElement.dataset.theme = this.theme.value;
    });
  }

  toggle(): void {
    this.theme.value = this.theme.peek() === 'dark' ? 'light' : 'dark';
    this.#isChosen = true;
    try {
      localStorage.setItem(KEY, this.theme.peek());
    } catch {
      // Storage may be forbidden: the choice then lasts as long as the page.
    }
  }
}
