import { useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { copyText } from '../copy.ts';
import { FaultsPart } from '../faults/part.tsx';
import { Choice } from '../header/choice.tsx';
import { CloseIcon } from '../icons.tsx';
import { CopyIcon } from '../later-icons.tsx';
import { matching } from '../matching.ts';
import type { Model } from '../model.ts';
import { SERVER } from '../server.ts';
import { Acting } from './acting.ts';
import { commandText, curlText } from './command.ts';
import type { Control } from './control.ts';
import { LogList } from './log-list.tsx';
import { hasToken } from './requests.ts';
import { Scenarios } from './scenarios.tsx';
import { Single } from './single.tsx';
import { Time } from './time.tsx';
import { TokenForm } from './token-form.tsx';

const COVERS = matching('(max-width: 760px)');

/** What is done to the market: its time, scenarios, single effects, and all that was done. */
export function MarketPanel({ model, control }: { model: Model; control: Control }) {
  const acting = useMemo(() => new Acting(model, control), [model, control]);
  const panel = useRef<HTMLElement>(null);
  const isAllowed = control.isAllowed.value;
  const close = () => (control.isOpen.value = false);
  useLayoutEffect(() => {
    const before = document.activeElement;
    const element = panel.current!;
    element.querySelector<HTMLElement>('.market-close')!.focus();
    return () => {
      const now = document.activeElement;
      const isOurs = now === document.body || element.contains(now);
      if (isOurs && before instanceof HTMLElement) before.focus();
    };
  }, []);
  useLayoutEffect(() => {
    // What had the focus may have gone with the form, or with the parts: it stays in the panel.
    if (document.activeElement !== document.body) return;
    panel.current!.querySelector<HTMLElement>('.market-body :is(button, input)')?.focus();
  }, [isAllowed]);
  useSignalEffect(() => {
    model.isCovered.value = COVERS.value;
  });
  useEffect(
    () => () => {
      model.isCovered.value = false;
    },
    [],
  );
  return (
    <aside
      ref={panel}
      class="market"
      aria-label="Market"
      onKeyDown={(event) => {
        // Keys are those of the panel: none of them moves the chart.
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        if (event.key === 'Escape') close();
        event.stopPropagation();
      }}
    >
      <header class="market-head">
        <h2>Market</h2>
        <span title="The market id">{model.marketId.value.slice(0, 8)}</span>
        <button
          type="button"
          class="icon-button market-close"
          aria-label="Close"
          title="Close (Esc)"
          onClick={close}
        >
          <CloseIcon />
        </button>
      </header>
      <div class="market-body">
        {isAllowed ? <Parts acting={acting} /> : <Others control={control} model={model} />}
      </div>
      {isAllowed && <Outcome acting={acting} />}
      {isAllowed && <Command acting={acting} />}
    </aside>
  );
}

function Parts({ acting }: { acting: Acting }) {
  return (
    <>
      <Time acting={acting} />
      <Scenarios acting={acting} />
      <Single acting={acting} />
      <FaultsPart model={acting.model} faults={acting.control.faults} />
      <LogList acting={acting} />
    </>
  );
}

/** What needs no permission, and how to get it where a token would do. */
function Others({ model, control }: { model: Model; control: Control }) {
  return (
    <>
      {control.isOffered && <TokenForm control={control} />}
      <FaultsPart model={model} faults={control.faults} />
    </>
  );
}

/** What came of what was done last; every refusal as the sentence of the server. */
function Outcome({ acting }: { acting: Acting }) {
  return (
    <div class="market-outcome">
      <div role="alert">{acting.problem.value}</div>
      <div role="status">{acting.outcome.value}</div>
    </div>
  );
}

function Command({ acting }: { acting: Acting }) {
  const form = useSignal<'command' | 'curl'>('command');
  const action = acting.shown.value();
  const textOf = form.value === 'curl' ? curlText : commandText;
  const text = textOf(action, SERVER, hasToken());
  return (
    <footer class="market-foot">
      <div class="market-row">
        <h3>The same as a command</h3>
        <Choice
          label="Form"
          className="market-choice"
          options={[
            { value: 'command', label: 'command' },
            { value: 'curl', label: 'curl' },
          ]}
          value={form.value}
          choose={(chosen) => (form.value = chosen)}
        />
        <button
          type="button"
          class="icon-button"
          aria-label="Copy the command"
          title="Copy"
          onClick={() => void copyText(acting.model, text, 'Command copied.')}
        >
          <CopyIcon />
        </button>
      </div>
      <pre>{text}</pre>
    </footer>
  );
}
