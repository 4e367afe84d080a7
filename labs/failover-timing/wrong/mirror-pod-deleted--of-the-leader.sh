# task: kill-scheduler
# What the API shows of a static Pod is not the static Pod.
leader=$(kubectl -n kube-system get lease kube-scheduler -o jsonpath='{.spec.holderIdentity}')
kubectl -n kube-system delete pod "kube-scheduler-${leader%_*}" --wait=false
