#!/bin/sh
# Puts the new container in place of the old one: the half of deploy.sh that runs on the host. It
# needs nobody once it has begun: a connection that is lost, or a Ctrl-C on the other side, leaves
# neither two stopped containers nor a lock behind.
#
# Its variables (name, image, timeout and so on) are set by deploy.sh in front of it, and its
# arguments are those of `docker create`.
# shellcheck disable=SC2154
set -eu
previous=$name-previous
lock=/tmp/tickwell-deploy.$name.lock

say() { printf '%s\n' "$*" 2>/dev/null || :; }
progress() { [ "$is_terminal" = false ] || printf '\r  %s\033[K' "$*" 2>/dev/null || :; }
clear_progress() { [ "$is_terminal" = false ] || printf '\r\033[K' 2>/dev/null || :; }
# Nothing if there is no such container; fails if that cannot be told.
id_of() {
  all=$(docker ps --all --no-trunc --format '{{.Names}} {{.ID}}') || return 1
  printf '%s\n' "$all" | while read -r its_name its_id; do
    [ "$its_name" != "$1" ] || printf '%s\n' "$its_id"
  done
}
# STATUS HEALTH RESTARTS
state_of() {
  health='{{if .State.Health}}{{.State.Health.Status}}{{else}}none{{end}}'
  docker container inspect --format "{{.State.Status}} $health {{.RestartCount}}" "$1"
}

# ID RESTARTS-SO-FAR SECONDS
wait_until_healthy() {
  begun=$(date +%s)
  while :; do
    state=$(state_of "$1") || return 1
    restarts=${state##* }
    state=${state% *}
    waited=$(($(date +%s) - begun))
    [ "$restarts" -le "$2" ] || { reason='ends as soon as it is started'; break; }
    case $state in
      'running healthy') clear_progress; return 0 ;;
      # Without a health check, staying up is what can be seen.
      'running none') [ "$waited" -lt 5 ] || { clear_progress; return 0; } ;;
      *unhealthy) reason='is unhealthy'; break ;;
      running*) ;;
      *) reason="is ${state% *}"; break ;;
    esac
    [ "$waited" -lt "$3" ] || { reason="is not healthy after $3 s"; break; }
    progress "waiting for healthy ... $waited s"
    sleep 1
  done
  clear_progress
  return 1
}

# However impatient --timeout is: this one has been healthy before.
start_again() {
  docker start "$old" >/dev/null && wait_until_healthy "$old" "$old_restarts" 120
}

roll_back() {
  say "Failed    the new container ${reason:-could not be started}"
  if [ -n "$new" ]; then
    docker logs --tail 20 "$new" 2>&1 | sed 's/^/  | /' 2>/dev/null || :
    docker rm --force "$new" >/dev/null 2>&1 || :
  fi
  if [ -z "$old" ]; then
    say 'Rollback  nothing ran before, and nothing runs now'
    return 0
  fi
  # By id: that it starts matters more than what it is called.
  docker rename "$old" "$name" 2>/dev/null || :
  if [ "$was_running" = false ]; then
    say "Rollback  $old_image is back, stopped as it was"
  elif start_again; then
    say "Rollback  $old_image runs again and is healthy"
  else
    say "Rollback  $old_image does NOT become healthy again: it ${reason:-could not be started}"
    return 1
  fi
}

# An earlier exchange was cut off by the machine itself.
recover() {
  left=$(id_of "$previous")
  [ -n "$left" ] || return 0
  current=$(id_of "$name")
  if [ -n "$current" ] && state_of "$current" | grep -q '^running healthy'; then
    docker rm --force "$left" >/dev/null
    say "Recover   $previous, which an interrupted deployment left, is removed"
  else
    [ -z "$current" ] || docker rm --force "$current" >/dev/null
    docker rename "$left" "$name"
    docker start "$left" >/dev/null
    say "Recover   $previous, which an interrupted deployment left, is $name again"
  fi
}

finish() {
  code=$?
  trap '' INT TERM
  set +e
  case $phase in
    before)
      code=1
      [ -z "$config_path" ] || rm -f "$config_path"
      ;;
    during)
      code=4
      roll_back || code=5
      [ -z "$config_path" ] || rm -f "$config_path"
      ;;
    after) code=0 ;;
  esac
  rm -rf "$lock"
  exit "$code"
}

exchange() {
  trap '' HUP PIPE
  if ! mkdir "$lock" 2>/dev/null; then
    printf 'deploy: another deployment of %s is under way, by %s.\n' "$name" \
      "$(cat "$lock/owner" 2>/dev/null || echo somebody)" >&2
    [ -z "$config_path" ] || rm -f "$config_path"
    exit 6
  fi
  phase=before old='' new='' reason='' was_running=false
  trap finish EXIT
  trap 'exit 1' INT TERM
  printf '%s\n' "$owner" >"$lock/owner"
  recover
  old=$(id_of "$name")
  if [ -n "$old" ]; then
    was_running=$(docker container inspect --format '{{.State.Running}}' "$old")
    old_image=$(docker container inspect --format '{{.Config.Image}}' "$old")
    old_restarts=$(docker container inspect --format '{{.RestartCount}}' "$old")
    say "Replace   $old_image by $image"
  else
    say "Start     $image, the first of this name"
  fi

  phase=during
  [ -z "$old" ] || docker rename "$old" "$previous"
  # Created while the old one still serves: between the two there is only a stop and a start.
  new=$(docker create "$@")
  [ -z "$old" ] || docker stop "$old" >/dev/null
  docker start "$new" >/dev/null
  wait_until_healthy "$new" 0 "$timeout"
  phase=after

  say "Healthy   $waited s after its start"
  [ -z "$old" ] || docker rm "$old" >/dev/null || :
  tidy || :
}

# Files and images of deployments that are too old to go back to.
tidy() {
  for file in "$HOME/tickwell-markets/$name"-????????-??????.yaml; do
    [ "$file" = "$config_path" ] || rm -f "$file"
  done
  [ -n "$repository" ] || return 0
  # By the time in its name: a build that changed nothing is the same image by one more name.
  docker images --filter "reference=$repository" --format '{{.Repository}}:{{.Tag}}' |
    sed -n 's/.*-\([0-9]\{8\}-[0-9]\{6\}\)$/\1 &/p' | sort -r | tail -n "+$((images_kept + 1))" |
    while read -r _ unused; do docker rmi "$unused" >/dev/null 2>&1 || :; done
}

exchange "$@" </dev/null
