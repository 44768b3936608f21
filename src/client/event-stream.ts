/** One server-sent event: its name, empty if it has none, and its data. */
export interface ServerEvent {
  readonly name: string;
  readonly data: string;
}

/**
 * The events in the bytes of an answer, as they come. Comments, ids and times to come back are left
 * out, and so is an event that was cut off.
 *
 * Source: HTML Living Standard, "Interpreting an event stream".
 */
export async function* eventsIn(
  body: ReadableStream<Uint8Array>,
): AsyncGenerator<ServerEvent, void, void> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let name = '';
  let data: string[] = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    // A return at the end may be one half of a line's end.
    const lines = (text + decoder.decode(value, { stream: true })).split(/\r\n|\n|\r(?!$)/);
    text = lines.pop()!;
    for (const line of lines) {
      const [, field, rest = ''] = /^([^:]*):? ?(.*)$/.exec(line)!;
      if (field === 'event') name = rest;
      else if (field === 'data') data.push(rest);
      if (line !== '') continue;
      if (data.length > 0) yield { name, data: data.join('\n') };
      [name, data] = ['', []];
    }
  }
}
