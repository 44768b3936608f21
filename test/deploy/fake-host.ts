import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const DEPLOY = fileURLToPath(new URL('../../deploy/deploy.sh', import.meta.url));

/**
 * As much of Docker as the script uses: a container is a folder that holds name, image, state
 * (STATUS HEALTH RESTARTS) and args. One with BREAK=1 in its environment ends as soon as it is
 * started. Call number FAIL_AT fails, counted over one deployment.
 *
 * It does with the shell's own words what it can: a deployment calls it some twenty times, and on
 * a busy machine it is the processes that take the time.
 */
const DOCKER = `#!/bin/sh
cd "$FAKE" || exit 1
printf '%s\\n' "$*" >>calls
calls=0
while read -r _; do calls=$((calls + 1)); done <calls
[ "$calls" -ne "\${FAIL_AT:-0}" ] || { echo 'failed on purpose' >&2; exit 1; }
for last; do :; done
find_one() {
  for id in containers/*; do
    [ "$id" != "containers/$1" ] || return 0
    [ ! -d "$id" ] || { read -r its_name <"$id/name" && [ "$its_name" != "$1" ]; } || return 0
  done
  return 1
}
set_state() { printf '%s\\n' "$*" >"$id/state"; }
is_broken() {
  while read -r arg; do [ "$arg" != BREAK=1 ] || return 0; done <"$id/args"
  return 1
}
case "$1 $2" in
  version*) case $3 in *Version*) echo '26.1 linux/amd64' ;; *) echo linux/amd64 ;; esac ;;
  'container inspect')
    find_one "$5" || { echo; exit 1; }
    read -r status health restarts <"$id/state"
    case $4 in
      *title*) echo Tickwell. ;;
      *State.Status*) echo "$status $health $restarts" ;;
      *State.Running*) [ "$status" = running ] && echo true || echo false ;;
      *Image*) read -r image <"$id/image" && echo "$image" ;;
      *RestartCount*) echo "$restarts" ;;
    esac ;;
  ps*)
    for id in containers/*; do
      [ ! -d "$id" ] || { read -r its_name <"$id/name"; echo "$its_name \${id#containers/}"; }
    done ;;
  'image inspect') case $4 in *Size*) echo 1000000 ;; *) echo sha256:1 ;; esac ;;
  create*)
    find_one "$3" && exit 125
    read -r made <made
    made=$((made + 1))
    echo "$made" >made
    id=containers/id-$made
    mkdir "$id"
    printf '%s\\n' "$3" >"$id/name"; printf '%s\\n' "$last" >"$id/image"
    printf '%s\\n' "$@" >"$id/args"
    set_state created starting 0
    echo "id-$made" ;;
  rename*) find_one "$2" && printf '%s\\n' "$3" >"$id/name" ;;
  stop*) find_one "$last" && set_state exited none 0 ;;
  start*)
    busy=
    for other in containers/*; do
      read -r status _ <"$other/state"
      [ "$status" != running ] || busy=$other
    done
    find_one "$2" || exit 1
    [ -z "$busy" ] || [ "$busy" = "$id" ] || { echo 'port is already allocated' >&2; exit 1; }
    if is_broken; then set_state restarting starting 1; else set_state running healthy 0; fi ;;
  rm*) find_one "$last" && rm -r "$id" ;;
  run*)
    case "$*" in *TICKWELL_SEED=abc*) echo 'seed must be a whole number; given: abc' >&2; exit 2 ;; esac
    printf '{\\n  "id": "0123456789abcdef",\\n' ;;
  logs*) echo 'its last words' ;;
  images*) [ ! -f images ] || cat images ;;
  rmi*) ;;
  save*) echo image ;;
  load*) cat >/dev/null ;;
  build*) ;;
  *) echo "no such command: $*" >&2; exit 1 ;;
esac
`;

const SSH = `#!/bin/sh
while :; do
  case $1 in -o | -O) shift 2 ;; -G) echo hostname feed.example.com; exit ;; *) break ;; esac
done
host=$1
shift
[ "$host" != unreachable ] || exit 255
[ $# -gt 0 ] || exit 0
exec sh -c "$*"
`;

/** What is built does not depend on what is checked out. */
const GIT = `#!/bin/sh
echo 0123abc
`;

export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Container {
  readonly name: string;
  readonly status: string;
  readonly args: string;
}

/** A host with Docker and ssh that is a folder. */
export class FakeHost {
  readonly #folder = mkdtempSync(join(tmpdir(), 'tickwell-fake-host-'));
  /** Its own, as the mark of a deployment under way lies in /tmp. */
  readonly name = this.#folder.slice(this.#folder.lastIndexOf('/') + 1);
  readonly lock = `/tmp/tickwell-deploy.${this.name}.lock`;

  constructor() {
    mkdirSync(join(this.#folder, 'containers'));
    mkdirSync(join(this.#folder, 'bin'));
    writeFileSync(join(this.#folder, 'bin/docker'), DOCKER, { mode: 0o755 });
    writeFileSync(join(this.#folder, 'bin/ssh'), SSH, { mode: 0o755 });
    writeFileSync(join(this.#folder, 'bin/git'), GIT, { mode: 0o755 });
    writeFileSync(join(this.#folder, 'made'), '0\n');
  }

  /** Runs the script with these arguments; docker's call number `failAt` fails. */
  run(args: readonly string[], failAt = 0): Promise<Outcome> {
    writeFileSync(join(this.#folder, 'calls'), '');
    const env = {
      PATH: `${this.#folder}/bin:${process.env.PATH}`,
      HOME: this.#folder,
      FAKE: this.#folder,
      FAIL_AT: String(failAt),
    };
    return new Promise((resolve) => {
      execFile('bash', [DEPLOY, ...args], { env }, (error, stdout, stderr) => {
        resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
      });
    });
  }

  deploy(options: readonly string[] = [], failAt = 0): Promise<Outcome> {
    return this.run(['--name', this.name, ...options, 'feed'], failAt);
  }

  /** What docker was asked in the last run. */
  calls(): readonly string[] {
    return readFileSync(join(this.#folder, 'calls'), 'utf8').trimEnd().split('\n');
  }

  containers(): readonly Container[] {
    const folder = join(this.#folder, 'containers');
    return readdirSync(folder).map((id) => {
      const read = (field: string) => readFileSync(join(folder, id, field), 'utf8');
      const [status = ''] = read('state').split(' ');
      return { name: read('name').trimEnd(), status, args: read('args') };
    });
  }

  /** What an earlier deployment left: a container that runs and is healthy. */
  writeContainer(): void {
    const folder = join(this.#folder, 'containers/id-0');
    mkdirSync(folder);
    const fields = { name: this.name, image: 'tickwell:0', state: 'running healthy 0', args: '' };
    for (const [field, text] of Object.entries(fields)) {
      writeFileSync(join(folder, field), `${text}\n`);
    }
  }

  /** What `docker images` shows. */
  writeImages(names: readonly string[]): void {
    writeFileSync(join(this.#folder, 'images'), `${names.join('\n')}\n`);
  }

  /** A market file, and what of such files is on the host. */
  writeMarket(text: string): string {
    const file = join(this.#folder, 'market.yaml');
    writeFileSync(file, text);
    return file;
  }

  carriedMarkets(): readonly string[] {
    const folder = join(this.#folder, 'tickwell-markets');
    return readdirSync(folder).map((name) => readFileSync(join(folder, name), 'utf8'));
  }

  close(): void {
    rmSync(this.#folder, { recursive: true, force: true });
    rmSync(this.lock, { recursive: true, force: true });
  }
}
