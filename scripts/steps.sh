# Functions for scripts/setup: steps that show progress and are skipped when nothing changed.
LOG=var/log/setup.log
STAMPS=var/stamps
HEARTBEAT_S=30

fail() { # what, what to do
  printf '\nkeepclear: %s\n  %s\n' "$1" "$2" >&2
  exit 1
}

# step LABEL ADVICE COMMAND...: run it with its output in the log; one line with the elapsed seconds.
step() {
  local label=$1 advice=$2 began=$SECONDS status=0
  shift 2
  printf '== %s: %s\n' "$label" "$*" >>"$LOG"
  "$@" >>"$LOG" 2>&1 </dev/null &
  running=$!
  show_progress "$label" "$running" "$began"
  wait "$running" || status=$?
  running=
  if [ "$status" -ne 0 ]; then
    printf '\n' >&2
    tail -n 25 "$LOG" >&2
    fail "$label failed (the end of $LOG stands above)." "$advice"
  fi
  printf '%s  %-34s %4d s\n' "$(line_start)" "$label" $((SECONDS - began))
}

# On a terminal one line counts the seconds; elsewhere (CI) a line now and then shows that it lives.
show_progress() {
  local elapsed=0
  [ -t 1 ] || printf '  %-34s ...\n' "$1"
  while kill -0 "$2" 2>/dev/null; do
    elapsed=$((SECONDS - $3))
    if [ -t 1 ]; then
      printf '\r  %-34s %4d s' "$1" "$elapsed"
    elif [ "$elapsed" -gt 0 ] && [ $((elapsed % HEARTBEAT_S)) -eq 0 ]; then
      printf '  %-34s %4d s so far\n' "$1" "$elapsed"
    fi
    sleep 1
  done
}

line_start() { if [ -t 1 ]; then printf '\r'; fi; }

hash_of() { # the same text in, the same word out
  if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi | cut -d ' ' -f 1
}

hash_files() { cat "$@" | hash_of; }

fresh() { [ "$(cat "$STAMPS/$1" 2>/dev/null)" = "$2" ]; } # NAME HASH: done before with these inputs?

stamp() { printf '%s\n' "$2" >"$STAMPS/$1"; } # NAME HASH: done

as_root() { if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi; }
