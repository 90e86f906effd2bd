#!/usr/bin/env bash
# Installs the peers that `npm run bench` measures, each from its own registry, into a directory outside the repository.
#   bash test/bench/peers.sh            all of them; a cargo build of watchexec takes some minutes
#   PEERS="air entr" bash test/bench/peers.sh
# Nothing is installed system-wide. What cannot be had is said, and the bench goes on without it.
set -uo pipefail

home="${RELOAD_BENCH_HOME:-${XDG_CACHE_HOME:-$HOME/.cache}/reload-bench}"
subjects="$(cd "$(dirname "$0")/subjects" && pwd)"
mkdir -p "$home/bin"
export GOBIN="$home/bin" GOFLAGS="-buildvcs=false"
had=() refused=()

wanted() { case " ${PEERS:-air wgo modd CompileDaemon fresh reflex watchexec entr nodemon tsx c12 viper nginx caddy templ} " in *" $1 "*) ;; *) return 1 ;; esac; }

# install NAME FILE VERSION COMMAND…: skips what is there in this version, keeps what the installer said in NAME.log.
install() {
  local name=$1 file=$2 version=$3
  shift 3
  wanted "$name" || return 0
  if [ -e "$home/bin/$file" ] && [ "$(cat "$home/$name.version" 2>/dev/null)" = "$version" ]; then
    had+=("$name $version")
    return 0
  fi
  if "$@" >"$home/$name.log" 2>&1 && [ -e "$home/bin/$file" ]; then
    echo "$version" >"$home/$name.version"
    had+=("$name $version")
  else
    refused+=("$name $version")
    echo "$name $version could not be installed: $(grep -v '^[[:space:]]*$' "$home/$name.log" | tail -n 1)"
  fi
}

from_go() { go install "$1"; }

# from_go_source MODULE@VERSION SUM FILE: where `go install` cannot be had, because the proxy has the module but neither its
# list of versions nor its line of the checksum database. What was downloaded must have the sum that is written here.
from_go_source() {
  local said source="$home/source/$3"
  said=$(GONOSUMDB="${1%@*}" go mod download -json "$1") || return
  if ! grep -qF "\"Sum\": \"$2\"" <<<"$said"; then
    echo "another content than expected: $(grep '"Sum"' <<<"$said"), expected $2"
    return 1
  fi
  rm -rf "$source" && mkdir -p "$source" && cp -r "$(sed -n 's/.*"Dir": "\(.*\)",/\1/p' <<<"$said")/." "$source" || return
  chmod -R u+w "$source" && (cd "$source" && go build -o "$home/bin/$3" .)
}

from_cargo() {
  cargo install "$1" --version "$2" --locked --root "$home/cargo" && ln -sf "$home/cargo/bin/$3" "$home/bin/$3"
}

from_debian() {
  local at="$home/debian"
  mkdir -p "$at" && cd "$at" || return
  apt-get download "$1=$2" || { apt-get update && apt-get download "$1=$2"; } || return
  dpkg -x "$1"_*.deb "$at/root" && ln -sf "$at/root/usr/bin/$1" "$home/bin/$1"
}

# A server lies in sbin, and its version is whatever Debian has today.
from_debian_server() {
  local at="$home/debian-$1"
  rm -rf "$at" && mkdir -p "$at" && cd "$at" || return
  apt-get download "$1" || { apt-get update && apt-get download "$1"; } || return
  dpkg -x "$1"_*.deb "$at/root" && "$at/root/usr/sbin/$1" -v && ln -sf "$at/root/usr/sbin/$1" "$home/bin/$1"
}

from_npm() {
  local tool
  npm install --prefix "$home/npm" --no-save --no-package-lock "$@" && for tool in nodemon tsx; do
    ln -sf "$home/npm/node_modules/.bin/$tool" "$home/bin/$tool"
  done
}

# What follows a configuration is a library: a program of ours follows one file with it.
from_npm_alone() { npm install --prefix "$home/$1" --no-save --no-package-lock "$2" && ln -sfn "$home/$1/node_modules/$1" "$home/bin/$1"; }
from_here() { (cd "$subjects/$1" && go build -o "$home/bin/$1-follow" .); }

install air air v1.67.4 from_go github.com/air-verse/air@v1.67.4
install wgo wgo v0.5.13 from_go_source github.com/bokwoon95/wgo@v0.5.13 "h1:UvLtH8sDxyi5r3zKBmpslSx3GK38cZuHkZ7ybCA3QRg=" wgo
install modd modd v0.8.1 from_go github.com/cortesi/modd/cmd/modd@v0.8.1
install CompileDaemon CompileDaemon v1.4.0 from_go_source github.com/githubnemo/CompileDaemon@v1.4.0 "h1:z96Qu4tj+RzRfF+L7f1O6E8ion5JQlisWeXWc2wzwDQ=" CompileDaemon
install fresh fresh v0.0.0-20240621171608-8d1fef547a99 from_go github.com/gravityblast/fresh@v0.0.0-20240621171608-8d1fef547a99
install reflex reflex v0.3.1 from_go github.com/cespare/reflex@v0.3.1
install entr entr 5.3-1 from_debian entr 5.3-1
install nodemon nodemon 3.1.14 from_npm nodemon@3.1.14 tsx@4.23.15
install tsx tsx 4.23.15 from_npm nodemon@3.1.14 tsx@4.23.15
install c12 c12 3.3.4 from_npm_alone c12 c12@3.3.4
install viper viper-follow v1.21.0 from_here viper
install nginx nginx "$(apt-cache show nginx 2>/dev/null | sed -n 's/^Version: //p' | head -n 1)" from_debian_server nginx
install caddy caddy v2.10.2 from_go github.com/caddyserver/caddy/v2/cmd/caddy@v2.10.2
install templ templ v0.3.960 from_go github.com/a-h/templ/cmd/templ@v0.3.960
install watchexec watchexec 2.8.0 from_cargo watchexec-cli 2.8.0 watchexec

echo "in $home/bin:"
for line in ${had[@]+"${had[@]}"}; do echo "  $line"; done
# The bench puts this on its page.
[ -n "${PEERS:-}" ] || printf '%s\n' ${refused[@]+"${refused[@]}"} >"$home/refused"
if [ ${#refused[@]} -gt 0 ]; then
  echo "could not be had:"
  for line in "${refused[@]}"; do echo "  $line"; done
fi
