import type { Model } from '../model.ts';
import type { DialogName } from '../shown.ts';
import { Continuity } from './continuity.tsx';
import { Help } from './help.tsx';
import { Realism } from './realism.tsx';
import { DataTable } from './table.tsx';

/** The dialog of this name. */
export function OpenDialog({ model, name }: { model: Model; name: DialogName }) {
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
    case 'realism':
      return <Realism model={model} close={close} />;
  }
}
