import type { NewProtocol } from '../delivery/protocol.ts';
import { tickwell } from '../protocols/tickwell/tickwell.ts';

/** All that a server speaks, unless it is told otherwise. */
export const PROTOCOLS: readonly NewProtocol[] = [tickwell];
