import { useEffect, useRef } from 'preact/hooks';
import { SearchIcon } from '../icons.tsx';
import type { Model } from '../model.ts';
import type { InstrumentList } from './list.ts';
import { rowId } from './row.ts';

/** Where a symbol or a name is looked for; its keys go through what is found. */
export function SearchField({ model, list }: { model: Model; list: InstrumentList }) {
  const input = useRef<HTMLInputElement>(null);
  const highlighted = list.highlighted.value;

  useEffect(() => {
    const field = input.current!;
    model.focusSearch = () => {
      if (list.isCovered) {
        list.focusNext = field;
        model.isListOpen.value = true;
      }
      field.focus();
      field.select();
    };
  }, []);

  const pressed = (event: KeyboardEvent) => {
    // A key that ends the writing of a character is not for the list.
    if (event.isComposing) return;
    const place = list.found.peek().indexOf(list.highlighted.peek());
    switch (event.key) {
      case 'ArrowDown':
        list.highlight(place + 1);
        break;
      case 'ArrowUp':
        list.highlight(place - 1);
        break;
      case 'Enter':
        list.choose(place);
        input.current?.blur();
        break;
      case 'Escape':
        if (list.query.peek() === '') input.current?.blur();
        list.search('');
        break;
      default:
        return;
    }
    event.preventDefault();
    event.stopPropagation();
  };

  return (
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
        // Only a row that is in the document can be pointed at.
        aria-activedescendant={
          list.shown.value.includes(highlighted) ? rowId(highlighted) : undefined
        }
        autocomplete="off"
        autocapitalize="off"
        spellcheck={false}
        value={list.query.value}
        onInput={(event) => list.search(event.currentTarget.value)}
        onKeyDown={pressed}
      />
      <kbd>/</kbd>
    </div>
  );
}
