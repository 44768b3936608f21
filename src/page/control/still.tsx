import { useSignalEffect } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import type { Model } from '../model.ts';
import { stillOf } from './trading.ts';
import { leftText } from './words.ts';

const NAMES = { halted: 'Halted', closed: 'Closed' } as const;
const GOES_ON = { halted: 'resumes', closed: 'opens' } as const;

/** Says that the chosen instrument stands still, and until when; its price is grey meanwhile. */
export function StillChip({ model }: { model: Model }) {
  const still = useMemo(() => stillOf(model), [model]);
  useSignalEffect(() => {
    const kind = still.value?.kind;
    const { dataset } = document.documentElement;
    if (kind === undefined) delete dataset.trading;
    else dataset.trading = kind;
    model.chart?.pane.setStill(kind !== undefined);
  });
  useEffect(() => () => void delete document.documentElement.dataset.trading, []);
  const said = still.value;
  const leftMs = (said?.untilMs ?? Number.NaN) - model.serverMs.value;
  return (
    <div class={`still is-${said?.kind ?? 'trading'}`}>
      {/* Once: the time that is left is not read out each second. */}
      <b role="status">{said && NAMES[said.kind]}</b>
      {said && leftMs > 0 && `, ${GOES_ON[said.kind]} in ${leftText(leftMs)}`}
    </div>
  );
}
