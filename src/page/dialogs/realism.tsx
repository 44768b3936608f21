import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { askFor } from '../ask.ts';
import { DownloadIcon } from '../later-icons.tsx';
import type { Model } from '../model.ts';
import { SERVER } from '../server.ts';
import css from '../styles/realism.css?inline';
import { Dialog } from './dialog.tsx';

type State =
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed'; readonly message: string }
  | {
      readonly kind: 'ready';
      readonly realism: import('./report.tsx').ToldRealism;
      readonly Report: typeof import('./report.tsx').Report;
    };

const PLOTS = 4;

// It comes with its script: one request less, and the policy allows what a script has made.
const sheet = new CSSStyleSheet();
sheet.replaceSync(css);
document.adoptedStyleSheets.push(sheet);

/** What the chosen instrument's returns look like, beside what is reported of real markets. */
export function Realism({ model, close }: { model: Model; close: () => void }) {
  const { symbol } = model.instrument.value;
  const { market } = model.market;
  const state = useSignal<State>({ kind: 'loading' });
  const attempt = useSignal(0);
  useEffect(() => {
    const abort = new AbortController();
    state.value = { kind: 'loading' };
    const show = (reached: State) => {
      if (!abort.signal.aborted) state.value = reached;
    };
    // The plots come while the server computes.
    Promise.all([fetchRealism(urlOf(symbol, market, 'json'), abort.signal), import('./report.tsx')])
      .then(([realism, { Report }]) => show({ kind: 'ready', realism, Report }))
      .catch((error: unknown) => show({ kind: 'failed', message: messageOf(error) }));
    return () => abort.abort();
  }, [symbol, market, attempt.value]);

  const download = (format: 'html' | 'json', text: string) => (
    <a
      class="button"
      href={urlOf(symbol, market, format).href}
      download={`realism-${symbol}.${format}`}
      aria-label={`Download as ${text}`}
      title={`Download as ${text}`}
    >
      <DownloadIcon />
      {text}
    </a>
  );
  return (
    <Dialog
      model={model}
      title={`Realism of ${symbol}`}
      className="realism"
      close={close}
      actions={
        <>
          {download('html', 'HTML')}
          {download('json', 'JSON')}
        </>
      }
    >
      <RealismBody symbol={symbol} state={state.value} retry={() => (attempt.value += 1)} />
    </Dialog>
  );
}

function RealismBody({
  symbol,
  state,
  retry,
}: {
  symbol: string;
  state: State;
  retry: () => void;
}) {
  switch (state.kind) {
    case 'ready':
      return <state.Report realism={state.realism} />;
    case 'failed':
      return (
        <div class="realism-failed" role="alert">
          <h3>The report could not be made</h3>
          <p>{state.message}</p>
          <button type="button" class="button is-primary" onClick={retry}>
            Try again
          </button>
        </div>
      );
    case 'loading':
      return (
        <div class="realism-wait" role="status">
          <p>Looking at the newest rows of {symbol}. This may take a few seconds.</p>
          <progress aria-label="Making the report" />
          <div class="realism-plots" aria-hidden="true">
            {Array.from({ length: PLOTS }, (_, plot) => (
              <div key={plot} class="realism-ghost" />
            ))}
          </div>
        </div>
      );
  }
}

function urlOf(symbol: string, market: string, format: 'html' | 'json'): URL {
  const url = new URL('v1/realism', SERVER);
  url.search = new URLSearchParams({ symbol, market, format }).toString();
  return url;
}

/** The report; an error with a sentence for people if there is none. */
async function fetchRealism(
  url: URL,
  signal: AbortSignal,
): Promise<import('./report.tsx').ToldRealism> {
  const report = await askFor<import('./report.tsx').ToldRealism>(url, { signal });
  if (report.facts === undefined) throw new Error('The answer of the server is no report.');
  return report;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
