import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import type { InstrumentInfo } from '../../client/index.ts';
import { chooseInstrument } from '../actions.ts';
import { Attribution } from '../footer/attribution.tsx';
import { CloseIcon, HelpIcon, LogoIcon, MoonIcon, SearchIcon, SunIcon } from '../icons.tsx';
import type { Model } from '../model.ts';
import { focusSoon } from './focus.ts';
import { nextSort, type Sort, type SortKey, sortedColumns } from './order.ts';
import { rowId } from './row.ts';
import { Rows } from './rows.ts';
import { InstrumentSearch } from './search.ts';

const RESORT_MS = 3_000;
const LETTER_PX = 8.2;
const PHONE = '(max-width: 760px)';
const HOVER = '(hover: hover)';

/** The left side of the page: what there is, what it costs, and the way to it. */
export function Panel({ model }: { model: Model }) {
  const { instruments } = model.market;
  const search = useMemo(() => new InstrumentSearch(instruments), [instruments]);
  const query = useSignal('');
  const sort = useSignal<Sort>({ key: 'symbol', descending: false });
  const resorts = useSignal(0);
  const highlighted = useSignal(-1);
  const shown = useSignal<readonly number[]>([]);
  /** Only a row that is in the document can be pointed at. */
  const activeId = useComputed(() =>
    shown.value.includes(highlighted.value) ? rowId(highlighted.value) : undefined,
  );
  const order = useComputed(() => {
    resorts.value;
    return sortedColumns(instruments, model.prices, sort.value);
  });
  const found = useComputed(() => search.find(query.value, order.value));

  const scroller = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const closeButton = useRef<HTMLButtonElement>(null);
  /** Whether the list, while it opens on a phone, opens for a search. */
  const searchNext = useRef(false);
  const rows = useRef<Rows | null>(null);

  useEffect(() => {
    // As wide as the longest symbol, within reason: the sparkline takes what is left.
    const letters = longestSymbol(instruments);
    const aside = scroller.current!.parentElement!;
    aside.style.setProperty('--symbol', `${letters * LETTER_PX + 6}px`);
    const pool = new Rows(
      scroller.current!,
      canvas.current!,
      instruments,
      model.prices,
      (columns) => {
        shown.value = columns;
      },
    );
    rows.current = pool;
    pool.show(found.peek());
    pool.reveal(found.peek().indexOf(model.column.peek()));
    model.onPrices = () => pool.paint();
    model.focusSearch = () => {
      const isCovered = matchMedia(PHONE).matches && !model.isListOpen.peek();
      searchNext.current = isCovered;
      if (isCovered) model.isListOpen.value = true;
      input.current?.focus();
      input.current?.select();
    };
    model.step = (places, isOneOfMany) => {
      const columns = found.peek();
      const at = columns.indexOf(model.column.peek()) + places;
      const column = columns[Math.max(0, Math.min(columns.length - 1, at))];
      if (column === undefined) return;
      chooseInstrument(model, column, isOneOfMany);
      pool.reveal(columns.indexOf(column));
    };
    const resized = new ResizeObserver(() => pool.measure());
    resized.observe(scroller.current!);
    // Turned sideways, a phone may be wide enough for both.
    const phone = matchMedia(PHONE);
    const turned = () => (model.isListOpen.value = false);
    phone.addEventListener('change', turned);
    const resort = () => {
      // A finger that has left still hovers, as far as the browser can tell.
      const isWatched = matchMedia(HOVER).matches && scroller.current!.matches(':hover');
      if (sort.peek().key !== 'symbol' && !isWatched) resorts.value += 1;
    };
    const resorting = setInterval(resort, RESORT_MS);
    const stopListening = model.marketKnown.subscribe(resort);
    return () => {
      resized.disconnect();
      phone.removeEventListener('change', turned);
      clearInterval(resorting);
      stopListening();
    };
  }, []);

  useSignalEffect(() => {
    rows.current?.show(found.value);
  });
  useSignalEffect(() => {
    const isCovered = matchMedia(PHONE).matches && !model.isListOpen.value;
    model.following.show(isCovered ? [] : shown.value);
  });
  useSignalEffect(() => {
    if (!model.isListOpen.value) return;
    const before = document.activeElement;
    const giveUp = focusSoon(searchNext.current ? input.current : closeButton.current);
    return () => {
      searchNext.current = false;
      giveUp();
      focusSoon(before);
    };
  });
  useSignalEffect(() => {
    model.following.order(sort.value.key !== 'symbol');
  });
  useSignalEffect(() => {
    rows.current?.mark(model.column.value, highlighted.value);
  });

  const choose = (column: number | undefined) => {
    if (column === undefined) return;
    chooseInstrument(model, column);
    model.isListOpen.value = false;
  };
  const highlight = (place: number) => {
    const columns = found.peek();
    const bounded = Math.max(0, Math.min(columns.length - 1, place));
    highlighted.value = columns[bounded] ?? -1;
    if (columns.length > 0) rows.current?.reveal(bounded);
  };
  const type = (text: string) => {
    if (text === query.peek()) return;
    query.value = text;
    scroller.current!.scrollTop = 0;
    if (text.trim() === '') highlighted.value = -1;
    else highlight(0);
  };
  const pressed = (event: KeyboardEvent) => {
    // A key that ends the writing of a character is not for the list.
    if (event.isComposing) return;
    const place = found.peek().indexOf(highlighted.peek());
    switch (event.key) {
      case 'ArrowDown':
        highlight(place + 1);
        break;
      case 'ArrowUp':
        highlight(place - 1);
        break;
      case 'Enter':
        choose(found.peek()[place]);
        input.current?.blur();
        break;
      case 'Escape':
        if (query.peek() === '') input.current?.blur();
        type('');
        break;
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  const isOpen = model.isListOpen.value;
  const isSearching = query.value.trim() !== '';
  const isDark = model.themes.theme.value === 'dark';
  const total = instruments.length.toLocaleString('en');
  const unit = instruments.length === 1 ? 'instrument' : 'instruments';
  const header = (key: SortKey, text: string) => {
    const { key: current, descending } = sort.value;
    const isCurrent = key === current;
    const direction = descending ? 'descending' : 'ascending';
    return (
      <button
        type="button"
        class={`column column-${key}${isCurrent ? ' is-current' : ''}`}
        aria-label={isCurrent ? `Sort by ${text}, ${direction}` : `Sort by ${text}`}
        aria-pressed={isCurrent}
        onClick={() => {
          sort.value = nextSort(sort.peek(), key);
          scroller.current!.scrollTop = 0;
        }}
      >
        {text}
        <span aria-hidden="true">{isCurrent ? (descending ? ' ↓' : ' ↑') : ''}</span>
      </button>
    );
  };

  return (
    <aside
      class={`panel${isOpen ? ' is-open' : ''}${isSearching ? ' is-searching' : ''}`}
      aria-label="Instruments"
    >
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
      <div class="search">
        <SearchIcon />
        <input
          ref={input}
          type="text"
          role="combobox"
          placeholder="Search instruments"
          aria-label="Search instruments"
          aria-expanded="true"
          aria-controls="instruments"
          aria-autocomplete="list"
          aria-activedescendant={activeId.value}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          value={query.value}
          onInput={(event) => type(event.currentTarget.value)}
          onKeyDown={pressed}
        />
        <kbd>/</kbd>
      </div>
      <div class="columns">
        {header('symbol', 'Symbol')}
        <span class="column column-spark">24 h</span>
        {header('last', 'Last')}
        {header('change', 'Change')}
      </div>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: its keys are those of the page */}
      <div
        ref={scroller}
        id="instruments"
        class="rows"
        role="listbox"
        aria-label="Instruments"
        tabIndex={0}
        onClick={(event) => {
          const row = (event.target as Element).closest<HTMLElement>('[data-place]');
          if (row !== null) choose(found.peek()[Number(row.dataset.place)]);
        }}
      >
        <div ref={canvas} class="rows-canvas" role="presentation" />
      </div>
      {found.value.length === 0 && (
        <div class="no-match">
          <p>No instrument matches.</p>
          <button
            type="button"
            class="button"
            onClick={() => {
              type('');
              input.current?.focus();
            }}
          >
            Show all
          </button>
        </div>
      )}
      <div class="panel-foot">
        <span role="status">
          {found.value.length === instruments.length
            ? `${total} ${unit}`
            : `${found.value.length.toLocaleString('en')} of ${total} ${unit}`}
        </span>
        <Attribution />
      </div>
    </aside>
  );
}

function longestSymbol(instruments: readonly InstrumentInfo[]): number {
  let letters = 4;
  for (const { symbol } of instruments) letters = Math.max(letters, symbol.length);
  return Math.min(letters, 12);
}
