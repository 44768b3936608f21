import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const DEPLOY = fileURLToPath(new URL('../../deploy/deploy.sh', import.meta.url));

/**
 * As much of Docker as the script uses: a container is a folder that holds name, image, status,
 * health, restarts and args. One with BREAK=1 in its environment ends as soon as it is started.
 * Call number FAIL_AT fails, counted over one deployment.
 */
const DOCKER = `#!/bin/sh
cd "$FAKE" || exit 1
printf '%s\\n' "$*" >>calls
[ "$(wc -l <calls)" -ne "\${FAIL_AT:-0}" ] || { echo 'failed on purpose' >&2; exit 1; }
find_one() {
  for id in containers/*; do
    [ "$id" = "containers/$1" ] || [ "$(cat "$id/name" 2>/dev/null)" = "$1" ] || continue
    return 0
  done
  return 1
}
set_all() { printf '%s' "$2" >"$id/status"; printf '%s' "$3" >"$id/health"; printf '%s' "$1" >"$id/restarts"; }
last() { for word; do :; done; printf '%s' "$word"; }
case "$1 $2" in
  version*) case $3 in *Version*) echo '26.1 linux/amd64' ;; *) echo linux/amd64 ;; esac ;;
  'container inspect')
    find_one "$5" || { echo; exit 1; }
    case $4 in
      *title*) echo Tickwell. ;;
      *State.Status*) echo "$(cat "$id/status") $(cat "$id/health") $(cat "$id/restarts")" ;;
      *State.Running*) grep -q running "$id/status" && echo true || echo false ;;
      *Image*) cat "$id/image" ;;
      *RestartCount*) cat "$id/restarts" ;;
    esac ;;
  ps*) for id in containers/*; do [ -d "$id" ] && echo "$(cat "$id/name") $(basename "$id")"; done; : ;;
  'image inspect') case $4 in *Size*) echo 1000000 ;; *) echo sha256:1 ;; esac ;;
  create*)
    find_one "$3" && exit 125
    id=$(mktemp -d containers/id-XXXXXX)
    printf '%s' "$3" >"$id/name"; last "$@" >"$id/image"; printf '%s\\n' "$@" >"$id/args"
    set_all 0 created starting
    basename "$id" ;;
  rename*) find_one "$2" && printf '%s' "$3" >"$id/name" ;;
  stop*) find_one "$(last "$@")" && set_all 0 exited none ;;
  start*)
    for other in containers/*; do [ "$(cat "$other/status")" != running ] || busy=$other; done
    find_one "$2" || exit 1
    [ -z "$busy" ] || [ "$busy" = "$id" ] || { echo 'port is already allocated' >&2; exit 1; }
    if grep -q BREAK=1 "$id/args"; then set_all 1 restarting starting; else set_all 0 running healthy; fi ;;
  rm*) find_one "$(last "$@")" && rm -r "$id" ;;
  run*)
    case "$*" in *TICKWELL_SEED=abc*) echo 'seed must be a whole number; given: abc' >&2; exit 2 ;; esac
    printf '{\\n  "id": "0123456789abcdef",\\n' ;;
  logs*) echo 'its last words' ;;
  images*) cat images 2>/dev/null ;;
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
      return { name: read('name'), status: read('status'), args: read('args') };
    });
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
