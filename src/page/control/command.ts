/** Something that the control API is asked to do. */
export interface Action {
  readonly path: '/events' | '/scenarios' | '/clock';
  readonly body: Readonly<Record<string, unknown>>;
}

/** The request that does it; a token is not shown, but where it goes. */
export function curlText({ path, body }: Action, server: URL, hasToken = false): string {
  const url = new URL(`v1/control${path}`, server);
  const data = inSingleQuotes(JSON.stringify(body));
  const token = hasToken ? '  -H "Authorization: Bearer $TOKEN" \\\n' : '';
  return `curl -H 'content-type: application/json' \\\n${token}  ${url.href} \\\n  -d ${data}`;
}

/** What `tickwell control` asks unless it is told another. */
const DEFAULT_SERVER = 'http://localhost:8080/';

/** The command that does it. */
export function commandText(action: Action, server: URL, hasToken = false): string {
  const { path, body } = action;
  const { scenario, kind, ...fields } = body;
  const url = server.href === DEFAULT_SERVER ? {} : { url: server.href };
  const where = { ...url, ...(hasToken ? { tokenFile: 'token.txt' } : {}) };
  if (path === '/clock') return `tickwell control ${clockText(body)}${optionsText(where)}`;
  const options = optionsText({ ...fields, ...where });
  if (path === '/events') return `tickwell control ${kind}${options}`;
  // A user's own is in a file, whose name nobody else knows.
  const name = typeof scenario === 'string' ? scenario : 'scenario.json';
  return `tickwell control scenario ${name}${options}`;
}

function clockText({ paused, speed, step }: Action['body']): string {
  if (speed !== undefined) return `speed ${speed}`;
  if (step !== undefined) return `step ${step}`;
  return paused === true ? 'pause' : 'resume';
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
export const inSingleQuotes = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;
