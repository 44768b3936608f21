import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { ToastBox } from '../footer/toast.tsx';
import { CloseIcon } from '../icons.tsx';
import type { Model } from '../model.ts';

/** A native modal dialog: it keeps focus inside, closes on Escape and on a press beside it. */
export function Dialog({
  model,
  title,
  close,
  className,
  actions,
  children,
}: {
  model: Model;
  title: string;
  close: () => void;
  className: string;
  actions?: ComponentChildren;
  children: ComponentChildren;
}) {
  const dialog = useRef<HTMLDialogElement>(null);
  const isPressedBeside = useRef(false);
  useEffect(() => {
    const element = dialog.current!;
    element.showModal();
    return () => element.close();
  }, []);
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a dialog by itself
    <dialog
      ref={dialog}
      class={`dialog ${className}`}
      aria-labelledby="dialog-title"
      onClose={close}
      onPointerDown={(event) => {
        isPressedBeside.current = event.target === dialog.current;
      }}
      // Not before the finger has left: what is under it would be pressed as well.
      onClick={(event) => {
        if (isPressedBeside.current && event.target === dialog.current) close();
      }}
    >
      <div class="dialog-inner">
        <header class="dialog-head">
          <h2 id="dialog-title">{title}</h2>
          {actions}
          <button type="button" class="icon-button" aria-label="Close" onClick={close}>
            <CloseIcon />
          </button>
        </header>
        {children}
      </div>
      <ToastBox model={model} />
    </dialog>
  );
}
