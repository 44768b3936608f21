import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import type { Reason, SubscriptionState } from '../../client/index.ts';
import type { Model } from '../model.ts';

interface Notice {
  readonly title: string;
  readonly text: string;
  readonly action: 'Retry now' | 'Reload' | undefined;
}

const FROZEN = 'Prices are frozen; missed ticks will be restored.';

const REFUSALS: Readonly<Record<string, string>> = {
  market_changed: 'Another market is running here',
  bad_origin: 'This page may not open the stream',
  bad_host: 'The server does not go by this name',
  connection_limit: 'The server is full',
};

/** What is known beside what the title says. */
function causeOf({ code, message }: Reason): string {
  return code === 'lost' || code === 'asked' ? '' : `${message} `;
}

/** What to say about a connection that is not as it should be; undefined while there is nothing. */
function noticeOf(state: SubscriptionState, secondsLeft: number): Notice | undefined {
  switch (state.kind) {
    case 'connecting':
    case 'live':
    case 'closed':
      return undefined;
    case 'catching up':
      return {
        title: 'Catching up',
        text: `Restoring missed ticks, ${state.lagRows.toLocaleString('en')} rows to go.`,
        action: undefined,
      };
    case 'stale':
      return {
        title: 'No new prices',
        text: `${state.reason.message} Prices are as old as the last one.`,
        action: 'Retry now',
      };
    case 'offline':
      return {
        title: 'You are offline',
        text: FROZEN,
        action: 'Retry now',
      };
    case 'reconnecting': {
      const next = secondsLeft > 0 ? `next in ${secondsLeft} s` : 'connecting';
      return {
        title:
          state.reason.code === 'not_ready'
            ? 'The server is not ready yet'
            : 'Connection lost, reconnecting',
        text: `${causeOf(state.reason)}Attempt ${state.attempt}, ${next}. ${FROZEN}`,
        action: 'Retry now',
      };
    }
    case 'refused':
      return {
        title: REFUSALS[state.code] ?? 'Server refused the stream',
        text:
          state.code === 'version'
            ? 'This page is older than the server. Reload to update.'
            : `${state.message} Reload to start again.`,
        action: 'Reload',
      };
  }
}

/** A card over the chart, which stays usable: a lost connection never blocks the page. */
export function Banner({ model }: { model: Model }) {
  const state = model.connection.value;
  const secondsLeft = useSignal(0);
  useEffect(() => {
    if (state.kind !== 'reconnecting') return;
    const dueMs = performance.now() + state.inMs;
    const count = () => {
      secondsLeft.value = Math.max(0, Math.ceil((dueMs - performance.now()) / 1000));
    };
    count();
    const timer = setInterval(count, 250);
    return () => clearInterval(timer);
  }, [state]);

  const notice = noticeOf(state, secondsLeft.value);
  if (notice === undefined) return null;
  return (
    <div class={`banner is-${state.kind.replace(' ', '-')}`}>
      <i class="dot" aria-hidden="true" />
      <div class="banner-text">
        <b>{notice.title}</b>
        {/* A count that is read out again and again helps nobody. */}
        <p aria-hidden={state.kind === 'reconnecting' || state.kind === 'catching up'}>
          {notice.text}
        </p>
      </div>
      {notice.action !== undefined && (
        <button
          type="button"
          class="button"
          onClick={() => (state.kind === 'refused' ? location.reload() : model.retry())}
        >
          {notice.action}
        </button>
      )}
    </div>
  );
}
