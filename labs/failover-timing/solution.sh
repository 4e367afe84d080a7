#!/usr/bin/env bash
# Ends the acting scheduler twice, by crash and cleanly, then the controller manager, and takes the times.
holder() { kubectl -n kube-system get lease "$1" -o jsonpath='{.spec.holderIdentity}'; }
until_another_holds() { # LEASE HOLDER-BEFORE
  local now
  until now=$(holder "$1") && [ -n "$now" ] && [ "$now" != "$2" ]; do sleep 0.2; done
}
until_seen_by_graders() { # TASK
  until lab check "$1" >/dev/null; do sleep 0.5; done
}

kubectl rollout status deployment/web --timeout=60s

leader=$(holder kube-scheduler)
killed=$(date +%s.%N)
lab kill "${leader%_*}/kube-scheduler"
until_another_holds kube-scheduler "$leader"
after_kill=$(date +%s.%N)
until_seen_by_graders kill-scheduler

leader=$(holder kube-scheduler)
asked=$(date +%s.%N)
lab term "${leader%_*}/kube-scheduler"
until_another_holds kube-scheduler "$leader"
after_term=$(date +%s.%N)
until_seen_by_graders term-scheduler
lab answer saved-seconds "$(awk "BEGIN { printf \"%.1f\", ($after_kill - $killed) - ($after_term - $asked) }")"

leader=$(holder kube-controller-manager)
lab kill "${leader%_*}/kube-controller-manager"
kubectl scale deployment web --replicas=5
until_another_holds kube-controller-manager "$leader"
kubectl rollout status deployment/web --timeout=60s
