#!/usr/bin/env bash
# Reads the leases, then ends the acting scheduler cleanly and waits for the next holder.
holder() { kubectl -n kube-system get lease "$1" -o jsonpath='{.spec.holderIdentity}'; }

scheduler=$(holder kube-scheduler)
lab answer scheduler-holder "${scheduler%_*}"
lab answer controller-manager-holder "$(holder kube-controller-manager)"
lab answer transitions "$(kubectl -n kube-system get lease kube-scheduler -o jsonpath='{.spec.leaseTransitions}')"

lab term "${scheduler%_*}/kube-scheduler"
until now=$(holder kube-scheduler) && [ -n "$now" ] && [ "$now" != "$scheduler" ]; do sleep 0.5; done
