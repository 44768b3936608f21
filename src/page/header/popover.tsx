import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { Model } from '../model.ts';

/** A small panel under a button. It closes on Escape or a press elsewhere, and gives focus back. */
export function Popover({
  model,
  label,
  className = '',
  children,
}: {
  model: Model;
  label: string;
  className?: string;
  children: ComponentChildren;
}) {
  const panel = useRef<HTMLDivElement>(null);
  // Before anything else can happen: the next key is meant for its field.
  useLayoutEffect(() => {
    const before = document.activeElement;
    panel.current?.querySelector<HTMLElement>('input, .menu-item')?.focus();
    const pressed = (event: PointerEvent) => {
      const anchor = panel.current?.parentElement;
      if (!anchor?.contains(event.target as Node)) model.popover.value = undefined;
    };
    const left = ({ relatedTarget }: FocusEvent) => {
      const anchor = panel.current?.parentElement;
      if (relatedTarget instanceof Node && !anchor?.contains(relatedTarget)) {
        model.popover.value = undefined;
      }
    };
    panel.current?.addEventListener('focusout', left);
    addEventListener('pointerdown', pressed, { capture: true });
    return () => {
      removeEventListener('pointerdown', pressed, { capture: true });
      if (document.activeElement === document.body && before instanceof HTMLElement) before.focus();
    };
  }, [model]);
  return (
    <div
      ref={panel}
      class={`popover ${className}`}
      role="dialog"
      aria-label={label}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        model.popover.value = undefined;
      }}
    >
      {children}
    </div>
  );
}
