/** Bare node:http in a process of its own: answers everything with the bytes its parent sends it. */
import { createServer } from 'node:http';

process.once('message', (base64) => {
  const body = Buffer.from(base64, 'base64');
  const server = createServer((_, answer) => {
    answer.writeHead(200, { 'content-length': body.length }).end(body);
  });
  server.listen(0, '127.0.0.1', () => process.send(`http://127.0.0.1:${server.address().port}`));
});
process.on('disconnect', () => process.exit(0));
