import type { Model } from './model.ts';
import { writeUrl } from './url.ts';

export async function copyLink(model: Model): Promise<void> {
  const url = new URL(writeUrl(model.urlState()), location.href);
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
