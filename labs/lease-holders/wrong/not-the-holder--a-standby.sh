# task: scheduler-holder
# Names a node whose scheduler waits.
holder=$(kubectl -n kube-system get lease kube-scheduler -o jsonpath='{.spec.holderIdentity}')
for node in cp-1 cp-2 cp-3; do
  if [ "$node" != "${holder%_*}" ]; then standby=$node; fi
done
lab answer scheduler-holder "$standby" || true
