import { useSignalEffect } from '@preact/signals';
import type { Model } from '../model.ts';

const SHOWN_MS = 5_000;

/** What has just happened, for a few seconds. */
export function ToastBox({ model }: { model: Model }) {
  useSignalEffect(() => {
    if (model.toast.value === undefined) return;
    const timer = setTimeout(() => {
      model.toast.value = undefined;
    }, SHOWN_MS);
    return () => clearTimeout(timer);
  });
  const toast = model.toast.value;
  return (
    <div class="toasts" role="status">
      {toast !== undefined && <div class={`toast is-${toast.kind}`}>{toast.text}</div>}
    </div>
  );
}
