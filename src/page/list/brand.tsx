import { useSignalEffect } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { CloseIcon, HelpIcon, LogoIcon, MoonIcon, SunIcon } from '../icons.tsx';
import type { Model } from '../model.ts';
import { focusSoon } from './focus.ts';
import type { InstrumentList } from './list.ts';

/** What this is, what helps, and on a phone the way back to the chart. */
export function Brand({ model, list }: { model: Model; list: InstrumentList }) {
  const closeButton = useRef<HTMLButtonElement>(null);
  useSignalEffect(() => {
    if (!model.isListOpen.value) return;
    const before = document.activeElement;
    const giveUp = focusSoon(list.focusNext ?? closeButton.current);
    return () => {
      list.focusNext = null;
      giveUp();
      focusSoon(before);
    };
  });
  const isDark = model.themes.theme.value === 'dark';
  return (
    <div class="brand">
      <LogoIcon />
      <b class="brand-name">Tickwell</b>
      <button
        type="button"
        class="icon-button"
        aria-label="Help"
        title="Help (?)"
        onClick={() => (model.dialog.value = 'help')}
      >
        <HelpIcon />
      </button>
      <button
        type="button"
        class="icon-button"
        aria-label={isDark ? 'Light theme' : 'Dark theme'}
        title={isDark ? 'Light theme (T)' : 'Dark theme (T)'}
        onClick={() => model.themes.toggle()}
      >
        {isDark ? <SunIcon /> : <MoonIcon />}
      </button>
      <button
        ref={closeButton}
        type="button"
        class="icon-button only-phone"
        aria-label="Close the list"
        onClick={() => (model.isListOpen.value = false)}
      >
        <CloseIcon />
      </button>
    </div>
  );
}
