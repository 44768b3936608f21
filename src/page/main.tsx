// In this order: of two rules that weigh the same, the later one wins.
import './styles/tokens.css';
import './styles/base.css';
import './styles/panel.css';
import './styles/list.css';
import './styles/prices.css';
import './styles/start.css';
import './styles/header.css';
import './styles/popover.css';
import './styles/toolbar.css';
import './styles/chart.css';
import './styles/footer.css';
import './styles/dialogs.css';
import { render } from 'preact';
import { backoffMs, ClientError, type MarketInfo, market } from '../client/index.ts';
import { refreshTitle } from './actions.ts';
import { App } from './app.tsx';
import { inTime } from './in-time.ts';
import { loadLater } from './load-later.ts';
import { Model } from './model.ts';
import { fetchAnew, SERVER } from './server.ts';
import { type Obstacle, Start } from './start.tsx';
import type { Nights } from './time/nights.ts';
import { type ShownZone, UTC } from './time/zone.ts';
import { readUrl, type UrlState } from './url.ts';

const PREPARING_MS = 500;
/** A server that is ready has its settings at hand. */
const MOST_WAIT_MS = 10_000;

/** Asks for the market until there is one: a server that has just started may not be ready yet. */
async function loadMarket(host: HTMLElement): Promise<MarketInfo> {
  const fetch = inTime(fetchAnew, MOST_WAIT_MS);
  for (let attempt = 1; ; attempt++) {
    const answer = await market({ url: SERVER, fetch }).catch(obstacleOf);
    if ('instruments' in answer && answer.instruments.length > 0) return answer;
    const obstacle = 'instruments' in answer ? EMPTY : answer;
    await new Promise<void>((resolve) => {
      const isPreparing = obstacle.progress !== undefined;
      setTimeout(resolve, isPreparing ? PREPARING_MS : backoffMs(attempt, Math.random));
      render(<Start obstacle={obstacle} retry={resolve} />, host);
    });
  }
}

const EMPTY: Obstacle = { title: 'No instruments', text: 'This market has nothing to show yet.' };

function obstacleOf(error: unknown): Obstacle {
  if (error instanceof ClientError && error.code === 'not_ready') {
    const progress = Number(error.details.progress);
    const text = `${Math.round(progress * 100)} % of its newest rows are made.`;
    return { title: 'The market is being prepared', text, progress };
  }
  const text = error instanceof Error ? error.message : String(error);
  return { title: 'No answer yet', text };
}

/** UTC if there is none of that name: what the page then says of it comes later. */
async function loadZone(
  text: string | undefined,
  { earliest, now }: MarketInfo,
): Promise<ShownZone> {
  if (text === undefined || text === UTC.text) return UTC;
  try {
    const { namedZone } = await import('./time/zones.ts');
    return namedZone(text, earliest, now) ?? UTC;
  } catch {
    return UTC;
  }
}

/** Undefined if nothing is ever closed: then all bars are shown alike. */
async function loadNights(market: MarketInfo, { nights }: UrlState): Promise<Nights | undefined> {
  if (market.instruments.every(({ calendar }) => calendar === undefined)) return undefined;
  try {
    const { Nights } = await import('./time/nights.ts');
    return new Nights(market, nights);
  } catch {
    return undefined;
  }
}

async function start(host: HTMLElement): Promise<void> {
  render(<Start />, host);
  const url = readUrl(location.search);
  const market = await loadMarket(host);
  const zone = await loadZone(url.zone, market);
  const model = new Model(market, url, zone, await loadNights(market, url));
  render(<App model={model} url={url} />, host);
  refreshTitle(model);
  model.start();
  void loadLater(model);
}

void start(document.getElementById('app')!);
