import { useSignalEffect } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { Attribution } from '../footer/attribution.tsx';
import type { Model } from '../model.ts';
import { attachRows } from './attach.ts';
import { Brand } from './brand.tsx';
import { Headers } from './headers.tsx';
import { InstrumentList } from './list.ts';
import { SearchField } from './search-field.tsx';

/** The left side of the page: what there is, what it costs, and the way to it. */
export function Panel({ model }: { model: Model }) {
  const list = useMemo(() => new InstrumentList(model), []);
  const isOpen = model.isListOpen.value;
  const isSearching = list.query.value.trim() !== '';
  const found = list.found.value.length;
  const all = model.market.instruments.length;
  const total = `${all.toLocaleString('en')} ${all === 1 ? 'instrument' : 'instruments'}`;
  return (
    <aside
      class={`panel${isOpen ? ' is-open' : ''}${isSearching ? ' is-searching' : ''}`}
      aria-label="Instruments"
    >
      <Brand model={model} list={list} />
      <SearchField model={model} list={list} />
      <Headers list={list} />
      <Instruments model={model} list={list} />
      {found === 0 && (
        <div class="no-match">
          <p>No instrument matches.</p>
          <button
            type="button"
            class="button"
            onClick={() => {
              list.search('');
              model.focusSearch();
            }}
          >
            Show all
          </button>
        </div>
      )}
      <div class="panel-foot">
        <span role="status">
          {found === all ? total : `${found.toLocaleString('en')} of ${total}`}
        </span>
        <Attribution />
      </div>
    </aside>
  );
}

function Instruments({ model, list }: { model: Model; list: InstrumentList }) {
  const scroller = useRef<HTMLDivElement>(null);
  useEffect(() => attachRows(model, list, scroller.current!), []);
  useSignalEffect(() => list.rows?.show(list.found.value));
  useSignalEffect(() => model.following.show(list.isCovered ? [] : list.shown.value));
  useSignalEffect(() => model.following.order(list.sort.value.key !== 'symbol'));
  useSignalEffect(() => list.rows?.mark(model.column.value, list.highlighted.value));
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: its keys are those of the page
    <div
      ref={scroller}
      id="instruments"
      class="rows"
      role="listbox"
      aria-label="Instruments"
      tabIndex={0}
      onClick={(event) => {
        const row = (event.target as Element).closest<HTMLElement>('[data-place]');
        if (row !== null) list.choose(Number(row.dataset.place));
      }}
    />
  );
}
