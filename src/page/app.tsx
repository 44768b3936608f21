import { ChartView } from './chart/view.tsx';
import { Continuity } from './dialogs/continuity.tsx';
import { Help } from './dialogs/help.tsx';
import { DataTable } from './dialogs/table.tsx';
import { StatusBar } from './footer/status.tsx';
import { ToastBox } from './footer/toast.tsx';
import { QuoteLine } from './header/quote.tsx';
import { Toolbar } from './header/toolbar.tsx';
import { Panel } from './list/panel.tsx';
import type { Model } from './model.ts';
import type { UrlState } from './url.ts';

/** The page: the list on the left, the chart on the right, the state of things below. */
export function App({ model, url }: { model: Model; url: UrlState }) {
  return (
    <div class={`app${model.isFrozen ? ' is-frozen' : ''}`}>
      <Panel model={model} />
      <main class="main" inert={model.isListOpen.value}>
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
      <OpenDialog model={model} />
    </div>
  );
}

function OpenDialog({ model }: { model: Model }) {
  const name = model.dialog.value;
  // A dialog tells late that it was closed: by then another one may be open.
  const close = () => {
    if (model.dialog.peek() === name) model.dialog.value = undefined;
  };
  switch (name) {
    case 'help':
      return <Help model={model} close={close} />;
    case 'table':
      return <DataTable model={model} close={close} />;
    case 'continuity':
      return <Continuity model={model} close={close} />;
    case undefined:
      return null;
  }
}
