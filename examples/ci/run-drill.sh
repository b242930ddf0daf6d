#!/bin/sh
# Runs a drill on a Breakwater server, waits for its end and writes what became of it as JUnit XML.
# Needs a POSIX shell, curl, sed and grep.
#
#   BREAKWATER_URL      https://breakwater.example.com
#   BREAKWATER_TOKEN    a token with the role Operator, from a secret
#   PLAN_ID             the stored recovery plan
#   RUN_ID              of the pipeline's run: the same again waits for the same drill (Idempotency-Key)
#   JUNIT_FILE          default: breakwater-junit.xml
#   POLL_SECONDS        default: 15
#   TIMEOUT_SECONDS     default: 14400
#
# Ends with 0 when the drill has completed, 1 when it has not, 2 when it could not be started or watched.
set -eu

: "${BREAKWATER_URL:?is not set}" "${BREAKWATER_TOKEN:?is not set}" "${PLAN_ID:?is not set}" "${RUN_ID:?is not set}"
JUNIT_FILE=${JUNIT_FILE:-breakwater-junit.xml}
POLL_SECONDS=${POLL_SECONDS:-15}
TIMEOUT_SECONDS=${TIMEOUT_SECONDS:-14400}
BASE=${BREAKWATER_URL%/}

fail() {
  echo "breakwater: $1" >&2
  exit 2
}

case $PLAN_ID in
  *[!A-Za-z0-9._-]*) fail 'PLAN_ID may have letters, digits, dots, dashes and underscores' ;;
esac

ANSWER=$(mktemp)
trap 'rm -f "$ANSWER"' EXIT
trap 'exit 2' HUP INT TERM

# ask <method> <path> [more of curl's options]: leaves the body in $ANSWER and prints the status; 000: no answer.
# The token goes in by standard input, so that it is not in the list of processes.
ask() {
  method=$1 path=$2
  shift 2
  printf 'header = "Authorization: Bearer %s"\n' "$BREAKWATER_TOKEN" |
    curl --config - --silent --show-error --max-time 60 --request "$method" \
      --output "$ANSWER" --write-out '%{http_code}' "$@" "$BASE$path" || true
}

# member <name>: the first text of that name in the answer.
member() {
  grep -o "\"$1\" *: *\"[^\"]*\"" "$ANSWER" | head -n 1 | sed 's/.*: *"\(.*\)"/\1/'
}

problem() {
  fail "$1 (status $2): $(member code): $(member detail)"
}

# start: the same key starts nothing twice, so that it can be asked again.
tries=0
while :; do
  status=$(ask POST /executions --header 'Content-Type: application/json' --header "Idempotency-Key: $RUN_ID" \
    --data "{\"planId\":\"$PLAN_ID\",\"mode\":\"drill\",\"autoResume\":true}")
  case $status in
    202) break ;;
    000 | 429 | 5??) tries=$((tries + 1)) ;;
    *) problem 'the drill was not started' "$status" ;;
  esac
  [ "$tries" -lt 10 ] || problem 'the drill was not started' "$status"
  sleep "$POLL_SECONDS"
done
EXECUTION_ID=$(member executionId)
[ -n "$EXECUTION_ID" ] || fail 'the answer names no execution'
echo "breakwater: drill $EXECUTION_ID of plan $PLAN_ID"

# wait: a server that restarts goes on with the drill, so do we.
waited=0 last='' state=''
while :; do
  status=$(ask GET "/executions/$EXECUTION_ID")
  case $status in
    200)
      # The first status that is there as a whole document: that of waves comes after it.
      state=$(member status)
      [ "$state" = "$last" ] || echo "breakwater: $state"
      last=$state
      case $state in completed | failed | cancelled) break ;; esac
      ;;
    000 | 429 | 5??) echo "breakwater: no answer (status $status), asking again" >&2 ;;
    *) problem 'the drill cannot be watched' "$status" ;;
  esac
  [ "$waited" -lt "$TIMEOUT_SECONDS" ] || fail "the drill has not ended after $TIMEOUT_SECONDS s; it goes on"
  sleep "$POLL_SECONDS"
  waited=$((waited + (POLL_SECONDS > 0 ? POLL_SECONDS : 1)))
done

status=$(ask GET "/executions/$EXECUTION_ID/junit")
[ "$status" = 200 ] || problem 'there is no JUnit report' "$status"
cp "$ANSWER" "$JUNIT_FILE"
echo "breakwater: drill $EXECUTION_ID is $state; see $JUNIT_FILE"
[ "$state" = completed ]
