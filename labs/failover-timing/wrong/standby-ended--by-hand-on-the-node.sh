# task: kill-scheduler
# Kills a scheduler that waits, by hand on its node.
leader=$(kubectl -n kube-system get lease kube-scheduler -o jsonpath='{.spec.holderIdentity}')
for node in cp-1 cp-2 cp-3; do
  if [ "$node" != "${leader%_*}" ]; then standby=$node; fi
done
ssh "$standby" pkill -KILL -x kube-scheduler
