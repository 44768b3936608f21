import type { Model } from '../model.ts';
import { Bases } from './bases.tsx';
import { Dialog } from './dialog.tsx';

type Shortcut = readonly [does: string, ...keys: string[]];

const GROUPS: readonly (readonly [title: string, shortcuts: readonly Shortcut[]])[] = [
  [
    'Instruments',
    [
      ['Search', '/'],
      ['Previous, next instrument', '↑', '↓'],
      ['Open the highlighted one', 'Enter'],
    ],
  ],
  [
    'Chart',
    [
      ['Resolution 1s to 1d', '1', '–', '7'],
      ['Any resolution', ','],
      ['Candles, line, area', 'C', 'L', 'A'],
      ['Volume', 'V'],
      ['Nights and weekends', 'N'],
      ['Zoom', '+', '−'],
      ['Reset zoom', '0'],
    ],
  ],
  [
    'Time',
    [
      ['Scroll back, forward', 'PgUp', 'PgDn'],
      ['Read bar by bar', '←', '→'],
      ['Go to date', 'G'],
      ['Back to live', 'End'],
    ],
  ],
  [
    'Page',
    [
      ['Dark or light theme', 'T'],
      ['UTC, or the other time zone', 'U'],
      ['Data table', 'D'],
      ['Realism report', 'R'],
      ['Market: time, scenarios', 'M'],
      ['This help', '?'],
    ],
  ],
];

export function Help({ model, close }: { model: Model; close: () => void }) {
  return (
    <Dialog model={model} title="Keyboard shortcuts" className="help" close={close}>
      <div class="help-groups">
        {GROUPS.map(([title, shortcuts]) => (
          <section key={title}>
            <h3>{title}</h3>
            <dl>
              {shortcuts.map(([does, ...keys]) => (
                <div key={does}>
                  <dt>{does}</dt>
                  <dd>
                    {keys.map((key) =>
                      key === '–' ? <span key={key}>–</span> : <kbd key={key}>{key}</kbd>,
                    )}
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
        <Bases model={model} />
      </div>
      {model.market.synthetic && (
        <p>Synthetic data: every price is computed. None is real, and none follows a real one.</p>
      )}
      <p>
        Wheel scrolls through history. Ctrl + wheel or pinch zooms. Drag the price or time axis to
        scale it, double-click to reset.
      </p>
      <p>
        Charts by{' '}
        <a href="https://www.tradingview.com/" target="_blank" rel="noopener">
          TradingView
        </a>{' '}
        Lightweight Charts™, Copyright (c) 2025 TradingView, Inc.
      </p>
    </Dialog>
  );
}
