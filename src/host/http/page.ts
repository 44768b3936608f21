import { existsSync } from 'node:fs';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import type { Service } from '../service.ts';
import { ASK_AGAIN, IMMUTABLE } from './caching.ts';
import { keepFiles } from './files.ts';

/** The page needs nothing but itself; a script that got into it could not speak to anyone. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The page in `folder`, if it has been built. */
export async function addPage(
  app: FastifyInstance,
  service: Service,
  folder: string,
): Promise<void> {
  if (!existsSync(folder)) return;
  await app.register(async (page) => {
    page.addHook('onSend', async ({ routeOptions: { url = '' } }, reply) => {
      if (reply.statusCode >= 400) return;
      void reply.header('content-security-policy', PAGE_POLICY);
      // Built files carry their hash in their name.
      const isHashed = /-[\w-]{8}\.(js|css)$/.test(url);
      void reply.header('cache-control', isHashed ? IMMUTABLE : ASK_AGAIN);
    });
    keepFiles(page, service, 'page');
    await page.register(fastifyStatic, {
      root: folder,
      wildcard: false,
      acceptRanges: false,
      cacheControl: false,
    });
  });
}
