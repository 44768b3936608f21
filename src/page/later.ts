/**
 * What the page can begin without, in a file of its own that comes right after the start.
 *
 * Not only when it is needed: what dialogs tell is asked for most when the server is gone.
 */

import { startAudits } from './audit.ts';
import { attachBack } from './back.ts';
import { exposeDebug } from './debug.ts';
import { followDetails } from './details.ts';
import { attachKeys } from './keys.ts';
import type { Model } from './model.ts';

export { Overlay } from './chart/overlay.tsx';
export { Reader } from './chart/spoken.ts';
export { attachMouse } from './chart/wheel.ts';
export { OpenDialog } from './dialogs/open.tsx';
export { Banner } from './footer/banner.tsx';
export { ProblemsCard } from './footer/problems.tsx';
export { GoToPanel } from './header/goto-panel.tsx';
export { MorePanel } from './header/more-panel.tsx';
export { OtherPanel } from './header/other-panel.tsx';

/** What works without being shown. */
export function attach(model: Model): void {
  attachKeys(model);
  attachBack(model);
  followDetails(model);
  exposeDebug(model);
  startAudits(model);
}
