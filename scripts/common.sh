# shellcheck shell=bash
# Sourced by the scripts beside it: build implementations through the Makefile and keep the worst exit status.
#
# An implementation whose toolchain is missing, or whose adapter cannot be built, is left out with one line. In CI that
# is a failure; elsewhere only a failed build of the main version is one.

set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 2
: "${MAKE:=make}" "${GO:=go}" "${CARGO:=cargo}" "${NPM:=npm}" "${MAIN_VERSION:=v1.25.1}" "${BIN:=.venv/bin}"
# Thousands of processes are started: with its bytecode kept, each takes a third less.
export PYTHONDONTWRITEBYTECODE=
# Quoted as in a shell.
# shellcheck disable=SC2034  # those that source this use it
arguments=()
eval "arguments=(${ARGS-})"
worst=0

count() {
    (($1 <= worst)) || worst=$1
}

# describe NAME: the tool that builds an implementation, its file below build/, and its name for people.
describe() {
    case $1 in
    probe) tool=$GO file=temporal-probe title="the probe of the real machines" ;;
    recorded-*) tool=$GO file=temporal-$1 title="the recorded tests, ${1#recorded-}" ;;
    rust) tool=$CARGO file=rust/release/hsm-memory title="the implementation in Rust" ;;
    typescript) tool=$NPM file=typescript/hsm-async title="the implementation in TypeScript" ;;
    engine-*) tool=$GO file=$1 title="the real history engine, ${1#engine-}" ;;
    *) tool=$GO file=temporal-$1 title="the real package, $1" ;;
    esac
    built=build/$file
}

# build_ahead NAME...: build implementations in the background, one after another. `build` reports what fails.
build_ahead() {
    (
        for name in "$@"; do
            describe "$name"
            ! command -v "$tool" || "$MAKE" --silent --no-print-directory "$built"
        done
    ) >/dev/null 2>&1 &
}

# build NAME: build an implementation; return 1 where it is left out.
build() {
    describe "$1"
    local severity=0
    [[ $1 == *"$MAIN_VERSION" || $1 == probe ]] && severity=2
    if ! command -v "$tool" >/dev/null; then
        echo "$tool is not installed: leaving out $title."
        severity=0
    elif "$MAKE" --silent --no-print-directory "$built"; then
        return 0
    else
        echo "$title cannot be built: leaving it out." | sed 's/^./\U&/'
    fi
    count "$([[ -n ${CI:-} ]] && echo 2 || echo "$severity")"
    return 1
}
