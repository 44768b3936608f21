import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { copyText } from '../copy.ts';
import { inTime } from '../in-time.ts';
import type { Model } from '../model.ts';
import { fetchAnew } from '../server.ts';

interface Spoken {
  readonly name: string;
  readonly title: string;
  readonly bases: readonly { readonly over: 'http' | 'ws'; readonly path: string }[];
}

/** What clients of each protocol connect to: a press copies it. */
export function Bases({ model }: { model: Model }) {
  const spoken = useSignal<readonly Spoken[] | undefined>([]);
  useEffect(() => {
    const show = (protocols?: readonly Spoken[]) => {
      spoken.value = protocols;
    };
    inTime(fetchAnew)(new URL('v1/protocols', document.baseURI).href, {})
      .then(async (answer) => show(JSON.parse(await answer.text()).protocols))
      .catch(() => show());
  }, []);
  const protocols = spoken.value;
  if (protocols === undefined) return <p>The server did not say what else it speaks.</p>;
  return (
    <section class="bases">
      <h3>Connect</h3>
      <dl>
        {protocols.map(({ name, title, bases }) => (
          <div key={name}>
            <dt>{title}</dt>
            <dd class="base-urls">
              {bases.map(({ over, path }) => {
                const url = urlOf(over, path);
                return (
                  <button
                    key={url}
                    type="button"
                    class="base-url"
                    title="Copy"
                    onClick={() => copyText(model, url, 'Address copied.')}
                  >
                    {url}
                  </button>
                );
              })}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

/** From where this page came, by the same kind of line. */
function urlOf(over: 'http' | 'ws', path: string): string {
  const { href } = new URL(`.${path}`, document.baseURI);
  return (over === 'http' ? href : href.replace('http', 'ws')).replace(/\/$/, '');
}
