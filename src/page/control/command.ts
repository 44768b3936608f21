/** Something that the control API is asked to do. */
export interface Action {
  readonly path: '/events' | '/scenarios' | '/clock';
  readonly body: Readonly<Record<string, unknown>>;
}

/** The request that does it. */
export function curlText({ path, body }: Action, server: URL): string {
  const url = new URL(`v1/control${path}`, server);
  const data = inSingleQuotes(JSON.stringify(body));
  return `curl -H 'content-type: application/json' \\\n  ${url.href} \\\n  -d ${data}`;
}

/** What `tickwell control` asks unless it is told another. */
const DEFAULT_SERVER = 'http://localhost:8080/';

/** The command that does it. */
export function commandText(action: Action, server: URL): string {
  const { path, body } = action;
  // There is none for it.
  if (path === '/clock') return curlText(action, server);
  const { scenario, kind, ...fields } = body;
  const options = optionsText(
    server.href === DEFAULT_SERVER ? fields : { ...fields, url: server.href },
  );
  if (path === '/events') return `tickwell control ${kind}${options}`;
  // A user's own is in a file, whose name nobody else knows.
  const name = typeof scenario === 'string' ? scenario : 'scenario.json';
  return `tickwell control scenario ${name}${options}`;
}

function optionsText(fields: Readonly<Record<string, unknown>>): string {
  const options = Object.entries(fields).map(([name, value]) => {
    const option = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
    const text = String(value);
    const isPlain = /^[\w.:%/+-]+$/.test(text);
    return ` --${option} ${isPlain ? text : inSingleQuotes(text)}`;
  });
  return options.join('');
}

/** As a shell takes a word that has other letters. */
const inSingleQuotes = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
