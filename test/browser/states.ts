import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { live, PAST, startServer, type TestServer, type Visit, watched } from './harness.ts';

/** What a state of the page is reached in. */
export interface World {
  server: TestServer;
  /** Whether what the server says on the stream is kept back; see `streamIs`. */
  isSilent: boolean;
}

/** A state of the page, and how to get there. */
export interface State {
  /** Of the address. */
  readonly query?: string;
  readonly options?: BrowserContextOptions;
  /** Of a server of its own. */
  readonly market?: readonly string[];
  /** Whether the server is ended on the way. */
  readonly endsServer?: true;
  /** Whether the page's stream is taken over, which no page is given back. */
  readonly takesStream?: true;
  /** Before the page is opened. */
  readonly before?: (page: Page, world: World) => Promise<unknown>;
  /** Once it is live, unless it never is. */
  readonly act?: (page: Page, world: World) => Promise<unknown>;
  /** What is on the page then, and only then. */
  readonly shows: string;
  readonly isNeverLive?: true;
}

const PHONE: BrowserContextOptions = {
  viewport: { width: 390, height: 844 },
  deviceScaleFactor: 2,
  hasTouch: true,
  isMobile: true,
};
const EQUITIES = [...PAST, '--preset', 'equities'];
const NARROWEST: BrowserContextOptions = { ...PHONE, viewport: { width: 320, height: 640 } };
const OPEN_LIST = 'Open the list of instruments';

const press = (key: string) => (page: Page) => page.keyboard.press(key);
const openList = (page: Page) => page.getByRole('button', { name: OPEN_LIST }).click();

async function openZones(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'More' }).click();
  await page.getByRole('button', { name: 'Time zone' }).click();
}

async function askWrongZone(page: Page): Promise<void> {
  await openZones(page);
  await page.keyboard.type('Asia/Tokio');
  await page.keyboard.press('Enter');
}

/** Every answer about candles by the clock of a zone is that there is none. */
const knowNoZone = (page: Page) =>
  page.route('**/v1/candles**', async (route) => {
    const error = { code: 'bad_request', message: 'unknown tz "Asia/Tokyo"' };
    if (route.request().url().includes('tz='))
      await route.fulfill({ status: 400, json: { error } });
    else await route.continue();
  });

async function search(page: Page, text: string): Promise<void> {
  await page.keyboard.press('/');
  await page.getByRole('combobox').fill(text);
}

/** Every answer about candles is `status`; 0 means that there is none. */
const candlesAre = (page: Page, status: number) =>
  page.route('**/v1/candles**', async (route) => {
    if (status > 0) await route.fulfill({ status, body: '{}' });
  });

/** Every answer about realism is an error; 0 means that there is no answer. */
const realismIs = (page: Page, status: number) =>
  page.route('**/v1/realism**', async (route) => {
    const error = { code: 'rate_limited', message: 'This address has had enough for 4 s.' };
    if (status > 0) await route.fulfill({ status, json: { error } });
  });

/** History comes in pieces, of which the server makes but two. */
const candlesAreSlow = async (page: Page) => {
  let asked = 0;
  await page.route('**/v1/candles**', async (route) => {
    if (++asked <= 2) await route.continue();
  });
};

/** What the server says on the stream passes through `change`. */
async function streamIs(
  page: Page,
  world: World,
  change: (message: string | Buffer) => string | Buffer = (message) => message,
): Promise<void> {
  await page.routeWebSocket('**/v1/stream', (socket) => {
    socket.connectToServer().onMessage((message) => {
      if (!world.isSilent) socket.send(change(message));
    });
  });
}

/** A stream of candles is refused, and nothing else. */
export async function refuseBars(page: Page, isRefused: () => boolean): Promise<void> {
  await page.routeWebSocket('**/v1/stream', (socket) => {
    const server = socket.connectToServer();
    socket.onMessage((message) => {
      const { type, id, resolution } = JSON.parse(String(message));
      const isOfBars = type === 'subscribe' && resolution !== undefined;
      if (!isOfBars || !isRefused()) return server.send(message);
      const error = {
        code: 'bad_request',
        message: `resolution must be another; given: ${resolution}`,
      };
      socket.send(JSON.stringify({ type: 'error', id, ...error }));
    });
  });
}

const fallSilent = async (page: Page, world: World) => {
  world.isSilent = true;
  await page.locator('.banner').waitFor();
};

/** Comes back now, rather than when the back-off says. */
const wake = (page: Page) => page.evaluate(() => dispatchEvent(new Event('online')));

/** Kills the server, and after `downMs` starts another one at its address. */
async function replace(
  page: Page,
  world: World,
  args: readonly string[],
  downMs: number,
): Promise<void> {
  const { port } = new URL(world.server.url);
  await world.server.kill();
  await page.getByText('Connection lost').waitFor();
  await new Promise((done) => setTimeout(done, downMs));
  world.server = await startServer(args, Number(port));
  await wake(page);
}

/** Back through history further than there are bars, while candles are answered as `status`. */
async function scrollPast(page: Page, status: number): Promise<void> {
  await candlesAre(page, status);
  await page.mouse.move(900, 400);
  for (let turn = 0; turn < 6; turn++) await page.mouse.wheel(0, -1_000);
}

/** Opens the panel of the market, once something was done to it. */
async function openMarket(page: Page, body?: object): Promise<void> {
  await page.waitForFunction(() => window.tickwell?.mayControl);
  if (body !== undefined) await doEvent(page, body);
  await page.keyboard.press('m');
  await page.getByRole('button', { name: 'Flash crash' }).waitFor();
}

/** Opens the panel of the market where it has faults alone, or with them. */
async function openFaults(page: Page): Promise<void> {
  await page.getByText('no gaps').filter({ visible: true }).first().waitFor();
  await page.keyboard.press('m');
  await page.getByRole('region', { name: 'Faults' }).scrollIntoViewIfNeeded();
}

/** A stream that is struck, until something was found of it. */
async function startFaults(page: Page, clauses: string): Promise<void> {
  await openFaults(page);
  await page.getByRole('combobox', { name: 'Profile' }).selectOption('clauses of your own');
  await page.getByRole('textbox', { name: 'Clauses' }).fill(clauses);
  await page.keyboard.press('Enter');
}

const STRUCK = 'duplicate@20%,corrupt:ticks@20%,delay:100ms@20%';

async function strike(page: Page): Promise<void> {
  await startFaults(page, STRUCK);
  const wrong = page.getByText('taken for true').first();
  await wrong.waitFor();
  await wrong.scrollIntoViewIfNeeded();
}

/** Something is done to the market, as another page of it would. */
async function doEvent(page: Page, body: object): Promise<void> {
  await page.evaluate(async (event) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch('v1/control/events', {
      ...{ method: 'POST', headers, body: JSON.stringify(event) },
    });
    if (!answer.ok) throw new Error(await answer.text());
  }, body);
}

/** A market of its own, as something is done to it. */
const DONE_TO = [...EQUITIES, '--seed', '19'];
const NO_FAULTS = [...EQUITIES, '--no-faults'];
const HALT = { kind: 'halt', symbol: 'NIMBO', for: '1h', resume: 'frozen' };

/** A market after hours. */
const CLOSED = [...PAST, '--preset', 'exchange', '--at', '2026-03-02T21:10:00Z'];

/** The sign of a halt on the chart, and what it says. */
async function openMark(page: Page): Promise<void> {
  await page.waitForFunction(() => window.tickwell?.mayControl);
  await doEvent(page, HALT);
  await page
    .getByRole('button', { name: /^halt for 1 h/ })
    .last()
    .focus();
}

/** The states of the page: what tests look for errors in, and people for beauty. */
export const STATES: Readonly<Record<string, State>> = {
  live: { query: '?s=ticker_06', shows: 'no gaps' },
  area: { query: '?s=ticker_06&r=5m&type=area', shows: 'Current bar' },
  line: { query: '?s=ticker_06&r=1s', shows: 'Current bar' },
  days: { query: '?s=ticker_06&r=1d', shows: 'Current bar' },
  volume: { market: EQUITIES, query: '?s=NIMBO', shows: 'ticks' },
  'volume hovered': {
    query: '?s=ticker_06&r=5m&type=line&volume=on',
    act: (page) => page.mouse.move(900, 500),
    shows: 'V ',
  },
  'volume in the table': { query: '?volume=on', act: press('d'), shows: 'Volume' },
  more: { act: (page) => page.getByRole('button', { name: 'More' }).click(), shows: 'Data table' },
  realism: { market: EQUITIES, query: '?s=NIMBO', act: press('r'), shows: 'Kurtosis by scale' },
  'realism, facts': {
    market: EQUITIES,
    query: '?s=GENVO',
    act: async (page) => {
      await page.keyboard.press('r');
      await page.locator('.realism-facts').scrollIntoViewIfNeeded();
      await page.keyboard.press('PageDown');
    },
    shows: 'Tail index',
  },
  'realism of a walk': { act: press('r'), shows: 'Kurtosis by scale' },
  'realism waiting': {
    before: (page) => realismIs(page, 0),
    act: press('r'),
    shows: 'Looking at the newest rows',
  },
  'realism failed': {
    before: (page) => realismIs(page, 429),
    act: press('r'),
    shows: 'The report could not be made',
  },
  local: { query: '?tz=local', options: { timezoneId: 'Asia/Kolkata' }, shows: 'UTC+5:30' },
  zoned: { query: '?r=4h&tz=America/New_York', shows: 'UTC−' },
  quarters: { query: '?r=3mo&tz=Europe/Berlin', shows: 'UTC+' },
  zones: { act: openZones, shows: 'Time zone, now UTC' },
  'zone wrong': { act: askWrongZone, shows: 'did you mean' },
  'zone of this browser alone': {
    query: '?r=1d&tz=Asia/Tokyo',
    before: knowNoZone,
    shows: 'The server does not have the time zone "Asia/Tokyo"',
  },
  search: { act: (page) => search(page, 'er_4'), shows: '10 of 100 instruments' },
  'no match': { act: (page) => search(page, 'gold'), shows: 'No instrument matches' },
  sorted: {
    act: (page) => page.getByRole('button', { name: 'Sort by Change' }).click(),
    shows: 'Change ↓',
  },
  'go to date': { act: press('g'), shows: 'Date and time (UTC)' },
  resolution: { act: press(','), shows: '30m' },
  'resolution wrong': {
    act: async (page) => {
      await page.keyboard.press(',');
      await page.keyboard.type('7 bananas');
      await page.keyboard.press('Enter');
    },
    shows: 'A number and a unit',
  },
  help: { act: press('?'), shows: 'Keyboard shortcuts' },
  table: { act: press('d'), shows: 'bars in view' },
  continuity: { act: (page) => page.getByText('no gaps').click(), shows: 'Stream continuity' },
  'scrolled back': {
    act: async (page) => {
      for (let turn = 0; turn < 3; turn++) await page.keyboard.press('PageUp');
      await page.mouse.move(900, 400);
    },
    shows: 'Back to live',
  },
  'chart by key': {
    act: async (page) => {
      await page.locator('.chart-focus').focus();
      for (let step = 0; step < 12; step++) await page.keyboard.press('ArrowLeft');
    },
    shows: ': open ',
  },
  start: {
    isNeverLive: true,
    before: (page) => page.route('**/v1/market', () => {}),
    shows: 'Connecting',
  },
  'no answer': {
    isNeverLive: true,
    before: (page) => page.route('**/v1/market', (route) => route.abort()),
    shows: 'No answer yet',
  },
  preparing: {
    isNeverLive: true,
    before: (page) =>
      page.route('**/v1/market', (route) => {
        const error = { code: 'not_ready', message: 'Rows are being made.', progress: 0.42 };
        return route.fulfill({ status: 503, json: { error } });
      }),
    shows: '42 % of its newest rows',
  },
  'no instruments': {
    isNeverLive: true,
    before: async (page, { server }) => {
      const market = await (await fetch(`${server.url}/v1/market`)).json();
      const json = { ...market, instruments: [] };
      await page.route('**/v1/market', (route) => route.fulfill({ json }));
    },
    shows: 'nothing to show yet',
  },
  'unknown instrument': { query: '?s=GOLD', shows: 'There is no instrument "GOLD", so ' },
  loading: { isNeverLive: true, before: (page) => candlesAre(page, 0), shows: 'Live' },
  'loading slowly': {
    isNeverLive: true,
    query: '?r=1d',
    before: candlesAreSlow,
    shows: 'Loading history, ',
  },
  'history failed': {
    isNeverLive: true,
    before: (page) => candlesAre(page, 500),
    shows: 'History could not be loaded',
  },
  'loading older': { act: (page) => scrollPast(page, 0), shows: 'Loading older bars' },
  'older failed': { act: (page) => scrollPast(page, 500), shows: 'More bars could not be loaded' },
  connecting: {
    isNeverLive: true,
    takesStream: true,
    before: async (page, world) => {
      world.isSilent = true;
      await streamIs(page, world);
    },
    shows: 'Connecting',
  },
  'bars refused': {
    takesStream: true,
    before: (page) => refuseBars(page, () => true),
    shows: 'The newest bar stands still',
  },
  stale: { takesStream: true, before: streamIs, act: fallSilent, shows: 'No new prices' },
  offline: {
    takesStream: true,
    before: streamIs,
    act: async (page, world) => {
      await page.context().setOffline(true);
      await fallSilent(page, world);
    },
    shows: 'You are offline',
  },
  'catching up': {
    isNeverLive: true,
    takesStream: true,
    before: (page, world) =>
      streamIs(page, world, (message) => {
        if (typeof message === 'string') return message;
        const late = Buffer.from(message);
        late.writeUInt32LE(1_234, 32);
        return late;
      }),
    shows: '1,234 rows to go',
  },
  reconnecting: {
    endsServer: true,
    act: async (_, { server }) => server.kill(),
    shows: 'Connection lost',
  },
  restored: {
    endsServer: true,
    act: (page, world) => replace(page, world, PAST, 1_500),
    shows: 'missed ticks restored',
  },
  'another market': {
    endsServer: true,
    act: (page, world) => replace(page, world, [...PAST, '--seed', '2'], 0),
    shows: 'Another market is running here',
  },
  'another version': {
    isNeverLive: true,
    takesStream: true,
    before: (page) => page.routeWebSocket('**/v1/stream', (socket) => socket.close({ code: 4502 })),
    shows: 'This page is older',
  },
  market: { market: DONE_TO, query: '?s=NIMBO', act: (page) => openMarket(page), shows: 'Melt-up' },
  'market, log': {
    market: DONE_TO,
    query: '?s=NIMBO&r=1s',
    act: (page) => openMarket(page, { kind: 'shift', sector: 'Technology', percent: -4 }),
    shows: 'shift −4 %',
  },
  'market, refused': {
    market: DONE_TO,
    query: '?s=NIMBO',
    act: async (page) => {
      await openMarket(page);
      await page.getByRole('textbox', { name: 'Percent' }).fill('-200');
      await page.keyboard.press('Enter');
    },
    shows: 'percent must be',
  },
  faults: { market: DONE_TO, query: '?s=NIMBO', act: openFaults, shows: 'which is not drawn' },
  'faults off': {
    market: NO_FAULTS,
    query: '?s=NIMBO',
    act: openFaults,
    shows: 'started with --no-faults',
  },
  'faults refused': {
    market: DONE_TO,
    query: '?s=NIMBO',
    act: (page) => startFaults(page, 'dorp@1%'),
    shows: 'did you mean "drop"?',
  },
  'faults at work': {
    market: DONE_TO,
    query: '?s=NIMBO',
    act: strike,
    shows: 'taken for true',
  },
  'faults told': {
    market: DONE_TO,
    query: '?s=NIMBO',
    act: async (page) => {
      await strike(page);
      await page.locator('.faulty').getByText('repaired').click();
    },
    shows: 'Not recovered',
  },
  closed: { market: CLOSED, query: '?s=NIMBO&r=1m', shows: ', opens in ' },
  'closed, with nights': {
    market: CLOSED,
    query: '?s=NIMBO&r=15m&nights=on',
    shows: ', opens in ',
  },
  'sessions joined': { market: CLOSED, query: '?s=NIMBO&r=5m', shows: 'Mon 2 Mar' },
  halted: { market: DONE_TO, query: '?s=NIMBO&r=1s', act: openMark, shows: 'halt for 1 h' },
  tablet: {
    options: { viewport: { width: 900, height: 1100 } },
    query: '?r=1h',
    shows: 'Charts by TradingView',
  },
  narrow: { options: { viewport: { width: 1181, height: 760 } }, shows: 'Current bar' },
  wide: { options: { viewport: { width: 2560, height: 1300 } }, shows: 'Current bar' },
  phone: { options: PHONE, query: '?s=ticker_06', shows: 'no gaps' },
  'phone volume': { options: PHONE, market: EQUITIES, query: '?s=NIMBO', shows: 'Current bar' },
  'phone more': {
    options: PHONE,
    act: (page) => page.getByRole('button', { name: 'More' }).tap(),
    shows: 'Data table',
  },
  'phone realism': {
    options: PHONE,
    market: EQUITIES,
    query: '?s=NIMBO',
    act: press('r'),
    shows: 'Kurtosis by scale',
  },
  'phone list': { options: PHONE, act: openList, shows: 'Charts by TradingView' },
  'phone search': {
    options: PHONE,
    act: async (page) => {
      await openList(page);
      await page.getByRole('combobox').fill('er_4');
    },
    shows: '10 of 100 instruments',
  },
  'phone go to date': { options: PHONE, act: press('g'), shows: 'Date and time (UTC)' },
  'phone resolution': { options: PHONE, act: press(','), shows: '30m' },
  'phone zones': { options: PHONE, act: openZones, shows: 'Time zone, now UTC' },
  'phone zone wrong': { options: PHONE, act: askWrongZone, shows: 'did you mean' },
  'phone quarters': { options: PHONE, query: '?r=3mo&tz=Europe/Berlin', shows: 'Current bar' },
  'phone bars refused': {
    options: PHONE,
    takesStream: true,
    before: (page) => refuseBars(page, () => true),
    shows: 'The newest bar stands still',
  },
  'phone market': {
    options: PHONE,
    market: DONE_TO,
    query: '?s=NIMBO',
    act: (page) => openMarket(page),
    shows: 'Melt-up',
  },
  'phone faults at work': {
    options: PHONE,
    market: DONE_TO,
    query: '?s=NIMBO',
    act: strike,
    shows: 'taken for true',
  },
  'phone closed': { options: PHONE, market: CLOSED, query: '?s=NIMBO', shows: ', opens in ' },
  'phone halted': {
    options: PHONE,
    market: DONE_TO,
    query: '?s=NIMBO&r=1s',
    act: openMark,
    shows: 'halt for 1 h',
  },
  'tablet market': {
    options: { viewport: { width: 900, height: 1100 } },
    market: DONE_TO,
    query: '?s=LUXOR2',
    act: (page) => openMarket(page),
    shows: 'Melt-up',
  },
  'narrowest market': {
    options: NARROWEST,
    market: DONE_TO,
    query: '?s=LUXOR2',
    act: (page) => openMarket(page),
    shows: 'Melt-up',
  },
  'phone help': { options: PHONE, act: press('?'), shows: 'Keyboard shortcuts' },
  'phone table': { options: PHONE, act: press('d'), shows: 'bars in view' },
  'phone continuity': {
    options: PHONE,
    act: (page) => page.getByText('no gaps').click(),
    shows: 'Stream continuity',
  },
  'phone scrolled back': { options: PHONE, act: press('PageUp'), shows: 'Back to live' },
  'phone history failed': {
    options: PHONE,
    isNeverLive: true,
    before: (page) => candlesAre(page, 500),
    shows: 'History could not be loaded',
  },
  'phone stale': {
    options: PHONE,
    takesStream: true,
    before: streamIs,
    act: fallSilent,
    shows: 'No new prices',
  },
  'tablet volume': {
    options: { viewport: { width: 900, height: 1100 } },
    market: EQUITIES,
    query: '?s=LUXOR2',
    shows: 'ticks',
  },
  'narrowest realism': { options: NARROWEST, act: press('r'), shows: 'Kurtosis by scale' },
  narrowest: { options: NARROWEST, query: '?r=1d', shows: 'Current bar' },
  'narrowest zones': { options: NARROWEST, act: openZones, shows: 'Time zone, now UTC' },
  'narrowest list': { options: NARROWEST, act: openList, shows: 'Charts by TradingView' },
};

/** Brings a page that has not been anywhere else, or only where nothing was done to it, into a state. */
export async function arrive(
  page: Page,
  world: World,
  { query = '', before, act, shows, isNeverLive }: State,
): Promise<void> {
  await before?.(page, world);
  await page.goto(world.server.url + query);
  if (!isNeverLive) await live(page);
  await act?.(page, world);
  // The first may be in a part that is not shown at this width.
  await page.getByText(shows).filter({ visible: true }).first().waitFor();
}

/** Brings a new page into a state. A server is started for those that would end `server`. */
export async function reach(
  browser: Browser,
  server: TestServer,
  state: State,
  common: BrowserContextOptions = {},
): Promise<Visit> {
  const isOwn = state.endsServer || state.market !== undefined;
  const world: World = {
    server: isOwn ? await startServer(state.market ?? PAST) : server,
    isSilent: false,
  };
  const visit = await watched(browser, { ...common, ...state.options });
  await arrive(visit.page, world, state);
  if (isOwn) visit.context.once('close', () => void world.server.kill());
  return visit;
}
