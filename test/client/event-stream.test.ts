import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eventsIn, type ServerEvent } from '../../src/client/event-stream.ts';

/** The events in `text`, whose bytes come in pieces that end at `cuts`. */
async function read(text: string, cuts: readonly number[] = []): Promise<ServerEvent[]> {
  const bytes = new TextEncoder().encode(text);
  const edges = [0, ...cuts.filter((cut) => cut < bytes.length).sort((a, b) => a - b)];
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      edges.forEach((from, n) => void controller.enqueue(bytes.slice(from, edges[n + 1])));
      controller.close();
    },
  });
  const events: ServerEvent[] = [];
  for await (const event of eventsIn(body)) events.push(event);
  return events;
}

const unnamed = (data: string) => ({ name: '', data });

test.each<[string, string, ServerEvent[]]>([
  ['an event', 'data: {}\n\n', [unnamed('{}')]],
  ['with a name', 'event: bye\ndata: 1\n\n', [{ name: 'bye', data: '1' }]],
  ['without a space', 'event:bye\ndata:1\n\n', [{ name: 'bye', data: '1' }]],
  ['with one space of two', 'data:  1\n\n', [unnamed(' 1')]],
  ['of several lines', 'data: 1\ndata: 2\n\n', [unnamed('1\n2')]],
  ['with an id and a time to come back', 'retry: 5\nid: a.1\ndata: 1\n\n', [unnamed('1')]],
  ['after a comment', ': hello\n\ndata: 1\n\n', [unnamed('1')]],
  ['with a colon in its data', 'data: {"a":1}\n\n', [unnamed('{"a":1}')]],
  ['with a field that nobody knows', 'what: 1\ndata: 1\n\n', [unnamed('1')]],
  [
    'a name does not last',
    'event: a\ndata: 1\n\ndata: 2\n\n',
    [{ name: 'a', data: '1' }, unnamed('2')],
  ],
  ['a name without data is nothing', 'event: a\n\ndata: 2\n\n', [unnamed('2')]],
  ['what was cut off is nothing', 'data: 1\n\ndata: 2\n', [unnamed('1')]],
  ['empty data', 'data\n\n', [unnamed('')]],
  ['nothing', '', []],
])('%s', async (_, text, events) => {
  expect(await read(text)).toEqual(events);
});

test('however lines end and bytes are cut, the events are the same', async () => {
  const word = fc.string({ unit: fc.constantFrom('a', ':', ' ', 'é', '𝄞', '{', '0') });
  const event = fc.record({ name: fc.constantFrom('', 'bye', 'skipped'), data: word });
  const cases = fc.tuple(
    fc.array(event, { maxLength: 5 }),
    fc.constantFrom('\n', '\r\n', '\r'),
    fc.array(fc.nat(200)),
  );
  await fc.assert(
    fc.asyncProperty(cases, async ([events, end, cuts]) => {
      const lines = events.flatMap(({ name, data }) => [
        ...(name === '' ? [] : [`event: ${name}`]),
        `data: ${data}`,
        '',
      ]);
      // A lone return may be half a line's end until more has come.
      const text = lines.map((line) => line + end).join('') + (end === '\r' ? ':' : '');
      expect(await read(text, cuts)).toEqual(events);
    }),
  );
});
