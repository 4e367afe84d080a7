# task: kill-scheduler
# A clean end: the lease is released and taken at once, which is another measurement.
leader=$(kubectl -n kube-system get lease kube-scheduler -o jsonpath='{.spec.holderIdentity}')
lab term "${leader%_*}/kube-scheduler"
