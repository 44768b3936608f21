import { Ghost } from './chart/cover.tsx';
import { LogoIcon } from './icons.tsx';

const LINES = Array.from({ length: 40 }, (_, line) => line);

/** Why there is no market to show. */
export interface Obstacle {
  readonly title: string;
  readonly text: string;
  /** How much of the market is there, from 0 to 1; undefined if it is not that. */
  readonly progress?: number | undefined;
}

/** The page before the market is known: its shape at once, and why it takes so long if it does. */
export function Start({ obstacle, retry }: { obstacle?: Obstacle; retry?: () => void }) {
  const progress = obstacle?.progress;
  return (
    <div class="app start">
      <aside class="panel" aria-hidden="true">
        <div class="brand">
          <LogoIcon />
          <b class="brand-name">Tickwell</b>
        </div>
        <div class="search">
          <div class="search-blank" />
        </div>
        <div class="columns" />
        <div class="rows">
          {LINES.map((line) => (
            <div key={line} class="row is-unknown">
              <span class="row-symbol skeleton" />
              <span class="row-spark" />
              <span class="row-last" />
              <span class="row-change" />
            </div>
          ))}
        </div>
      </aside>
      <main class="main">
        <header class="header">
          <h1 class="unseen">Tickwell</h1>
          <div class="quote">
            <span class="quote-symbol skeleton" />
            <span class="quote-last skeleton" />
          </div>
          <div class="toolbar" />
        </header>
        <div class="chart">
          <div class="cover">
            <Ghost />
          </div>
          <div class="banner-place" role="status">
            {obstacle !== undefined && (
              <div class="banner">
                <i class="dot" aria-hidden="true" />
                <div class="banner-text">
                  <b>{obstacle.title}</b>
                  <p>{obstacle.text}</p>
                  {progress !== undefined && <progress value={progress} aria-label="Prepared" />}
                </div>
                {progress === undefined && (
                  <button type="button" class="button" onClick={retry}>
                    Retry now
                  </button>
                )}
              </div>
            )}
          </div>
        </div>
      </main>
      <footer class="status" data-state="connecting">
        <span class="status-state">
          <i class="dot" aria-hidden="true" />
          <b>Connecting</b>
        </span>
      </footer>
    </div>
  );
}
