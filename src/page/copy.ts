import { linkOf } from './link.ts';
import type { Model } from './model.ts';

export async function copyLink(model: Model): Promise<void> {
  const url = new URL(linkOf(model), location.href);
  await copyText(model, url.href, 'Link copied.');
}

export async function copyText(model: Model, text: string, done: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    model.note(done, 'good');
  } catch {
    model.note('The browser did not allow copying.');
  }
}
