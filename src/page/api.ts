import type { CandlesAnswer, MarketInfo, SparklinesAnswer } from '../wire/messages.ts';

/** The server answered, and the answer was no. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
  }
}

async function get<Answer>(path: string, options: RequestInit = {}): Promise<Answer> {
  const response = await fetch(new URL(path, document.baseURI), options);
  if (response.ok) return (await response.json()) as Answer;
  const body = (await response.json().catch(() => ({}))) as {
    error?: { code?: string; message?: string };
  };
  throw new ApiError(
    response.status,
    body.error?.code ?? 'internal',
    body.error?.message ?? `The server answered ${response.status}.`,
  );
}

/** `answer`, unless it comes from another market than the one on this page. */
function ofMarket<Answer extends { readonly market: string }>(
  answer: Answer,
  market: string,
): Answer {
  if (answer.market === market) return answer;
  throw new ApiError(409, 'market_changed', 'The server now serves another market.');
}

export function getMarket(): Promise<MarketInfo> {
  return get('v1/market', { cache: 'no-store' });
}

export async function getSparklines(
  market: string,
  points: number,
  spanMs: number,
): Promise<SparklinesAnswer> {
  const answer = await get<SparklinesAnswer>(`v1/sparklines?points=${points}&span=${spanMs}`);
  return ofMarket(answer, market);
}

export interface CandlesQuery {
  readonly market: string;
  readonly symbol: string;
  readonly resolution: string;
  readonly from: number;
  readonly count: number;
  /** Whether the range is over: its answer then never changes, and may be cached for ever. */
  readonly isOver: boolean;
}

export async function getCandles(
  { market, symbol, resolution, from, count, isOver }: CandlesQuery,
  options: RequestInit = {},
): Promise<CandlesAnswer> {
  const text = new URLSearchParams({ symbol, resolution, from: `${from}`, count: `${count}` });
  if (isOver) text.set('market', market);
  return ofMarket(await get<CandlesAnswer>(`v1/candles?${text}`, options), market);
}

/** The stream of the server that this page came from. */
export function streamUrl(): string {
  const url = new URL('v1/stream', document.baseURI);
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  return url.href;
}
