import type { Service } from '../host/service.ts';
import type { DeliveryLimits } from './limits.ts';

/** What everything that sends rows works with. */
export interface DeliveryService extends Service {
  readonly limits: DeliveryLimits;
}
