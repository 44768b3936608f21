const LINE_END = '\r\n';

/** Takes an answer of HTTP apart into the bodies of its chunks, in whatever pieces it comes. */
export class ChunkReader {
  #rest: Buffer = Buffer.alloc(0);

  /**
   * The bodies that `bytes` complete; the last, of an answer that ends, is empty. Throws on what is
   * no chunk. Source: RFC 9112, section 7.1.
   */
  *push(bytes: Uint8Array): Generator<Buffer, void, void> {
    this.#rest = Buffer.concat([this.#rest, bytes]);
    for (;;) {
      const start = this.#rest.indexOf(LINE_END) + LINE_END.length;
      if (start < LINE_END.length) return;
      const head = this.#rest.toString('latin1', 0, start - LINE_END.length);
      if (!/^[0-9a-f]+$/.test(head))
        throw new Error(`a chunk begins with its size; given: ${head}`);
      const end = start + Number.parseInt(head, 16);
      if (this.#rest.length < end + LINE_END.length) return;
      const tail = this.#rest.toString('latin1', end, end + LINE_END.length);
      if (tail !== LINE_END) throw new Error(`a chunk ends with a line; given: ${tail}`);
      const body = this.#rest.subarray(start, end);
      this.#rest = this.#rest.subarray(end + LINE_END.length);
      yield body;
    }
  }
}
