import type { FastifyRequest } from 'fastify';
import type { PriceChange } from './harm-form.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** How the JSON of its answers says what is not so. Default: it does not. */
    harm?: AnswerHarm;
  }
}

/** What is done to the newest values of an answer. */
export interface AnswerChanges {
  /** Added to its newest times; 0 as a rule. */
  readonly skewMs: number;
  /** What is done to the prices of an instrument. */
  of(column: number): PriceChange | undefined;
}

/**
 * Changes the newest prices and times of an answer's JSON. It is told of answers with a status of
 * 200 alone.
 */
export type AnswerHarm = (json: never, changes: AnswerChanges, request: FastifyRequest) => void;
