import { LogoIcon } from './icons.tsx';

/** What stands here before the market is known, and while it cannot be had. */
export function Start({
  isPreparing,
  message,
  retry,
}: {
  isPreparing: boolean;
  message?: string;
  retry?: () => void;
}) {
  return (
    <main class="start">
      <LogoIcon />
      <h1 class="unseen">Tickwell</h1>
      <div class="start-text" role="status">
        {message !== undefined && (
          <p>{isPreparing ? 'The market is being prepared.' : `No answer yet. ${message}`}</p>
        )}
        {message !== undefined && !isPreparing && (
          <button type="button" class="button is-primary" onClick={retry}>
            Try now
          </button>
        )}
      </div>
    </main>
  );
}
