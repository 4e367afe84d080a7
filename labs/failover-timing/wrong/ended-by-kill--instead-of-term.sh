# task: term-scheduler
# A killed leader releases nothing.
leader=$(kubectl -n kube-system get lease kube-scheduler -o jsonpath='{.spec.holderIdentity}')
lab kill "${leader%_*}/kube-scheduler"
