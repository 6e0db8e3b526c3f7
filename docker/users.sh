#!/usr/bin/env bash
# Give Kibana's user its password and make the shipper's user, with no more privileges than shipping needs.
set -euo pipefail

readonly server=${ELASTICSEARCH_URL:-http://elasticsearch:9200}
readonly admin=${ELASTICSEARCH_ADMIN:-elastic}
role=$(dirname "$0")/shipper-role.json

# The passwords come through a pipe: on the command line every process of the machine could read them.
send() {
    printf 'user = "%s:%s"\n' "$admin" "$ELASTIC_PASSWORD" |
        curl --config - --fail --silent --show-error --output /dev/null \
            --header 'Content-Type: application/json' --request "$1" "$server$2" --data @"$3"
}

send POST /_security/user/kibana_system/_password <(printf '{"password":"%s"}' "$KIBANA_PASSWORD")
send PUT /_security/role/shipper "$role"
send PUT /_security/user/shipper <(printf '{"password":"%s","roles":["shipper"]}' "$SHIPPER_PASSWORD")
