#!/bin/sh
# Records the PostgreSQL log that ships as a workload (src/headroom/perf/data/postgres.log.gz):
# a real server under pgbench, with deadlocks, constraint errors and one changed setting.
# Run as a user that may run `postgres`, in an empty folder; then
#   sed -n 5001,9000p server.log | gzip -9nc > postgres.log.gz
set -eu
initdb -D data -A trust >/dev/null
cat >>data/postgresql.conf <<CONF
port=54399
listen_addresses='127.0.0.1'
log_destination='stderr'
log_line_prefix='%m [%p] %q%u@%d '
log_min_duration_statement=20
log_checkpoints=on
log_connections=on
log_disconnections=on
log_lock_waits=on
deadlock_timeout=50ms
log_autovacuum_min_duration=0
autovacuum_naptime=3s
max_connections=12
log_timezone='UTC'
checkpoint_timeout=30s
CONF
postgres -D data >server.log 2>&1 &
server=$!
until pg_isready -q -h 127.0.0.1 -p 54399; do :; done
shop="-h 127.0.0.1 -p 54399 shop"
createdb -h 127.0.0.1 -p 54399 shop
pgbench -i -s 2 $shop >/dev/null 2>&1
psql $shop -qc "create table orders(id int primary key, qty int check (qty>0), account int)"
cross() {
  psql $shop -qc "begin; update pgbench_accounts set abalance=1 where aid=$1;
    select pg_sleep(0.2); update pgbench_accounts set abalance=1 where aid=$2; commit" >/dev/null 2>&1
}
i=0
while [ $i -lt 60 ]; do
  i=$((i + 1))
  pgbench -c 4 -t 15 -C -n $shop >/dev/null 2>&1 &
  psql $shop -qc "insert into orders values($((i % 45)), $((i % 7)), $i)" >/dev/null 2>&1 || true
  if [ $((i % 15)) = 0 ]; then
    cross 1 2 &
    cross 2 1 &
  fi
  if [ $i = 37 ]; then
    psql $shop -qc "alter system set work_mem='64kB'" -c "select pg_reload_conf()" >/dev/null
  fi
  if [ $i = 41 ]; then
    psql $shop -qc "select * from order_items" >/dev/null 2>&1 || true
  fi
  wait $! || true
done
kill -INT $server
wait $server || true
