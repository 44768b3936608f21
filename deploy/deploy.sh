#!/usr/bin/env bash
# Puts Tickwell on a host that has Docker and ssh, and nothing else: see --help.
#
# What is in single quotes is for the host's shell to expand.
# shellcheck disable=SC2016,SC2029
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly root
# The program's port inside the container; PORT is the host's.
readonly INNER_PORT=8080
# How many images of earlier deployments stay on the host, to go back to.
readonly IMAGES_KEPT=5

readonly DONE=0 FAILED=1 WRONG_USE=2 NO_HOST=3

usage() {
  cat <<'TEXT'
Usage: deploy/deploy.sh [options] HOST [PORT]

Builds the image here, carries it to HOST over ssh (no registry needed), and puts
it in place of the container that runs there. If the new container does not
become healthy, the old one is started again.

HOST  where ssh goes: a name, user@name, or an entry of your ssh_config
PORT  the host's port, 1 to 65535 (default 8080)

Options:
  --config FILE       market file, YAML or JSON; carried to the host, mounted read-only
  --env KEY=VALUE     environment of the program, such as TICKWELL_SEED=7; repeatable
  --log               what is done to the market, and its time, outlive the container: in
                      the volume NAME-data
  --drain SECONDS     how long it serves on when it is told to stop, so that a proxy before
                      several hosts moves its readers first; 0 to 600 (default 0)
  --name NAME         name of the container (default tickwell)
  --bind ADDRESS      the host's address to listen on (default: all); 127.0.0.1 behind
                      a proxy on the same host
  --memory SIZE       what the container may use (default 512m)
  --timeout SECONDS   how long it may take to become healthy, 1 to 3600 (default 90)
  --image IMAGE       deploy this image instead of building one: one that is here, or
                      on the host, or else is pulled by the host
  --registry NAME     send the image through a registry, such as ghcr.io/me: pushed from
                      here, pulled by the host
  --ssh-option OPTION an option of ssh_config, such as Port=2222; repeatable
  --dry-run           say what would be done, and do nothing
  -h, --help          show this

Examples:
  deploy/deploy.sh deploy@feed.example.com
  deploy/deploy.sh --config market.yaml --memory 2g deploy@feed.example.com 80
  deploy/deploy.sh --bind 127.0.0.1 --env TICKWELL_SEED=7 feed.example.com 9000
  deploy/deploy.sh --env TICKWELL_ALLOW_HOSTS=feed.example.com feed.example.com 80
  deploy/deploy.sh --log --env TICKWELL_AT=2026-03-02T14:30:00Z feed.example.com
  deploy/deploy.sh --registry ghcr.io/me --ssh-option Port=2222 feed.example.com
  ssh feed.example.com docker images tickwell       # what there is to go back to,
  deploy/deploy.sh --image tickwell:0.1.0-20260131-120000 feed.example.com   # and going

Exit codes:
  0  the new container runs and is healthy
  1  failed before anything on the host was replaced
  2  wrong arguments
  3  the host cannot be reached, or its Docker not used, or the connection was lost
  4  the new container did not become healthy; what ran before runs again
  5  neither the new container became healthy nor the old one again: look at the host
  6  another deployment of that name is under way on the host
TEXT
}

say() { printf '%s\n' "$*"; }
complain() { printf 'deploy: %s\n' "$*" >&2; }
fail() {
  local code=$1
  shift
  complain "$@"
  exit "$code"
}
# FIELD RULE VALUE
refuse() { fail "$WRONG_USE" "$1 $2; given: ${3:-nothing}"; }

# ---------------------------------------------------------------- arguments

host='' port='' config='' name=tickwell bind='' memory=512m timeout=90 image='' registry='' drain=0
is_dry=false is_logged=false
env=() ssh_options=()
# On the host; empty without --config.
config_path=''

positional() {
  if [[ -z $host ]]; then
    [[ $1 =~ ^[^-[:space:]][^[:space:]]*$ ]] ||
      refuse HOST 'must be a name that ssh knows, without spaces' "$1"
    host=$1
  elif [[ -z $port ]]; then
    port=$1
  else
    refuse arguments 'must be HOST and PORT, no more' "$1"
  fi
}

read_arguments() {
  local option value
  while (($# > 0)); do
    option=$1
    shift
    case $option in
      -h | --help) usage && exit "$DONE" ;;
      --dry-run) is_dry=true && continue ;;
      --log) is_logged=true && continue ;;
      --)
        while (($# > 0)); do positional "$1" && shift; done
        continue
        ;;
      --*=*)
        value=${option#*=}
        option=${option%%=*}
        takes_value "$option" || refuse option 'must be one that --help lists' "$option=$value"
        ;;
      -*)
        takes_value "$option" || refuse option 'must be one that --help lists' "$option"
        (($# > 0)) || refuse "$option" 'must be followed by a value' ''
        value=$1
        shift
        ;;
      *) positional "$option" && continue ;;
    esac
    take "$option" "$value"
  done

  [[ -n $host ]] || refuse HOST 'is required (--help tells more)' ''
  port=${port:-$INNER_PORT}
  is_whole "$port" 65535 || refuse PORT 'must be a whole number from 1 to 65535' "$port"
  [[ -z $image || -z $registry ]] ||
    refuse --registry 'must not be given with --image, which names its own' "$registry"
}

takes_value() {
  case $1 in
    --config | --drain | --env | --name | --bind | --memory | --timeout) ;;
    --image | --registry | --ssh-option) ;;
    *) return 1 ;;
  esac
}

# OPTION VALUE
take() {
  local value=$2
  case $1 in
    --config)
      [[ -f $value && -r $value ]] || refuse --config 'must be a file that can be read' "$value"
      config=$value
      ;;
    --env) add_env "$value" ;;
    --drain)
      [[ $value == 0 ]] || is_whole "$value" 600 ||
        refuse --drain 'must be a whole number from 0 to 600' "$value"
      drain=$value
      ;;
    --name)
      [[ $value =~ ^[a-zA-Z0-9][a-zA-Z0-9_.-]+$ ]] ||
        refuse --name 'must be two or more of a-z A-Z 0-9 _ . -, first a letter or digit' "$value"
      name=$value
      ;;
    --bind)
      [[ $value =~ ^([0-9]+(\.[0-9]+){3}|[0-9A-Fa-f]*:[0-9A-Fa-f:.]*)$ ]] ||
        refuse --bind 'must be an address of the host, IPv4 or IPv6' "$value"
      bind=$value
      ;;
    --memory)
      [[ $value =~ ^[1-9][0-9]*[bkmgBKMG]?$ ]] ||
        refuse --memory 'must be a whole number and b, k, m or g' "$value"
      memory=$value
      ;;
    --timeout)
      is_whole "$value" 3600 || refuse --timeout 'must be a whole number from 1 to 3600' "$value"
      timeout=$value
      ;;
    --image)
      [[ $value =~ ^[a-zA-Z0-9][a-zA-Z0-9_./:@-]*$ ]] ||
        refuse --image 'must be the name of an image' "$value"
      image=$value
      ;;
    --registry)
      [[ $value =~ ^[a-z0-9][a-z0-9_./:-]*$ ]] ||
        refuse --registry 'must be a registry and a path in it, in lower case' "$value"
      registry=${value%/}
      ;;
    --ssh-option)
      [[ $value =~ ^[A-Za-z]+[=\ ].+ ]] ||
        refuse --ssh-option 'must be KEYWORD=VALUE as in ssh_config' "$value"
      ssh_options+=(-o "$value")
      ;;
  esac
}

is_whole() { [[ $1 =~ ^[1-9][0-9]{0,5}$ ]] && (($1 <= $2)); }

add_env() {
  [[ $1 =~ ^[A-Za-z_][A-Za-z0-9_]*= ]] || refuse --env 'must be KEY=VALUE' "$1"
  case ${1%%=*} in
    TICKWELL_PORT) refuse --env 'must not set the port, which is the argument PORT' "$1" ;;
    TICKWELL_HOST) refuse --env 'must not set the address, which is the option --bind' "$1" ;;
    TICKWELL_DRAIN) refuse --env 'must not set the drain, which is the option --drain' "$1" ;;
    TICKWELL_LOG) refuse --env 'must not set the log, which is the option --log' "$1" ;;
    TICKWELL_CONFIG) refuse --env 'must not set the file, which is the option --config' "$1" ;;
  esac
  env+=(--env "$1")
}

# ---------------------------------------------------------------- the host

# Makes of any text one word of any POSIX shell, in `quoted`: the host's need not be bash. It prints
# nothing, as `$(...)` for each word would be a process for each.
quote() {
  local mark="'" safe="'\\''"
  quoted="'${1//$mark/$safe}'"
}

# Through one connection, so that a password or a passphrase is asked for once.
connect() { ssh "${ssh_options[@]}" "$host" "$@"; }

# SCRIPT [NAME=VALUE]...: runs SCRIPT in the host's sh, with these variables. It goes in by standard
# input, so that no value is taken apart by a shell or shown in a list of processes.
on_host() {
  local script=$1 pair quoted
  shift
  {
    for pair in "$@"; do
      quote "${pair#*=}"
      printf '%s=%s\n' "${pair%%=*}" "$quoted"
    done
    # A Docker installed by hand or by snap is often not where ssh looks.
    printf 'PATH=$PATH:/usr/local/bin:/snap/bin\n%s\n' "$script"
  } | connect sh
}

# Prints the words as assignments to the positional parameters of a script.
as_arguments() {
  printf 'set --'
  local word quoted
  for word in "$@"; do
    quote "$word"
    printf ' %s' "$quoted"
  done
  printf '\n'
}

# ---------------------------------------------------------------- progress

ticker=''
start_ticker() {
  [[ -t 1 ]] || return 0
  (
    start=$SECONDS
    while :; do
      printf '\r  %s ... %d s' "$1" $((SECONDS - start))
      sleep 1
    done
  ) &
  ticker=$!
}
stop_ticker() {
  [[ -n $ticker ]] || return 0
  kill "$ticker" 2>/dev/null || :
  wait "$ticker" 2>/dev/null || :
  ticker=''
  printf '\r\033[K'
}

megabytes() { printf '%d MB' $((($1 + 500000) / 1000000)); }

# ---------------------------------------------------------------- steps

look_at_host() {
  local answer code=0
  answer=$(on_host '
    docker version --format "{{.Server.Version}} {{.Server.Os}}/{{.Server.Arch}}" || exit 1
    title="{{index .Config.Labels \"org.opencontainers.image.title\"}}"
    title=$(docker container inspect --format "$title." "$name" 2>/dev/null) || title=none
    echo "$title"
    cat "/tmp/tickwell-deploy.$name.lock/owner" 2>/dev/null || :
    ' "name=$name") || code=$?
  case $code in
    0) ;;
    255) fail "$NO_HOST" "HOST must be one that ssh reaches; given: $host" ;;
    *) fail "$NO_HOST" "HOST must have a Docker that its ssh user may use; given: $host" ;;
  esac
  local engine title owner
  {
    read -r engine platform
    read -r title
    read -r owner || :
  } <<<"$answer"
  say "Host      $host: Docker $engine, $platform"
  [[ $title == none || $title == Tickwell. ]] ||
    refuse --name 'must not be that of a container that is not Tickwell' "$name"
  [[ -z $owner ]] || {
    say_locked "$owner"
    exit 6
  }
}

say_locked() {
  complain "another deployment of $name on $host is under way, by $1."
  complain "If it is not, remove its mark: ssh $host rm -r /tmp/tickwell-deploy.$name.lock"
}

need_docker_here() {
  command -v docker >/dev/null || fail "$FAILED" 'docker is needed here to build and send an image'
}

build_image() {
  need_docker_here
  local revision here start=$SECONDS size
  revision=$(git -C "$root" describe --always --dirty --exclude '*' 2>/dev/null) || revision=unknown
  here=$(docker version --format '{{.Server.Os}}/{{.Server.Arch}}') ||
    fail "$FAILED" 'the Docker here must be one that runs'
  local command=(docker build --build-arg "VERSION=$version" --build-arg "REVISION=$revision")
  [[ $here == "$platform" ]] || command+=(--platform "$platform")
  say "Build     $image from $revision"
  DOCKER_BUILDKIT=1 "${command[@]}" --tag "$image" "$root" ||
    fail "$FAILED" "the image could not be built; on $host nothing was changed"
  size=$(docker image inspect --format '{{.Size}}' "$image")
  say "          built in $((SECONDS - start)) s, $(megabytes "$size")"
}

# An image by name: the one here goes before the host's, which may be older under the same name.
send_existing_image() {
  local mine='' theirs
  if command -v docker >/dev/null; then
    mine=$(docker image inspect --format '{{.Id}}' "$image" 2>/dev/null) || mine=''
  fi
  theirs=$(on_host 'docker image inspect --format "{{.Id}}" "$image" 2>/dev/null || :' \
    "image=$image")
  if [[ -n $mine && $mine != "$theirs" ]]; then
    carry_image
  elif [[ -n $theirs ]]; then
    say "Image     $image is on the host"
  else
    pull_image
  fi
}

carry_image() {
  local start=$SECONDS size
  size=$(docker image inspect --format '{{.Size}}' "$image")
  say "Carry     $image to $host, $(megabytes "$size") before compression"
  local meter=(cat)
  if [[ -t 1 ]] && command -v pv >/dev/null; then
    meter=(pv --size "$size")
  else
    start_ticker carrying
  fi
  # Of the levels of gzip, the fastest keeps up with most networks, and the others with few.
  docker save "$image" | "${meter[@]}" | gzip -1 |
    connect "sh -c 'PATH=\$PATH:/usr/local/bin:/snap/bin exec docker load --quiet'" >/dev/null || {
    stop_ticker
    fail "$FAILED" "the image could not be carried; what runs on $host was not touched"
  }
  stop_ticker
  say "          carried in $((SECONDS - start)) s"
}

push_image() {
  say "Push      $image"
  docker push "$image" ||
    fail "$FAILED" "the image could not be pushed; on $host nothing was changed"
}

pull_image() {
  say "Pull      $image, by $host"
  on_host 'docker pull --quiet "$image" >/dev/null' "image=$image" ||
    fail "$FAILED" "the image could not be pulled; what runs on $host was not touched"
}

# A new file each time: the old container still has its own if it must come back.
carry_config() {
  say "Config    $config to $host"
  config_path=$(on_host '
    umask 022
    folder=$HOME/tickwell-markets
    file=$folder/$name-$stamp.yaml
    mkdir -p "$folder" && printf "%s\n" "$text" >"$file" && printf "%s\n" "$file"
    ' "name=$name" "stamp=$stamp" "text=$(cat "$config")") ||
    fail "$FAILED" "the market file could not be carried; what runs on $host was not touched"
}

# The options of docker for the container and for the check before it.
container_options() {
  local publish=$port:$INNER_PORT
  case $bind in
    '') ;;
    *:*) publish=[$bind]:$publish ;;
    *) publish=$bind:$publish ;;
  esac
  safe_options=(--read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges
    --memory "$memory" --pids-limit 128 ${env[@]+"${env[@]}"})
  if [[ -n $config ]]; then
    # z: where SELinux is on, the container may read the file.
    safe_options+=(--volume "$config_path:/etc/tickwell/market.yaml:ro,z"
      --env TICKWELL_CONFIG=/etc/tickwell/market.yaml)
  fi
  run_options=(--name "$name" --publish "$publish" --restart unless-stopped
    --log-driver local --log-opt max-size=10m --log-opt max-file=3 "${safe_options[@]}")
  # Docker kills what takes longer to stop.
  [[ $drain == 0 ]] ||
    run_options+=(--env "TICKWELL_DRAIN=${drain}s" --stop-timeout $((drain + 10)))
  # Not of the check before it, which must not write there.
  [[ $is_logged == false ]] ||
    run_options+=(--volume "$name-data:/data" --env TICKWELL_LOG=/data/market.log)
}

# What the new image itself says of the market, while the old container still serves.
check_market() {
  local id code=0
  id=$(on_host "$(as_arguments "${safe_options[@]}" "$image" market --format json)"'
    if docker run --rm "$@" >/tmp/tickwell-check.$$ </dev/null; then
      sed -n "s/^  \"id\": \"\(.*\)\",\{0,1\}\$/\1/p" /tmp/tickwell-check.$$
      rm -f /tmp/tickwell-check.$$
    else
      rm -f /tmp/tickwell-check.$$ ${config_path:+"$config_path"}
      exit 1
    fi' "config_path=$config_path") || code=$?
  ((code == 0)) ||
    fail "$FAILED" "the new image refuses this configuration; what runs on $host was not touched"
  say "Check     market $id"
}

# What runs on the host as a whole.
EXCHANGE=$(<"$root/deploy/exchange.sh")
readonly EXCHANGE

replace_container() {
  local code=0 is_terminal=false
  [[ ! -t 1 ]] || is_terminal=true
  is_exchanging=true
  on_host "$(as_arguments "${run_options[@]}" "$image")
$EXCHANGE" "name=$name" "image=$image" "config_path=$config_path" "timeout=$timeout" \
    "repository=$repository" "images_kept=$IMAGES_KEPT" "is_terminal=$is_terminal" \
    "owner=$(id -un) on $(uname -n) since $(date -u +%H:%M:%S) UTC" || code=$?
  is_exchanging=false
  case $code in
    0) ;;
    1) fail "$FAILED" "failed before anything on $host was replaced" ;;
    4 | 6) exit "$code" ;;
    5) fail 5 "on $host, $name does not run as it did: ssh $host docker logs $name" ;;
    *)
      complain "the connection to $host was lost; it goes on by itself, and ends with the new"
      complain "container healthy or the old one back. To see which:"
      fail "$NO_HOST" "ssh $host docker ps --filter name=$name"
      ;;
  esac
}

say_where() {
  local address
  case $bind in
    '' | 0.0.0.0 | ::)
      address=$(ssh "${ssh_options[@]}" -G "$host" 2>/dev/null | sed -n 's/^hostname //p') || :
      address=${address:-${host#*@}}
      ;;
    *) address=$bind ;;
  esac
  [[ $address != *:* ]] || address=[$address]
  say "Done      in $SECONDS s: http://$address:$port"
}

# ---------------------------------------------------------------- the whole

# Words as a person would type them.
typed() {
  local word line='' quoted
  for word in "$@"; do
    quoted=$word
    [[ $word =~ ^[A-Za-z0-9_./:=,~@%+-]+$ ]] || quote "$word"
    line+=" $quoted"
  done
  printf '%s' "${line# }"
}

say_plan() {
  say "This would be done; nothing is."
  if [[ -z $existing_image ]]; then
    say "  here:  $(typed docker build --build-arg "VERSION=$version" --tag "$image" "$root")"
  fi
  if [[ -n $registry ]]; then
    say "  here:  docker push $image"
    say "  there: docker pull $image"
  elif [[ -z $existing_image ]]; then
    say "  here:  docker save $image | gzip -1 | ssh $host docker load"
  else
    say "  here:  carry $image to $host if it is here and not there"
  fi
  [[ -z $config ]] || say "  here:  copy $config to $config_path there"
  say "  there: $(typed docker run --rm "${safe_options[@]}" "$image" market)"
  say "  there: $(typed docker rename "$name" "$name-previous")"
  say "  there: $(typed docker create "${run_options[@]}" "$image")"
  say "  there: docker stop $name-previous && docker start $name"
  say "  there: wait up to $timeout s for healthy; remove $name-previous, or start it again"
}

clean_up() {
  stop_ticker
  [[ -z $temporary ]] || {
    ssh "${ssh_options[@]}" -O exit "$host" 2>/dev/null || :
    rm -rf "$temporary"
  }
}

interrupted() {
  stop_ticker
  if [[ $is_exchanging == true ]]; then
    complain "interrupted here; $host goes on by itself, and ends with the new container healthy"
    complain "or the old one back. To see which: ssh $host docker ps --filter name=$name"
  else
    complain "interrupted; what runs on $host was not touched"
  fi
  exit 130
}

main() {
  read_arguments "$@"
  existing_image=$image
  version=$(sed -n 's/^  "version": "\(.*\)",\{0,1\}$/\1/p' "$root/package.json")
  stamp=$(date -u +%Y%m%d-%H%M%S)
  repository=''
  if [[ -z $existing_image ]]; then
    repository=${registry:+$registry/}tickwell
    image=$repository:$version-$stamp
  fi
  if [[ $is_dry == true ]]; then
    # shellcheck disable=SC2088 # The host's home, not this one's.
    config_path="~/tickwell-markets/$name-$stamp.yaml"
    container_options
    say_plan
    exit "$DONE"
  fi

  temporary='' is_exchanging=false
  trap clean_up EXIT
  trap interrupted INT TERM
  # In /tmp whatever TMPDIR says: the path of a socket may have about 100 characters.
  temporary=$(mktemp -d /tmp/tickwell-deploy.XXXXXX)
  ssh_options+=(-o ControlMaster=auto -o "ControlPath=$temporary/ssh" -o ControlPersist=60
    -o ConnectTimeout=10 -o ServerAliveInterval=15)

  look_at_host
  if [[ -n $existing_image ]]; then
    send_existing_image
  else
    build_image
    if [[ -n $registry ]]; then push_image && pull_image; else carry_image; fi
  fi
  [[ -z $config ]] || carry_config
  container_options
  check_market
  replace_container
  say_where
}

main "$@"
