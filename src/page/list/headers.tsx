import type { InstrumentList } from './list.ts';
import { nextSort, type SortKey } from './order.ts';

/** What stands in the rows of the list, and sorts them. */
export function Headers({ list }: { list: InstrumentList }) {
  const { key: current, descending } = list.sort.value;
  const header = (key: SortKey, text: string) => {
    const isCurrent = key === current;
    const direction = descending ? 'descending' : 'ascending';
    return (
      <button
        type="button"
        class={`column column-${key}${isCurrent ? ' is-current' : ''}`}
        aria-label={isCurrent ? `Sort by ${text}, ${direction}` : `Sort by ${text}`}
        aria-pressed={isCurrent}
        onClick={() => {
          list.sort.value = nextSort(list.sort.peek(), key);
          list.rows?.reveal(0);
        }}
      >
        {text}
        <span aria-hidden="true">{isCurrent ? (descending ? ' ↓' : ' ↑') : ''}</span>
      </button>
    );
  };
  return (
    <div class="columns">
      {header('symbol', 'Symbol')}
      <span class="column column-spark">24 h</span>
      {header('last', 'Last')}
      {header('change', 'Change')}
    </div>
  );
}
