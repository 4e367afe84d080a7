# task: kill-controller-manager
# Kills a controller manager that waits.
leader=$(kubectl -n kube-system get lease kube-controller-manager -o jsonpath='{.spec.holderIdentity}')
for node in cp-1 cp-2 cp-3; do
  if [ "$node" != "${leader%_*}" ]; then standby=$node; fi
done
lab kill "$standby/kube-controller-manager"
