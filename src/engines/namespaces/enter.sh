#!/bin/sh
# Takes one step at a time from the machine into a lab's own namespaces, then becomes the agent's init.
# Called by launch.ts with the environment that it documents; every step re-runs this file.
#   watch  stays outside, waits for the lab's end and removes what only the outside can remove
#   root   (when halab runs as root) mounts what the lab's own uid may see, then gives up root
#   lab    inside the lab's namespaces: mounts (when not done as root), then agent under a tiny init
set -eu

mounts() {
  mount -t tmpfs -o mode=0755,size=1m halab /mnt
  mkdir /mnt/app /mnt/bin /mnt/golden /mnt/compiled /mnt/run /mnt/archive /mnt/lab
  touch /mnt/node
  mount --rbind "$HALAB_L_APP" /mnt/app
  mount --bind "$HALAB_L_BIN" /mnt/bin
  mount --bind "$HALAB_L_GOLDEN" /mnt/golden
  mount --bind "$HALAB_L_COMPILED" /mnt/compiled
  mount --bind "$HALAB_L_RUN" /mnt/run
  mount --bind "$HALAB_L_ARCHIVE" /mnt/archive
  mount --bind "$HALAB_L_NODE" /mnt/node
}

enter_lab() {
  exec unshare --user --map-root-user --net --mount --pid --fork --kill-child --mount-proc \
    /bin/sh "$1" lab
}

# Read whole before it runs: a shell reads on while it waits, and this file may be replaced meanwhile.
main() {
  case $1 in
  watch)
    set +e
    if [ "$(id -u)" = 0 ]; then
      unshare --mount --propagation private /bin/sh "$0" root
    else
      (enter_lab "$0")
    fi
    # The agent removes its socket when it ends in order; this is for when it could not.
    rm -rf "$HALAB_L_RUN"
    ;;
  root)
    mounts
    mount -o remount,bind,ro /mnt/app
    mount -o remount,bind,ro /mnt/bin
    mount -o remount,bind,ro /mnt/golden
    mount -o remount,bind,ro /mnt/compiled
    exec prlimit --nproc=16384 setpriv --reuid "$HALAB_L_UID" --regid "$HALAB_L_UID" --clear-groups --inh-caps=-all \
      /bin/sh -c 'exec unshare --user --map-root-user --net --mount --pid --fork --kill-child --mount-proc /bin/sh /mnt/app/src/engines/namespaces/enter.sh lab'
    ;;
  lab)
    [ -e /mnt/node ] && [ -e /mnt/app/package.json ] || mounts
    mount -t tmpfs -o mode=0755,size=4g lab /mnt/lab
    ip link set lo up
    # This shell is pid 1 of the lab: it reaps orphans, and the lab ends with the agent.
    cd /mnt/app
    NODE_COMPILE_CACHE=/mnt/compiled /mnt/node --disable-warning=ExperimentalWarning src/agent/main.ts &
    wait $!
    ;;
  esac
}

main "$@"
exit
