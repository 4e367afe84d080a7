#!/usr/bin/env bash
# Tells who leads, makes the ConfigMap, kills a scheduler and waits until it runs again.
holder=$(kubectl -n kube-system get lease kube-scheduler -o jsonpath='{.spec.holderIdentity}')
lab answer find-leader "${holder%_*}"
kubectl create configmap first-steps --from-literal=from=workstation

before=$(ssh cp-2 pgrep -x kube-scheduler)
lab kill cp-2/kube-scheduler
until now=$(ssh cp-2 pgrep -x kube-scheduler) && [ "$now" != "$before" ]; do sleep 0.5; done
