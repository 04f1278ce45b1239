# shellcheck shell=bash disable=SC2034
# What the steps share: where tools live and how they get there. Sourced, in the root of the tree.
set -euo pipefail

# A registry that does not answer at once is no fault of the change.
export CARGO_NET_RETRY=${CARGO_NET_RETRY-10}

cache=${XDG_CACHE_HOME:-$HOME/.cache}/sealed-session-ci
target=${CARGO_TARGET_DIR:-target}
[[ $target == /* ]] || target=$PWD/$target

# What a reader has to know though nothing failed: printed now, and again below the table.
note() {
    echo "NOTE: $*"
    if [[ -n ${CI_NOTES-} ]]; then echo "NOTE: $*" >>"$CI_NOTES"; fi
}

# need PACKAGE COMMAND...: installs Debian's package, only where the command does not work.
need() {
    local package=$1
    shift
    if "$@" >/dev/null 2>&1; then return; fi
    echo "installing $package" >&2
    { apt-get update -qq && apt-get install -qq -y --no-install-recommends "$package"; } >&2
}

# venv FILE: prints the folder of a Python environment that holds the packages of FILE; made once for each content of
# FILE, and aside, so that a run that was stopped leaves no half of one.
venv() {
    local folder aside
    folder=$cache/venv-$(cksum <"$1" | tr ' ' -)
    if ! "$folder/bin/python" -c '' 2>/dev/null; then
        need python3 python3 --version
        need python3-venv python3 -c 'import ensurepip'
        mkdir -p "$cache"
        rm -rf "$folder"
        aside=$(mktemp -d "$cache/making.XXXXXX")
        python3 -m venv "$aside" >&2
        "$aside/bin/python" -m pip install --quiet --disable-pip-version-check --only-binary :all: -r "$1" >&2
        [[ -d $folder ]] || mv "$aside" "$folder" # unless another run was faster
        rm -rf "$aside"
    fi
    echo "$folder"
}

# Puts the prebuilt tools on the path.
tools() {
    local folder
    folder=$(venv .ci/tools.txt)
    PATH=$folder/bin:$PATH
}

# built NAME: puts a tool on the path that is nowhere to be had prebuilt. Its speed does not matter, its build time does.
built() {
    local pin folder
    pin=$(sed -n "s/^#built: //p" .ci/tools.txt | grep "^$1@")
    folder=$cache/$pin
    if [[ ! -x $folder/bin/$1 ]]; then
        CARGO_PROFILE_DEV_DEBUG=0 CARGO_TARGET_DIR=$cache/build \
            cargo install --quiet --locked --debug --root "$folder" "$pin"
        rm -rf "$cache/build"
    fi
    PATH=$folder/bin:$PATH
}

# system_test CRATE [ARGUMENT...]: the tests of a crate of tests/system. All of them share one target folder.
system_test() {
    cargo test --manifest-path tests/system/Cargo.toml --target-dir "$target/system" -p "$@"
}

# copy FOLDER: the tree as it is, committed or not, without what git ignores.
copy() {
    git ls-files -z --cached --others --exclude-standard |
        while IFS= read -r -d '' file; do if [[ -e $file ]]; then printf '%s\0' "$file"; fi; done |
        tar -c --null -T - | tar -x -C "$1"
}

# toolchain NAME OPTION...: another Rust beside the one in use. Without rustup or its server the step fails, and says so.
toolchain() {
    if rustup toolchain install --profile minimal --no-self-update "$@" >&2; then return; fi
    note "there is no Rust $1 here, and rustup could not install it: this step was NOT run"
    return 1
}
