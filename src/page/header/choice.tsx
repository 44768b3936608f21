import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

export interface Option<Value> {
  readonly value: Value;
  readonly label: string;
  readonly title?: string;
  readonly content?: ComponentChildren;
}

/** One of a few: a group of radio buttons of which one key stop reaches the chosen one. */
export function Choice<Value extends string>({
  label,
  options,
  value,
  choose,
  className,
}: {
  label: string;
  options: readonly Option<Value>[];
  value: Value | undefined;
  choose: (value: Value) => void;
  className: string;
}) {
  const at = options.findIndex((option) => option.value === value);
  const chosen = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    if (chosen.current !== null) bringIntoView(chosen.current);
  }, [at]);
  const move = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    const next = (Math.max(0, at) + step + options.length) % options.length;
    choose(options[next]!.value);
    const group = event.currentTarget as HTMLElement;
    group.querySelectorAll<HTMLElement>('[role=radio]')[next]?.focus();
  };
  return (
    <div class={`choice ${className}`} role="radiogroup" aria-label={label} onKeyDown={move}>
      {options.map(({ value: own, label: name, title, content }, index) => (
        // biome-ignore lint/a11y/useSemanticElements: an input cannot hold an icon
        <button
          key={own}
          ref={index === at ? chosen : null}
          type="button"
          role="radio"
          class="choice-option"
          aria-checked={index === at}
          aria-label={name}
          title={title}
          tabIndex={index === Math.max(0, at) ? 0 : -1}
          onClick={() => choose(own)}
        >
          {content ?? name}
        </button>
      ))}
    </div>
  );
}

/**
 * On a phone the group scrolls, and keys or a link may choose what is out of sight. The browser's
 * own `scrollIntoView` would have Tab begin here.
 */
function bringIntoView(option: HTMLElement): void {
  const group = option.parentElement!;
  const [own, all] = [option.getBoundingClientRect(), group.getBoundingClientRect()];
  if (own.left < all.left) group.scrollLeft -= all.left - own.left;
  else if (own.right > all.right) group.scrollLeft += own.right - all.right;
}
