#!/bin/sh
# Writes .env beside compose.yaml: the public URL, and secrets that are made here and now. Run it once, before the first start:
#   sh deploy/init.sh https://connector.example.com
# Needs nothing but a shell and the usual tools. Never overwrites: without its key ring, a store cannot be opened.
set -eu
umask 077
cd "$(dirname "$0")"

fail() {
  echo "init.sh: $*" >&2
  exit 1
}

[ "$#" -eq 1 ] || fail 'one argument is needed: the address at which callers will reach the connector, like https://connector.example.com'
url=${1%/}
case $url in *[!A-Za-z0-9.:/_~-]*) url= ;; esac
printf '%s\n' "$url" | grep -Eq '^https://[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:[0-9]{1,5})?(/[A-Za-z0-9._~/-]*)?$' ||
  fail "\"$1\" is not an https address like https://connector.example.com: flows call by https alone"
[ ! -e .env ] || fail "$(pwd)/.env is there already, and holds the keys of a store. Nothing was changed"

host=${url#https://}
host=${host%%/*}
host=${host%%:*}

# $1 random bytes, as hex digits: letters that need no quoting, neither in a URL nor in .env.
hex() {
  head -c "$1" /dev/urandom | od -An -v -tx1 | tr -d ' \n'
}
key=$(head -c 32 /dev/urandom | base64 | tr -d '\n')
[ "${#key}" -eq 44 ] || fail 'no random key could be made: head, base64 and /dev/urandom are needed'
id=$(hex 4)
admin=$(hex 32)
metrics=$(hex 32)
password=$(hex 32)
[ "${#id}" -eq 8 ] && [ "${#admin}" -eq 64 ] && [ "${#metrics}" -eq 64 ] && [ "${#password}" -eq 64 ] ||
  fail 'no random token could be made: head, od and /dev/urandom are needed'

draft=.env.$$
trap 'rm -f "$draft"' EXIT
cat >"$draft" <<END
# Made by init.sh. Secret. Keep a copy apart from the backups of the database: each alone opens nothing.
DEALBRIDGE_PUBLIC_URL=$url
DEALBRIDGE_PUBLIC_HOST=$host
DEALBRIDGE_KEYS=$id:$key
DEALBRIDGE_ADMIN_TOKEN=dba_$admin
DEALBRIDGE_METRICS_TOKEN=dbm_$metrics
POSTGRES_PASSWORD=$password
END
# Fails where another init.sh was faster; mv would put its keys out of the world.
ln "$draft" .env
echo "Written: $(pwd)/.env"
