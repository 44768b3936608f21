/** Messages of the stream that say the market's time: `now`, and at what `speed` it goes on. */

export interface PongMessage {
  readonly type: 'pong';
  readonly id: number;
  readonly now: number;
  readonly speed: number;
}

/** Sent when a stream was silent for `heartbeat`: each subscription is complete up to its time. */
export interface HeartbeatMessage {
  readonly type: 'heartbeat';
  readonly now: number;
  readonly speed: number;
  readonly head: number;
  readonly subscriptions: Readonly<Record<string, number>>;
}

/** The market's time goes on from `now` at another `speed`, or has jumped there. */
export interface ClockMessage {
  readonly type: 'clock';
  readonly now: number;
  readonly speed: number;
}
