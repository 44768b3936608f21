/**
 * What the page can begin without, in a file of its own that comes right after the start.
 *
 * Not only when it is needed: what dialogs tell is asked for most when the server is gone.
 */

import { signal } from '@preact/signals';
import { startAudits } from './audit.ts';
import { attachBack } from './back.ts';
import { Overlay } from './chart/overlay.tsx';
import { Reader } from './chart/spoken.ts';
import { attachMouse } from './chart/wheel.ts';
import { findControl } from './control/control.ts';
import { Market } from './control/market.tsx';
import { exposeDebug } from './debug.ts';
import { followDetails } from './details.ts';
import { OpenDialog } from './dialogs/open.tsx';
import { Banner } from './footer/banner.tsx';
import { Pace } from './footer/pace.tsx';
import { ProblemsCard } from './footer/problems.tsx';
import { GoToPanel } from './header/goto-panel.tsx';
import { MorePanel } from './header/more-panel.tsx';
import { OtherPanel } from './header/other-panel.tsx';
import { ZonePanel } from './header/zone-panel.tsx';
import { attachKeys } from './keys.ts';
import { followBars } from './live-bar.ts';
import type { Model } from './model.ts';
import { toggleZone } from './toggle-zone.ts';

/** What is seen or used by what is seen. */
export const later = {
  Banner,
  GoToPanel,
  Market,
  MorePanel,
  OpenDialog,
  OtherPanel,
  Overlay,
  Pace,
  ProblemsCard,
  Reader,
  ZonePanel,
  attachMouse,
  toggleZone,
};

/** What works without being shown. */
export function attach(model: Model): void {
  attachKeys(model);
  attachBack(model);
  const isVisible = signal(true);
  const look = () => (isVisible.value = document.visibilityState === 'visible');
  document.addEventListener('visibilitychange', look);
  look();
  void findControl(model);
  followDetails(model, isVisible);
  followBars(model, isVisible);
  exposeDebug(model);
  startAudits(model);
}
