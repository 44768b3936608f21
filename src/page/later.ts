/**
 * What the page can begin without, in a file of its own that comes right after the start.
 *
 * Not only when it is needed: what dialogs tell is asked for most when the server is gone.
 */
export { auditChart } from './audit.ts';
export { exposeDebug } from './debug.ts';
export { Details } from './details.ts';
export { OpenDialog } from './dialogs/open.tsx';
export { GoToPanel } from './header/goto-panel.tsx';
export { MorePanel } from './header/more-panel.tsx';
export { OtherPanel } from './header/other-panel.tsx';
