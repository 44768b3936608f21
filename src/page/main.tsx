import './styles/tokens.css';
import './styles/base.css';
import './styles/panel.css';
import './styles/header.css';
import './styles/chart.css';
import './styles/footer.css';
import './styles/dialogs.css';
import { render } from 'preact';
import { backoffMs, ClientError, type MarketInfo, market } from '../client/index.ts';
import { followUrl, refreshTitle } from './actions.ts';
import { App } from './app.tsx';
import { auditChart } from './continuity.ts';
import { exposeDebug } from './debug.ts';
import { attachKeys } from './keys.ts';
import { Model } from './model.ts';
import { fetchAnew, SERVER } from './server.ts';
import { Start } from './start.tsx';
import { readUrl } from './url.ts';

const AUDIT_MS = 30_000;
const FIRST_AUDIT_MS = 2_000;
/** After a repair, a look at whether it was one. */
const REPAIRED_MS = 2_000;
const PREPARING_MS = 500;

async function audit(model: Model): Promise<void> {
  const outcome = await auditChart(model);
  if (outcome === undefined) return;
  model.audit.value = outcome;
  if (outcome.differences === 0) return;
  model.chart?.reload(true);
  setTimeout(() => void audit(model), REPAIRED_MS);
}

/** Asks for the market until it is there: a server that has just started may not be ready yet. */
async function loadMarket(host: HTMLElement): Promise<MarketInfo> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await market({ url: SERVER, fetch: fetchAnew });
    } catch (error) {
      const isPreparing = error instanceof ClientError && error.code === 'not_ready';
      const message = error instanceof Error ? error.message : String(error);
      const wait = new Promise<void>((resolve) => {
        setTimeout(resolve, isPreparing ? PREPARING_MS : backoffMs(attempt, Math.random));
        const progress = isPreparing ? Number(error.details.progress) : undefined;
        render(<Start progress={progress} message={message} retry={resolve} />, host);
      });
      await wait;
    }
  }
}

async function start(host: HTMLElement): Promise<void> {
  render(<Start />, host);
  const url = readUrl(location.search);
  const model = new Model(await loadMarket(host), url);
  render(<App model={model} url={url} />, host);
  attachKeys(model);
  exposeDebug(model);
  refreshTitle(model);
  model.start();
  addEventListener('popstate', () => followUrl(model));
  setTimeout(() => void audit(model), FIRST_AUDIT_MS);
  setInterval(() => void audit(model), AUDIT_MS);
}

void start(document.getElementById('app')!);
