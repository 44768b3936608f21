import { type TSchema, Type } from 'typebox';
import { ERRORS, type ErrorCode } from '../../wire/errors.ts';

/** The answers that every server gives, as schemas for the OpenAPI text. */

export const StatusAnswer = Type.Object({ status: Type.String() });

export const ErrorAnswer = Type.Object(
  {
    error: Type.Object(
      {
        code: Type.String({ enum: Object.keys(ERRORS) as ErrorCode[] }),
        message: Type.String({ description: 'One sentence: field, rule, what was given.' }),
      },
      { additionalProperties: true },
    ),
  },
  { description: 'An error: its code is for programs, its message for people' },
);

/** The answers of a route that is never cached, as OpenAPI wants them. */
export function answers(ok: TSchema, description: string) {
  const content = { 'application/json': { schema: ok } };
  return { 200: { description, content }, '4xx': ErrorAnswer, '5xx': ErrorAnswer };
}
