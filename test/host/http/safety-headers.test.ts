import { expect, it } from 'vitest';
import { SAFETY_HEADERS } from '../../../src/host/http/safety-headers.ts';

it('headers of safety are those of helmet, and let pages of other origins read answers', () => {
  expect(SAFETY_HEADERS).toEqual({
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'cross-origin',
    'origin-agent-cluster': '?1',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-dns-prefetch-control': 'off',
    'x-download-options': 'noopen',
    'x-frame-options': 'SAMEORIGIN',
    'x-permitted-cross-domain-policies': 'none',
    'x-xss-protection': '0',
  });
});
