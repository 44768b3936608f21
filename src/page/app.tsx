import { useEffect } from 'preact/hooks';
import { ChartView } from './chart/view.tsx';
import { StatusBar } from './footer/status.tsx';
import { ToastBox } from './footer/toast.tsx';
import { QuoteLine } from './header/quote.tsx';
import { Toolbar } from './header/toolbar.tsx';
import { Panel } from './list/panel.tsx';
import { loadLater } from './load-later.ts';
import type { Model } from './model.ts';
import type { UrlState } from './url.ts';

/** The page: the list on the left, the chart on the right, the state of things below. */
export function App({ model, url }: { model: Model; url: UrlState }) {
  return (
    <div class={`app${model.isFrozen ? ' is-frozen' : ''}`}>
      <Panel model={model} />
      <main class="main" inert={model.isListOpen.value || model.isCovered.value}>
        <header class="header">
          <h1 class="unseen">Tickwell</h1>
          <QuoteLine model={model} />
          <Toolbar model={model} />
        </header>
        <ChartView model={model} url={url} />
      </main>
      <StatusBar model={model} />
      {/* What lies over the page has its own. */}
      {model.dialog.value === undefined && <ToastBox model={model} />}
      <Dialogs model={model} />
    </div>
  );
}

function Dialogs({ model }: { model: Model }) {
  const name = model.dialog.value;
  const { OpenDialog: Open, Market } = model.later.value ?? {};
  const isWanted = name !== undefined || model.popover.value !== undefined;
  useEffect(() => {
    if (isWanted) void loadLater(model);
  }, [isWanted]);
  return (
    <>
      {Market && <Market model={model} />}
      {name && Open && <Open model={model} name={name} />}
    </>
  );
}
